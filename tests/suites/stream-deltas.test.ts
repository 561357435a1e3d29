import type { JsonObject } from '../../core/json.js';
import { get } from '../../core/json.js';
import { streamDeltas } from '../../suites/stream-deltas.js';
import { events, exchange, fixtures, message, textBlock, toolUse } from '../support/exchange.js';
import { testRequirements } from '../support/requirements.js';

/** message_start 1, block 0: start 2, deltas 3 and 4, stop 5, message_delta 6, message_stop 7. */
const LIST = events(message({ content: [textBlock('so it')] }));
const of = (list: readonly JsonObject[], more: object = {}) => exchange({ events: list, ...more });
const changed = (number: number, change: JsonObject, list = LIST) =>
  of(list.with(number - 1, { ...list[number - 1], ...change }));
const GOOD = { that: 'a legal stream', exchanges: [of(LIST)] };
const CALL = of(events(message({ content: [toolUse()], stop_reason: 'tool_use' })));

/** message_start 1, thinking block: start 2, deltas 3 to 5, signature 6, stop 7. */
const THOUGHT = events(
  message({ content: [{ type: 'thinking', thinking: '17*20=340', signature: 'c2ln' }, textBlock('391')] }),
);
const signedTwice = THOUGHT.with(1, {
  ...THOUGHT[1],
  content_block: { type: 'thinking', thinking: '', signature: 'c2ln' },
});
const signature = (value: unknown): JsonObject => ({
  type: 'content_block_delta',
  index: 0,
  delta: { type: 'signature_delta', signature: value } as JsonObject,
});
const fired = (parts: JsonObject) =>
  exchange({
    fixture: 'counting-stop',
    events: events(message({ content: [textBlock('1, 2, 3, 4, 5, 6, ')], ...parts })),
  });
const total = (text: string, output_tokens: number, parts: JsonObject = {}) =>
  of(events(message({ content: [textBlock(text)], usage: { input_tokens: 9, output_tokens }, ...parts })));
const growing = (...counts: number[]) =>
  of(LIST.toSpliced(5, 1, ...counts.map((output_tokens) => ({ ...LIST[5], usage: { output_tokens } }))));

/** A reply to the request to repeat the program text. */
const layout = (transport: 'json' | 'stream', text: string) => {
  const reply = message({ content: [textBlock(text)] });
  return exchange({
    fixture: 'echo-layout',
    ...(transport === 'json' ? { json: reply } : { events: events(reply) }),
  });
};
const PROMPT = String(get(fixtures().get('echo-layout')?.turns, 0, 'body', 'messages', 0, 'content'));
const PROGRAM = PROMPT.slice(PROMPT.indexOf('\n') + 1);
const lost = (change: (text: string) => string) => [
  layout('json', PROGRAM),
  layout('stream', change(PROGRAM)),
  layout('stream', change(PROGRAM)),
];

