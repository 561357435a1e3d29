import { isObject } from '../../core/json.js';
import { acceptDespite, rejectWhen, rewriteBody, rewritePrompt } from '../alterations/requests.js';
import { without } from '../alterations/without.js';
import type { Json, JsonObject } from '../wire.js';
import type { FaultFamily } from './fault.js';
import { AGENT_ASKS_SO, because, EVERY_SEQUENCE, MARKED_SYSTEM, NOT_READ_NOT_CACHED } from './reasons.js';

const isString = (value: unknown): value is string => typeof value === 'string';

/** Drops a field unless it fits. */
const dropped = (name: string, fits: (value: Json) => boolean) =>
  rewriteBody((body) => (Object.hasOwn(body, name) && !fits(body[name]!) ? (without(body, name) as JsonObject) : body));

function firstSequences<Body extends object>(body: Body, count: number): Body {
  const { stop_sequences: sequences } = body as { stop_sequences?: unknown };
  return Array.isArray(sequences) ? { ...body, stop_sequences: sequences.slice(0, count) } : body;
}

export const requestOptionalFaults: FaultFamily = {
  name: 'request-optional',
  title: 'optional request fields: whether they are validated, and whether they have an effect',
  faults: [
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
      id: 'stop-sequences-first-four',
      title: 'Only the first four stop sequences are in force.',
      level: 'MUST',
      caughtBy: ['req.stop-sequences.five', 'req.stop-sequences.six'],
      alters: rewritePrompt((request) => firstSequences(request, 4)),
    },
    {
      id: 'stop-sequences-first-five',
      title: 'Only the first five stop sequences are in force; a sixth is dropped in silence.',
      level: 'MAY',
      caughtBy: ['req.stop-sequences.six'],
      alters: rewritePrompt((request) => firstSequences(request, 5)),
    },
    {
      id: 'stop-sequences-refused',
      title: 'A request with stop sequences is refused.',
      level: 'MUST',
      mutant: 'RQ-ac',
      reports: ['RQ-76', 'RQ-77'],
      caughtBy: ['req.stop-sequences.five', 'stop.sequence.reason', 'req.stop-sequences.six'],
      alsoFails: because(EVERY_SEQUENCE, 'stop.sequence.multichar', 'stop.sequence.which'),
      alters: {
        objection: (request) =>
          request.stop_sequences?.length
            ? { refusal: 'invalid_request_error', message: 'stop_sequences: not supported' }
            : null,
      },
    },
    {
      id: 'empty-stop-sequences-stop',
      title: 'An empty list of stop sequences ends the reply at once.',
      level: 'MUST',
      caughtBy: ['req.stop-sequences.empty-array'],
      alters: {
        prompt(request, call) {
          if (request.stop_sequences?.length === 0) call.state.notes.set(call.requestId, true);
          return request;
        },
        reply: (reply, call) =>
          call.state.notes.has(call.requestId)
            ? { ...reply, blocks: [], stopReason: 'stop_sequence', stopSequence: '' }
            : reply,
      },
    },
  ],
};
