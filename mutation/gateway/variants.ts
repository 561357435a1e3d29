/** Unusual and legal ways in which a gateway may work. None of them may fail. */

import { createHash } from 'node:crypto';
import { get, isObject, type Json, type JsonObject } from '../../core/json.js';
import { each, events } from '../../reference/gateway/faults/alter.js';
import { CHAT, OPENAI, withMessages } from '../../reference/gateway/faults/fault.js';
import type { AnswerDelta, ErrorAnswer, GatewayAlterations } from '../../reference/gateway/stages.js';
import { RESPONSES_VARIANTS } from './responses-variants.js';
import { TRANSPARENT_VARIANTS } from './transparent-variants.js';
import type { GatewayVariant } from './variant.js';

const texts = (content: Json | undefined): string[] | null =>
  Array.isArray(content) && content.every((part) => get(part, 'type') === 'text')
    ? content.map((part) => String(get(part, 'text')))
    : null;

const withContent = (change: (content: Json, message: JsonObject) => Json) =>
  withMessages((messages) =>
    messages.map((message) => ({ ...message, content: change(message.content ?? null, message) })),
  );

const withRole = (from: string, to: string) =>
  withMessages((messages) => messages.map((message) => (message.role === from ? { ...message, role: to } : message)));

const renamed =
  (from: string, to: string) =>
  ({ [from]: value, ...rest }: JsonObject): JsonObject =>
    value === undefined ? rest : { ...rest, [to]: value };

const told =
  (from: number, status: number, type: string): GatewayAlterations['error'] =>
  (answer: ErrorAnswer, failure) => {
    if (failure.kind !== 'http' || failure.status !== from) return answer;
    const body = answer.body as { error: JsonObject };
    return { ...answer, status, body: { ...body, error: { ...body.error, type } } };
  };

/** Ids of the upstream in both directions of a history: calls and their results alike. */
const withIds = (change: (id: string) => string) =>
  withMessages((messages) =>
    messages.map((message) => ({
      ...message,
      ...(typeof message.tool_call_id === 'string' && { tool_call_id: change(message.tool_call_id) }),
      ...(Array.isArray(message.tool_calls) && {
        tool_calls: message.tool_calls.map((call) => ({
          ...(call as JsonObject),
          id: change(String(get(call, 'id'))),
        })),
      }),
    })),
  );

const withFunctions = (change: (definition: JsonObject) => JsonObject) => (body: JsonObject) =>
  Array.isArray(body.tools)
    ? {
        ...body,
        tools: body.tools.map((tool) => ({
          ...(tool as JsonObject),
          function: change(get(tool, 'function') as JsonObject),
        })),
      }
    : body;

const reversed = (value: Json): Json =>
  Array.isArray(value)
    ? value.map(reversed)
    : isObject(value)
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([key, one]) => [key, reversed(one as Json)]),
        )
      : value;

const FLUSH_MS = 50;

/** Texts that come at the same time leave as one. */
async function* joined(deltas: AsyncIterable<AnswerDelta>): AsyncGenerator<AnswerDelta> {
  const source = deltas[Symbol.asyncIterator]();
  let held = '';
  let count = 0;
  let next = source.next();
  for (;;) {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), FLUSH_MS);
    });
    const got = await Promise.race([next, late]);
    clearTimeout(timer);
    const isText = got !== null && !got.done && got.value.kind === 'text';
    if (isText) {
      held += (got.value as { text: string }).text;
      count += 1;
    }
    if (held !== '' && (!isText || count === 20)) {
      yield { kind: 'text', text: held };
      held = '';
      count = 0;
    }
    if (got === null) {
      await Promise.race([next]);
      continue;
    }
    if (got.done) return;
    if (!isText) yield got.value;
    next = source.next();
  }
}