testRequirements(streamDeltas, {
  'stream.text.equal': {
    satisfied: [
      { that: 'the same text', exchanges: [layout('json', PROGRAM), layout('stream', PROGRAM)] },
      {
        that: 'the same text in a later try',
        exchanges: [layout('json', PROGRAM), layout('stream', PROGRAM.trim().slice(2)), layout('stream', PROGRAM)],
      },
    ],
    violated: [
      { that: 'no line breaks', exchanges: lost((text) => text.replaceAll('\n', '')) },
      { that: 'two line breaks in front', exchanges: lost((text) => `\n\n${text}`) },
      { that: 'no fences', exchanges: lost((text) => text.replace(/```\w*\n?/g, '')) },
      { that: 'no end', exchanges: lost((text) => text.slice(0, -4)) },
      { that: 'no beginning', exchanges: lost((text) => text.slice(5)) },
      { that: 'a piece less', exchanges: lost((text) => text.slice(0, 20) + text.slice(27)) },
      { that: 'a piece twice', exchanges: lost((text) => text.slice(0, 27) + text.slice(20)) },
      {
        that: 'two pieces in the wrong order',
        exchanges: lost((text) => text.slice(0, 10) + text.slice(15, 20) + text.slice(10, 15) + text.slice(20)),
      },
      {
        that: 'no line breaks where nothing is streamed',
        exchanges: [
          layout('json', PROGRAM.replaceAll('\n', ' ')),
          layout('json', PROGRAM.replaceAll('\n', ' ')),
          layout('stream', PROGRAM),
        ],
      },
    ],
    other: [
      {
        that: 'one stream only',
        outcome: 'inconclusive',
        exchanges: lost((text) => text.replaceAll('\n', '')).slice(0, 2),
      },
      {
        that: 'a piece more',
        outcome: 'inconclusive',
        exchanges: lost((text) => text.replace('END', '// Done.\nEND')),
      },
      { that: 'other words', outcome: 'inconclusive', exchanges: lost((text) => text.replace('START', 'BEGIN')) },
      {
        that: 'another loss each time',
        outcome: 'inconclusive',
        exchanges: [...lost((text) => text.slice(0, -4)), layout('stream', PROGRAM.slice(5))],
      },
      {
        that: 'a model that does not repeat the text',
        outcome: 'inconclusive',
        exchanges: [layout('json', 'Sure!'), layout('stream', 'Sure!'), layout('stream', 'Sure!')],
      },
      { that: 'no stream', outcome: 'inconclusive', exchanges: [layout('json', PROGRAM)] },
    ],
  },
  'stream.text.start-empty': {
    satisfied: [GOOD],
    violated: [
      {
        that: 'a text that begins at the start',
        exchanges: [changed(2, { content_block: textBlock('so ') })],
        at: { event: 2, pointer: '/content_block/text' },
      },
      {
        that: 'no text',
        exchanges: [changed(2, { content_block: { type: 'text' } })],
        at: { event: 2, pointer: '/content_block/text' },
      },
      { that: 'null', exchanges: [changed(2, { content_block: { type: 'text', text: null } })] },
    ],
    other: [{ that: 'no text block', outcome: 'not-observed', exchanges: [CALL] }],
  },
  'stream.text.delta-type': {
    satisfied: [GOOD, { that: 'no deltas at all', exchanges: [of(LIST.toSpliced(2, 2))] }],
    violated: [
      {
        that: 'no text',
        exchanges: [changed(3, { delta: { type: 'text_delta' } })],
        at: { event: 3, pointer: '/delta/text' },
      },
      { that: 'a list of pieces', exchanges: [changed(3, { delta: { type: 'text_delta', text: ['so'] } })] },
    ],
  },
  'stream.thinking.start': {
    satisfied: [{ that: 'both empty', exchanges: [of(THOUGHT)] }],
    violated: [
      {
        that: 'no thinking',
        exchanges: [changed(2, { content_block: { type: 'thinking', signature: '' } }, THOUGHT)],
        at: { event: 2, pointer: '/content_block/thinking' },
      },
      {
        that: 'a piece of thinking that is no text',
        exchanges: [changed(3, { delta: { type: 'thinking_delta', thinking: ['17'] } }, THOUGHT)],
        at: { event: 3, pointer: '/delta/thinking' },
      },
    ],
    other: [
      {
        that: 'thinking that begins at the start',
        outcome: 'violated',
        exchanges: [changed(2, { content_block: { type: 'thinking', thinking: '17', signature: '' } }, THOUGHT)],
      },
      {
        that: 'no signature, which official clients bear',
        outcome: 'deviates',
        exchanges: [changed(2, { content_block: { type: 'thinking', thinking: '' } }, THOUGHT)],
      },
      { that: 'no thinking block', outcome: 'not-observed', exchanges: [of(LIST)] },
    ],
  },
  'stream.thinking.signature-once': {
    satisfied: [
      { that: 'one at the end', exchanges: [of(THOUGHT)] },
      { that: 'one alone', exchanges: [of(THOUGHT.toSpliced(2, 3))] },
    ],
    violated: [
      { that: 'none', exchanges: [of(THOUGHT.toSpliced(5, 1))], at: { event: 5 } },
      { that: 'two', exchanges: [of(THOUGHT.toSpliced(5, 1, signature('c2'), signature('ln')))] },
      { that: 'one in the start too', exchanges: [of(signedTwice)] },
      { that: 'before the thinking', exchanges: [of(THOUGHT.toSpliced(5, 1).toSpliced(2, 0, signature('c2ln')))] },
      { that: 'no string', exchanges: [changed(6, signature(null), THOUGHT)] },
    ],
    other: [
      {
        that: 'in the start of its block, where clients keep it',
        outcome: 'deviates',
        exchanges: [of(signedTwice.toSpliced(5, 1))],
      },
      {
        that: 'cut by max_tokens',
        outcome: 'not-observed',
        exchanges: [
          of(
            events(
              message({ content: [{ type: 'thinking', thinking: '17*', signature: '' }], stop_reason: 'max_tokens' }),
            ).toSpliced(3, 1),
          ),
        ],
      },
    ],
  },
  'stream.delta.matches-block': {
    satisfied: [GOOD, { that: 'input, thinking and its signature', exchanges: [CALL, of(THOUGHT)] }],
    violated: [
      {
        that: 'text for a call',
        exchanges: [
          of(
            events(message({ content: [toolUse({})], stop_reason: 'tool_use' })).toSpliced(2, 0, {
              type: 'content_block_delta',
              index: 0,
              delta: { type: 'text_delta', text: '\n' },
            }),
          ),
        ],
        at: { event: 3 },
      },
      {
        that: 'reasoning for a text',
        exchanges: [changed(3, { delta: { type: 'reasoning_delta', text: 'hm' } })],
        at: { event: 3 },
      },
      {
        that: 'a start without a block',
        exchanges: [changed(2, { content_block: undefined })],
        at: { event: 2, pointer: '/content_block' },
      },
      { that: 'a start with a block that is null', exchanges: [changed(2, { content_block: null })] },
    ],
    other: [{ that: 'no blocks', outcome: 'not-observed', exchanges: [of(LIST.toSpliced(1, 4))] }],
  },
  'stream.usage.in-message-delta': {
    satisfied: [
      GOOD,
      { that: 'no input', exchanges: [changed(6, { usage: { output_tokens: 4, input_tokens: null } })] },
      { that: 'input too', exchanges: [changed(6, { usage: { output_tokens: 4, input_tokens: 12 } })] },
    ],
    violated: [
      {
        that: 'no usage',
        exchanges: [changed(6, { usage: undefined })],
        at: { event: 6, pointer: '/usage/output_tokens' },
      },
      { that: 'null', exchanges: [changed(6, { usage: { output_tokens: null } })] },
      { that: 'a fraction', exchanges: [changed(6, { usage: { output_tokens: 1.5 } })] },
      {
        that: 'input as text',
        exchanges: [changed(6, { usage: { output_tokens: 4, input_tokens: '12' } })],
        at: { event: 6, pointer: '/usage/input_tokens' },
      },
    ],
    other: [{ that: 'broken off before it', outcome: 'not-observed', exchanges: [of(LIST.slice(0, 4))] }],
  },
  'stream.usage.cumulative': {
    satisfied: [
      GOOD,
      { that: 'several that grow', exchanges: [growing(1, 2, 4)] },
      { that: 'zero for nothing', exchanges: [total('', 0)] },
      { that: 'zero for a refusal', exchanges: [total('I cannot', 0, { stop_reason: 'refusal' })] },
      { that: 'long words in few tokens', exchanges: [total('Donaudampfschifffahrtsgesellschaft', 4)] },
      { that: 'words, some of them long', exchanges: [total(`Echo: ${'a1b2c3d4'.repeat(12)} ok`, 3)] },
    ],
    violated: [
      { that: 'zero for a text', exchanges: [total('so it', 0)], at: { event: 6, pointer: '/usage/output_tokens' } },
      { that: 'increments that fall', exchanges: [growing(3, 1)], at: { event: 7 } },
      {
        that: 'one token for forty numbers',
        exchanges: [total(Array.from({ length: 40 }, (_, index) => index + 1).join(', '), 1)],
      },
    ],
    other: [
      { that: 'no counts, which is another fault', outcome: 'satisfied', exchanges: [changed(6, { usage: {} })] },
    ],
  },
  'stream.stop-sequence': {
    satisfied: [
      {
        that: 'the sequence, and null elsewhere',
        exchanges: [of(LIST), fired({ stop_reason: 'stop_sequence', stop_sequence: '7' })],
      },
    ],
    violated: [
      { that: 'null though one fired', exchanges: [fired({ stop_reason: 'stop_sequence', stop_sequence: null })] },
      {
        that: 'a sequence though none fired',
        exchanges: [changed(6, { delta: { stop_reason: 'end_turn', stop_sequence: '7' } })],
        at: { event: 6, pointer: '/delta/stop_sequence' },
      },
    ],
    other: [
      {
        that: 'absent where null belongs',
        outcome: 'deviates',
        exchanges: [changed(6, { delta: { stop_reason: 'end_turn' } })],
      },
      {
        that: 'none fired',
        outcome: 'inconclusive',
        exchanges: [of(LIST), fired({ stop_reason: 'max_tokens', usage: { input_tokens: 9, output_tokens: 512 } })],
      },
    ],
  },
});
