/**
 * Reads files with recorded requests: single captures, HAR 1.2, reports of this suite, the record of a tap, and lines
 * of JSON with a request each.
 */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { asString, get, isObject, type Json } from '../../core/json.js';
import type { ClientRequest } from './request.js';

/** One way to write requests down. `null` where a document is not of this format. */
type Reader = (document: Json, at: string) => ClientRequest[] | null;

/** In this order; the first that knows the document reads it. */
const READERS: Readonly<Record<string, Reader>> = {
  'HAR 1.2': readHar,
  'a report': readReport,
  'the record of a tap': readHeadOfTap,
  'a request { method, url, headers, body }': readCapture,
};

/** The requests of files and folders, in the order of their names. Throws an `Error` that names the file it cannot read. */
export function readRequests(paths: readonly string[]): ClientRequest[] {
  return paths.flatMap((path) =>
    statSync(path).isDirectory()
      ? readRequests(
          readdirSync(path)
            .filter((name) => /\.(json|har|ndjson|jsonl)$/.test(name))
            .sort()
            .map((name) => join(path, name)),
        )
      : readFile(path),
  );
}

function readFile(path: string): ClientRequest[] {
  const text = readFileSync(path, 'utf8');
  const documents = asJson(text) ?? lines(text, path);
  return documents.flatMap((document, index) => {
    const at = documents.length === 1 ? path : `${path}:${index + 1}`;
    for (const read of Object.values(READERS)) {
      const requests = read(document, at);
      if (requests !== null) return requests;
    }
    throw new Error(`${at}: no recorded request; expected ${Object.keys(READERS).join(', ')}, or lines of such JSON`);
  });
}

function asJson(text: string): Json[] | null {
  try {
    return [JSON.parse(text) as Json];
  } catch {
    return null;
  }
}

const lines = (text: string, path: string): Json[] =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, index) => {
      const [document] = asJson(line) ?? [];
      if (document === undefined) throw new Error(`${path}:${index + 1}: neither one JSON document nor lines of JSON`);
      return document;
    });

/** The exchanges of a report: what a run sent. */
function readReport(document: Json, at: string): ClientRequest[] | null {
  const exchanges = get(document, 'exchanges');
  if (!Array.isArray(exchanges)) return null;
  return exchanges.flatMap((exchange) => readCapture(exchange, `${at}#${asString(get(exchange, 'id'))}`) ?? []);
}

/** The first line of the record of a tap says what was recorded; the lines after it are exchanges. */
function readHeadOfTap(document: Json): ClientRequest[] | null {
  return asString(get(document, 'format')).startsWith('messages-conformance/traffic-') ? [] : null;
}

/** `{ method, url, headers, body }`, alone or as member `request`; headers as pairs, as an object, or as HAR writes them. */
function readCapture(document: Json, at: string): ClientRequest[] | null {
  const request = isObject(get(document, 'request')) ? get(document, 'request') : document;
  if (!isObject(request) || typeof request.method !== 'string' || typeof request.url !== 'string') return null;
  return [toRequest(request.method, request.url, request.headers, request.body, at)];
}

/** Source: http://www.softwareishard.com/blog/har-12-spec/ */
function readHar(document: Json, at: string): ClientRequest[] | null {
  const entries = get(document, 'log', 'entries');
  if (!Array.isArray(entries)) return null;
  return entries.map((entry, index) => {
    const request = get(entry, 'request');
    const text = get(request, 'postData', 'text');
    return toRequest(
      asString(get(request, 'method')),
      asString(get(request, 'url')),
      get(request, 'headers'),
      text,
      `${at}#${index + 1}`,
    );
  });
}

function toRequest(
  method: string,
  url: string,
  headers: Json | undefined,
  body: Json | undefined,
  at: string,
): ClientRequest {
  const { pathname, search } = new URL(url, 'http://recorded');
  const text = body === undefined || body === null ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  return {
    at,
    method,
    target: `${pathname}${search}`,
    headers: headerLines(headers),
    body: typeof body === 'string' ? (asJson(body)?.[0] ?? null) : (body ?? null),
    bytes: Buffer.byteLength(text),
  };
}

function headerLines(headers: Json | undefined): [string, string][] {
  if (isObject(headers)) return Object.entries(headers).map(([name, value]) => [name, asString(value)]);
  if (!Array.isArray(headers)) return [];
  return headers.map((line) =>
    Array.isArray(line)
      ? [asString(line[0]), asString(line[1])]
      : [asString(get(line, 'name')), asString(get(line, 'value'))],
  );
}
