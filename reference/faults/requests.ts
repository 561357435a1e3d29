import { isObject } from '../../core/json.js';
import type { Json, JsonObject } from '../wire.js';
import { acceptDespite, errorAnswer, rejectWhen, respondWith, rewriteBody, rewritePrompt, without } from './alter.js';
import type { Fault, FaultFamily } from './fault.js';
import { AGENT_ASKS_SO, because, MARKED_SYSTEM, NOT_READ_NOT_CACHED } from './reasons.js';

/** Fills in a field that is missing or of the wrong type. */
const filledIn = (name: string, fits: (value: Json | undefined) => boolean, value: Json) =>
  rewriteBody((body) => (fits(body[name]) ? body : { ...body, [name]: value }));

const isString = (value: unknown): value is string => typeof value === 'string';

/** Drops a field unless it fits. */
const dropped = (name: string, fits: (value: Json) => boolean) =>
  rewriteBody((body) => (Object.hasOwn(body, name) && !fits(body[name]!) ? (without(body, name) as JsonObject) : body));

/** Changes every message that is an object. */
const eachMessage = (change: (message: JsonObject) => JsonObject) =>
  rewriteBody((body) =>
    Array.isArray(body.messages)
      ? { ...body, messages: body.messages.map((message) => (isObject(message) ? change(message) : message)) }
      : body,
  );

/** Faults of leniency: what has to be refused is put right in silence. */
const lenient: readonly Fault[] = [
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
    alters: eachMessage((message) => ({ role: 'user', ...message })),
  },
  {
    id: 'roles-of-chat-completions',
    title: 'The roles tool, developer and function are taken, as in chat completions.',
    level: 'MUST',
    caughtBy: ['req.messages.role-unknown'],
    alters: eachMessage((message) =>
      ['tool', 'developer', 'function'].includes(String(message.role)) ? { ...message, role: 'user' } : message,
    ),
  },
  {
    id: 'content-filled-in',
    title: 'A message without content, or with null or a number, is taken.',
    level: 'SHOULD',
    caughtBy: ['req.messages.content-required'],
    alters: eachMessage((message) =>
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
    id: 'system-any-shape',
    title: 'A system prompt that is no text is dropped.',
    level: 'SHOULD',
    caughtBy: ['req.system.non-text'],
    alters: rewriteBody((body) => {
      const { system } = body;
      if (system === undefined || isString(system)) return body;
      if (!Array.isArray(system)) return without(body, 'system') as JsonObject;
      return { ...body, system: system.filter((block) => isObject(block) && block.type === 'text') };
    }),
  },
  {
    id: 'temperature-to-two',
    title: 'A temperature from below 0 to 2 is taken, as in chat completions.',
    level: 'SHOULD',
    caughtBy: ['req.temperature.range'],
    alters: dropped('temperature', (value) => !(typeof value === 'number' && (value > 1 || value < 0))),
  },
  {
    id: 'temperature-any-type',
    title: 'A temperature that is a string or null is taken.',
    level: 'SHOULD',
    caughtBy: ['req.temperature.type'],
    alters: dropped('temperature', (value) => typeof value === 'number'),
  },
  {
    id: 'top-p-unchecked',
    title: 'A top_p of any size is taken.',
    level: 'SHOULD',
    caughtBy: ['req.top-p.range'],
    alters: dropped('top_p', (value) => typeof value === 'number' && value <= 1),
  },
  {
    id: 'top-k-unchecked',
    title: 'A top_k of any type is taken.',
    level: 'SHOULD',
    caughtBy: ['req.top-k.type'],
    alters: dropped('top_k', (value) => Number.isInteger(value)),
  },
  {
    id: 'stop-sequences-any-type',
    title: 'stop_sequences that are no list of strings are dropped.',
    level: 'SHOULD',
    caughtBy: ['req.stop-sequences.type'],
    alters: dropped('stop_sequences', (value) => value === null || (Array.isArray(value) && value.every(isString))),
  },
  {
    id: 'blank-stop-sequences-taken',
    title: 'A stop sequence of white space alone is taken.',
    level: 'SHOULD',
    caughtBy: ['req.stop-sequences.whitespace'],
    alters: acceptDespite(/^stop_sequences\.\d+: /),
  },
  {
    id: 'stream-any-type',
    title: 'A stream field of any type is taken.',
    level: 'SHOULD',
    caughtBy: ['req.stream.type'],
    alters: dropped('stream', (value) => typeof value === 'boolean'),
  },
  {
    id: 'unknown-fields-ignored',
    title: 'A top-level field that does not exist is ignored.',
    level: 'SHOULD',
    caughtBy: ['req.unknown-field'],
    alsoFails: because('Under this version temperature is a field that does not exist.', 'ver.2026-10-21.sampling'),
    alters: acceptDespite(/^[\w-]+: Extra inputs are not permitted/),
  },
  {
    id: 'unknown-nested-fields-crash',
    title: 'A field that does not exist inside a message makes the server fail.',
    level: 'MAY',
    caughtBy: ['req.unknown-field.nested', 'err.client-fault-not-5xx'],
    alters: {
      refusal: (refusal) =>
        /^\S+\.\S+: Extra inputs are not permitted/.test(refusal.message)
          ? { ...refusal, refusal: 'api_error' }
          : refusal,
    },
  },
  {
    id: 'null-not-absence',
    title: 'null is refused where a field may be null.',
    level: 'SHOULD',
    caughtBy: ['req.null.nullable-fields'],
    alters: rejectWhen((request) => {
      const fields = { ...request, ...(request.output_config ?? {}) } as Record<string, unknown>;
      const name = Object.keys(fields).find((key) => fields[key] === null);
      return name ? `${name}: Input should not be null` : null;
    }),
  },
];

