import { isObject } from '../../core/json.js';
import type { Json, JsonObject } from '../wire.js';
import { errorAnswer, rejectWhen, respondWith, responses, withBody, withHeaders, without } from './alter.js';
import type { Fault, FaultFamily } from './fault.js';
import { BATCHES_ALIKE, because, COUNT_WRONG, NO_COUNT, NO_CURSORS, NO_LIST } from './reasons.js';

const COUNT = /^\/v1\/messages\/count_tokens$/;
const MODELS = /^\/v1\/models(\/|$)/;
const MODEL_LIST = /^\/v1\/models$/;
const BATCHES = /^\/v1\/messages\/batches(\/|$)/;

/** Changes JSON answers of paths like this. */
const bodies = (path: RegExp, change: (body: JsonObject) => unknown) => ({
  json: (body: Json, call: { path: string }) =>
    path.test(call.path) && isObject(body) && body.type !== 'error' ? change(body) : body,
});

/** Changes every object of the type message_batch, in lists too. */
const batches = (change: (batch: JsonObject) => JsonObject) =>
  bodies(BATCHES, (body) => {
    if (body.type === 'message_batch') return change(body);
    return Array.isArray(body.data)
      ? { ...body, data: body.data.map((one) => (isObject(one) ? change(one) : one)) }
      : body;
  });

/** Changes every model, listed or by itself. */
const models = (change: (model: JsonObject) => JsonObject) =>
  bodies(MODELS, (body) => {
    if (body.type === 'model') return change(body);
    return Array.isArray(body.data)
      ? { ...body, data: body.data.map((one) => (isObject(one) ? change(one) : one)) }
      : body;
  });

/** Changes the lines of batch results. */
const results = (change: (line: JsonObject) => object) =>
  responses(async (response, call) => {
    if (!BATCHES.test(call.path) || !call.path.endsWith('/results') || !response.ok) return response;
    const lines = (await response.text()).split('\n').filter(Boolean);
    return withBody(response, lines.map((line) => `${JSON.stringify(change(JSON.parse(line)))}\n`).join(''));
  });

const json = (body: object, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });

const notFound = (request: Request): Response =>
  errorAnswer(404, 'not_found_error', `There is no ${new URL(request.url).pathname}.`);

const counting: readonly Fault[] = [
  {
    id: 'count-absent',
    title: 'Tokens are not counted: the path is answered with 404.',
    level: 'MUST',
    mutant: 'CT-a',
    reports: ['CT-01', 'CT-03', 'CT-04', 'CT-05'],
    caughtBy: ['count.basic'],
    alsoFails: because(NO_COUNT, 'count.system-tools', 'count.matches-usage', 'count.image'),
    alters: respondWith(COUNT, notFound),
  },
  {
    id: 'count-absent-as-page',
    title: 'Tokens are not counted, and the path is answered with a web page.',
    level: 'SHOULD',
    caughtBy: ['count.absent-clean', 'count.basic'],
    alsoFails: because(NO_COUNT, 'count.matches-usage', 'count.required'),
    alters: respondWith(
      COUNT,
      () => new Response('<html></html>', { status: 200, headers: { 'content-type': 'text/html' } }),
    ),
  },
  {
    id: 'count-constant',
    title: 'Every prompt counts one token.',
    level: 'MUST',
    mutant: 'CT-c',
    reports: ['CT-07'],
    caughtBy: ['count.system-tools', 'count.matches-usage', 'count.image'],
    alters: bodies(COUNT, () => ({ input_tokens: 1 })),
  },
  {
    id: 'count-zero',
    title: 'Every prompt counts no token.',
    level: 'MUST',
    mutant: 'CT-c',
    reports: ['CT-07'],
    caughtBy: ['count.basic', 'count.system-tools', 'count.image'],
    alsoFails: because(COUNT_WRONG, 'count.matches-usage'),
    alters: bodies(COUNT, () => ({ input_tokens: 0 })),
  },
  {
    id: 'count-other-key',
    title: 'A key that is good for messages is refused for counts.',
    level: 'MUST',
    mutant: 'CT-e',
    reports: ['CT-09', 'CT-10', 'CT-11'],
    caughtBy: ['count.basic'],
    alsoFails: because(NO_COUNT, 'count.absent-clean', 'count.system-tools', 'count.matches-usage', 'count.image'),
    alters: respondWith(COUNT, () => errorAnswer(401, 'authentication_error', 'API key is invalid.')),
  },
  {
    id: 'count-anything',
    title: 'A request for a count that is incomplete is answered with 0.',
    level: 'SHOULD',
    mutant: 'CT-g',
    reports: ['CT-14'],
    caughtBy: ['count.required'],
    alters: responses((response, call) =>
      COUNT.test(call.path) && response.status === 400 ? json({ input_tokens: 0 }) : response,
    ),
  },
  {
    id: 'count-some-models',
    title: 'Tokens are counted for some of the listed models only.',
    level: 'MAY',
    mutant: 'CT-i',
    reports: ['CT-17', 'CT-18'],
    caughtBy: [],
    undetectable: 'A run judges one model; another one of the list may be of another kind.',
    alters: rejectWhen((request, call) =>
      COUNT.test(call.path) && request.model !== 'reference-1'
        ? { refusal: 'not_found_error', message: `model: ${request.model}` }
        : null,
    ),
  },
  {
    id: 'count-twice-the-usage',
    title: 'The count is twice what the same prompt is billed for.',
    level: 'SHOULD',
    caughtBy: ['count.matches-usage'],
    alters: bodies(COUNT, ({ input_tokens: count }) => ({ input_tokens: Number(count) * 2 + 20 })),
  },
  {
    id: 'count-without-pictures',
    title: 'Pictures are not counted.',
    level: 'SHOULD',
    caughtBy: ['count.image'],
    alters: {
      body: (body, call) =>
        COUNT.test(call.path)
          ? JSON.parse(
              JSON.stringify(body, (_key, value) =>
                Array.isArray(value) ? value.filter((one) => one?.type !== 'image') : value,
              ),
            )
          : body,
    },
  },
  {
    id: 'count-without-tools',
    title: 'Tools are not counted.',
    level: 'MUST',
    caughtBy: ['count.system-tools'],
    alters: {
      body: (body, call) =>
        COUNT.test(call.path) && isObject(body) ? (without(body, 'tools', 'tool_choice') as Json) : body,
    },
  },
];

