import { isObject } from '../../core/json.js';
import { rewriteJsonBlocks } from '../alterations/messages.js';
import { rewriteEvents, rewriteEventsOf, rewriteStreamedInputs } from '../alterations/stream.js';
import { without, withoutFalsy } from '../alterations/without.js';
import type { Json, JsonObject, ResponseBlock, StreamEvent } from '../wire.js';
import type { FaultFamily } from './fault.js';
import { because, FORCED_CALLS_TOO, TRUNCATED_TOO, TRUNCATION_HIDDEN, WRONG_INPUT } from './reasons.js';

/** The block that a stream starts at an index. */
const blockAt = (events: readonly StreamEvent[], index: number): ResponseBlock | undefined =>
  events.flatMap((event) =>
    event.type === 'content_block_start' && event.index === index ? [event.content_block] : [],
  )[0];

/** The joined fragments of one block. */
function inputOf(events: readonly StreamEvent[], index: number): string {
  return events
    .flatMap((event) =>
      event.type === 'content_block_delta' && event.index === index && event.delta.type === 'input_json_delta'
        ? [event.delta.partial_json]
        : [],
    )
    .join('');
}

function parsed(json: string | undefined): unknown {
  try {
    return JSON.parse(json || '{}');
  } catch {
    return {};
  }
}

