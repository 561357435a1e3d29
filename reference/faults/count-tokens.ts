import { isObject } from '../../core/json.js';
import { rewriteJson, rewriteUsage } from '../alterations/messages.js';
import { rejectWhen } from '../alterations/requests.js';
import { crashResponse, errorAnswer, notFound, respondWith, rewriteResponse } from '../alterations/responses.js';
import { without } from '../alterations/without.js';
import type { Json } from '../wire.js';
import type { FaultFamily } from './fault.js';
import { because, CONSTANT_COUNT, NO_COUNT } from './reasons.js';
import { NEED_TOKEN_COUNT } from './requirement-groups.js';

const COUNT = /^\/v1\/messages\/count_tokens$/;

async function bodyOf(request: Request): Promise<unknown> {
  try {
    return await request.clone().json();
  } catch {
    return null;
  }
}

export const countTokensFaults: FaultFamily = {
  name: 'count-tokens',
  title: 'token counts before a request',
  faults: [
    {
      id: 'count-asks-and-breaks',
      title: 'The server answers the count request of coding agents with 500.',
      level: 'SHOULD',
      caughtBy: ['count.absent-clean'],
      alsoFails: because(NO_COUNT, ...NEED_TOKEN_COUNT, 'count.basic', 'agent.counts.at-once'),
      alters: respondWith(/count_tokens$/, () => crashResponse()),
    },
    {
      id: 'message-fails-after-count',
      title:
        'A message right after the count of its prompt fails: the gateway takes the failed count for a dead upstream.',
      level: 'MUST',
      caughtBy: ['count.messages-undisturbed'],
      sequential: true,
      alters: {
        async request(request, { path, state: { notes } }) {
          const before = notes.get('counted');
          notes.delete('counted');
          if (request.method !== 'POST' || !path.startsWith('/v1/messages')) return request;
          const asked = JSON.stringify(((await bodyOf(request)) as { messages?: unknown } | null)?.messages);
          if (COUNT.test(path)) notes.set('counted', asked);
          return path === '/v1/messages' && before !== undefined && before === asked ? crashResponse() : request;
        },
      },
    },
    {
      id: 'count-absent',
      title: 'The server does not count tokens and answers the path with 404.',
      level: 'MUST',
      mutant: 'CT-a',
      reports: ['CT-01', 'CT-03', 'CT-04', 'CT-05'],
      caughtBy: ['count.basic'],
      alsoFails: because(NO_COUNT, ...NEED_TOKEN_COUNT),
      alters: respondWith(COUNT, notFound),
    },
    {
      id: 'count-absent-as-page',
      title: 'The server does not count tokens and answers the path with a web page.',
      level: 'SHOULD',
      caughtBy: ['count.absent-clean', 'count.basic'],
      alsoFails: because(NO_COUNT, 'count.matches-usage', 'count.required', 'agent.counts.at-once'),
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
      caughtBy: [...NEED_TOKEN_COUNT],
      alters: rewriteJson(COUNT, () => ({ input_tokens: 1 })),
    },
    {
      id: 'count-zero',
      title: 'Every prompt counts no token.',
      level: 'MUST',
      mutant: 'CT-c',
      reports: ['CT-07'],
      caughtBy: ['count.basic', 'count.system-tools', 'count.image'],
      alsoFails: because(CONSTANT_COUNT, 'count.matches-usage'),
      alters: rewriteJson(COUNT, () => ({ input_tokens: 0 })),
    },
    {
      id: 'count-other-key',
      title: 'The server accepts a key for messages and rejects it for token counts.',
      level: 'MUST',
      mutant: 'CT-e',
      reports: ['CT-09', 'CT-10', 'CT-11'],
      caughtBy: ['count.basic'],
      alsoFails: because(NO_COUNT, ...NEED_TOKEN_COUNT, 'count.absent-clean', 'agent.counts.at-once'),
      alters: respondWith(COUNT, () => errorAnswer(401, 'authentication_error', 'API key is invalid.')),
    },
    {
      id: 'count-anything',
      title: 'The server answers an incomplete count request with 0.',
      level: 'SHOULD',
      mutant: 'CT-g',
      reports: ['CT-14'],
      caughtBy: ['count.required'],
      alters: rewriteResponse((response, call) =>
        COUNT.test(call.path) && response.status === 400 ? Response.json({ input_tokens: 0 }) : response,
      ),
    },
    {
      id: 'count-some-models',
      title: 'The server counts tokens for some of the listed models only.',
      level: 'MAY',
      mutant: 'CT-i',
      reports: ['CT-17', 'CT-18'],
      caughtBy: [],
      undetectable: 'A run judges one model; another model of the list may be of another kind.',
      alters: rejectWhen((request, call) =>
        COUNT.test(call.path) && request.model !== 'reference-1'
          ? { errorType: 'not_found_error', message: `model: ${request.model}` }
          : null,
      ),
    },
    {
      id: 'count-twice-the-usage',
      title: 'The count is twice the `usage` of the same prompt.',
      level: 'SHOULD',
      caughtBy: ['count.matches-usage'],
      alters: rewriteJson(COUNT, ({ input_tokens: count }) => ({ input_tokens: Number(count) * 2 + 20 })),
    },
    {
      id: 'usage-halved',
      title: '`usage` reports half of the input tokens.',
      level: 'SHOULD',
      caughtBy: ['count.matches-usage'],
      alters: rewriteUsage((usage) => ({ ...usage, input_tokens: Math.ceil(usage.input_tokens / 2) })),
    },
    {
      id: 'count-without-pictures',
      title: 'The count leaves out pictures.',
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
      id: 'count-refuses-thinking',
      title: 'The endpoint that counts tokens rejects `thinking`.',
      level: 'SHOULD',
      caughtBy: ['count.thinking-and-choice'],
      alters: rejectWhen(
        (request, call) => COUNT.test(call.path) && request.thinking && 'thinking: Extra inputs are not permitted',
      ),
    },
    {
      id: 'count-refuses-choice',
      title: 'The endpoint that counts tokens rejects `tool_choice`.',
      level: 'SHOULD',
      caughtBy: ['count.thinking-and-choice'],
      alters: rejectWhen(
        (request, call) =>
          COUNT.test(call.path) && request.tool_choice && 'tool_choice: Extra inputs are not permitted',
      ),
    },
    {
      id: 'count-without-tools',
      title: 'The count leaves out tools.',
      level: 'MUST',
      caughtBy: ['count.system-tools'],
      alters: {
        body: (body, call) =>
          COUNT.test(call.path) && isObject(body) ? (without(body, 'tools', 'tool_choice') as Json) : body,
      },
    },
  ],
};
