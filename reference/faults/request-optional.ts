import { isObject } from '../../core/json.js';
import {
  acceptDespite,
  crashInstead,
  crashWhen,
  rejectWhen,
  rewriteBody,
  rewritePrompt,
} from '../alterations/requests.js';
import { without } from '../alterations/without.js';
import type { Json, JsonObject } from '../wire.js';
import type { FaultFamily } from './fault.js';
import { AGENTS_SEND_THIS, because, MARKED_SYSTEM, NEEDS_STOP_SEQUENCE, UNREAD_UNCACHED } from './reasons.js';

const isString = (value: unknown): value is string => typeof value === 'string';

/** Drops a field whose value does not fit. */
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
      title: 'The server drops a `system` that is not text.',
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
      title: 'The server accepts a negative `temperature` and one up to 2, as in chat completions.',
      level: 'SHOULD',
      caughtBy: ['req.temperature.range'],
      alters: dropped('temperature', (value) => !(typeof value === 'number' && (value > 1 || value < 0))),
    },
    {
      id: 'temperature-any-type',
      title: 'The server accepts a `temperature` that is a string or null.',
      level: 'SHOULD',
      caughtBy: ['req.temperature.type'],
      alters: dropped('temperature', (value) => typeof value === 'number'),
    },
    {
      id: 'top-p-unchecked',
      title: 'The server accepts any number as `top_p`.',
      level: 'SHOULD',
      caughtBy: ['req.top-p.range'],
      alters: dropped('top_p', (value) => typeof value === 'number' && value <= 1),
    },
    {
      id: 'top-k-unchecked',
      title: 'The server accepts a `top_k` of any type.',
      level: 'SHOULD',
      caughtBy: ['req.top-k.type'],
      alters: dropped('top_k', (value) => Number.isInteger(value)),
    },
    {
      id: 'stop-sequences-any-type',
      title: 'The server drops `stop_sequences` that is not a list of strings.',
      level: 'SHOULD',
      caughtBy: ['req.stop-sequences.type'],
      alters: dropped('stop_sequences', (value) => value === null || (Array.isArray(value) && value.every(isString))),
    },
    {
      id: 'blank-stop-sequences-taken',
      title: 'The server accepts a stop sequence of white space only.',
      level: 'SHOULD',
      caughtBy: ['req.stop-sequences.whitespace'],
      alters: acceptDespite(/^stop_sequences\.\d+: /),
    },
    {
      id: 'stream-any-type',
      title: 'The server accepts a `stream` of any type.',
      level: 'SHOULD',
      caughtBy: ['req.stream.type'],
      alters: dropped('stream', (value) => typeof value === 'boolean'),
    },
    {
      id: 'unknown-fields-ignored',
      title: 'The server ignores unknown top-level fields.',
      level: 'SHOULD',
      caughtBy: ['req.unknown-field'],
      alsoFails: because('temperature does not exist under this version.', 'ver.2026-10-21.sampling'),
      alters: acceptDespite(/^[\w-]+: Extra inputs are not permitted/),
    },
    {
      id: 'unknown-nested-fields-crash',
      title: 'An unknown field inside a message causes a 500.',
      level: 'MAY',
      caughtBy: ['req.unknown-field.nested', 'err.client-fault-not-5xx'],
      alters: crashInstead(({ message }) => {
        const [path, rest] = message.split(': Extra inputs are not permitted');
        return rest !== undefined && /^\S+$/.test(path!) && path!.includes('.');
      }),
    },
    {
      id: 'null-not-absence',
      title: 'The server rejects null in fields that may be null.',
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
      title: 'The `system` prompt does not reach the model.',
      level: 'MUST',
      caughtBy: ['req.system.string'],
      alsoFails: {
        'req.combined.effect': 'The combined request carries a system prompt too.',

        ...because(UNREAD_UNCACHED, 'cache.write-then-read', 'cache.prewarm'),
        'arrives.system.blocks': 'No system prompt reaches the model.',
        'usage.input.whole': 'The tokens of the system prompt are missing.',
      },
      alters: rewritePrompt((request) => without(request, 'system')),
    },
    {
      id: 'system-as-assistant',
      title: 'The system prompt reaches the model as an assistant message.',
      level: 'MUST',
      caughtBy: ['req.system.string'],
      alters: rewritePrompt(({ system, ...request }) =>
        system === undefined
          ? request
          : { ...request, messages: [{ role: 'assistant', content: system }, ...request.messages] },
      ),
    },
    {
      id: 'system-array-ignored',
      title: 'The server reads a string `system` and ignores an array.',
      level: 'MUST',
      mutant: 'RQ-k',
      reports: ['RQ-35', 'RQ-36'],
      caughtBy: ['req.system.array'],
      alsoFails: {
        'req.combined.effect': 'The combined request carries its system prompt as an array.',

        ...because(UNREAD_UNCACHED, 'cache.write-then-read'),
        'arrives.system.blocks': 'No block of the array reaches the model.',
        'usage.input.whole': 'The tokens of the system prompt are missing.',
      },
      alters: rewritePrompt((request) => (Array.isArray(request.system) ? without(request, 'system') : request)),
    },
    {
      id: 'system-array-refused',
      title: 'The server rejects a `system` that is an array.',
      level: 'MUST',
      mutant: 'RQ-k',
      reports: ['RQ-35', 'RQ-36'],
      caughtBy: ['req.system.array', 'cache.accepted.everywhere'],
      alsoFails: {
        ...because(MARKED_SYSTEM, 'cache.ttl', 'cache.write-then-read', 'req.combined.accepted'),
        ...because(AGENTS_SEND_THIS, 'agent.request.shape'),
      },
      alters: rejectWhen((request) =>
        Array.isArray(request.system) ? 'system: Input should be a valid string' : null,
      ),
    },
    {
      id: 'system-array-first-block',
      title: 'Only the first block of a `system` array reaches the model.',
      level: 'MUST',
      caughtBy: ['req.system.array', 'arrives.system.blocks'],
      alters: rewritePrompt((request) =>
        Array.isArray(request.system) ? { ...request, system: request.system.slice(0, 1) } : request,
      ),
    },
    {
      id: 'temperature-zero-refused',
      title: 'The server rejects `temperature` 0.',
      level: 'MUST',
      caughtBy: ['req.temperature.bounds'],
      alters: rejectWhen((request) =>
        request.temperature === 0 ? 'temperature: Input should be greater than 0' : null,
      ),
    },
    {
      id: 'top-p-refused',
      title: 'The server rejects every `top_p`.',
      level: 'SHOULD',
      caughtBy: ['req.top-p.range'],
      alters: rejectWhen((request) => (request.top_p === undefined ? null : 'top_p: not supported')),
    },
    {
      id: 'top-k-refused',
      title: 'The server rejects every `top_k`.',
      level: 'SHOULD',
      caughtBy: ['req.top-k.type'],
      alters: rejectWhen((request) => (request.top_k === undefined ? null : 'top_k: not supported')),
    },
    {
      id: 'user-id-narrow',
      title: 'The server rejects a `metadata.user_id` that is long or has unusual characters.',
      level: 'MUST',
      mutant: 'RQ-y',
      reports: ['RQ-67', 'RQ-68', 'RQ-69'],
      caughtBy: ['req.metadata.user-id'],
      alsoFails: because(AGENTS_SEND_THIS, 'agent.request.shape'),
      alters: rejectWhen((request) =>
        /^[\w-]{0,128}$/.test(request.metadata?.user_id ?? '')
          ? null
          : 'metadata.user_id: String should match [A-Za-z0-9_-]{0,128}',
      ),
    },
    {
      id: 'provider-fields-crash',
      title: 'A field for service tiers or regions causes a 500.',
      level: 'SHOULD',
      caughtBy: ['req.provider-fields'],
      alsoFails: because('One of these fields is tested with null.', 'req.null.nullable-fields'),
      alters: crashWhen((request) => 'service_tier' in request || 'inference_geo' in request || 'speed' in request),
    },
    {
      id: 'stop-sequences-first-four',
      title: 'Only the first four stop sequences have an effect.',
      level: 'MUST',
      caughtBy: ['req.stop-sequences.five', 'req.stop-sequences.six'],
      alters: rewritePrompt((request) => firstSequences(request, 4)),
    },
    {
      id: 'stop-sequences-first-five',
      title: 'Only the first five stop sequences have an effect; the server silently drops the sixth.',
      level: 'MAY',
      caughtBy: ['req.stop-sequences.six'],
      alters: rewritePrompt((request) => firstSequences(request, 5)),
    },
    {
      id: 'stop-sequences-refused',
      title: 'The server rejects requests with stop sequences.',
      level: 'MUST',
      mutant: 'RQ-ac',
      reports: ['RQ-76', 'RQ-77'],
      caughtBy: ['req.stop-sequences.five', 'stop.sequence.reason', 'req.stop-sequences.six'],
      alsoFails: because(NEEDS_STOP_SEQUENCE, 'stop.sequence.multichar', 'stop.sequence.which'),
      alters: {
        rejectValid: (request) =>
          request.stop_sequences?.length
            ? { errorType: 'invalid_request_error', message: 'stop_sequences: not supported' }
            : null,
      },
    },
    {
      id: 'empty-stop-sequences-stop',
      title: 'An empty list of stop sequences ends the reply at once.',
      level: 'MUST',
      caughtBy: ['req.stop-sequences.empty-array'],
      alters: {
        reply: (reply, call) =>
          call.prompt?.stop_sequences?.length === 0
            ? { ...reply, blocks: [], stopReason: 'stop_sequence', stopSequence: '' }
            : reply,
      },
    },
  ],
};
