import type { Suite } from '../core/requirement.js';
import { each } from './judging/judges.js';
import { endedStream, firstFew } from './judging/views.js';
import { atBlock, blocksOf, deltaFaults, fragments, NO_BLOCK } from './stream/blocks.js';
import {
  callReasonFaults,
  callStartFaults,
  completeCalls,
  inputLength,
  joinFaults,
  LONG_INPUT,
  sharedValues,
  truncated,
  withoutArguments,
} from './stream/tool-input.js';
import { sameInputs } from './stream/tool-input-pairs.js';

export const streamTools: Suite = {
  name: 'stream-tools',
  title: 'tool calls in streams: their start, their input, their end',
  requirements: [
    {
      id: 'stream.tool.start',
      level: 'MUST',
      profile: 'tools',
      statement:
        '`content_block_start` of a tool call, of a server tool too, has an `id`, a `name` and `input` {}; the deltas carry the input.',
      source: ['D:stream', 'D:fgts', 'G'],
      fixtures: ['tool-forced'],
      judge: each(
        (exchange) => blocksOf(exchange, 'tool_use', 'server_tool_use'),
        (blocks, exchange) => firstFew(blocks.flatMap((block) => callStartFaults(block, exchange))),
        { nothing: NO_BLOCK('tool_use') },
      ),
    },
    {
      id: 'stream.tool.delta-type',
      level: 'MUST',
      profile: 'tools',
      statement: '`partial_json` of an `input_json_delta` is a string, never an object.',
      source: ['D:stream', 'X'],
      fixtures: ['tool-forced'],
      judge: each(
        (exchange) => blocksOf(exchange, 'tool_use'),
        (blocks, exchange) =>
          firstFew(blocks.flatMap((block) => deltaFaults(block, 'input_json_delta', 'partial_json', exchange))),
        { nothing: NO_BLOCK('tool_use') },
      ),
    },
    {
      id: 'stream.tool.concat-json',
      level: 'MUST',
      profile: 'tools',
      statement: 'The joined `partial_json` fragments of a tool call are exactly one JSON object.',
      source: ['D:stream', 'X'],
      fixtures: ['tool-forced'],
      judge: each(
        completeCalls,
        (blocks, exchange) => firstFew(blocks.flatMap((block) => joinFaults(block, exchange))),
        {
          nothing: 'No stream of this run contains a complete tool call',
          silent: true,
        },
      ),
    },
    {
      id: 'stream.tool.no-args',
      level: 'MUST',
      profile: 'tools',
      statement: "A tool call without arguments has the fragments '' or '{}', or none, and its input is {}.",
      source: ['X', 'D:fgts'],
      fixtures: ['calls-streamed', 'call-without-arguments'],
      judge: withoutArguments,
    },
    {
      id: 'stream.tool.fragmented',
      level: 'SHOULD',
      profile: 'agent',
      statement: 'The server sends a long tool input in several `input_json_delta`.',
      source: ['D:stream', 'D:fgts'],
      fixtures: ['call-long', 'call-long-plain'],
      judge: each(
        (exchange) => {
          const long = completeCalls(exchange)?.filter((block) => inputLength(block) >= LONG_INPUT) ?? [];
          return long.length > 0 ? long : null;
        },
        (blocks, exchange) =>
          blocks
            .filter((block) => (fragments(block) ?? []).filter((part) => part !== '').length < 2)
            .map((block) =>
              atBlock(
                exchange,
                block,
                'A long tool input arrives in one fragment; users see nothing while the model writes it.',
                'several input_json_delta',
                `one fragment of ${inputLength(block)} characters`,
              ),
            ),
        { nothing: `No stream of this run contains a tool call with ${LONG_INPUT} characters of input` },
      ),
    },
    {
      id: 'stream.tool.parallel-blocks',
      level: 'MUST',
      profile: 'tools',
      statement: 'Each of several tool calls in a reply is a block of its own, with a unique `index` and `id`.',
      source: ['D:stream', 'H2'],
      fixtures: ['calls-streamed'],
      judge: each(
        (exchange) => {
          const blocks = blocksOf(exchange, 'tool_use');
          return blocks !== null && blocks.length > 1 ? blocks : null;
        },
        (blocks, exchange) =>
          firstFew([...sharedValues(blocks, 'index', exchange), ...sharedValues(blocks, 'id', exchange)]),
        { nothing: 'No stream of this run contains two tool calls', silent: true },
      ),
    },
    {
      id: 'stream.tool.stop-reason',
      level: 'MUST',
      profile: 'tools',
      statement:
        '`stop_reason` in `message_delta` of a stream with a tool call is "tool_use", unless the reply was truncated.',
      source: ['D:stream'],
      fixtures: ['tool-forced'],
      judge: each(
        (exchange) => {
          const read = endedStream(exchange);
          return read?.blocks.some(({ type, stop }) => type === 'tool_use' && stop !== null) ? read : null;
        },
        callReasonFaults,
        { nothing: 'No stream of this run contains a complete tool call', silent: true },
      ),
    },
    {
      id: 'stream.tool.truncated',
      level: 'MUST',
      profile: 'tools',
      statement:
        'A stream with a tool call that `max_tokens` truncated ends with `stop_reason` "max_tokens" and `message_stop`; the input may be incomplete.',
      source: ['F', 'D:fgts'],
      fixtures: ['call-cut'],
      judge: truncated,
    },
    {
      id: 'stream.tool.input-equal',
      level: 'MUST',
      profile: 'tools',
      statement: 'The input of a tool call has the same keys, types and values in a stream and without streaming.',
      source: ['D:stream', 'X'],
      fixtures: ['call-typed'],
      judge: sameInputs,
    },
  ],
};
