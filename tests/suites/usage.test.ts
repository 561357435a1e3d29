import type { JsonObject } from '../../core/json.js';
import { usage } from '../../suites/usage.js';
import { events, exchange, message, textBlock, toolUse } from '../support/exchange.js';
import { testRequirements } from '../support/requirements.js';

const count = (input_tokens: number, output_tokens = 4, more: JsonObject = {}): JsonObject => ({
  usage: { input_tokens, output_tokens, ...more },
});
const json = (parts: JsonObject, fixture = 'minimal') => exchange({ fixture, json: message(parts) });
/** The short question and the same again, with the same count. */
const REPEATED = [json(count(14)), json(count(14), 'minimal-again')];
const streamed = (parts: JsonObject, start?: JsonObject, fixture = 'minimal') => {
  const [first, ...rest] = events(message(parts));
  const head = first!.message as JsonObject;
  return exchange({ fixture, events: [start ? { ...first, message: { ...head, usage: start } } : first!, ...rest] });
};
/** A stream whose last event has these counts. */
const endingWith = (fixture: string, reply: JsonObject, usage: JsonObject) =>
  exchange({
    fixture,
    events: events(message({ ...reply, ...count(14) })).map((event) =>
      event.type === 'message_delta' ? { ...event, usage: { output_tokens: 4, ...usage } } : event,
    ),
  });
const SEARCH: JsonObject[] = [
  { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'x' } },
  {
    type: 'web_search_tool_result',
    tool_use_id: 'srvtoolu_1',
    content: [{ type: 'web_search_result', url: 'https://example.com', title: 'X', encrypted_content: 'e' }],
  },
  textBlock('24'),
];
const searches = (web_search_requests: number): JsonObject => ({ web_search_requests, web_fetch_requests: 0 });
const searched = (times: number) =>
  json({ content: SEARCH, ...count(14, 4, { server_tool_use: searches(times) }) }, 'search-tool');
const searchedInStream = (usage: JsonObject) => endingWith('search-tool-streamed', { content: SEARCH }, usage);
const thinking = (text: string): JsonObject[] => [{ type: 'thinking', thinking: text, signature: 's' }, textBlock('4')];
const thought = (thinking_tokens: number) =>
  json(
    { content: thinking('Two and two.'), ...count(14, 12, { output_tokens_details: { thinking_tokens } }) },
    'thinking',
  );
const thoughtInStream = (usage: JsonObject, text = 'Two and two.') =>
  endingWith('thinking-loop', { content: thinking(text) }, usage);
const busy = exchange({ fixture: 'minimal-again', status: 529, json: {} });
const truncated = (output: number, parts: JsonObject = {}) =>
  json(
    { content: [textBlock('1, 2')], stop_reason: 'max_tokens', ...count(9, output), ...parts },
    'counting-five-tokens',
  );

