import { rewriteJson, rewriteObjects } from '../alterations/messages.js';
import {
  errorAnswer,
  notFound,
  respondWith,
  rewriteResponse,
  withBody,
  withHeaders,
} from '../alterations/responses.js';
import { without } from '../alterations/without.js';
import type { JsonObject } from '../wire.js';
import type { FaultFamily } from './fault.js';
import { BATCHES_TOO, because } from './reasons.js';

const BATCHES = /^\/v1\/messages\/batches(\/|$)/;

/** Replaces every batch, in the list and by itself. */
const rewriteBatches = (change: (batch: JsonObject) => JsonObject) => rewriteObjects(BATCHES, 'message_batch', change);

/** Replaces the lines of batch results. */
const rewriteResults = (change: (line: JsonObject) => object) =>
  rewriteResponse(async (response, call) => {
    if (!BATCHES.test(call.path) || !call.path.endsWith('/results') || !response.ok) return response;
    const lines = (await response.text()).split('\n').filter(Boolean);
    return withBody(response, lines.map((line) => `${JSON.stringify(change(JSON.parse(line)))}\n`).join(''));
  });

export const batchesFaults: FaultFamily = {
  name: 'batches',
  title: 'batches and their results',
  faults: [
    {
      id: 'batch-without-counts',
      title: 'A batch has no `request_counts`.',
      level: 'MUST',
      caughtBy: ['batch.create', 'batch.object.shape'],
      alters: rewriteBatches((batch) => without(batch, 'request_counts') as JsonObject),
    },
    {
      id: 'batch-status-of-another-api',
      title: 'The status of a batch is validating, and then completed.',
      level: 'MUST',
      caughtBy: ['batch.create', 'batch.object.shape'],
      alsoFails: because('The status of a canceled batch is unknown.', 'batch.cancel'),
      alters: rewriteBatches((batch) => ({
        ...batch,
        processing_status: batch.processing_status === 'ended' ? 'completed' : 'validating',
      })),
    },
    {
      id: 'batch-expires-never',
      title: '`expires_at` of a batch is null.',
      level: 'MUST',
      caughtBy: ['batch.object.shape'],
      alters: rewriteBatches((batch) => ({ ...batch, expires_at: null })),
    },
    {
      id: 'batch-ids-unchecked',
      title: 'The server accepts a batch in which one `custom_id` occurs twice.',
      level: 'SHOULD',
      caughtBy: ['batch.custom-id.unique'],
      alters: { rejection: (rejection) => (rejection.message.includes('custom_id must be unique') ? null : rejection) },
    },
    {
      id: 'batch-params-checked-at-once',
      title: 'The server rejects a batch with an invalid request at its creation.',
      level: 'SHOULD',
      caughtBy: ['batch.params.async'],
      alters: {
        async request(request, call) {
          if (call.path !== '/v1/messages/batches' || request.method !== 'POST') return request;
          const body = (await request
            .clone()
            .json()
            .catch(() => ({}))) as { requests?: { params?: JsonObject }[] };
          const bad = body.requests?.some(({ params }) => params && !('messages' in params && 'max_tokens' in params));
          return bad
            ? errorAnswer(400, 'invalid_request_error', 'requests.1.params.messages: Field required')
            : request;
        },
      },
    },
    {
      id: 'batch-not-found',
      title: 'The server does not find a batch by its id.',
      level: 'MUST',
      caughtBy: ['batch.retrieve'],
      alters: respondWith(/^\/v1\/messages\/batches\/[^/]+$/, (request) =>
        request.method === 'GET' ? notFound(request) : null,
      ),
    },
    {
      id: 'unknown-batch-found',
      title: 'The server answers an unknown batch id with an empty object.',
      level: 'MUST',
      caughtBy: ['batch.retrieve'],
      alters: rewriteResponse((response, call) =>
        /^\/v1\/messages\/batches\/[^/]+$/.test(call.path) && response.status === 404 ? Response.json({}) : response,
      ),
    },
    {
      id: 'batch-list-oldest-first',
      title: 'The list of batches begins with the oldest.',
      level: 'MUST',
      caughtBy: ['batch.list'],
      alters: rewriteJson(/^\/v1\/messages\/batches$/, (body) => {
        if (!Array.isArray(body.data)) return body;
        const [newest] = body.data as JsonObject[];
        const older = newest && { ...newest, id: 'msgbatch_01Older', created_at: '2026-01-01T00:00:00Z' };
        const data = [...(older ? [older] : []), ...[...body.data].reverse()];
        const [first, last] = [data[0], data.at(-1)] as JsonObject[];
        return { ...body, data, first_id: first?.id ?? null, last_id: last?.id ?? null };
      }),
    },
    {
      id: 'batch-list-repeats',
      title: 'The list of batches has each batch twice.',
      level: 'MUST',
      caughtBy: ['batch.list'],
      alters: rewriteJson(/^\/v1\/messages\/batches$/, (body) =>
        Array.isArray(body.data) ? { ...body, data: body.data.flatMap((batch) => [batch, batch]) } : body,
      ),
    },
    {
      id: 'batch-list-of-ids',
      title: 'The list of batches has only the type, the id and the time of each.',
      level: 'MUST',
      caughtBy: ['batch.list'],
      alters: rewriteJson(/^\/v1\/messages\/batches$/, (body) =>
        Array.isArray(body.data)
          ? {
              ...body,
              data: (body.data as JsonObject[]).map(({ type, id, created_at }) => ({ type, id, created_at })),
            }
          : body,
      ),
    },
    {
      id: 'batch-canceled-bare',
      title: 'Canceling a batch returns only its type, its state and the time of canceling.',
      level: 'MUST',
      caughtBy: ['batch.cancel'],
      alters: rewriteJson(/\/cancel$/, ({ type, processing_status, cancel_initiated_at }) => ({
        type,
        processing_status,
        cancel_initiated_at,
      })),
    },
    {
      id: 'batch-end-without-time',
      title: 'An ended batch has no time in `ended_at`.',
      level: 'MUST',
      caughtBy: ['batch.retrieve'],
      alters: rewriteJson(/^\/v1\/messages\/batches\/[^/]+$/, (batch) =>
        batch.type === 'message_batch' ? { ...batch, ended_at: null } : batch,
      ),
    },
    {
      id: 'batch-retrieved-without-counts',
      title: 'A batch that is retrieved has no `request_counts`.',
      level: 'MUST',
      caughtBy: ['batch.retrieve'],
      alters: rewriteJson(/^\/v1\/messages\/batches\/[^/]+$/, (batch) => without(batch, 'request_counts')),
    },
    {
      id: 'batch-list-empty',
      title: 'The list of batches is empty.',
      level: 'MUST',
      caughtBy: ['batch.list'],
      alters: rewriteJson(/^\/v1\/messages\/batches$/, (body) =>
        Array.isArray(body.data) ? { data: [], has_more: false, first_id: null, last_id: null } : body,
      ),
    },
    {
      id: 'batch-results-url-at-once',
      title: '`results_url` is set before the batch has ended.',
      level: 'MUST',
      caughtBy: ['batch.results-url'],
      alters: rewriteBatches((batch) => ({
        ...batch,
        results_url: batch.results_url ?? 'https://results.invalid/1.jsonl',
      })),
    },
    {
      id: 'batch-results-url-relative',
      title: '`results_url` is a path that leads nowhere.',
      level: 'MUST',
      caughtBy: ['batch.results-url'],
      alters: rewriteBatches((batch) => ({
        ...batch,
        results_url: batch.results_url === null ? null : '/results.jsonl',
      })),
    },
    {
      id: 'batch-results-as-array',
      title: 'Results are one JSON array.',
      level: 'MUST',
      caughtBy: ['batch.results.jsonl'],
      alters: rewriteResponse(async (response, call) => {
        if (!call.path.endsWith('/results') || !response.ok) return response;
        const lines = (await response.text()).split('\n').filter(Boolean);
        return withBody(response, `[${lines.join(',\n')}]`);
      }),
    },
    {
      id: 'batch-results-without-ids',
      title: 'Result lines have no `custom_id`.',
      level: 'MUST',
      caughtBy: ['batch.results.jsonl'],
      alsoFails: because(BATCHES_TOO, 'batch.results.types'),
      alters: rewriteResults((line) => without(line, 'custom_id')),
    },
    {
      id: 'batch-results-as-responses',
      title: 'A succeeded result holds a response with status and body.',
      level: 'MUST',
      caughtBy: ['batch.results.types'],
      alters: rewriteResults((line) => {
        const { result } = line as { result: JsonObject };
        return result.type === 'succeeded'
          ? { ...line, result: { type: 'succeeded', response: { status_code: 200, body: result.message } } }
          : line;
      }),
    },
    {
      id: 'batch-messages-hollow',
      title: 'The message of a succeeded result has a block without text and no token counts.',
      level: 'MUST',
      caughtBy: ['batch.results.types'],
      alters: rewriteResults((line) => {
        const { result } = line as { result: JsonObject };
        return result.type === 'succeeded'
          ? {
              ...line,
              result: { ...result, message: { ...(result.message as object), content: [{ type: 'text' }], usage: {} } },
            }
          : line;
      }),
    },
    {
      id: 'batch-errors-bare',
      title: 'An errored result holds a string instead of the error envelope.',
      level: 'MUST',
      caughtBy: ['batch.results.types'],
      alters: rewriteResults((line) => {
        const { result } = line as { result: JsonObject };
        return result.type === 'errored' ? { ...line, result: { type: 'errored', error: 'invalid request' } } : line;
      }),
    },
    {
      id: 'batch-results-early-empty',
      title: 'The server answers a request for results that are not ready with an empty file.',
      level: 'SHOULD',
      caughtBy: ['batch.results.early'],
      alters: rewriteResponse((response, call) =>
        call.path.endsWith('/results') && response.status === 404
          ? withHeaders(withBody(response, '', 'application/x-jsonl'), {}, 200)
          : response,
      ),
    },
    {
      id: 'batch-cancel-unmarked',
      title: 'A canceled batch stays in_progress, without `cancel_initiated_at`.',
      level: 'MUST',
      caughtBy: ['batch.cancel'],
      alters: rewriteBatches((batch) =>
        batch.processing_status === 'canceling'
          ? { ...batch, processing_status: 'in_progress', cancel_initiated_at: null }
          : batch,
      ),
    },
    {
      id: 'batch-deleted-while-running',
      title: 'The server deletes a batch that is in progress.',
      level: 'SHOULD',
      caughtBy: ['batch.delete'],
      alters: rewriteResponse((response, call) =>
        call.method === 'DELETE' && response.status === 400
          ? Response.json({ id: call.path.split('/').at(-1), type: 'message_batch_deleted' })
          : response,
      ),
    },
    {
      id: 'batch-counts-lost',
      title: 'The counts of a batch leave out requests in progress.',
      level: 'SHOULD',
      caughtBy: ['batch.counts.sum'],
      alters: rewriteBatches((batch) => ({
        ...batch,
        request_counts: { ...(batch.request_counts as JsonObject), processing: 0 },
      })),
    },
  ],
};