const modelList: readonly Fault[] = [
  {
    id: 'models-of-another-api',
    title: 'The list of models is {object: "list", data} without the fields of a page.',
    level: 'MUST',
    mutant: 'MD-a',
    reports: ['MD-01', 'MD-02'],
    caughtBy: ['models.list.shape', 'models.item.shape'],
    alsoFails: because(NO_CURSORS, 'models.paging'),
    alters: bodies(MODEL_LIST, ({ data }) => ({
      object: 'list',
      data: (data as JsonObject[]).map(({ id }) => ({
        id,
        object: 'model',
        created: 1_790_000_000,
        owned_by: 'reference',
      })),
    })),
  },
  {
    id: 'models-without-cursors',
    title: 'A page of models has neither first_id nor last_id.',
    level: 'MUST',
    caughtBy: ['models.list.shape'],
    alsoFails: because(NO_CURSORS, 'models.paging'),
    alters: bodies(MODEL_LIST, (body) => without(body, 'first_id', 'last_id')),
  },
  {
    id: 'models-redirected',
    title: 'The list of models is answered with a redirect.',
    level: 'MUST',
    mutant: 'MD-c',
    caughtBy: ['models.list.shape'],
    alsoFails: because(NO_LIST, 'models.item.shape', 'models.retrieve', 'models.paging', 'models.consistent'),
    alters: respondWith(
      MODEL_LIST,
      () => new Response(null, { status: 307, headers: { location: 'https://models.invalid/v1/models' } }),
    ),
  },
  {
    id: 'models-by-bearer-only',
    title: 'The list of models is answered with 401 to a key in x-api-key.',
    level: 'MUST',
    mutant: 'MD-e',
    reports: ['MD-08'],
    caughtBy: ['models.list.shape'],
    alsoFails: because(NO_LIST, 'models.item.shape', 'models.retrieve', 'models.paging', 'models.consistent'),
    alters: respondWith(MODELS, (request) =>
      request.headers.has('authorization') ? null : errorAnswer(401, 'authentication_error', 'API key is invalid.'),
    ),
  },
  {
    id: 'models-without-names',
    title: 'Models have no display_name, and created_at is a number.',
    level: 'MUST',
    caughtBy: ['models.item.shape'],
    alters: models((model) => ({ ...(without(model, 'display_name') as JsonObject), created_at: 1_790_000_000 })),
  },
  {
    id: 'model-not-found-by-id',
    title: 'A listed model is not found by its id.',
    level: 'MUST',
    caughtBy: ['models.retrieve'],
    alters: respondWith(/^\/v1\/models\/./, notFound),
  },
  {
    id: 'unknown-model-found',
    title: 'Every id is answered with a model.',
    level: 'SHOULD',
    caughtBy: ['models.retrieve.unknown'],
    alters: responses((response, call) =>
      MODELS.test(call.path) && response.status === 404
        ? json({
            type: 'model',
            id: call.path.split('/').at(-1),
            display_name: 'A model',
            created_at: '2026-10-21T00:00:00Z',
          })
        : response,
    ),
  },
  {
    id: 'models-cursor-ignored',
    title: 'after_id is ignored, so that paging never ends.',
    level: 'MUST',
    caughtBy: ['models.paging'],
    alters: {
      request(request, call) {
        const url = new URL(request.url);
        if (!MODEL_LIST.test(call.path) || !url.searchParams.has('after_id')) return request;
        url.searchParams.delete('after_id');
        return new Request(url, request);
      },
    },
  },
  {
    id: 'models-limit-refused',
    title: 'A limit of 1000 is refused.',
    level: 'SHOULD',
    caughtBy: ['models.limit.range'],
    alters: respondWith(MODEL_LIST, (request) =>
      new URL(request.url).searchParams.get('limit') === '1000'
        ? errorAnswer(400, 'invalid_request_error', 'limit: at most 100')
        : null,
    ),
  },
  {
    id: 'models-limit-crash',
    title: 'A limit out of range makes the server fail.',
    level: 'MAY',
    caughtBy: ['models.limit.range'],
    alters: responses((response, call) =>
      MODEL_LIST.test(call.path) && response.status === 400
        ? errorAnswer(500, 'api_error', 'Internal server error')
        : response,
    ),
  },
  {
    id: 'listed-model-unusable',
    title: 'The first model of the list does not exist for messages.',
    level: 'SHOULD',
    caughtBy: ['models.consistent', 'models.retrieve'],
    alsoFails: because(NO_CURSORS, 'models.paging'),
    alters: bodies(MODEL_LIST, (body) => {
      const ghost = {
        type: 'model',
        id: 'reference-0',
        display_name: 'Reference 0',
        created_at: '2026-10-22T00:00:00Z',
      };
      return { ...body, data: [ghost, ...(body.data as JsonObject[])], first_id: ghost.id };
    }),
  },
];

