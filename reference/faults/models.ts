import { rewriteJson, rewriteObjects } from '../alterations/messages.js';
import { crashResponse, errorAnswer, notFound, respondWith, rewriteResponse } from '../alterations/responses.js';
import { without } from '../alterations/without.js';
import type { JsonObject } from '../wire.js';
import type { FaultFamily } from './fault.js';
import { because, NO_MODEL_LIST, WRONG_PAGES } from './reasons.js';
import { NEED_MODEL_LIST } from './requirement-groups.js';

const MODELS = /^\/v1\/models(\/|$)/;

const MODEL_LIST = /^\/v1\/models$/;

/** Replaces every model, in the list and by itself. */
const rewriteModels = (change: (model: JsonObject) => JsonObject) => rewriteObjects(MODELS, 'model', change);

export const modelsFaults: FaultFamily = {
  name: 'models',
  title: 'the list of models',
  faults: [
    {
      id: 'models-of-another-api',
      title: 'The list of models is {object: "list", data} without the fields of a page.',
      level: 'MUST',
      mutant: 'MD-a',
      reports: ['MD-01', 'MD-02'],
      caughtBy: ['models.list.shape', 'models.item.shape'],
      alsoFails: because(WRONG_PAGES, 'models.paging'),
      alters: rewriteJson(MODEL_LIST, ({ data }) => ({
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
      title: 'A page of models has neither `first_id` nor `last_id`.',
      level: 'MUST',
      caughtBy: ['models.list.shape'],
      alsoFails: because(WRONG_PAGES, 'models.paging'),
      alters: rewriteJson(MODEL_LIST, (body) => without(body, 'first_id', 'last_id')),
    },
    {
      id: 'models-redirected',
      title: 'The server answers the list of models with a redirect.',
      level: 'MUST',
      mutant: 'MD-c',
      caughtBy: ['models.list.shape'],
      alsoFails: because(NO_MODEL_LIST, ...NEED_MODEL_LIST),
      alters: respondWith(
        MODEL_LIST,
        () => new Response(null, { status: 307, headers: { location: 'https://models.invalid/v1/models' } }),
      ),
    },
    {
      id: 'models-by-bearer-only',
      title: 'The server answers the list of models with 401 to a key in `x-api-key`.',
      level: 'MUST',
      mutant: 'MD-e',
      reports: ['MD-08'],
      caughtBy: ['models.list.shape'],
      alsoFails: because(NO_MODEL_LIST, ...NEED_MODEL_LIST),
      alters: respondWith(MODELS, (request) =>
        request.headers.has('authorization') ? null : errorAnswer(401, 'authentication_error', 'API key is invalid.'),
      ),
    },
    {
      id: 'models-without-names',
      title: 'Models have no `display_name`, and `created_at` is a number.',
      level: 'MUST',
      caughtBy: ['models.item.shape'],
      alters: rewriteModels((model) => ({
        ...(without(model, 'display_name') as JsonObject),
        created_at: 1_790_000_000,
      })),
    },
    {
      id: 'model-not-found-by-id',
      title: 'The server does not find a listed model by its id.',
      level: 'MUST',
      caughtBy: ['models.retrieve'],
      alters: respondWith(/^\/v1\/models\/./, notFound),
    },
    {
      id: 'model-limits-as-text',
      title: 'A model by itself has its limits as text, and other ones in the list.',
      level: 'SHOULD',
      caughtBy: ['models.retrieve'],
      alters: rewriteJson(/^\/v1\/models\/./, (model) => ({ ...model, max_tokens: '64k', max_input_tokens: 8_192 })),
    },
    {
      id: 'models-list-empty',
      title: 'The list of models is empty.',
      level: 'SHOULD',
      caughtBy: ['models.consistent'],
      alters: rewriteJson(MODEL_LIST, (body) => ({
        ...body,
        data: [],
        has_more: false,
        first_id: null,
        last_id: null,
      })),
    },
    {
      id: 'unknown-model-found',
      title: 'The server answers every id with a model.',
      level: 'SHOULD',
      caughtBy: ['models.retrieve.unknown'],
      alters: rewriteResponse((response, call) =>
        MODELS.test(call.path) && response.status === 404
          ? Response.json({
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
      title: 'The server ignores `after_id`, so that paging never ends.',
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
      title: 'The server rejects a limit of 1000.',
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
      title: 'A limit out of range causes a 500.',
      level: 'MAY',
      caughtBy: ['models.limit.range'],
      alters: rewriteResponse((response, call) =>
        MODEL_LIST.test(call.path) && response.status === 400 ? crashResponse() : response,
      ),
    },
    {
      id: 'listed-model-unusable',
      title: 'The server rejects messages to the first model of its list.',
      level: 'SHOULD',
      caughtBy: ['models.consistent', 'models.retrieve'],
      alsoFails: because(WRONG_PAGES, 'models.paging'),
      alters: rewriteJson(MODEL_LIST, (body) => {
        const ghost = {
          type: 'model',
          id: 'reference-0',
          display_name: 'Reference 0',
          created_at: '2026-10-22T00:00:00Z',
        };
        return { ...body, data: [ghost, ...(body.data as JsonObject[])], first_id: ghost.id };
      }),
    },
  ],
};
