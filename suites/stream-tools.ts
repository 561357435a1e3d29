import type { Suite } from '../core/requirement.js';
import { each } from './judging/judges.js';
import { endedStream, firstFew } from './judging/views.js';
import { atBlock, blocksOf, deltaLacks, fragments, NO_BLOCK } from './stream/blocks.js';
import {
  callReasonFaults,
  completeCalls,
  inputLength,
  joinFaults,
  LONG_INPUT,
  repeated,
  startFaults,
  truncated,
  withoutArguments,
} from './stream/tool-input.js';

export const streamTools: Suite = {
  name: 'stream-tools',
  title: 'tool calls in streams: how they start, how their input comes together',
  requirements: [
    {
      id: 'stream.tool.start',
      level: 'MUST',
      profile: 'tools',
      statement: 'A tool_use block starts with an id, a name and {} as input, whatever the input will be.',
      source: ['D:stream', 'D:fgts', 'G'],
      fixtures: ['tool-forced'],
      judge: each(
        (exchange) => blocksOf(exchange, 'tool_use'),
        (blocks, exchange) => firstFew(blocks.flatMap((block) => startFaults(block, exchange))),
        { nothing: NO_BLOCK('tool_use') },
      ),
    },
    {
      id: 'stream.tool.delta-type',
      level: 'MUST',
      profile: 'tools',
      statement:
        'The input of a call arrives in input_json_delta events whose partial_json is a string, never an object.',
      source: ['D:stream', 'X'],
      fixtures: ['tool-forced'],
      judge: each(
        (exchange) => blocksOf(exchange, 'tool_use'),
        (blocks, exchange) =>
          firstFew(blocks.flatMap((block) => deltaLacks(block, 'input_json_delta', 'partial_json', exchange))),
        { nothing: NO_BLOCK('tool_use') },
      ),
    },
    {
      id: 'stream.tool.concat-json',
      level: 'MUST',
      profile: 'tools',
      statement: 'The fragments of the input of a call, joined, are one JSON object and nothing after it.',
      source: ['D:stream', 'X'],
      fixtures: ['tool-forced'],
      judge: each(
        completeCalls,
        (blocks, exchange) => firstFew(blocks.flatMap((block) => joinFaults(block, exchange))),
        {
          nothing: 'no stream of this run holds a call that came to its end',
          silent: true,
        },
      ),
    },
    {
      id: 'stream.tool.no-args',
      level: 'MUST',
      profile: 'tools',
      statement: "A call without arguments streams '', '{}' or no fragment at all, and its input is {}.",
      source: ['X', 'D:fgts'],
      fixtures: ['calls-streamed', 'call-without-arguments'],
      judge: withoutArguments,
    },
    {
      id: 'stream.tool.fragmented',
      level: 'SHOULD',
      profile: 'agent',
      statement: 'A long input of a call is streamed in several fragments.',
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
                'A long input comes in one piece: nothing is to be seen while the model writes it.',
                'several input_json_delta',
                `one piece of ${inputLength(block)} characters`,
              ),
            ),
        { nothing: `no stream of this run holds a call with an input of ${LONG_INPUT} characters` },
      ),
    },
    {
      id: 'stream.tool.parallel-blocks',
      level: 'MUST',
      profile: 'tools',
      statement: 'Several calls of one reply are blocks of their own, each with its index and its id.',
      source: ['D:stream', 'H2'],
      fixtures: ['calls-streamed'],
      judge: each(
        (exchange) => {
          const blocks = blocksOf(exchange, 'tool_use');
          return blocks !== null && blocks.length > 1 ? blocks : null;
        },
        (blocks, exchange) => firstFew([...repeated(blocks, 'index', exchange), ...repeated(blocks, 'id', exchange)]),
        { nothing: 'no stream of this run holds two calls', silent: true },
      ),
    },
    {
      id: 'stream.tool.stop-reason',
      level: 'MUST',
      profile: 'tools',
      statement:
        'A stream that holds a call for the client ends with the stop reason tool_use in message_delta, unless it was cut.',
      source: ['D:stream'],
      fixtures: ['tool-forced'],
      judge: each(
        (exchange) => {
          const read = endedStream(exchange);
          return read?.blocks.some(({ type, stop }) => type === 'tool_use' && stop !== null) ? read : null;
        },
        callReasonFaults,
        { nothing: 'no stream of this run holds a call that came to its end', silent: true },
      ),
    },
    {
      id: 'stream.tool.truncated',
      level: 'SHOULD',
      profile: 'tools',
      statement:
        'A call that max_tokens cuts ends with the stop reason max_tokens and message_stop; its input may be incomplete.',
      source: ['F', 'D:fgts'],
      fixtures: ['call-cut'],
      judge: truncated,
    },
  ],
};
