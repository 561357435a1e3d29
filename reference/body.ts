import { invalid, isRejection, type Rejection, reject } from './errors.js';
import type { Incoming } from './incoming.js';
import type { Json } from './wire.js';

/** More levels of nesting than any request needs, and few enough for recursion. */
const MAX_DEPTH = 500;

/** The bytes of a body. Source of the limit: https://platform.claude.com/docs/en/api/errors */
export async function readBytes(request: Incoming, limit: number): Promise<Uint8Array<ArrayBuffer> | Rejection> {
  const read = await request.read(limit);
  return typeof read === 'number' ? reject('request_too_large', tooLarge(read, limit)) : read;
}

const tooLarge = (size: number, limit: number): string =>
  `Request body has ${size} bytes; the maximum is ${limit} bytes.`;

/** Reads a body as one JSON object in UTF-8 whose strings are well-formed Unicode, and counts its bytes. */
export async function readJson(request: Incoming, limit: number): Promise<{ body: Json; bytes: number } | Rejection> {
  const bytes = await readBytes(request, limit);
  if (isRejection(bytes)) return bytes;
  const parsed = parseJson(bytes);
  if (isRejection(parsed)) return parsed;
  const { body } = parsed;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return invalid('Input should be an object: the request body has to be one JSON object.');
  }
  return { body, bytes: bytes.length };
}

function parseJson(bytes: Uint8Array): { body: Json } | Rejection {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return {
      ...invalid('The request body is not valid JSON: it is not valid UTF-8.'),
      details: { error_code: 'request_body_encoding_invalid' },
    };
  }
  let body: Json;
  try {
    body = JSON.parse(text) as Json;
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return invalid(`The request body is not valid JSON: ${cause.slice(0, 160)}`);
  }
  if (depth(text) > MAX_DEPTH) return invalid(`The request body is nested deeper than ${MAX_DEPTH} levels.`);
  if (/\\ud[89a-f]/i.test(text) && hasLoneSurrogate(body)) {
    return invalid('The request body is not valid JSON: a string holds half of a surrogate pair.');
  }
  return { body };
}

function depth(text: string): number {
  let level = 0;
  let deepest = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (quoted) {
      if (code === 0x5c) index += 1;
      else if (code === 0x22) quoted = false;
    } else if (code === 0x22) quoted = true;
    else if (code === 0x5b || code === 0x7b) deepest = Math.max(deepest, ++level);
    else if (code === 0x5d || code === 0x7d) level -= 1;
  }
  return deepest;
}

function hasLoneSurrogate(value: Json | undefined): boolean {
  if (typeof value === 'string') return /\p{Surrogate}/u.test(value);
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(hasLoneSurrogate);
  return Object.entries(value).some(([key, entry]) => /\p{Surrogate}/u.test(key) || hasLoneSurrogate(entry));
}