const batchLife: readonly Fault[] = [
  {
    id: 'batch-without-counts',
    title: 'A batch has no request_counts.',
    level: 'MUST',
    caughtBy: ['batch.create', 'batch.object.shape'],
    alters: batches((batch) => without(batch, 'request_counts') as JsonObject),
  },
  {
    id: 'batch-status-of-another-api',
    title: 'The status of a batch is validating, and then completed.',
    level: 'MUST',
    caughtBy: ['batch.create', 'batch.object.shape'],
    alsoFails: because('The status of a canceled batch is none that is known.', 'batch.cancel'),
    alters: batches((batch) => ({
      ...batch,
      processing_status: batch.processing_status === 'ended' ? 'completed' : 'validating',
    })),
  },
  {
    id: 'batch-expires-never',
    title: 'expires_at of a batch is null.',
    level: 'MUST',
    caughtBy: ['batch.object.shape'],
    alters: batches((batch) => ({ ...batch, expires_at: null })),
  },
  {
    id: 'batch-ids-unchecked',
    title: 'A batch in which a custom_id is given twice is taken.',
    level: 'SHOULD',
    caughtBy: ['batch.custom-id.unique'],
    alters: { refusal: (refusal) => (refusal.message.includes('custom_id must be unique') ? null : refusal) },
  },
  {
    id: 'batch-params-checked-at-once',
    title: 'A batch with an invalid request is refused at its creation.',
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
        return bad ? errorAnswer(400, 'invalid_request_error', 'requests.1.params.messages: Field required') : request;
      },
    },
  },
  {
    id: 'batch-not-found',
    title: 'A batch is not found by its id.',
    level: 'MUST',
    caughtBy: ['batch.retrieve'],
    alters: respondWith(/^\/v1\/messages\/batches\/[^/]+$/, (request) =>
      request.method === 'GET' ? notFound(request) : null,
    ),
  },
  {
    id: 'unknown-batch-found',
    title: 'An id that no batch has is answered with an empty object.',
    level: 'MUST',
    caughtBy: ['batch.retrieve'],
    alters: responses((response, call) =>
      /^\/v1\/messages\/batches\/[^/]+$/.test(call.path) && response.status === 404 ? json({}) : response,
    ),
  },
  {
    id: 'batch-list-oldest-first',
    title: 'The list of batches begins with the oldest.',
    level: 'MUST',
    caughtBy: ['batch.list'],
    alters: bodies(/^\/v1\/messages\/batches$/, (body) => {
      if (!Array.isArray(body.data)) return body;
      const [newest] = body.data as JsonObject[];
      const older = newest && { ...newest, id: 'msgbatch_01Older', created_at: '2026-01-01T00:00:00Z' };
      const data = [...(older ? [older] : []), ...[...body.data].reverse()];
      const [first, last] = [data[0], data.at(-1)] as JsonObject[];
      return { ...body, data, first_id: first?.id ?? null, last_id: last?.id ?? null };
    }),
  },
  {
    id: 'batch-list-empty',
    title: 'The list of batches is empty.',
    level: 'MUST',
    caughtBy: ['batch.list'],
    alters: bodies(/^\/v1\/messages\/batches$/, (body) =>
      Array.isArray(body.data) ? { data: [], has_more: false, first_id: null, last_id: null } : body,
    ),
  },
  {
    id: 'batch-results-url-at-once',
    title: 'results_url is there before the batch has ended.',
    level: 'MUST',
    caughtBy: ['batch.results-url'],
    alters: batches((batch) => ({ ...batch, results_url: batch.results_url ?? 'https://results.invalid/1.jsonl' })),
  },
  {
    id: 'batch-results-url-relative',
    title: 'results_url is a path that leads nowhere.',
    level: 'MUST',
    caughtBy: ['batch.results-url'],
    alters: batches((batch) => ({ ...batch, results_url: batch.results_url === null ? null : '/results.jsonl' })),
  },
  {
    id: 'batch-results-as-array',
    title: 'Results are one JSON array.',
    level: 'MUST',
    caughtBy: ['batch.results.jsonl'],
    alters: responses(async (response, call) => {
      if (!call.path.endsWith('/results') || !response.ok) return response;
      const lines = (await response.text()).split('\n').filter(Boolean);
      return withBody(response, `[${lines.join(',\n')}]`);
    }),
  },
  {
    id: 'batch-results-without-ids',
    title: 'Lines of results have no custom_id.',
    level: 'MUST',
    caughtBy: ['batch.results.jsonl'],
    alsoFails: because(BATCHES_ALIKE, 'batch.results.types'),
    alters: results((line) => without(line, 'custom_id')),
  },
  {
    id: 'batch-results-as-responses',
    title: 'A result that succeeded holds a response with status and body.',
    level: 'MUST',
    caughtBy: ['batch.results.types'],
    alters: results((line) => {
      const { result } = line as { result: JsonObject };
      return result.type === 'succeeded'
        ? { ...line, result: { type: 'succeeded', response: { status_code: 200, body: result.message } } }
        : line;
    }),
  },
  {
    id: 'batch-errors-bare',
    title: 'A result that errored holds a text instead of the envelope.',
    level: 'MUST',
    caughtBy: ['batch.results.types'],
    alters: results((line) => {
      const { result } = line as { result: JsonObject };
      return result.type === 'errored' ? { ...line, result: { type: 'errored', error: 'invalid request' } } : line;
    }),
  },
  {
    id: 'batch-results-early-empty',
    title: 'Results that are asked for too early are answered with an empty file.',
    level: 'SHOULD',
    caughtBy: ['batch.results.early'],
    alters: responses((response, call) =>
      call.path.endsWith('/results') && response.status === 404
        ? withHeaders(withBody(response, '', 'application/x-jsonl'), {}, 200)
        : response,
    ),
  },
  {
    id: 'batch-cancel-unmarked',
    title: 'A canceled batch goes on as in_progress, without cancel_initiated_at.',
    level: 'MUST',
    caughtBy: ['batch.cancel'],
    alters: batches((batch) =>
      batch.processing_status === 'canceling'
        ? { ...batch, processing_status: 'in_progress', cancel_initiated_at: null }
        : batch,
    ),
  },
  {
    id: 'batch-deleted-while-running',
    title: 'A batch that runs can be deleted.',
    level: 'SHOULD',
    caughtBy: ['batch.delete'],
    alters: responses((response, call) =>
      call.method === 'DELETE' && response.status === 400
        ? json({ id: call.path.split('/').at(-1), type: 'message_batch_deleted' })
        : response,
    ),
  },
  {
    id: 'batch-counts-lost',
    title: 'Requests that are being processed are not counted.',
    level: 'SHOULD',
    caughtBy: ['batch.counts.sum'],
    alters: batches((batch) => ({
      ...batch,
      request_counts: { ...(batch.request_counts as JsonObject), processing: 0 },
    })),
  },
];

export const countFaults: FaultFamily = {
  name: 'count-tokens',
  title: 'counts of tokens ahead of a request',
  faults: counting,
};
export const modelFaults: FaultFamily = { name: 'models', title: 'the list of models', faults: modelList };
export const batchFaults: FaultFamily = { name: 'batches', title: 'batches and their results', faults: batchLife };