export const streamToolsFaults: FaultFamily = {
  name: 'stream-tools',
  title: 'tool calls in a stream',
  faults: [
    {
      id: 'tool-start-without-input',
      title: 'A tool call block starts without `input`.',
      level: 'MUST',
      mutant: 'TU-w',
      caughtBy: ['stream.tool.start'],
      alsoFails: {
        ...because(TRUNCATED_TOO, 'stop.max-tokens.valid-content'),
        ...because(WRONG_INPUT, 'stream.tool.no-args'),
      },
      alters: rewriteEventsOf('content_block_start', (event) =>
        event.content_block.type === 'tool_use'
          ? { ...event, content_block: without(event.content_block, 'input') }
          : event,
      ),
    },
    {
      id: 'server-call-start-without-input',
      title: 'A call of a server tool starts with `input` null, and its deltas carry the input.',
      level: 'MUST',
      caughtBy: ['stream.tool.start'],
      alters: rewriteEventsOf('content_block_start', (event) =>
        event.content_block.type === 'server_tool_use'
          ? { ...event, content_block: { ...event.content_block, input: null } }
          : event,
      ),
    },
    {
      id: 'tool-start-without-name',
      title: 'A tool call block starts without `name`.',
      level: 'MUST',
      caughtBy: ['stream.tool.start'],
      alsoFails: {
        ...because(FORCED_CALLS_TOO, 'tc.tool'),
        ...because(TRUNCATED_TOO, 'stop.max-tokens.valid-content'),
      },
      alters: rewriteEventsOf('content_block_start', (event) =>
        event.content_block.type === 'tool_use'
          ? { ...event, content_block: without(event.content_block, 'name') }
          : event,
      ),
    },
    {
      id: 'tool-input-at-start',
      title: '`content_block_start` has the whole input of a call, and no fragment follows.',
      level: 'MUST',
      mutant: 'TU-c',
      caughtBy: ['stream.tool.start'],
      alsoFails: because('Without fragments a long input is not fragmented.', 'stream.tool.fragmented'),
      alters: rewriteEvents((events) => {
        const inputs = new Map<number, string>();
        for (const event of events) {
          if (event.type === 'content_block_delta' && event.delta.type === 'input_json_delta')
            inputs.set(event.index, (inputs.get(event.index) ?? '') + event.delta.partial_json);
        }
        return events.flatMap((event): object[] => {
          if (event.type === 'content_block_delta' && event.delta.type === 'input_json_delta') return [];
          if (event.type !== 'content_block_start' || event.content_block.type !== 'tool_use') return [event];
          return [{ ...event, content_block: { ...event.content_block, input: parsed(inputs.get(event.index)) } }];
        });
      }),
    },
    {
      id: 'tool-input-at-start-and-after',
      title: '`content_block_start` has the whole input of a call, and the fragments repeat it.',
      level: 'MUST',
      caughtBy: ['stream.tool.start', 'sdk.go.accumulate'],
      alters: rewriteEvents((events) =>
        events.map((event) =>
          event.type === 'content_block_start' && event.content_block.type === 'tool_use'
            ? { ...event, content_block: { ...event.content_block, input: { city: 'Paris' } } }
            : event,
        ),
      ),
    },
    {
      id: 'tool-fragment-as-object',
      title: '`partial_json` is an object instead of a string.',
      level: 'MUST',
      caughtBy: ['stream.tool.delta-type', 'stream.sdk.ts'],
      alsoFails: because(WRONG_INPUT, 'stream.tool.no-args'),
      alters: rewriteEvents((events) => {
        const inputs = new Map<number, string>();
        return events.flatMap((event): object[] => {
          if (event.type === 'content_block_delta' && event.delta.type === 'input_json_delta') {
            inputs.set(event.index, (inputs.get(event.index) ?? '') + event.delta.partial_json);
            return [];
          }
          const input = event.type === 'content_block_stop' ? inputs.get(event.index) : undefined;
          if (event.type !== 'content_block_stop' || input === undefined) return [event];
          const delta = { type: 'input_json_delta', partial_json: parsed(input) };
          return [{ type: 'content_block_delta', index: event.index, delta }, event];
        });
      }),
    },
    {
      id: 'tool-last-fragment-lost',
      title: 'The server loses the last fragment of the input of a call.',
      level: 'MUST',
      mutant: 'TU-e',
      caughtBy: ['stream.tool.concat-json', 'sdk.go.accumulate'],
      alters: rewriteEvents((events) =>
        events.filter((event, index) => {
          const next = events[index + 1];
          return !(
            event.type === 'content_block_delta' &&
            event.delta.type === 'input_json_delta' &&
            event.delta.partial_json !== '' &&
            next?.type === 'content_block_stop'
          );
        }),
      ),
    },
    {
      id: 'tool-input-twice',
      title: 'The fragments of a call are followed by the whole input in one more fragment.',
      level: 'MUST',
      caughtBy: ['stream.tool.concat-json', 'stream.sdk.ts', 'sdk.go.accumulate'],
      alters: rewriteEventsOf('content_block_stop', (event, { events }) => {
        const json = inputOf(events, event.index);
        const delta = { type: 'input_json_delta', partial_json: json };
        return json ? [{ type: 'content_block_delta', index: event.index, delta }, event] : event;
      }),
    },
    {
      id: 'tool-without-arguments-null',
      title: 'A call without arguments streams null as its input.',
      level: 'MUST',
      caughtBy: ['stream.tool.no-args'],
      alsoFails: {
        ...because(WRONG_INPUT, 'stream.tool.concat-json'),
        'stop.max-tokens.valid-content': 'A truncated call has the same input.',
      },
      alters: rewriteEventsOf('content_block_stop', (event, { events }) => {
        const delta = { type: 'input_json_delta', partial_json: 'null' };
        return blockAt(events, event.index)?.type === 'tool_use' && inputOf(events, event.index) === ''
          ? [{ type: 'content_block_delta', index: event.index, delta }, event]
          : event;
      }),
    },
    {
      id: 'tool-input-at-once',
      title: 'A long input of a call comes in one fragment.',
      level: 'SHOULD',
      caughtBy: ['stream.tool.fragmented'],
      alters: rewriteEvents((events) => {
        const sent = new Set<number>();
        return events.flatMap((event): object[] => {
          if (event.type !== 'content_block_delta' || event.delta.type !== 'input_json_delta') return [event];
          if (sent.has(event.index)) return [];
          sent.add(event.index);
          return [{ ...event, delta: { type: 'input_json_delta', partial_json: inputOf(events, event.index) } }];
        });
      }),
    },
    {
      id: 'second-call-in-first-block',
      title: 'The fragments of the second call go into the block of the first; the second call has no block.',
      level: 'MUST',
      mutant: 'TU-o',
      caughtBy: ['stream.tool.concat-json', 'sdk.go.accumulate'],
      alsoFails: {
        ...because(WRONG_INPUT, 'stream.tool.no-args'),
        'stream.sdk.ts': 'The client finds blocks by their index.',
      },
      alters: rewriteEvents((events) => {
        const calls = events.flatMap((event) =>
          event.type === 'content_block_start' && event.content_block.type === 'tool_use' ? [event.index] : [],
        );
        const [first, ...further] = calls;
        if (first === undefined || further.length === 0) return events;
        const moved = events.filter((event) => event.type === 'content_block_delta' && further.includes(event.index));
        return events.flatMap((event): object[] => {
          if ('index' in event && further.includes(event.index)) return [];
          return event.type === 'content_block_stop' && event.index === first
            ? [...moved.map((delta) => ({ ...delta, index: first })), event]
            : [event];
        });
      }),
    },
    {
      id: 'tool-ids-shared-in-stream',
      title: 'All calls of one streamed reply have the same id.',
      level: 'MUST',
      caughtBy: ['stream.tool.parallel-blocks', 'tu.id.pattern'],
      alsoFails: because('The server rejects two calls with one id in the history.', 'sdk.replay-history'),
      alters: rewriteEventsOf('content_block_start', (event, { events }) => {
        if (event.content_block.type !== 'tool_use') return event;
        const first = events.find((one) => one.type === 'content_block_start' && one.content_block.type === 'tool_use');
        const id =
          first?.type === 'content_block_start' && first.content_block.type === 'tool_use'
            ? first.content_block.id
            : '';
        return { ...event, content_block: { ...event.content_block, id } };
      }),
    },
    {
      id: 'end-turn-in-stream-with-call',
      title: 'A stream with a tool call ends with `end_turn`; the JSON message is correct.',
      level: 'MUST',
      reports: ['SR-01'],
      caughtBy: ['stream.tool.stop-reason'],
      alters: rewriteEventsOf('message_delta', (event) => ({
        ...event,
        delta: {
          ...event.delta,
          stop_reason: event.delta.stop_reason === 'tool_use' ? 'end_turn' : event.delta.stop_reason,
        },
      })),
    },
    {
      id: 'cut-call-never-ends',
      title: 'The stream of a call that `max_tokens` truncates ends without `message_delta` and `message_stop`.',
      level: 'MUST',
      caughtBy: ['stream.tool.truncated', 'stream.order.message-stop-last'],
      alsoFails: because(TRUNCATION_HIDDEN, 'sdk.go.accumulate'),
      alters: rewriteEvents((events) => {
        const end = events.find((event) => event.type === 'message_delta');
        const cut = end?.type === 'message_delta' && end.delta.stop_reason === 'max_tokens';
        const call = events.some(
          (event) => event.type === 'content_block_start' && event.content_block.type === 'tool_use',
        );
        return cut && call ? events.filter(({ type }) => type !== 'message_delta' && type !== 'message_stop') : events;
      }),
    },
    {
      id: 'streamed-second-input-lost',
      title: 'The second tool call of a stream has no input; without streaming it has.',
      level: 'MUST',
      caughtBy: ['stream.tool.input-equal'],
      alters: rewriteStreamedInputs((input, index) => (index > 0 ? {} : input)),
    },
    {
      id: 'streamed-input-as-strings',
      title: 'Numbers and booleans in the input of a streamed tool call are strings.',
      level: 'MUST',
      caughtBy: ['stream.tool.input-equal'],
      alters: rewriteStreamedInputs((input) => asStrings(input) as JsonObject),
    },
    {
      id: 'streamed-lists-emptied',
      title: 'Lists in the input of a streamed tool call are empty.',
      level: 'MUST',
      caughtBy: ['stream.tool.input-equal'],
      alters: rewriteStreamedInputs((input) =>
        Object.fromEntries(Object.entries(input).map(([key, value]) => [key, Array.isArray(value) ? [] : value])),
      ),
    },
    {
      id: 'input-as-strings-without-streaming',
      title: 'Numbers and booleans in the input of a tool call are strings, in replies without streaming.',
      level: 'MUST',
      caughtBy: ['stream.tool.input-equal', 'so.strict-tool'],
      alters: rewriteJsonBlocks((block) =>
        block.type === 'tool_use' ? { ...block, input: asStrings(block.input) } : block,
      ),
    },
    {
      id: 'streamed-input-key-lost',
      title: 'The last key of the input of a streamed tool call is missing.',
      level: 'MUST',
      caughtBy: ['stream.tool.input-equal'],
      alters: rewriteStreamedInputs((input) => {
        const entries = Object.entries(input);
        return entries.length < 2 ? input : Object.fromEntries(entries.slice(0, -1));
      }),
    },
    {
      id: 'streamed-falsy-arguments-dropped',
      title: 'Arguments of a streamed tool call with the values 0, false, null and the empty string are missing.',
      level: 'MUST',
      caughtBy: ['stream.tool.input-equal'],
      alters: rewriteStreamedInputs(withoutFalsy),
    },
    {
      id: 'streamed-input-truncated',
      title: 'Texts in the input of a streamed tool call end after 24 characters.',
      level: 'MUST',
      caughtBy: ['stream.tool.input-equal'],
      alters: rewriteStreamedInputs((input) => firstCharacters(input, 24) as JsonObject),
    },
  ],
};

/** The same value with strings in place of numbers and booleans. */
function asStrings(value: Json): Json {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.map(asStrings);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, asStrings(one as Json)]));
}

/** The same value with texts of at most so many characters. */
function firstCharacters(value: Json, most: number): Json {
  if (typeof value === 'string') return value.slice(0, most);
  if (Array.isArray(value)) return value.map((one) => firstCharacters(one, most));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, firstCharacters(one as Json, most)]));
}
