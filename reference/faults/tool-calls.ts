import { reportInstead, rewriteBlocks, rewriteJsonBlocks, rewriteMessages } from '../alterations/messages.js';
import { rejectWhen } from '../alterations/requests.js';
import { without, withoutFalsy } from '../alterations/without.js';
import type { JsonObject, ResponseBlock } from '../wire.js';
import type { FaultFamily } from './fault.js';
import { because, FORCED_CALLS_TOO, TRUNCATED_TOO } from './reasons.js';

type ToolUse = Extract<ResponseBlock, { type: 'tool_use' }>;

/** Replaces tool calls in both transports. */
const calls = (change: (block: ToolUse, index: number) => object | readonly object[]) =>
  rewriteBlocks((block, index) => (block.type === 'tool_use' ? change(block, index) : block));

/** Replaces tool calls of JSON messages only. */
const jsonCalls = (change: (block: ToolUse) => object) =>
  rewriteJsonBlocks((block) => (block.type === 'tool_use' ? change(block) : block));

const SHARED_FRAGMENTS = 'Calls without ids of their own share the fragments of the last one, which was truncated.';

export const toolCallsFaults: FaultFamily = {
  name: 'tool-calls',
  title: 'tool calls: their names, ids and inputs',
  faults: [
    {
      id: 'call-id-constant',
      title: 'Every call of a tool has the same id.',
      level: 'MUST',
      reports: ['TU-14'],
      caughtBy: ['tu.id.pattern', 'agent.tool-loop.stream', 'stream.tool.parallel-blocks'],
      alsoFails: because('The server rejects two calls with one id in the history.', 'sdk.replay-history'),
      alters: rewriteBlocks((block) => (block.type === 'tool_use' ? { ...block, id: `toolu_${block.name}` } : block)),
    },
    {
      id: 'end-turn-with-call',
      title: 'A turn with a tool call ends with `end_turn`.',
      level: 'MUST',
      mutant: 'SR-a',
      reports: ['SR-01', 'SR-02', 'SR-03', 'SR-04'],
      caughtBy: ['tu.stop-reason', 'stream.tool.stop-reason'],
      alters: reportInstead('tool_use', 'end_turn'),
    },
    {
      id: 'input-as-string',
      title: 'The `input` of a call is a string that holds JSON.',
      level: 'MUST',
      mutant: 'TU-a',
      reports: ['TU-01'],
      caughtBy: ['tu.shape'],
      alsoFails: because(FORCED_CALLS_TOO, 'tu.input.empty', 'so.strict-tool'),
      alters: jsonCalls((block) => ({ ...block, input: JSON.stringify(block.input) })),
    },
    {
      id: 'input-wrapped',
      title: 'The `input` of a call holds its arguments as text in `raw_arguments`.',
      level: 'MUST',
      mutant: 'TU-m',
      reports: ['TU-20'],
      caughtBy: ['tu.shape'],
      alsoFails: because(FORCED_CALLS_TOO, 'so.strict-tool'),
      alters: calls((block) => ({ ...block, input: { raw_arguments: JSON.stringify(block.input) } })),
    },
    {
      id: 'input-keys-renamed',
      title: 'The arguments of a call have other names than the schema gives them.',
      level: 'SHOULD',
      caughtBy: ['tu.input.matches-schema'],
      alsoFails: because(FORCED_CALLS_TOO, 'so.strict-tool'),
      alters: calls((block) => ({
        ...block,
        input: Object.fromEntries(Object.entries(block.input).map(([name, value]) => [`${name}_`, value])),
      })),
    },
    {
      id: 'falsy-arguments-dropped',
      title: 'Arguments of a call with the values 0, false, null and the empty string are missing.',
      level: 'SHOULD',
      caughtBy: ['tu.input.matches-schema'],
      alters: calls((block) => ({ ...block, input: withoutFalsy(block.input) })),
    },
    {
      id: 'empty-input-as-string',
      title: 'The `input` of a call without arguments is the empty string.',
      level: 'MUST',
      mutant: 'TU-g',
      caughtBy: ['tu.input.empty'],
      alters: jsonCalls((block) => (Object.keys(block.input).length === 0 ? { ...block, input: '' } : block)),
    },
    {
      id: 'empty-input-null',
      title: 'The `input` of a call without arguments is null.',
      level: 'MUST',
      caughtBy: ['tu.input.empty'],
      alters: jsonCalls((block) => (Object.keys(block.input).length === 0 ? { ...block, input: null } : block)),
    },
    {
      id: 'call-ids-per-reply',
      title: 'The server counts call ids anew in each reply: call_0, call_1.',
      level: 'MUST',
      mutant: 'TU-i',
      reports: ['TU-14'],
      caughtBy: ['tu.id.pattern', 'agent.tool-loop.stream'],
      alters: calls((block, index) => ({ ...block, id: `call_${index}` })),
    },
    {
      id: 'call-ids-missing',
      title: 'Calls have no `id`.',
      level: 'MUST',
      mutant: 'TU-k',
      reports: ['TU-16'],
      caughtBy: ['tu.shape', 'stream.tool.start'],
      alsoFails: {
        ...because(TRUNCATED_TOO, 'stop.max-tokens.valid-content'),
        ...because(SHARED_FRAGMENTS, 'stream.tool.concat-json'),
      },
      alters: calls((block) => without(block as unknown as JsonObject, 'id')),
    },
    {
      id: 'call-ids-empty',
      title: 'The `id` of every call is the empty string.',
      level: 'MUST',
      mutant: 'TU-k',
      reports: ['TU-16'],
      caughtBy: ['tu.shape', 'stream.tool.start', 'stream.tool.parallel-blocks'],
      alsoFails: because(SHARED_FRAGMENTS, 'stream.tool.concat-json'),
      alters: calls((block) => ({ ...block, id: '' })),
    },
    {
      id: 'call-ids-with-colons',
      title: 'The ids of calls contain dots and colons.',
      level: 'MUST',
      caughtBy: ['tu.id.pattern'],
      alters: calls((block) => ({ ...block, id: `functions.${block.name}:${block.id}` })),
    },
    {
      id: 'call-names-prefixed',
      title: 'Calls name a tool with a prefix that no tool has.',
      level: 'MUST',
      caughtBy: ['tu.name.declared', 'tool.client.builtin', 'tc.tool'],
      alsoFails: because(FORCED_CALLS_TOO, 'so.strict-tool'),
      alters: calls((block) => ({ ...block, name: `default_api__${block.name}` })),
    },
    {
      id: 'call-markup-beside-calls',
      title: 'The markup around a call stays in the text before it.',
      level: 'SHOULD',
      caughtBy: ['resp.markup-not-leaked'],
      alsoFails: because('The markup is text before a forced call.', 'tc.forced.no-text-before'),
      alters: {
        draft: (draft) => ({
          ...draft,
          blocks: draft.blocks.some(({ type }) => type === 'tool_use')
            ? [{ type: 'text', text: '<tool_call>' }, ...draft.blocks]
            : draft.blocks,
        }),
      },
    },
    {
      id: 'template-token-in-text',
      title: 'The end token of the chat template stands at the end of short texts.',
      level: 'SHOULD',
      caughtBy: ['resp.markup-not-leaked'],
      alters: rewriteBlocks((block) =>
        block.type === 'text' && block.text === 'ok' ? { ...block, text: 'ok<|im_end|>' } : block,
      ),
    },
    {
      id: 'unparsed-calls-crash',
      title: 'The server answers with 500 when the call that its model writes does not parse, here every forced one.',
      level: 'SHOULD',
      reports: [
        'https://github.com/ggml-org/llama.cpp/issues/27025',
        'https://github.com/ggml-org/llama.cpp/issues/20761',
        'https://github.com/ollama/ollama/issues/12884',
        'https://github.com/ollama/ollama/issues/17638',
      ],
      caughtBy: ['tu.unparsed'],
      alters: rejectWhen(({ tool_choice: choice }) =>
        choice?.type === 'any' || choice?.type === 'tool'
          ? {
              errorType: 'api_error',
              message: 'The model produced output that does not match the expected peg-native format',
            }
          : null,
      ),
    },
    {
      id: 'call-ids-twice-in-history',
      title: 'The server gives each call the id of the first call of the conversation.',
      level: 'MUST',
      caughtBy: ['tu.id.pattern', 'agent.tool-loop.stream'],
      alters: {
        message: (message, call) => {
          const first = JSON.stringify(call.prompt?.messages ?? []).match(/"type":"tool_use","id":"([^"]*)"/)?.[1];
          return first === undefined
            ? message
            : {
                ...message,
                content: message.content.map((block) => (block.type === 'tool_use' ? { ...block, id: first } : block)),
              };
        },
      },
    },
    {
      id: 'further-inputs-lost',
      title: 'Only the first of several calls in a reply has its arguments.',
      level: 'MAY',
      caughtBy: ['tu.parallel'],
      alters: rewriteMessages((message) => {
        const first = message.content.findIndex(({ type }) => type === 'tool_use');
        return {
          ...message,
          content: message.content.map((block, index) =>
            block.type === 'tool_use' && index > first ? { ...block, input: {} } : block,
          ),
        };
      }),
    },
  ],
};