export const requestFaults: FaultFamily = {
  name: 'requests',
  title: 'fields of the request: which are needed, which are taken, and what they do',
  faults: [
    ...lenient,
    {
      id: 'max-tokens-ignored',
      title: 'max_tokens is taken and cuts nothing.',
      level: 'MUST',
      caughtBy: ['req.max-tokens.enforced', 'req.max-tokens.zero'],
      alsoFails: because('A reply that only fills the cache is one of max_tokens 0.', 'cache.prewarm'),
      alters: rewritePrompt((request) => ({ ...request, max_tokens: 64_000 })),
    },
    {
      id: 'system-ignored',
      title: 'The system prompt does not reach the model.',
      level: 'MUST',
      caughtBy: ['req.system.string'],
      alsoFails: because(NOT_READ_NOT_CACHED, 'cache.write-then-read', 'cache.prewarm'),
      alters: rewritePrompt((request) => without(request, 'system')),
    },
    {
      id: 'system-array-ignored',
      title: 'The system prompt is read only when it is a string; an array is ignored.',
      level: 'MUST',
      mutant: 'RQ-k',
      reports: ['RQ-35', 'RQ-36'],
      caughtBy: ['req.system.array'],
      alsoFails: because(NOT_READ_NOT_CACHED, 'cache.write-then-read'),
      alters: rewritePrompt((request) => (Array.isArray(request.system) ? without(request, 'system') : request)),
    },
    {
      id: 'system-array-refused',
      title: 'A system prompt that is an array is refused.',
      level: 'MUST',
      mutant: 'RQ-k',
      reports: ['RQ-35', 'RQ-36'],
      caughtBy: ['req.system.array', 'cache.accepted.everywhere'],
      alsoFails: {
        ...because(MARKED_SYSTEM, 'cache.ttl', 'cache.write-then-read'),
        ...because(AGENT_ASKS_SO, 'agent.request.shape'),
      },
      alters: rejectWhen((request) =>
        Array.isArray(request.system) ? 'system: Input should be a valid string' : null,
      ),
    },
    {
      id: 'system-array-first-block',
      title: 'Of a system prompt that is an array only the first block is read.',
      level: 'MUST',
      caughtBy: ['req.system.array'],
      alters: rewritePrompt((request) =>
        Array.isArray(request.system) ? { ...request, system: request.system.slice(0, 1) } : request,
      ),
    },
    {
      id: 'temperature-zero-refused',
      title: 'A temperature of 0 is refused.',
      level: 'MUST',
      caughtBy: ['req.temperature.bounds'],
      alters: rejectWhen((request) =>
        request.temperature === 0 ? 'temperature: Input should be greater than 0' : null,
      ),
    },
    {
      id: 'top-p-refused',
      title: 'Every top_p is refused.',
      level: 'SHOULD',
      caughtBy: ['req.top-p.range'],
      alters: rejectWhen((request) => (request.top_p === undefined ? null : 'top_p: not supported')),
    },
    {
      id: 'top-k-refused',
      title: 'Every top_k is refused.',
      level: 'SHOULD',
      caughtBy: ['req.top-k.type'],
      alters: rejectWhen((request) => (request.top_k === undefined ? null : 'top_k: not supported')),
    },
    {
      id: 'user-id-narrow',
      title: 'A metadata.user_id that is long or holds unusual signs is refused.',
      level: 'MUST',
      mutant: 'RQ-y',
      reports: ['RQ-67', 'RQ-68', 'RQ-69'],
      caughtBy: ['req.metadata.user-id'],
      alsoFails: because(AGENT_ASKS_SO, 'agent.request.shape'),
      alters: rejectWhen((request) =>
        /^[\w-]{0,128}$/.test(request.metadata?.user_id ?? '')
          ? null
          : 'metadata.user_id: String should match [A-Za-z0-9_-]{0,128}',
      ),
    },
    {
      id: 'provider-fields-crash',
      title: 'A field for service tiers or regions makes the server fail.',
      level: 'SHOULD',
      caughtBy: ['req.provider-fields'],
      alsoFails: because('One of them is tried as null.', 'req.null.nullable-fields'),
      alters: rejectWhen((request) =>
        'service_tier' in request || 'inference_geo' in request || 'speed' in request
          ? { refusal: 'api_error', message: 'Internal server error' }
          : null,
      ),
    },
    {
      id: 'lone-surrogates-crash',
      title: 'A body with half of a surrogate pair makes the server fail.',
      level: 'MUST',
      mutant: 'EN-i',
      caughtBy: ['http.body.lone-surrogate', 'err.client-fault-not-5xx'],
      alters: {
        refusal: (refusal) => (refusal.message.includes('surrogate') ? { ...refusal, refusal: 'api_error' } : refusal),
      },
    },
    {
      id: 'lone-surrogates-replaced',
      title: 'Half of a surrogate pair in a body is replaced in silence.',
      level: 'SHOULD',
      mutant: 'EN-i',
      caughtBy: ['http.body.lone-surrogate'],
      alters: {
        async request(request, call) {
          if (call.path !== '/v1/messages' || request.method !== 'POST') return request;
          const text = await request.clone().text();
          const whole = text.replace(/\\ud[89ab][0-9a-f]{2}(?!\\ud[c-f])/gi, '\\ufffd');
          if (whole === text) return request;
          return new Request(request.url, { method: 'POST', headers: request.headers, body: whole });
        },
      },
    },
    {
      id: 'not-json-as-500',
      title: 'A body that is not JSON makes the server fail.',
      level: 'MUST',
      caughtBy: ['http.body.not-json', 'err.client-fault-not-5xx', 'http.body.lone-surrogate'],
      alters: {
        refusal: (refusal) =>
          refusal.message.includes('is not valid JSON') ? { ...refusal, refusal: 'api_error' } : refusal,
      },
    },
    {
      id: 'any-json-taken',
      title: 'A body that is JSON but no object is answered like an empty question.',
      level: 'SHOULD',
      caughtBy: ['http.body.not-object'],
      alters: {
        async request(request, call) {
          if (call.path !== '/v1/messages' || request.method !== 'POST') return request;
          const text = await request.clone().text();
          if (/^\s*\{|oops/.test(text)) return request;
          return new Request(request.url, {
            method: 'POST',
            headers: request.headers,
            body: JSON.stringify({
              model: 'reference-1',
              max_tokens: 1,
              messages: [{ role: 'user', content: 'Hello' }],
            }),
          });
        },
      },
    },
    {
      id: 'clear-thinking-added',
      title: 'The gateway adds context_management to requests that do not have it, and the upstream refuses it.',
      level: 'MUST',
      mutant: 'RQ-w',
      reports: ['RQ-64', 'RQ-65'],
      caughtBy: ['http.post.messages'],
      alters: respondWith(/^\/v1\/messages$/, (request) =>
        request.headers.has('anthropic-beta')
          ? null
          : errorAnswer(400, 'invalid_request_error', 'context_management: Extra inputs are not permitted'),
      ),
    },
  ],
};