testRequirements(usage, {
  'usage.input.positive': {
    satisfied: [
      { that: 'a count', exchanges: [json(count(14))] },
      { that: 'all of it from the cache', exchanges: [json(count(0, 4, { cache_read_input_tokens: 14 }))] },
      {
        that: 'zero at the start of a stream, corrected later',
        exchanges: [exchange({ events: corrected(message(count(0)), 14) })],
      },
    ],
    violated: [
      { that: 'zero', exchanges: [json(count(0))], at: { pointer: '/usage/input_tokens' } },
      { that: 'zero in every field of a stream', exchanges: [streamed(count(0, 4, { cache_read_input_tokens: 0 }))] },
    ],
    other: [{ that: 'no count at all', outcome: 'not-observed', exchanges: [json({ usage: null })] }],
  },
  'usage.output.positive': {
    satisfied: [{ that: 'a count', exchanges: [json(count(14))] }],
    violated: [
      { that: 'zero for a text', exchanges: [json(count(14, 0))], at: { pointer: '/usage/output_tokens' } },
      {
        that: 'zero for a call',
        exchanges: [json({ content: [toolUse()], stop_reason: 'tool_use', ...count(14, 0) })],
      },
    ],
    other: [
      {
        that: 'zero for nothing',
        outcome: 'not-observed',
        exchanges: [json({ content: [textBlock('')], ...count(14, 0) })],
      },
      {
        that: 'zero for a refusal',
        outcome: 'not-observed',
        exchanges: [json({ stop_reason: 'refusal', ...count(14, 0) })],
      },
    ],
  },
  'usage.input.whole': {
    satisfied: [
      { that: 'a token for each word', exchanges: [json(count(1_200), 'many-messages')] },
      {
        that: 'most of it from a cache',
        exchanges: [json(count(9, 4, { cache_read_input_tokens: 990 }), 'many-messages')],
      },
      { that: 'two tokens for three words', exchanges: [json(count(560), 'many-messages')] },
    ],
    violated: [
      {
        that: 'the last message only',
        exchanges: [json(count(14), 'many-messages')],
        at: { pointer: '/usage' },
      },
      {
        that: 'a part, where a cache would be reported',
        exchanges: [
          json(count(1_200, 4, { cache_read_input_tokens: 0 }), 'many-messages'),
          json(count(14, 4, { cache_read_input_tokens: 0 }), 'many-messages'),
        ],
      },
      { that: 'a third of it in a stream', exchanges: [streamed(count(200), undefined, 'many-messages-streamed')] },
    ],
    other: [
      { that: 'nothing counted', outcome: 'not-observed', exchanges: [json(count(0), 'many-messages')] },
      {
        that: 'a part, where the rest may come from a cache that is not reported',
        outcome: 'satisfied',
        exchanges: [json(count(1_200), 'many-messages'), json(count(14), 'many-messages')],
      },
      { that: 'a short prompt', outcome: 'not-observed', exchanges: [json(count(1))] },
      {
        that: 'a prompt that the server may edit',
        outcome: 'not-observed',
        exchanges: [streamed(count(9), undefined, 'agent-session')],
      },
    ],
  },
  'usage.input.monotone': {
    satisfied: [{ that: 'more for more', exchanges: [json(count(14)), json(count(80), 'counting')] }],
    violated: [
      {
        that: 'a constant',
        exchanges: [json(count(14)), json(count(14), 'counting')],
        at: { pointer: '/usage/input_tokens' },
      },
    ],
    other: [
      {
        that: 'nothing known of one',
        outcome: 'inconclusive',
        exchanges: [json(count(14)), exchange({ fixture: 'counting', status: 400, json: {} })],
      },
      { that: 'one not sent', outcome: 'not-observed', exchanges: [json(count(14))] },
      { that: 'none carried out', outcome: 'not-observed', exchanges: [] },
    ],
  },
  'usage.input.deterministic': {
    satisfied: [
      { that: 'twice the same', exchanges: [json(count(14)), json(count(14), 'minimal-again')] },
      {
        that: 'the same with a part of it cached',
        exchanges: [json(count(14)), json(count(4, 4, { cache_read_input_tokens: 10 }), 'minimal-again')],
      },
      {
        that: 'fewer when a request is sent again, of which a cache may hold the rest',
        exchanges: [...REPEATED, json(count(90), 'counting'), json(count(20), 'counting')],
      },
      {
        that: 'a few more when a request is sent again',
        exchanges: [...REPEATED, json(count(20), 'counting'), json(count(28), 'counting')],
      },
      {
        that: 'more in another request',
        exchanges: [...REPEATED, json(count(20), 'counting'), json(count(90), 'counting-five-tokens')],
      },
    ],
    violated: [
      { that: 'another number', exchanges: [json(count(14)), json(count(15), 'minimal-again')] },
      {
        that: 'more when a request is sent again',
        exchanges: [...REPEATED, json(count(20), 'counting'), json(count(29), 'counting')],
        at: { pointer: '/usage/input_tokens' },
      },
    ],
    other: [{ that: 'asked to wait', outcome: 'inconclusive', exchanges: [json(count(14)), busy] }],
  },
  'usage.truncated.equals-limit': {
    satisfied: [
      { that: 'the limit', exchanges: [truncated(5)] },
      { that: 'one more', exchanges: [truncated(6)] },
      { that: 'nothing but thinking', exchanges: [truncated(5, { content: [] })] },
    ],
    violated: [{ that: 'two', exchanges: [truncated(2)], at: { pointer: '/usage/output_tokens' } }],
    other: [
      {
        that: 'a reply that was not cut',
        outcome: 'not-observed',
        exchanges: [json(count(9, 2), 'counting-five-tokens')],
      },
      {
        that: 'a window with less room than max_tokens',
        outcome: 'not-observed',
        exchanges: [json({ stop_reason: 'max_tokens', ...count(9, 300) }, 'product')],
      },
      {
        that: "a limit above the model's own",
        outcome: 'not-observed',
        exchanges: [
          exchange({
            json: message({ stop_reason: 'max_tokens', ...count(9, 8192) }),
            request: { body: { max_tokens: 99_999 } },
          }),
        ],
      },
    ],
  },
  'usage.cache.null-or-int': {
    satisfied: [
      { that: 'absent', exchanges: [json(count(14))] },
      {
        that: 'null and a count',
        exchanges: [json(count(14, 4, { cache_creation_input_tokens: null, cache_read_input_tokens: 3 }))],
      },
    ],
    violated: [
      {
        that: 'a string',
        exchanges: [json(count(14, 4, { cache_read_input_tokens: '3' }))],
        at: { pointer: '/usage/cache_read_input_tokens' },
      },
      {
        that: 'a negative count in a stream',
        exchanges: [streamed(count(14, 4, { cache_creation_input_tokens: -3 }))],
      },
    ],
  },
  'usage.stream-consistent': {
    satisfied: [
      { that: 'the same number', exchanges: [json(count(14)), streamed(count(14))] },
      {
        that: 'a first guess that message_delta corrects',
        exchanges: [json(count(14)), exchange({ events: corrected(message(count(9)), 14) })],
      },
    ],
    violated: [
      { that: 'another number', exchanges: [json(count(14)), streamed(count(15))] },
      {
        that: 'zero in message_start, the number in message_delta alone',
        exchanges: [json(count(14)), exchange({ events: corrected(message(count(0)), 14) })],
        at: { event: 1, pointer: '/message/usage/input_tokens' },
      },
    ],
    other: [
      { that: 'no stream', outcome: 'not-observed', exchanges: [json(count(14))] },
      {
        that: 'a target that counts one prompt differently each time',
        outcome: 'inconclusive',
        exchanges: [json(count(14)), json(count(19), 'minimal-again'), streamed(count(17))],
      },
    ],
  },
  'usage.stream-kinds': {
    satisfied: [
      { that: 'searches in both', exchanges: [searched(1), searchedInStream({ server_tool_use: searches(1) })] },
      {
        that: 'thinking in both',
        exchanges: [thought(9), thoughtInStream({ output_tokens_details: { thinking_tokens: 8 } })],
      },
    ],
    violated: [
      {
        that: 'no searches in the stream',
        exchanges: [searched(1), searchedInStream({})],
        at: { pointer: '/usage/server_tool_use' },
      },
      {
        that: 'none of its searches in the stream',
        exchanges: [searched(1), searchedInStream({ server_tool_use: searches(0) })],
      },
      {
        that: 'no thinking tokens in the stream',
        exchanges: [thought(9), thoughtInStream({})],
        at: { pointer: '/usage/output_tokens_details' },
      },
    ],
    other: [
      {
        that: 'searches that are never counted',
        outcome: 'not-observed',
        exchanges: [json({ content: SEARCH, ...count(14) }, 'search-tool'), searchedInStream({})],
      },
      {
        that: 'thinking that is counted only sometimes',
        outcome: 'not-observed',
        exchanges: [thought(9), thought(0), thoughtInStream({})],
      },
      {
        that: 'a stream without a search',
        outcome: 'not-observed',
        exchanges: [searched(1), streamed(count(14), undefined, 'search-tool-streamed')],
      },
      {
        that: 'a stream that breaks off',
        outcome: 'not-observed',
        exchanges: [
          searched(1),
          exchange({
            fixture: 'search-tool-streamed',
            events: events(message({ content: SEARCH, ...count(14) })).slice(0, -2),
          }),
        ],
      },
      {
        that: 'thinking whose text is left out',
        outcome: 'not-observed',
        exchanges: [thought(9), thoughtInStream({}, '')],
      },
    ],
  },
  'usage.stop-details-last': {
    satisfied: [
      { that: 'one message_delta with the sequence', exchanges: [stoppedAt('9')] },
      { that: 'the same sequence twice', exchanges: [stoppedAt('9', '9')] },
      { that: 'null before the sequence', exchanges: [stoppedAt(null, '9')] },
      { that: 'no stop sequence at all', exchanges: [streamed(count(14))] },
    ],
    violated: [
      {
        that: 'null after the sequence',
        exchanges: [stoppedAt('9', null)],
        at: { pointer: '/delta/stop_sequence' },
        also: ['stream.stop-sequence'],
      },
      { that: 'nothing after the sequence', exchanges: [stoppedAt('9', undefined)], also: ['stream.stop-sequence'] },
    ],
    other: [{ that: 'no stream', outcome: 'not-observed', exchanges: [json(count(14))] }],
  },
  'usage.thinking-within-output': {
    satisfied: [
      { that: 'a part of it', exchanges: [json(count(14, 9, { output_tokens_details: { thinking_tokens: 9 } }))] },
    ],
    violated: [
      {
        that: 'more than all of it',
        exchanges: [json(count(14, 9, { output_tokens_details: { thinking_tokens: 10 } }))],
        at: { pointer: '/usage/output_tokens_details/thinking_tokens' },
      },
      { that: 'no count', exchanges: [json(count(14, 9, { output_tokens_details: { thinking_tokens: '3' } }))] },
    ],
    other: [{ that: 'no details', outcome: 'not-observed', exchanges: [json(count(14))] }],
  },
});

/** The events of a message whose message_delta corrects the input count of message_start. */
/** A stream with a `message_delta` for each of these stop sequences. */
function stoppedAt(...sequences: (string | null | undefined)[]): ReturnType<typeof exchange> {
  const list = events(message({ stop_reason: 'stop_sequence', stop_sequence: sequences[0] ?? null }));
  const end = list.find(({ type }) => type === 'message_delta') as JsonObject;
  const ends = sequences.map((stop_sequence) => {
    const delta: JsonObject = { stop_reason: 'stop_sequence' };
    if (stop_sequence !== undefined) delta.stop_sequence = stop_sequence;
    return { ...end, delta };
  });
  return exchange({ events: list.flatMap((event) => (event === end ? ends : [event])) });
}

function corrected(reply: JsonObject, input_tokens: number): JsonObject[] {
  return events(reply).map((event) =>
    event.type === 'message_delta' ? { ...event, usage: { ...(event.usage as JsonObject), input_tokens } } : event,
  );
}
