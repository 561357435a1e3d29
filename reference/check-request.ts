import { type SchemaName, violations } from '../validation/index.js';
import { batchReasons, SIZE_FACTOR } from './batches.js';
import { readJson } from './body.js';
import { authenticate } from './credentials.js';
import { served } from './endpoint.js';
import { isRejection, type Rejection } from './errors.js';
import { findFile } from './files.js';
import { readBetas, readVersion } from './headers.js';
import { openMedia } from './media/media.js';
import type { Call } from './stages.js';
import type { BatchEntry } from './state.js';
import { countReasons, countSchema, messageReasons, messageSchema, type Origin } from './validate.js';
import type { Json } from './wire.js';
import { inOrder, isExtra } from './wording.js';

/**
 * Everything that is wrong with a request, in readable lines, whatever faults the endpoint has: the path, who calls, in
 * which edition, and the body. Where the schema has nothing against a body, the rules beyond it are asked.
 */
export async function checkRequest(request: Request, call: Call): Promise<string[]> {
  if (isProbe(call)) return [];
  if (!isServed(call)) return ['the path is not served'];
  const stranger = authenticate(call.headers, call.settings);
  const version = readVersion(call.headers, call.settings);
  const known = { ...call, betas: readBetas(call.headers), ...(!isRejection(version) && { version }) };
  return [
    ...(stranger ? [stranger.message] : []),
    ...(isRejection(version) ? [version.message] : []),
    ...(await checkBody(request, known)),
  ];
}

/** Whether a request only asks if somebody is there, as clients and browsers do beside the protocol. */
const isProbe = ({ method, path }: Call): boolean =>
  method === 'OPTIONS' || method === 'HEAD' || (method === 'GET' && path === '/api/hello');

const isServed = ({ method, path, settings }: Call): boolean =>
  served(settings).some(
    ([by, place]) => by === method && new RegExp(`^/v1${place.replace(':id', '[^/]+')}$`).test(path),
  );

async function checkBody(request: Request, call: Call): Promise<string[]> {
  const check = call.method === 'POST' ? CHECKS[call.path] : undefined;
  if (!check) return [];
  const factor = call.path.endsWith('/batches') ? SIZE_FACTOR : 1;
  const read = await readJson(request, call.settings.maxBodyBytes * factor);
  return isRejection(read) ? [read.message] : check(read.body, call);
}

const CHECKS: Readonly<Record<string, (body: Json, call: Call) => string[]>> = {
  '/v1/messages': (body, call) => checkMessage(body, call, 'message'),
  '/v1/messages/count_tokens': (body, call) =>
    schemaThen(countSchema(call), body, call, () => countReasons(body, call, media(call))),
  '/v1/messages/batches': checkBatch,
};

function checkMessage(body: Json, call: Call, origin: Origin): string[] {
  return schemaThen(messageSchema(origin, call), body, call, () => messageReasons(body, call, media(call), origin));
}

function checkBatch(body: Json, call: Call): string[] {
  const envelope = schemaThen('batchCreateEnvelope', body, call, () => batchReasons(body, call));
  if (envelope.length > 0) return envelope;
  return (body as unknown as Pick<BatchEntry, 'requests'>).requests.flatMap(({ params }, index) =>
    checkMessage(params, call, 'batch').map((line) => `in /requests/${index}/params, ${line}`),
  );
}

/** What the schema has against a body; the rules beyond it count on a body that fits, and come only then. */
function schemaThen(schema: SchemaName, body: Json, call: Call, reasons: () => Iterable<Rejection>): string[] {
  const lenient = call.settings.dialect.unknownFields === 'ignore';
  const lines = inOrder(violations(schema, body))
    .filter(({ keyword }) => !(lenient && isExtra(keyword)))
    .map(({ message }) => message);
  return lines.length > 0 ? lines : [...reasons()].map(({ message }) => message);
}

const media = (call: Call) => openMedia((id) => findFile(id, call));
