import { errorResponse, jsonAnswer } from './answers.js';
import { readJson } from './body.js';
import { errorBody, invalid, isRejection, type Rejection, reject } from './errors.js';
import { newId } from './ids.js';
import { createMessage } from './messages.js';
import { toPage } from './pages.js';
import type { Call } from './stages.js';
import type { BatchEntry, BatchResult } from './state.js';
import { firstReason, schemaReasons, unreadable } from './validate.js';
import type { Json } from './wire.js';

const DAY_MS = 86_400_000;
/** Batches may be so much larger than single requests. */
export const SIZE_FACTOR = 8;
/** A batch that nobody looks at ends after so many times the usual delay. */
const UNSEEN_FACTOR = 200;

/** `POST /v1/messages/batches`. Source: https://platform.claude.com/docs/en/build-with-claude/batch-processing */
export async function createBatch(request: Request, call: Call): Promise<Response> {
  const read = await readJson(request, call.settings.maxBodyBytes * SIZE_FACTOR);
  if (isRejection(read)) return errorResponse(unreadable(read, call), call);
  const body = call.settings.alterations.body?.(read.body, call) ?? read.body;
  const reason = firstReason(batchReasons(body, call), call);
  if (reason) return errorResponse(reason, call);
  const { requests } = body as unknown as Pick<BatchEntry, 'requests'>;
  const batch: BatchEntry = {
    id: newId('msgbatch'),
    requests,
    version: call.version,
    betas: call.betas,
    createdAt: call.settings.now(),
    cancelAt: null,
    seen: false,
    ended: null,
  };
  call.state.batches.set(batch.id, batch);
  return jsonAnswer(view(batch, request), call);
}

/** Every reason against the envelope of a batch; what is inside its requests is answered in its results. */
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
export function listBatches(request: Request, call: Call): Response {
  const batches = [...call.state.batches.values()].reverse();
  const page = toPage(
    batches.map((batch) => view(settled(batch, call), request)),
    new URL(request.url).searchParams,
  );
  return isRejection(page) ? errorResponse(page, call) : jsonAnswer(page, call);
}

/** `GET /v1/messages/batches/{id}`. */
export function getBatch(request: Request, call: Call, id: string): Response {
  const batch = find(id, call);
  if (isRejection(batch)) return errorResponse(batch, call);
  batch.seen = true;
  return jsonAnswer(view(batch, request), call);
}

/** `POST /v1/messages/batches/{id}/cancel`: what has not been answered yet will not be. */
export function cancelBatch(request: Request, call: Call, id: string): Response {
  const batch = find(id, call);
  if (isRejection(batch)) return errorResponse(batch, call);
  batch.cancelAt ??= call.settings.now();
  return jsonAnswer(view(batch, request), call);
}

/** `GET /v1/messages/batches/{id}/results`: one JSON object a line. */
export function getResults(_request: Request, call: Call, id: string): Response {
  const batch = find(id, call);
  if (isRejection(batch)) return errorResponse(batch, call);
  if (!batch.ended) {
    return errorResponse(reject('not_found_error', `The results of batch ${batch.id} are not available yet.`), call);
  }
  const lines = batch.ended.results.map((result) => `${JSON.stringify(result)}\n`).join('');
  return new Response(lines, { headers: { 'content-type': 'application/x-jsonl' } });
}

/** `DELETE /v1/messages/batches/{id}` of a batch that has ended. */
export function deleteBatch(_request: Request, call: Call, id: string): Response {
  const batch = find(id, call);
  if (isRejection(batch)) return errorResponse(batch, call);
  if (!batch.ended)
    return errorResponse(invalid(`Batch ${batch.id} cannot be deleted while it is being processed.`), call);
  call.state.batches.delete(batch.id);
  return jsonAnswer({ id: batch.id, type: 'message_batch_deleted' }, call);
}

function find(id: string, call: Call): BatchEntry | Rejection {
  const batch = call.state.batches.get(id);
  return batch ? settled(batch, call) : reject('not_found_error', `Batch not found: ${id.slice(0, 120)}`);
}

/**
 * Ends a batch whose time has come. Nothing runs in the background: whoever looks at it finds it as it would be by now.
 * It does not end before it was once seen in progress, so that every stage of its life can be observed on a slow machine.
 */
function settled(batch: BatchEntry, call: Call): BatchEntry {
  if (batch.ended) return batch;
  const now = call.settings.now();
  const { batchDelayMs } = call.settings;
  if (batch.cancelAt !== null) {
    const results = batch.requests.map(({ custom_id }): BatchResult => ({ custom_id, result: { type: 'canceled' } }));
    batch.ended = { at: now, results };
  } else if (now >= batch.createdAt + batchDelayMs * (batch.seen ? 1 : UNSEEN_FACTOR)) {
    batch.ended = { at: now, results: batch.requests.map((request) => answer(request, batch, call)) };
  }
  return batch;
}

function answer({ custom_id, params }: BatchEntry['requests'][number], batch: BatchEntry, call: Call): BatchResult {
  const own = { ...call, version: batch.version, betas: batch.betas, stream: false, prompt: null };
  const created = createMessage(params, own, 'batch');
  if (isRejection(created))
    return { custom_id, result: { type: 'errored', error: errorBody(created, call.requestId) } };
  return { custom_id, result: { type: 'succeeded', message: created.message } };
}

function view(batch: BatchEntry, request: Request) {
  const { ended } = batch;
  const time = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  const count = (type: BatchResult['result']['type']) =>
    ended?.results.filter(({ result }) => result.type === type).length ?? 0;
  return {
    id: batch.id,
    type: 'message_batch',
    processing_status: ended ? 'ended' : batch.cancelAt === null ? 'in_progress' : 'canceling',
    request_counts: {
      processing: ended ? 0 : batch.requests.length,
      succeeded: count('succeeded'),
      errored: count('errored'),
      canceled: count('canceled'),
      expired: count('expired'),
    },
    created_at: time(batch.createdAt),
    expires_at: time(batch.createdAt + DAY_MS),
    ended_at: time(ended?.at ?? null),
    cancel_initiated_at: time(batch.cancelAt),
    archived_at: null,
    results_url: ended ? new URL(`/v1/messages/batches/${batch.id}/results`, request.url).href : null,
  };
}
