import { get, type Json, type JsonObject } from '../../../core/json.js';
import type { AnswerDelta } from '../stages.js';
import { chunks, each, events, memories, pieces, reads } from './alter.js';
import { CHAT, type GatewayFault, OPENAI, WITH_MESSAGES } from './fault.js';

const finishOf = (chunk: JsonObject): Json | undefined => get(chunk, 'choices', 0, 'finish_reason');
const isStreamed = (chunk: JsonObject): boolean => chunk.object === 'chat.completion.chunk';

/** Legal forms of a stream are not read. */
export const streamFaults: readonly GatewayFault[] = [
  {
    id: 'gw-waits-for-role',
    title: 'Chunks before the first role are dropped.',
    speaks: CHAT,
    caughtBy: ['gw.stream.role.never'],
    alterations: chunks((chunk, delta, memory) => {
      if (!isStreamed(chunk)) return chunk;
      if (delta.role !== undefined) memory.set('role', true);
      return memory.has('role') || typeof finishOf(chunk) === 'string' ? chunk : undefined;
    }),
  },
  {
    id: 'gw-role-starts-over',
    title: 'A chunk with a role throws its text away.',
    speaks: CHAT,
    caughtBy: ['gw.stream.role.each'],
    alterations: chunks((chunk, delta, memory) => {
      if (!isStreamed(chunk) || delta.role === undefined) return chunk;
      const isFirst = !memory.has('role');
      memory.set('role', true);
      return isFirst || typeof finishOf(chunk) === 'string' ? chunk : undefined;
    }),
  },
  {
    id: 'gw-first-chunk-dropped',
    title: 'The first chunk is taken for the role alone; its text is lost.',
    speaks: CHAT,
    caughtBy: ['gw.stream.opening.text'],
    alterations: chunks((chunk, delta, memory) => {
      if (!isStreamed(chunk)) return chunk;
      const isFirst = !memory.has('first');
      memory.set('first', true);
      return isFirst && delta.content !== undefined && delta.content !== '' ? undefined : chunk;
    }),
  },
  {
    id: 'gw-no-choices-fails',
    title: 'A chunk without choices ends the stream.',
    speaks: CHAT,
    caughtBy: ['gw.stream.no-choices'],
    alterations: chunks((chunk) =>
      Array.isArray(chunk.choices) && chunk.choices.length === 0 && chunk.usage === null
        ? { error: { message: 'list index out of range', type: 'server_error' } }
        : chunk,
    ),
  },
  {
    id: 'gw-usage-ends-early',
    title: 'A chunk with usage is read for its usage alone; the finish reason beside it is lost.',
    speaks: CHAT,
    caughtBy: ['gw.stream.usage.with-finish'],
    alterations: chunks((chunk) =>
      isStreamed(chunk) && chunk.usage && typeof finishOf(chunk) === 'string' ? { ...chunk, choices: [] } : chunk,
    ),
  },
  {
    id: 'gw-usage-needed',
    title: 'A stream without usage ends in an error.',
    caughtBy: ['gw.stream.usage.nowhere'],
    alterations: pieces((delta, call, memory) => {
      if (delta.kind === 'usage') memory.set('usage', true);
      const failure = { kind: 'invalid', status: null, message: 'no usage', code: null, headers: {} } as const;
      return delta.kind === 'finish' && call.streams && !memory.has('usage') ? [{ kind: 'failure', failure }] : [delta];
    }),
  },
  {
    id: 'gw-finish-text-lost',
    title: 'Text beside the finish reason is lost.',
    speaks: CHAT,
    caughtBy: ['gw.stream.finish.with-text'],
    alterations: chunks((chunk) => {
      if (!isStreamed(chunk) || typeof finishOf(chunk) !== 'string') return chunk;
      const choice = get(chunk, 'choices', 0) as JsonObject;
      return { ...chunk, choices: [{ ...choice, delta: {} }] };
    }),
  },
  {
    id: 'gw-empty-delta-ends',
    title: 'An empty delta is taken for the end of the answer.',
    speaks: OPENAI,
    caughtBy: ['gw.stream.empty-deltas'],
    alterations: chunks((chunk, delta, memory) => {
      const isTyped = String(chunk.type).startsWith('response.');
      if (!isStreamed(chunk) && !isTyped) return chunk;
      const isLast = isTyped ? chunk.type === 'response.completed' : typeof finishOf(chunk) === 'string';
      const hasChoice = Array.isArray(chunk.choices) && chunk.choices.length > 0;
      if (isTyped ? chunk.delta === '' : Object.keys(delta).length === 0 && hasChoice && !isLast)
        memory.set('over', true);
      if (!memory.has('over') || (isLast && !isTyped)) return chunk;
      return isLast ? { ...chunk, response: { ...(chunk.response as JsonObject), output: [] } } : undefined;
    }),
  },
  {
    id: 'gw-done-needed',
    title: 'A stream without [DONE] ends in an error.',
    speaks: CHAT,
    caughtBy: ['gw.stream.no-done'],
    alterations: {
      bytes: async function* (all) {
        let text = '';
        for await (const bytes of all) {
          text = `${text}${Buffer.from(bytes).toString('latin1')}`.slice(-40);
          yield bytes;
        }
        if (!text.includes('[DONE]')) throw new Error('the stream has no end');
      },
    },
  },
  {
    id: 'gw-crlf-unread',
    title: 'Lines that end with CR LF are not read.',
    caughtBy: ['gw.stream.crlf'],
    alterations: reads((text) => text.replace(/data:[^\r\n]*\r\n/g, '')),
  },
  {
    id: 'gw-space-needed',
    title: 'Fields without a space after the colon are not read.',
    caughtBy: ['gw.stream.no-space'],
    alterations: reads((text) => text.replace(/^data:(?! )/gm, 'other:')),
  },
  {
    id: 'gw-sse-fields-confuse',
    title: 'An event with an id is not read.',
    caughtBy: ['gw.stream.sse-fields'],
    alterations: reads((text) => text.replace(/^id: ?7\nretry: ?3000\n(?:event:[^\n]*\n)?data:/gm, 'other:')),
  },
  {
    id: 'gw-comment-fails',
    title: 'A comment ends the stream.',
    caughtBy: ['gw.stream.comments'],
    alterations: {
      bytes: async function* (all) {
        for await (const bytes of all) {
          if (/^:/m.test(Buffer.from(bytes).toString('latin1'))) throw new Error('not JSON');
          yield bytes;
        }
      },
    },
  },
  {
    id: 'gw-reads-apart',
    title: 'Every read is taken for whole events.',
    caughtBy: ['gw.stream.bytes'],
    alterations: reads((text) => (/^(?:event|data):/.test(text) && text.endsWith('\n\n') ? text : '')),
  },
  {
    id: 'gw-decoded-by-read',
    title: 'Every read is decoded by itself, which breaks characters.',
    caughtBy: ['gw.stream.split-characters'],
    alterations: {
      bytes: async function* (all) {
        for await (const bytes of all) yield Buffer.from(new TextDecoder().decode(bytes));
      },
    },
  },
  {
    id: 'gw-first-event-of-a-read',
    title: 'Of several events in one read only the first and the last two are taken.',
    // The last event of the Responses API has all of the answer again.
    speaks: WITH_MESSAGES,
    caughtBy: ['gw.stream.one-write'],
    alterations: reads((text) => {
      const all = text.split('\n\n').filter((event) => event !== '');
      return all.length < 5 || !text.endsWith('\n\n') ? text : `${[all[0], ...all.slice(-3)].join('\n\n')}\n\n`;
    }),
  },
  {
    id: 'gw-delta-dropped-under-load',
    title: 'Every 1,000th delta is dropped.',
    caughtBy: ['gw.stream.many-deltas'],
    alterations: each('text', (delta, memory) => {
      const count = Number(memory.get('count') ?? 0) + 1;
      memory.set('count', count);
      return count % 1_000 === 0 ? [] : delta;
    }),
  },
  {
    id: 'gw-compressed-unread',
    title: 'A compressed stream is taken for an empty one.',
    caughtBy: ['gw.stream.compressed'],
    alterations: {
      bytes: async function* (all, call) {
        for await (const bytes of all) if (call.upstreamHeaders['content-encoding'] !== 'gzip') yield bytes;
      },
    },
  },
  {
    id: 'gw-short-arguments-dropped',
    title: 'Pieces of arguments of a single character are dropped when they are a space.',
    caughtBy: ['gw.stream.call.characters'],
    alterations: each('arguments', (delta) => (delta.text === ' ' ? [] : delta)),
  },
  {
    id: 'gw-single-piece-dropped',
    title: 'Arguments that come in one piece are dropped.',
    caughtBy: ['gw.stream.call.whole'],
    alterations: each('arguments', (delta, _memory, call) =>
      call.streams && /^\{.*\}$/.test(delta.text) ? [] : delta,
    ),
  },
  {
    id: 'gw-opening-arguments-lost',
    title: 'Arguments in the chunk that opens a call are lost.',
    speaks: CHAT,
    caughtBy: ['gw.stream.call.whole'],
    alterations: chunks((chunk, delta) => {
      const [call] = Array.isArray(delta.tool_calls) ? delta.tool_calls : [];
      if (!isStreamed(chunk) || get(call, 'id') === undefined) return chunk;
      return JSON.parse(JSON.stringify(chunk).replace(/"arguments":"(\\.|[^"\\])*"/g, '"arguments":""')) as Json;
    }),
  },
  {
    id: 'gw-repeated-id-new-call',
    title: 'A chunk that repeats the id of a call starts another call.',
    speaks: CHAT,
    caughtBy: ['gw.stream.call.ids-repeated'],
    alterations: chunks((chunk, delta, memory) => {
      const [call] = Array.isArray(delta.tool_calls) ? delta.tool_calls : [];
      if (!isStreamed(chunk) || get(call, 'id') === undefined) return chunk;
      const index = Number(memory.get('index') ?? -1) + 1;
      memory.set('index', index);
      const choice = get(chunk, 'choices', 0) as JsonObject;
      const calls = [{ ...(call as JsonObject), index }];
      return { ...chunk, choices: [{ ...choice, delta: { ...delta, tool_calls: calls } }] };
    }),
  },
  {
    id: 'gw-text-beside-opening-lost',
    title: 'Text in the chunk that opens a call is lost.',
    speaks: CHAT,
    caughtBy: ['gw.stream.call.with-text'],
    alterations: chunks((chunk, delta) => {
      if (!isStreamed(chunk) || delta.tool_calls === undefined || delta.content === undefined) return chunk;
      const { content: _, ...rest } = delta;
      return { ...chunk, choices: [{ ...(get(chunk, 'choices', 0) as JsonObject), delta: rest }] };
    }),
  },
  {
    id: 'gw-text-after-call-lost',
    title: 'Text after a call is lost.',
    caughtBy: ['gw.stream.call.then-text'],
    alterations: pieces((delta, call, memory) => {
      if (delta.kind === 'call') memory.set('call', true);
      return delta.kind === 'text' && memory.has('call') && call.streams ? [] : [delta];
    }),
  },
  {
    id: 'gw-arguments-of-last-call',
    title: 'Arguments go to the call that was opened last, whatever their index.',
    caughtBy: ['gw.stream.calls.interleaved'],
    alterations: pieces((delta, _call, memory) => {
      if (delta.kind === 'call') memory.set('last', delta.key);
      return delta.kind === 'arguments' ? [{ ...delta, key: String(memory.get('last')) }] : [delta];
    }),
  },
  {
    id: 'gw-deltas-after-stop',
    title: 'Arguments of a call come after its block has ended.',
    caughtBy: ['stream.order.block-stop'],
    cases: ['answer-calls'],
    alterations: events((event, memory) => {
      if (event.type === 'content_block_delta' && get(event, 'delta', 'type') === 'input_json_delta') {
        const held = [...((memory.get('held') as JsonObject[]) ?? []), event];
        memory.set('held', held);
        return [];
      }
      if (event.type !== 'message_delta') return [event];
      return [...((memory.get('held') as JsonObject[]) ?? []), event];
    }),
  },
  {
    id: 'gw-thinking-ends-text',
    title: 'Text after reasoning is lost.',
    caughtBy: ['gw.stream.thinking'],
    alterations: pieces((delta, call, memory) => {
      if (delta.kind === 'thinking') memory.set('thinking', true);
      return delta.kind === 'text' && memory.has('thinking') && call.streams ? [] : [delta];
    }),
  },
  {
    id: 'gw-buffers',
    title: 'A stream is sent when all of it is there.',
    caughtBy: ['gw.stream.incremental.text', 'gw.stream.incremental.call'],
    alterations: { behaviour: { buffers: true } },
  },
  {
    id: 'gw-arguments-at-once',
    title: 'The arguments of a call are sent when they are complete.',
    caughtBy: ['gw.stream.incremental.call'],
    alterations: {
      deltas: ((memory) =>
        async function* (deltas, call) {
          const held = memory(call);
          for await (const delta of deltas) {
            if (delta.kind === 'arguments') held.set(delta.key, `${String(held.get(delta.key) ?? '')}${delta.text}`);
            else {
              if (delta.kind === 'finish')
                for (const [key, text] of held) yield { kind: 'arguments', key, text: String(text) } as AnswerDelta;
              yield delta;
            }
          }
        })(memories()),
    },
  },
  {
    id: 'gw-no-pings',
    title: 'A silent upstream makes a silent gateway.',
    caughtBy: ['gw.stream.silence'],
    alterations: { behaviour: { ping: 'none' } },
  },
];
