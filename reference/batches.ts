import { readJson } from './body.js';
import { errorBody, invalid, isRejection, type Rejection, reject } from './errors.js';
import { newId } from './ids.js';
import type { Incoming } from './incoming.js';
import { openMedia } from './media/media.js';
import { createMessage } from './messages.js';
import { nextTurn } from './next-turn.js';
import { toPage } from './pages.js';
import type { Reply } from './reply.js';
import { errorResponse, jsonResponse } from './responses.js';
import type { Call } from './stages.js';
import type { BatchEntry, BatchResult } from './state.js';
import { firstReason, schemaReasons, unreadable } from './validate.js';
import type { Json } from './wire.js';

const DAY_MS = 86_400_000;
/** A batch may have so many times the bytes of a single request. */
export const SIZE_FACTOR = 8;
/** A batch that no client has seen in progress ends after so many times the usual delay. */
const UNSEEN_FACTOR = 200;
/** Requests of a batch that are answered before other clients get their turn. */
const AT_A_TIME = 16;
/** Room that every result has, enough for an error. */
const ERROR_BYTES = 400;

/** `POST /v1/messages/batches`. Source: https://platform.claude.com/docs/en/build-with-claude/batch-processing */
export async function createBatch(request: Incoming, call: Call): Promise<Reply> {
  const { maxBodyBytes, limits, alterations } = call.settings;
  const read = await readJson(request, Math.min(maxBodyBytes * SIZE_FACTOR, limits.batchBytes));
  if (isRejection(read)) return errorResponse(unreadable(read, call), call);
  const body = alterations.body?.(read.body, call) ?? read.body;
  const reason = firstReason(batchReasons(body, call), call);
  if (reason) return errorResponse(reason, call);
  const { requests } = body as unknown as Pick<BatchEntry, 'requests'>;
  const batch: BatchEntry = {
    id: newId('msgbatch'),
    requests,
    bytes: read.bytes,
    version: call.version,
    betas: call.betas,
    createdAt: call.settings.now(),
    cancelAt: null,
    seen: false,
    ending: null,
    ended: null,
  };
  call.state.batches.set(batch.id, batch);
  return jsonResponse(view(batch, request), call);
}

/** Every reason against the envelope of a batch. Errors inside its requests are reported in its results. */
export function* batchReasons(body: Json, call: Call): Iterable<Rejection> {
  yield* schemaReasons('batchCreateEnvelope', body, call);
  const ids = (body as unknown as Pick<BatchEntry, 'requests'>).requests.map((request) => request.custom_id);
  const known = new Set<string>();
  for (const [index, id] of ids.entries()) {
    if (known.has(id)) yield invalid(`requests.${index}.custom_id: custom_id must be unique, but "${id}" occurs twice`);
    known.add(id);
  }
}

/** `GET /v1/messages/batches`, newest first. */
export async function listBatches(request: Incoming, call: Call): Promise<Reply> {
  const page = toPage([...call.state.batches.values()].reverse(), new URL(request.url).searchParams);
  if (isRejection(page)) return errorResponse(page, call);
  for (const batch of page.data) await end(batch, call);
  return jsonResponse({ ...page, data: page.data.map((batch) => view(batch, request)) }, call);
}

/** `GET /v1/messages/batches/{id}`. */
export async function getBatch(request: Incoming, call: Call, id: string): Promise<Reply> {
  const batch = await find(id, call);
  if (isRejection(batch)) return errorResponse(batch, call);
  batch.seen = true;
  return jsonResponse(view(batch, request), call);
}

/** `POST /v1/messages/batches/{id}/cancel`: requests without an answer by now end as `canceled`. */
export async function cancelBatch(request: Incoming, call: Call, id: string): Promise<Reply> {
  const batch = await find(id, call);
  if (isRejection(batch)) return errorResponse(batch, call);
  batch.cancelAt ??= call.settings.now();
  return jsonResponse(view(batch, request), call);
}

/** `GET /v1/messages/batches/{id}/results`: one JSON object per line. */
export async function getResults(_request: Incoming, call: Call, id: string): Promise<Reply> {
  const batch = await find(id, call);
  if (isRejection(batch)) return errorResponse(batch, call);
  const lines = call.state.results.get(batch.id);
  if (lines === undefined) {
    const state = batch.ended ? 'no longer available' : 'not available yet';
    return errorResponse(reject('not_found_error', `The results of batch ${batch.id} are ${state}.`), call);
  }
  return { status: 200, headers: { 'content-type': 'application/x-jsonl' }, body: lines };
}