const TRANSLATED: readonly GatewayVariant[] = [
  {
    id: 'gv-developer-role',
    title: 'The system prompt has the role developer.',
    speaks: CHAT,
    alterations: { outgoing: withRole('system', 'developer') },
  },
  {
    id: 'gv-max-completion-tokens',
    title: 'The limit is sent as max_completion_tokens.',
    speaks: CHAT,
    alterations: { outgoing: renamed('max_tokens', 'max_completion_tokens') },
  },
  {
    id: 'gv-texts-joined',
    title: 'Text parts of a message are joined with a line feed.',
    speaks: CHAT,
    alterations: { outgoing: withContent((content) => texts(content)?.join('\n') ?? content) },
  },
  {
    id: 'gv-texts-joined-twice',
    title: 'Text parts of a message are joined with an empty line.',
    speaks: CHAT,
    alterations: { outgoing: withContent((content) => texts(content)?.join('\n\n') ?? content) },
  },
  {
    id: 'gv-texts-as-parts',
    title: 'A text is sent as a list with one part.',
    speaks: CHAT,
    alterations: {
      outgoing: withContent((content) =>
        typeof content === 'string' && content !== '' ? [{ type: 'text', text: content }] : content,
      ),
    },
  },
  {
    id: 'gv-system-messages-apart',
    title: 'Every block of the system prompt is a message of its own.',
    speaks: CHAT,
    alterations: {
      outgoing: withMessages((messages) =>
        messages.flatMap((message, index) =>
          index === 0 && message.role === 'system' && Array.isArray(message.content)
            ? message.content.map((part) => ({ role: 'system', content: get(part, 'text') ?? '' }) as JsonObject)
            : [message],
        ),
      ),
    },
  },
  {
    id: 'gv-consecutive-joined',
    title: 'Consecutive texts of the user are one message.',
    speaks: CHAT,
    alterations: {
      outgoing: withMessages((messages) =>
        messages.reduce<JsonObject[]>((all, message) => {
          const last = all.at(-1);
          if (
            last?.role === 'user' &&
            message.role === 'user' &&
            typeof last.content === 'string' &&
            typeof message.content === 'string'
          )
            all[all.length - 1] = { ...last, content: `${last.content}\n\n${message.content}` };
          else all.push(message);
          return all;
        }, []),
      ),
    },
  },
  {
    id: 'gv-auto-not-said',
    title: 'The tool choice auto is left out.',
    speaks: OPENAI,
    alterations: {
      outgoing: ({ tool_choice, ...rest }) =>
        tool_choice === undefined || tool_choice === 'auto' ? rest : { ...rest, tool_choice },
    },
  },
  {
    id: 'gv-none-without-tools',
    title: 'With the tool choice none no tools are sent.',
    speaks: OPENAI,
    alterations: {
      outgoing: ({ tools, tool_choice, parallel_tool_calls, ...rest }) =>
        tool_choice === 'none'
          ? rest
          : {
              ...rest,
              ...(tools !== undefined && { tools }),
              ...(tool_choice !== undefined && { tool_choice }),
              ...(parallel_tool_calls !== undefined && { parallel_tool_calls }),
            },
    },
  },
  {
    id: 'gv-strict-said',
    title: 'Every function says strict: false.',
    speaks: CHAT,
    alterations: { outgoing: withFunctions((one) => ({ ...one, strict: false })) },
  },
  {
    id: 'gv-empty-description',
    title: 'A tool without a description has an empty one.',
    speaks: CHAT,
    alterations: { outgoing: withFunctions((one) => ({ description: '', ...one })) },
  },
  {
    id: 'gv-schema-keys-reversed',
    title: 'Keys of schemas come in another order.',
    speaks: CHAT,
    alterations: { outgoing: withFunctions((one) => ({ ...one, parameters: reversed(one.parameters!) })) },
  },
  {
    id: 'gv-ids-rewritten',
    title: 'Ids of calls are rewritten, those of their results alike.',
    speaks: CHAT,
    alterations: { outgoing: withIds((id) => `call_${createHash('sha256').update(id).digest('hex').slice(0, 24)}`) },
  },
  {
    id: 'gv-arguments-layout',
    title: 'Arguments of the history are written in another layout.',
    speaks: CHAT,
    alterations: {
      outgoing: withMessages((messages) =>
        messages.map((message) =>
          Array.isArray(message.tool_calls)
            ? {
                ...message,
                tool_calls: message.tool_calls.map((call) => {
                  const text = String(get(call, 'function', 'arguments'));
                  return {
                    ...(call as JsonObject),
                    function: {
                      ...(get(call, 'function') as JsonObject),
                      arguments: JSON.stringify(JSON.parse(text), null, 1),
                    },
                  };
                }),
              }
            : message,
        ),
      ),
    },
  },
  {
    id: 'gv-empty-content',
    title: 'A message with calls has an empty content in place of null.',
    speaks: CHAT,
    alterations: { outgoing: withContent((content) => content ?? '') },
  },
  {
    id: 'gv-no-content',
    title: 'A message with calls has no content.',
    speaks: CHAT,
    alterations: {
      outgoing: withMessages((messages) =>
        messages.map(({ content, ...rest }) => (content === null ? rest : { ...rest, content: content ?? null })),
      ),
    },
  },
  {
    id: 'gv-user-hashed',
    title: 'The id of the user is hashed.',
    speaks: CHAT,
    alterations: {
      outgoing: (body) =>
        typeof body.user === 'string' ? { ...body, user: createHash('sha256').update(body.user).digest('hex') } : body,
    },
  },
  {
    id: 'gv-user-as-safety-identifier',
    title: 'The id of the user is sent as safety_identifier.',
    speaks: CHAT,
    alterations: { outgoing: renamed('user', 'safety_identifier') },
  },
  {
    id: 'gv-stop-as-string',
    title: 'A single stop sequence is sent as a string.',
    speaks: CHAT,
    alterations: {
      outgoing: (body) =>
        Array.isArray(body.stop) && body.stop.length === 1 ? { ...body, stop: body.stop[0]! } : body,
    },
  },
  {
    id: 'gv-more-fields',
    title: 'Requests say n: 1 and store: false.',
    speaks: CHAT,
    alterations: { outgoing: (body) => ({ ...body, n: 1, store: false }) },
  },
  {
    id: 'gv-deltas-joined',
    title: 'Up to 20 deltas that come at once leave as one.',
    speaks: OPENAI,
    alterations: { deltas: (deltas) => joined(deltas) },
  },
  {
    id: 'gv-deltas-split',
    title: 'A delta leaves as one for each character.',
    speaks: OPENAI,
    alterations: each('text', (delta) =>
      delta.text.length > 60 ? delta : [...delta.text].map((text) => ({ kind: 'text', text }) as const),
    ),
  },
  {
    id: 'gv-ping-first',
    title: 'A ping follows message_start.',
    alterations: events((event) => (event.type === 'message_start' ? [event, { type: 'ping' }] : [event])),
  },
  {
    id: 'gv-upstream-model',
    title: 'The reply names the model of the upstream.',
    speaks: OPENAI,
    alterations: { message: (message) => ({ ...message, model: 'upstream-model' }) },
  },
  {
    id: 'gv-empty-text-block',
    title: 'An empty answer has an empty text block.',
    alterations: {
      message: (message) =>
        Array.isArray(message.content) && message.content.length === 0
          ? { ...message, content: [{ type: 'text', text: '' }] }
          : message,
    },
  },
  {
    id: 'gv-more-headers',
    title: 'Responses have headers of the gateway.',
    alterations: { responseHeaders: (headers) => ({ ...headers, server: 'gateway', 'x-gateway-latency': '12' }) },
  },
  {
    id: 'gv-401-as-500',
    title: 'HTTP 401 of the upstream becomes a 500.',
    alterations: { error: told(401, 500, 'api_error') },
  },
  {
    id: 'gv-404-as-400',
    title: 'HTTP 404 of the upstream becomes a 400.',
    speaks: OPENAI,
    alterations: { error: told(404, 400, 'invalid_request_error') },
  },
  {
    id: 'gv-503-as-503',
    title: 'HTTP 503 of the upstream stays a 503.',
    speaks: OPENAI,
    alterations: { error: told(503, 503, 'api_error') },
  },
  {
    id: 'gv-500-as-502',
    title: 'HTTP 500 of the upstream becomes a 502.',
    speaks: OPENAI,
    alterations: { error: told(500, 502, 'api_error') },
  },
  {
    id: 'gv-422-as-422',
    title: 'HTTP 422 of the upstream stays a 422.',
    speaks: OPENAI,
    alterations: { error: told(422, 422, 'invalid_request_error') },
  },
  {
    id: 'gv-one-retry',
    title: 'A request that failed before its first byte is sent once more.',
    alterations: { behaviour: { retries: 1 } },
  },
];

export const GATEWAY_VARIANTS: readonly GatewayVariant[] = [
  ...TRANSLATED,
  ...RESPONSES_VARIANTS,
  ...TRANSPARENT_VARIANTS,
];
