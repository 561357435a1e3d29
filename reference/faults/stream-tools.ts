import { rewriteEvents, rewriteEventsOf } from '../alterations/stream.js';
import { without } from '../alterations/without.js';
import type { ResponseBlock, StreamEvent } from '../wire.js';
import type { FaultFamily } from './fault.js';
import { because, CALLS_ALIKE, CUT_ALIKE, CUT_UNTOLD, INPUT_LOST } from './reasons.js';

/** The block that a stream starts under an index. */
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
      title: 'A tool block starts without input.',
      level: 'MUST',
      mutant: 'TU-w',
      caughtBy: ['stream.tool.start'],
      alsoFails: {
        ...because(CUT_ALIKE, 'stop.max-tokens.valid-content'),
        ...because(INPUT_LOST, 'stream.tool.no-args'),
      },
      alters: rewriteEventsOf('content_block_start', (event) =>
        event.content_block.type === 'tool_use'
          ? { ...event, content_block: without(event.content_block, 'input') }
          : event,
      ),
    },
    {
      id: 'tool-start-without-name',
      title: 'A tool block starts without the name of the tool.',
      level: 'MUST',
      caughtBy: ['stream.tool.start'],
      alsoFails: { ...because(CALLS_ALIKE, 'tc.tool'), ...because(CUT_ALIKE, 'stop.max-tokens.valid-content') },
      alters: rewriteEventsOf('content_block_start', (event) =>
        event.content_block.type === 'tool_use'
          ? { ...event, content_block: without(event.content_block, 'name') }
          : event,
      ),
    },
    {
      id: 'tool-input-at-start',
      title: 'The whole input of a call stands in content_block_start, and no fragment follows.',
      level: 'MUST',
      mutant: 'TU-c',
      caughtBy: ['stream.tool.start'],
      alsoFails: because('No fragments, so no long input in fragments.', 'stream.tool.fragmented'),
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
      title: 'The whole input of a call stands in content_block_start and is streamed besides.',
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
      title: 'partial_json is an object instead of a piece of text.',
      level: 'MUST',
      caughtBy: ['stream.tool.delta-type', 'stream.sdk.ts', 'sdk.go.accumulate'],
      alsoFails: because(INPUT_LOST, 'stream.tool.no-args'),
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
      title: 'The last fragment of the input of a call is lost.',
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
      title: 'The input of a call is streamed and then sent once more as a whole.',
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
      title: 'The input of a call without arguments is streamed as null.',
      level: 'MUST',
      caughtBy: ['stream.tool.no-args'],
      alsoFails: because(INPUT_LOST, 'stream.tool.concat-json'),
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
      title: 'The fragments of the second call go into the block of the first, without a block of their own.',
      level: 'MUST',
      mutant: 'TU-o',
      caughtBy: ['stream.tool.concat-json', 'sdk.go.accumulate'],
      alsoFails: because(INPUT_LOST, 'stream.tool.no-args'),
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
      title: 'A stream that holds a call ends with the stop reason end_turn; the JSON reply is right.',
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
      title: 'The stream of a call that max_tokens cut ends without message_delta and message_stop.',
      level: 'SHOULD',
      caughtBy: ['stream.tool.truncated', 'stream.order.message-stop-last'],
      alsoFails: because(CUT_UNTOLD, 'sdk.go.accumulate'),
      alters: rewriteEvents((events) => {
        const end = events.find((event) => event.type === 'message_delta');
        const cut = end?.type === 'message_delta' && end.delta.stop_reason === 'max_tokens';
        const call = events.some(
          (event) => event.type === 'content_block_start' && event.content_block.type === 'tool_use',
        );
        return cut && call ? events.filter(({ type }) => type !== 'message_delta' && type !== 'message_stop') : events;
      }),
    },
  ],
};