/** `DELETE /v1/messages/batches/{id}` of a batch that has ended. */
export async function deleteBatch(_request: Incoming, call: Call, id: string): Promise<Reply> {
  const batch = await find(id, call);
  if (isRejection(batch)) return errorResponse(batch, call);
  if (!batch.ended)
    return errorResponse(invalid(`Batch ${batch.id} cannot be deleted while it is being processed.`), call);
  call.state.batches.delete(batch.id);
  call.state.results.delete(batch.id);
  return jsonResponse({ id: batch.id, type: 'message_batch_deleted' }, call);
}

async function find(id: string, call: Call): Promise<BatchEntry | Rejection> {
  const batch = call.state.batches.get(id);
  if (!batch) return reject('not_found_error', `Batch not found: ${id.slice(0, 120)}`);
  await end(batch, call);
  return batch;
}

/**
 * Ends a batch whose time has come. Nothing runs in the background: the first request about it finds it as it would be by
 * now. It does not end before a client has seen it in progress, so that a slow client can observe every stage of its life.
 */
async function end(batch: BatchEntry, call: Call): Promise<void> {
  const { now, batchDelayMs } = call.settings;
  const isDue = now() >= batch.createdAt + batchDelayMs * (batch.seen ? 1 : UNSEEN_FACTOR);
  if (batch.ended || (batch.cancelAt === null && !isDue)) return;
  batch.ending ??= computeResults(batch, call);
  await batch.ending;
}

async function computeResults(batch: BatchEntry, call: Call): Promise<void> {
  const counts = { succeeded: 0, errored: 0, canceled: 0, expired: 0 };
  const lines: string[] = [];
  let room = call.settings.limits.batchResultBytes - batch.requests.length * ERROR_BYTES;
  for (const [index, request] of batch.requests.entries()) {
    if (index > 0 && index % AT_A_TIME === 0) await nextTurn();
    let result = await answer(request, batch, call);
    let line = `${JSON.stringify(result)}\n`;
    if (line.length > ERROR_BYTES + room) {
      result = outgrown(request, call);
      line = `${JSON.stringify(result)}\n`;
    }
    room -= Math.max(0, line.length - ERROR_BYTES);
    counts[result.result.type] += 1;
    lines.push(line);
  }
  batch.ended = { at: call.settings.now(), counts };
  call.state.results.set(batch.id, lines.join(''));
}

async function answer(
  { custom_id, params }: BatchEntry['requests'][number],
  batch: BatchEntry,
  call: Call,
): Promise<BatchResult> {
  if (batch.cancelAt !== null) return { custom_id, result: { type: 'canceled' } };
  const own = { ...call, version: batch.version, betas: batch.betas, stream: false, prompt: null };
  const created = createMessage(params, own, await openMedia(params, call), 'batch');
  if (isRejection(created))
    return { custom_id, result: { type: 'errored', error: errorBody(created, call.requestId) } };
  return { custom_id, result: { type: 'succeeded', message: created.message } };
}

function outgrown({ custom_id }: BatchEntry['requests'][number], call: Call): BatchResult {
  const { batchResultBytes } = call.settings.limits;
  const rejection = reject('api_error', `This endpoint keeps at most ${batchResultBytes} bytes of batch results.`);
  return { custom_id, result: { type: 'errored', error: errorBody(rejection, call.requestId) } };
}

function view(batch: BatchEntry, request: Incoming) {
  const { ended } = batch;
  const time = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  const none = { succeeded: 0, errored: 0, canceled: 0, expired: 0 };
  return {
    id: batch.id,
    type: 'message_batch',
    processing_status: ended ? 'ended' : batch.cancelAt === null ? 'in_progress' : 'canceling',
    request_counts: { processing: ended ? 0 : batch.requests.length, ...(ended?.counts ?? none) },
    created_at: time(batch.createdAt),
    expires_at: time(batch.createdAt + DAY_MS),
    ended_at: time(ended?.at ?? null),
    cancel_initiated_at: time(batch.cancelAt),
    archived_at: null,
    results_url: ended ? new URL(`/v1/messages/batches/${batch.id}/results`, request.url).href : null,
  };
}
