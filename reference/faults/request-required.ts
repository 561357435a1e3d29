import { rewriteBody, rewriteBodyMessages, rewritePrompt } from '../alterations/requests.js';
import { errorAnswer } from '../alterations/responses.js';
import type { Json } from '../wire.js';
import type { FaultFamily } from './fault.js';
import { because } from './reasons.js';

/** Fills in a field that is missing or of the wrong type. */
const filledIn = (name: string, fits: (value: Json | undefined) => boolean, value: Json) =>
  rewriteBody((body) => (fits(body[name]) ? body : { ...body, [name]: value }));

const isString = (value: unknown): value is string => typeof value === 'string';

export const requestRequiredFaults: FaultFamily = {
  name: 'request-required',
  title: 'required request fields: whether they are validated, and whether they have an effect',
  faults: [
    {
      id: 'unknown-roles-crash',
      title: 'A role that does not exist makes the server fail.',
      level: 'MUST',
      caughtBy: ['req.messages.role-unknown', 'err.client-fault-not-5xx'],
      alters: {
        async response(response) {
          if (response.status !== 400) return response;
          return (await response.clone().text()).includes('Unexpected role')
            ? errorAnswer(500, 'api_error', 'Internal server error')
            : response;
        },
      },
    },
    {
      id: 'model-filled-in',
      title: 'A request without a usable model is answered by a default one.',
      level: 'MUST',
      caughtBy: ['req.model.required'],
      alters: filledIn('model', (value) => isString(value) && value !== '', 'reference-1'),
    },
    {
      id: 'model-replaced',
      title: 'A model that nobody has is replaced by another one in silence.',
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
      title: 'A request without messages is answered as if it said hello.',
      level: 'MUST',
      caughtBy: ['req.messages.required'],
      alters: rewriteBody((body) =>
        Object.hasOwn(body, 'messages') ? body : { ...body, messages: [{ role: 'user', content: 'Hello' }] },
      ),
    },
    {
      id: 'messages-any-shape',
      title: 'Messages may be empty, a string, an object or null.',
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
      title: 'A message without role counts as one of the user.',
      level: 'SHOULD',
      caughtBy: ['req.messages.role-required'],
      alters: rewriteBodyMessages((message) => ({ role: 'user', ...message })),
    },
    {
      id: 'roles-of-chat-completions',
      title: 'The roles tool, developer and function are taken, as in chat completions.',
      level: 'MUST',
      caughtBy: ['req.messages.role-unknown'],
      alters: rewriteBodyMessages((message) =>
        ['tool', 'developer', 'function'].includes(String(message.role)) ? { ...message, role: 'user' } : message,
      ),
    },
    {
      id: 'content-filled-in',
      title: 'A message without content, or with null or a number, is taken.',
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
      title: 'max_tokens may be left out.',
      level: 'MUST',
      caughtBy: ['req.max-tokens.required'],
      alters: rewriteBody((body) => ({ max_tokens: 4096, ...body })),
    },
    {
      id: 'max-tokens-coerced',
      title: 'A max_tokens of the wrong type is made to fit.',
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
      title: 'A max_tokens beyond the limit of the model is cut down in silence.',
      level: 'SHOULD',
      caughtBy: ['req.max-tokens.over-limit'],
      alters: rewriteBody((body) =>
        typeof body.max_tokens === 'number' ? { ...body, max_tokens: Math.min(body.max_tokens, 64_000) } : body,
      ),
    },
    {
      id: 'max-tokens-ignored',
      title: 'max_tokens is taken and cuts nothing.',
      level: 'MUST',
      caughtBy: ['req.max-tokens.enforced', 'req.max-tokens.zero'],
      alsoFails: because('A reply that only fills the cache is one of max_tokens 0.', 'cache.prewarm'),
      alters: rewritePrompt((request) => ({ ...request, max_tokens: 64_000 })),
    },
  ],
};
