import { rewriteBody, rewriteBodyMessages, rewritePrompt } from '../alterations/requests.js';
import { crashResponse } from '../alterations/responses.js';
import type { Json } from '../wire.js';
import type { FaultFamily } from './fault.js';
import { because } from './reasons.js';

/** Sets a field that is missing or has the wrong type. */
const filledIn = (name: string, fits: (value: Json | undefined) => boolean, value: Json) =>
  rewriteBody((body) => (fits(body[name]) ? body : { ...body, [name]: value }));

const isString = (value: unknown): value is string => typeof value === 'string';

export const requestRequiredFaults: FaultFamily = {
  name: 'request-required',
  title: 'required request fields: whether they are validated, and whether they have an effect',
  faults: [
    {
      id: 'unknown-roles-crash',
      title: 'An unknown role causes a 500.',
      level: 'MUST',
      caughtBy: ['req.messages.role-unknown', 'err.client-fault-not-5xx'],
      alters: {
        async response(response) {
          if (response.status !== 400) return response;
          return (await response.clone().text()).includes('Unexpected role') ? crashResponse() : response;
        },
      },
    },
    {
      id: 'model-filled-in',
      title: 'The server answers a request without a usable `model` with a default model.',
      level: 'SHOULD',
      caughtBy: ['req.model.required'],
      alters: filledIn('model', (value) => isString(value) && value !== '', 'reference-1'),
    },
    {
      id: 'model-replaced',
      title: 'The server silently replaces an unknown model by another one.',
      level: 'MUST',
      caughtBy: ['req.model.unknown'],
      alters: rewriteBody((body) =>
        isString(body.model) && body.model !== '' && !body.model.startsWith('reference-1')
          ? { ...body, model: 'reference-1' }
          : body,
      ),
    },
    {
      id: 'messages-filled-in',
      title: 'The server answers a request without `messages` as if it said hello.',
      level: 'MUST',
      caughtBy: ['req.messages.required'],
      alters: rewriteBody((body) =>
        Object.hasOwn(body, 'messages') ? body : { ...body, messages: [{ role: 'user', content: 'Hello' }] },
      ),
    },
    {
      id: 'messages-any-shape',
      title: 'The server accepts `messages` that is empty, a string, an object or null.',
      level: 'MUST',
      caughtBy: ['req.messages.empty'],
      alters: rewriteBody((body) =>
        Object.hasOwn(body, 'messages') && !(Array.isArray(body.messages) && body.messages.length > 0)
          ? { ...body, messages: [{ role: 'user', content: String(body.messages ?? 'Hello') || 'Hello' }] }
          : body,
      ),
    },
    {
      id: 'role-filled-in',
      title: 'The server treats a message without `role` as a user message.',
      level: 'SHOULD',
      caughtBy: ['req.messages.role-required'],
      alters: rewriteBodyMessages((message) => ({ role: 'user', ...message })),
    },
    {
      id: 'roles-of-chat-completions',
      title: 'The server accepts the roles tool, developer and function of chat completions.',
      level: 'SHOULD',
      caughtBy: ['req.messages.role-unknown'],
      alters: rewriteBodyMessages((message) =>
        ['tool', 'developer', 'function'].includes(String(message.role)) ? { ...message, role: 'user' } : message,
      ),
    },
    {
      id: 'unknown-roles-dropped',
      title: 'The server drops messages with a role that it does not know.',
      level: 'MUST',
      caughtBy: ['req.messages.role-unknown'],
      alters: rewriteBodyMessages((message) =>
        ['tool', 'developer', 'function'].includes(String(message.role)) ? { role: 'user', content: '.' } : message,
      ),
    },
    {
      id: 'content-filled-in',
      title: 'The server accepts a message whose `content` is missing, null or a number.',
      level: 'SHOULD',
      caughtBy: ['req.messages.content-required'],
      alters: rewriteBodyMessages((message) =>
        isString(message.content) || Array.isArray(message.content)
          ? message
          : { ...message, content: String(message.content ?? 'Hello') },
      ),
    },
    {
      id: 'max-tokens-optional',
      title: 'The server accepts requests without `max_tokens`.',
      level: 'SHOULD',
      caughtBy: ['req.max-tokens.required'],
      alters: rewriteBody((body) => ({ max_tokens: 4096, ...body })),
    },
    {
      id: 'max-tokens-coerced',
      title: 'The server replaces a `max_tokens` of the wrong type by a number.',
      level: 'SHOULD',
      caughtBy: ['req.max-tokens.type'],
      alters: rewriteBody((body) =>
        Object.hasOwn(body, 'max_tokens') && !(Number.isInteger(body.max_tokens) && Number(body.max_tokens) >= 0)
          ? { ...body, max_tokens: 16 }
          : body,
      ),
    },
    {
      id: 'max-tokens-clamped',
      title: 'The server silently lowers a `max_tokens` above the limit of the model.',
      level: 'SHOULD',
      caughtBy: ['req.max-tokens.over-limit'],
      alters: rewriteBody((body) =>
        typeof body.max_tokens === 'number' ? { ...body, max_tokens: Math.min(body.max_tokens, 64_000) } : body,
      ),
    },
    {
      id: 'max-tokens-ignored',
      title: 'The server accepts `max_tokens` and ignores it.',
      level: 'MUST',
      caughtBy: ['req.max-tokens.enforced', 'req.max-tokens.zero'],
      alsoFails: because('A request that only fills the cache has max_tokens 0.', 'cache.prewarm'),
      alters: rewritePrompt((request) => ({ ...request, max_tokens: 64_000 })),
    },
  ],
};
