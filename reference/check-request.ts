import { MAX_VIOLATIONS, type SchemaName, violations } from '../validation/index.js';
import { batchReasons, SIZE_FACTOR } from './batches.js';
import { readJson } from './body.js';
import { authenticate } from './credentials.js';
import { operations } from './endpoint.js';
import { isRejection, type Rejection } from './errors.js';
import { readBetas, readVersion } from './headers.js';
import type { Incoming } from './incoming.js';
import { type Media, openMedia } from './media/media.js';
import type { Call } from './stages.js';
import type { BatchEntry } from './state.js';
import { countReasons, countSchema, messageReasons, messageSchema, type Origin } from './validate.js';
import type { Json } from './wire.js';
import { inOrder, isExtra } from './wording.js';

/**
 * Everything that is wrong with a request, one readable line each, whatever faults the endpoint has: its path, credential,
 * version and body. The rules beyond the schema are checked only for bodies that fit the schema.
 */
export async function checkRequest(request: Incoming, call: Call): Promise<string[]> {
  if (isProbe(call)) return [];
  if (!isKnown(call)) return ['the path does not exist'];
  const unauthorized = authenticate(call.headers, call.settings);
  const version = readVersion(call.headers, call.settings);
  const known = { ...call, betas: readBetas(call.headers), ...(!isRejection(version) && { version }) };
  return [
    ...(unauthorized ? [unauthorized.message] : []),
    ...(isRejection(version) ? [version.message] : []),
    ...(await checkBody(request, known)),
  ];
}

/** Whether a request only tests the connection, as clients and browsers do outside the protocol. */
const isProbe = ({ method, path }: Call): boolean =>
  method === 'OPTIONS' || method === 'HEAD' || (method === 'GET' && (path === '/' || path === '/api/hello'));

const isKnown = ({ method, path, settings }: Call): boolean =>
  operations(settings).some(
    ([by, place]) => by === method && new RegExp(`^/v1${place.replace(':id', '[^/]+')}$`).test(path),
  );

async function checkBody(request: Incoming, call: Call): Promise<string[]> {
  const check = call.method === 'POST' ? CHECKS[call.path] : undefined;
  if (!check) return [];
  const factor = call.path.endsWith('/batches') ? SIZE_FACTOR : 1;
  const read = await readJson(request, call.settings.maxBodyBytes * factor);
  return isRejection(read) ? [read.message] : check(read.body, call, await openMedia(read.body, call));
}

const CHECKS: Readonly<Record<string, (body: Json, call: Call, media: Media) => string[]>> = {
  '/v1/messages': (body, call, media) => checkMessage(body, call, media, 'message'),
  '/v1/messages/count_tokens': (body, call, media) =>
    schemaThen(countSchema(call), body, call, () => countReasons(body, call, media)),
  '/v1/messages/batches': checkBatch,
};

function checkMessage(body: Json, call: Call, media: Media, origin: Origin): string[] {
  return schemaThen(messageSchema(origin, call), body, call, () => messageReasons(body, call, media, origin));
}

function checkBatch(body: Json, call: Call, media: Media): string[] {
  const envelope = schemaThen('batchCreateEnvelope', body, call, () => batchReasons(body, call));
  if (envelope.length > 0) return envelope;
  const found: string[] = [];
  for (const [index, { params }] of (body as unknown as Pick<BatchEntry, 'requests'>).requests.entries()) {
    if (found.length >= MAX_VIOLATIONS) break;
    const lines = checkMessage(params, call, media, 'batch');
    found.push(...lines.map((line) => `in /requests/${index}/params, ${line}`));
  }
  return found;
}

/** Violations of the schema; the rules beyond it need a body that fits the schema, and are checked only then. */
function schemaThen(schema: SchemaName, body: Json, call: Call, reasons: () => Iterable<Rejection>): string[] {
  const lenient = call.settings.dialect.unknownFields === 'ignore';
  const lines = inOrder(violations(schema, body))
    .filter(({ keyword }) => !(lenient && isExtra(keyword)))
    .map(({ message }) => message);
  if (lines.length > 0) return lines;
  for (const { message } of reasons()) {
    if (lines.push(message) >= MAX_VIOLATIONS) break;
  }
  return lines;
}
