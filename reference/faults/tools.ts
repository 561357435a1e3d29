import { isObject } from '../../core/json.js';
import type { DraftBlock } from '../model/draft.js';
import type { Json, JsonObject, Message, MessageRequest, ResponseBlock } from '../wire.js';
import {
  acceptDespite,
  blocks,
  contents,
  histories,
  jsonMessages,
  messages,
  rejectWhen,
  rewriteBody,
  rewritePrompt,
} from './alter.js';
import type { FaultFamily } from './fault.js';
import {
  AGENT_ASKS_SO,
  because,
  CALLS_ALIKE,
  CHOICE_ALIKE,
  CUT_ALIKE,
  PAIRS_UNCHECKED,
  PICTURE_IN_RESULT,
  SENT_BACK_REFUSED,
} from './reasons.js';

type ToolUse = Extract<ResponseBlock, { type: 'tool_use' }>;

/** Changes the calls of replies, streamed or not. */
const calls = (change: (block: ToolUse, index: number) => object | readonly object[]) =>
  blocks((block, index) => (block.type === 'tool_use' ? change(block, index) : block));

/** Changes the calls of JSON replies alone. */
const jsonCalls = (change: (block: ToolUse) => object) =>
  jsonMessages((message: Message) => ({
    ...message,
    content: message.content.map((block) => (block.type === 'tool_use' ? change(block) : block)),
  }));

/** Changes what the model wants to say; `request` is what it was asked. */
const drafts = (change: (blocks: DraftBlock[], request: MessageRequest) => DraftBlock[]) => ({
  prompt(request: MessageRequest, call: { requestId: string; state: { notes: Map<string, unknown> } }) {
    call.state.notes.set(call.requestId, request);
    return request;
  },
  draft(draft: { blocks: DraftBlock[] }, call: { requestId: string; state: { notes: Map<string, unknown> } }) {
    const request = call.state.notes.get(call.requestId) as MessageRequest | undefined;
    return request ? { ...draft, blocks: change(draft.blocks, request) } : draft;
  },
});

/** Refuses requests one of whose tools is like this. */
const refusesTools = (reason: string, bad: (tool: JsonObject) => boolean) =>
  rejectWhen((request) => ((request.tools ?? []) as unknown as JsonObject[]).some(bad) && reason);

/** Puts tools right before they are validated. */
const repairsTools = (change: (tool: JsonObject, index: number, all: Json[]) => Json[] | JsonObject) =>
  rewriteBody((body) =>
    Array.isArray(body.tools)
      ? {
          ...body,
          tools: body.tools.flatMap((tool, index, all) =>
            isObject(tool) ? (change(tool, index, all) as Json[]) : [tool],
          ),
        }
      : body,
  );

const without = ({ ...object }: JsonObject, name: string): JsonObject => {
  delete object[name];
  return object;
};

const hasResult = (request: { messages: MessageRequest['messages'] }): boolean =>
  request.messages.some(
    ({ content }) => Array.isArray(content) && content.some((block) => block.type === 'tool_result'),
  );

export const toolFaults: FaultFamily = {
  name: 'tools',
  title: 'calls, their inputs and ids, definitions of tools, and the choice among them',
  faults: [
    {
      id: 'input-as-string',
      title: 'The input of a call is a string that holds JSON.',
      level: 'MUST',
      mutant: 'TU-a',
      reports: ['TU-01'],
      caughtBy: ['tu.shape'],
      alsoFails: because(CALLS_ALIKE, 'tu.input.empty', 'so.strict-tool'),
      alters: jsonCalls((block) => ({ ...block, input: JSON.stringify(block.input) })),
    },
    {
      id: 'input-wrapped',
      title: 'The arguments of a call stand as text under raw_arguments.',
      level: 'MUST',
      mutant: 'TU-m',
      reports: ['TU-20'],
      caughtBy: ['tu.shape'],
      alsoFails: because(CALLS_ALIKE, 'so.strict-tool'),
      alters: calls((block) => ({ ...block, input: { raw_arguments: JSON.stringify(block.input) } })),
    },
    {
      id: 'input-keys-renamed',
      title: 'The arguments of a call have other names than the schema gives them.',
      level: 'SHOULD',
      caughtBy: ['tu.input.matches-schema'],
      alsoFails: because(CALLS_ALIKE, 'so.strict-tool'),
      alters: calls((block) => ({
        ...block,
        input: Object.fromEntries(Object.entries(block.input).map(([name, value]) => [`${name}_`, value])),
      })),
    },
    {
      id: 'empty-input-as-string',
      title: 'The input of a call without arguments is the empty string.',
      level: 'MUST',
      mutant: 'TU-g',
      caughtBy: ['tu.input.empty'],
      alters: jsonCalls((block) => (Object.keys(block.input).length === 0 ? { ...block, input: '' } : block)),
    },
    {
      id: 'empty-input-null',
      title: 'The input of a call without arguments is null.',
      level: 'MUST',
      caughtBy: ['tu.input.empty'],
      alters: jsonCalls((block) => (Object.keys(block.input).length === 0 ? { ...block, input: null } : block)),
    },
    {
      id: 'call-ids-per-reply',
      title: 'Ids of calls are counted within each reply: call_0, call_1.',
      level: 'MUST',
      mutant: 'TU-i',
      reports: ['TU-14'],
      caughtBy: ['tu.id.pattern', 'agent.tool-loop.stream'],
      alters: calls((block, index) => ({ ...block, id: `call_${index}` })),
    },
    {
      id: 'call-ids-missing',
      title: 'Calls have no id.',
      level: 'MUST',
      mutant: 'TU-k',
      reports: ['TU-16'],
      caughtBy: ['tu.shape', 'stream.tool.start'],
      alsoFails: because(CUT_ALIKE, 'stop.max-tokens.valid-content'),
      alters: calls((block) => without(block as unknown as JsonObject, 'id')),
    },
    {
      id: 'call-ids-empty',
      title: 'The id of every call is the empty string.',
      level: 'MUST',
      mutant: 'TU-k',
      reports: ['TU-16'],
      caughtBy: ['tu.shape', 'stream.tool.start', 'stream.tool.parallel-blocks'],
      alters: calls((block) => ({ ...block, id: '' })),
    },
    {
      id: 'call-ids-with-colons',
      title: 'Ids of calls hold dots and colons.',
      level: 'MUST',
      caughtBy: ['tu.id.pattern'],
      alters: calls((block) => ({ ...block, id: `functions.${block.name}:${block.id}` })),
    },
    {
      id: 'call-names-prefixed',
      title: 'Calls have names with a prefix that no tool has.',
      level: 'MUST',
      caughtBy: ['tu.name.declared', 'tool.client.builtin', 'tc.tool'],
      alsoFails: because(CALLS_ALIKE, 'so.strict-tool'),
      alters: calls((block) => ({ ...block, name: `default_api__${block.name}` })),
    },
    {
      id: 'further-inputs-lost',
      title: 'Of several calls of one reply only the first has its arguments.',
      level: 'MAY',
      caughtBy: ['tu.parallel'],
      alters: messages((message) => {
        const first = message.content.findIndex(({ type }) => type === 'tool_use');
        return {
          ...message,
          content: message.content.map((block, index) =>
            block.type === 'tool_use' && index > first ? { ...block, input: {} } : block,
          ),
        };
      }),
    },
    {
      id: 'tools-never-called',
      title: 'Tools are taken, and none is ever called.',
      level: 'MUST',
      mutant: 'TU-q',
      reports: ['TU-26', 'TU-27'],
      caughtBy: ['tc.any', 'tc.tool', 'tool.client.builtin'],
      alsoFails: because(CALLS_ALIKE, 'so.strict-tool'),
      alters: rewritePrompt((request) => ({ ...request, tools: undefined, tool_choice: undefined })),
    },
    {
      id: 'call-as-text',
      title: 'Calls are written as text between tool_call tags.',
      level: 'MUST',
      caughtBy: ['tc.any', 'tc.tool', 'tool.client.builtin'],
      alsoFails: because(CALLS_ALIKE, 'so.strict-tool'),
      alters: {
        draft: (draft) => ({
          ...draft,
          blocks: draft.blocks.map((block) =>
            block.type === 'tool_use'
              ? {
                  type: 'text',
                  text: `<tool_call>${JSON.stringify({ name: block.name, arguments: block.input })}</tool_call>`,
                }
              : block,
          ),
        }),
      },
    },
    {
      id: 'forced-choice-ignored',
      title: 'A tool_choice that forces a call is read as auto.',
      level: 'MUST',
      caughtBy: ['tc.tool', 'tool.client.builtin'],
      alsoFails: because(CHOICE_ALIKE, 'tc.none', 'tc.forced.no-text-before', 'tc.disable-parallel.any'),
      alters: rewritePrompt((request) => ({
        ...request,
        ...(request.tool_choice && { tool_choice: { type: 'auto' } }),
      })),
    },
    {
      id: 'forced-tool-replaced',
      title: 'A forced call goes to the first tool of the list, whichever was named.',
      level: 'MUST',
      caughtBy: ['tc.tool'],
      alters: rewritePrompt((request) =>
        request.tool_choice?.type === 'tool' && request.tools
          ? { ...request, tool_choice: { ...request.tool_choice, name: request.tools[0]!.name } }
          : request,
      ),
    },
    {
      id: 'any-as-auto',
      title: 'tool_choice any is read as auto, and the model prefers words.',
      level: 'MUST',
      caughtBy: ['tc.any'],
      alters: drafts((all, { tool_choice: choice }) =>
        choice?.type === 'any' ? [{ type: 'text', text: 'I would rather not call anything.' }] : all,
      ),
    },
    {
      id: 'auto-as-any',
      title: 'tool_choice auto is read as any.',
      level: 'MUST',
      caughtBy: ['tc.auto'],
      alters: rewritePrompt((request) =>
        request.tool_choice?.type === 'auto'
          ? { ...request, tool_choice: { ...request.tool_choice, type: 'any' } }
          : request,
      ),
    },
    {
      id: 'choice-none-ignored',
      title: 'tool_choice none is ignored: tools are called.',
      level: 'MUST',
      caughtBy: ['tc.none'],
      alters: rewritePrompt((request) =>
        request.tool_choice?.type === 'none' ? { ...request, tool_choice: { type: 'any' } } : request,
      ),
    },
    {
      id: 'text-before-forced-call',
      title: 'Text stands before a forced call.',
      level: 'SHOULD',
      caughtBy: ['tc.forced.no-text-before'],
      alters: drafts((all, { tool_choice: choice }) =>
        ['any', 'tool'].includes(choice?.type ?? '')
          ? [{ type: 'text', text: 'I will call the tool now.' }, ...all]
          : all,
      ),
    },
    {
      id: 'undeclared-choice-taken',
      title: 'Forcing a tool that is not declared is taken.',
      level: 'SHOULD',
      caughtBy: ['tc.unknown-name'],
      alters: acceptDespite(/^tool_choice: Tool '.*' not found/),
    },
    {
      id: 'choice-any-type',
      title: 'A tool_choice of any shape is taken, as in chat completions.',
      level: 'SHOULD',
      caughtBy: ['tc.type-invalid'],
      alters: rewriteBody((body) => {
        const choice = body.tool_choice;
        if (choice === undefined) return body;
        const known = isObject(choice) && ['auto', 'any', 'tool', 'none'].includes(String(choice.type));
        return known ? body : { ...body, tool_choice: { type: 'auto' } };
      }),
    },
    {
      id: 'choice-without-tools-crash',
      title: 'A tool_choice without tools makes the server fail.',
      level: 'MAY',
      caughtBy: ['tc.without-tools'],
      alters: {
        refusal: (refusal) =>
          refusal.message.includes('only be specified while providing tools')
            ? { ...refusal, refusal: 'api_error' }
            : refusal,
      },
    },
    {
      id: 'disable-parallel-ignored-auto',
      title: 'disable_parallel_tool_use is ignored with tool_choice auto.',
      level: 'SHOULD',
      caughtBy: ['tc.disable-parallel.auto'],
      alters: withParallelCalls('auto'),
    },
    {
      id: 'disable-parallel-ignored-any',
      title: 'disable_parallel_tool_use is ignored with tool_choice any.',
      level: 'SHOULD',
      caughtBy: ['tc.disable-parallel.any'],
      alters: withParallelCalls('any'),
    },
    {
      id: 'tool-type-custom-refused',
      title: 'A tool of the type custom is refused.',
      level: 'MUST',
      caughtBy: ['tool.custom.accepted'],
      alters: refusesTools('tools.0.type: Extra inputs are not permitted', ({ type }) => type === 'custom'),
    },
    {
      id: 'tool-description-needed',
      title: 'A tool without a description is refused.',
      level: 'MUST',
      caughtBy: ['tool.description.optional'],
      alters: refusesTools('tools.0.description: Field required', (tool) => tool.description === undefined),
    },
    {
      id: 'tool-properties-needed',
      title: 'A tool whose schema has no properties is refused.',
      level: 'MUST',
      caughtBy: ['tool.schema.minimal'],
      alsoFails: because('Its tool has no properties.', 'tr.image'),
      alters: refusesTools(
        'tools.0.input_schema.properties: Field required',
        ({ input_schema: schema }) => isObject(schema) && schema.properties === undefined,
      ),
    },
    {
      id: 'rich-schemas-refused',
      title: 'A tool whose schema has $defs, anyOf or additionalProperties is refused.',
      level: 'SHOULD',
      mutant: 'RQ-s',
      reports: ['RQ-57', 'RQ-58', 'RQ-59'],
      caughtBy: ['tool.schema.rich'],
      alsoFails: because(AGENT_ASKS_SO, 'agent.request.shape'),
      alters: refusesTools('tools.0.input_schema: unsupported keyword', ({ input_schema: schema }) =>
        /"(\$defs|anyOf|\$schema)"/.test(JSON.stringify(schema ?? {})),
      ),
    },
    {
      id: 'many-tools-refused',
      title: 'More than thirty tools are refused.',
      level: 'MUST',
      mutant: 'RQ-s',
      reports: ['RQ-57', 'RQ-58', 'RQ-59'],
      caughtBy: ['tool.list.many'],
      alters: rejectWhen((request) =>
        (request.tools?.length ?? 0) > 30 ? 'tools: at most 30 tools are allowed' : null,
      ),
    },
    {
      id: 'tools-of-chat-completions-taken',
      title: 'Tools without name or input_schema are taken, with parameters in their place.',
      level: 'SHOULD',
      caughtBy: ['tool.schema.required'],
      alters: repairsTools((tool) => {
        if (tool.type !== undefined && tool.type !== 'custom') return tool;
        const { parameters, ...rest } = tool;
        return { name: 'unnamed', input_schema: { type: 'object' }, ...rest };
      }),
    },
    {
      id: 'schema-types-unchecked',
      title: 'An input_schema of any type is taken.',
      level: 'SHOULD',
      caughtBy: ['tool.schema.type-object'],
      alters: repairsTools((tool) =>
        isObject(tool.input_schema) ? { ...tool, input_schema: { ...tool.input_schema, type: 'object' } } : tool,
      ),
    },
    {
      id: 'tool-names-unchecked',
      title: 'Names of tools may hold blanks and dots.',
      level: 'SHOULD',
      caughtBy: ['tool.name.pattern'],
      alters: repairsTools((tool) =>
        typeof tool.name === 'string' ? { ...tool, name: tool.name.replace(/[^\w-]/g, '_') } : tool,
      ),
    },
    {
      id: 'tool-names-short',
      title: 'Names of tools may have 32 signs at most.',
      level: 'SHOULD',
      caughtBy: ['tool.name.pattern'],
      alters: refusesTools(
        'tools.0.name: String should have at most 32 characters',
        ({ name }) => String(name).length > 32,
      ),
    },
    {
      id: 'duplicate-tools-taken',
      title: 'Of two tools of one name the last is taken.',
      level: 'SHOULD',
      caughtBy: ['tool.name.duplicate'],
      alters: repairsTools((tool, index, all) =>
        all.some((other, later) => later > index && isObject(other) && other.name === tool.name) ? [] : tool,
      ),
    },
    {
      id: 'empty-tool-list-refused',
      title: 'An empty list of tools is refused.',
      level: 'SHOULD',
      caughtBy: ['tool.list.empty'],
      alters: rejectWhen((request) => (request.tools?.length === 0 ? 'tools: List should have at least 1 item' : null)),
    },
    {
      id: 'tool-fields-crash',
      title: 'An optional field of a tool makes the server fail.',
      level: 'SHOULD',
      caughtBy: ['tool.fields.optional'],
      alters: rejectWhen((request) =>
        request.tools?.some((tool) => 'eager_input_streaming' in tool)
          ? { refusal: 'api_error', message: 'Internal server error' }
          : null,
      ),
    },
    {
      id: 'server-tool-handed-over',
      title: 'The server tool web_search is handed to the client as a call of its own.',
      level: 'SHOULD',
      mutant: 'TU-u',
      reports: ['TU-32'],
      caughtBy: ['tool.server.unsupported'],
      alters: repairsTools((tool) =>
        String(tool.type).startsWith('web_search')
          ? {
              name: 'web_search',
              description: 'Search the web',
              input_schema: { type: 'object', properties: { query: { type: 'string' } } },
            }
          : tool,
      ),
    },
    {
      id: 'server-tool-dropped',
      title: 'The server tool web_search is dropped in silence.',
      level: 'SHOULD',
      caughtBy: ['tool.server.unsupported'],
      alters: repairsTools((tool) => (String(tool.type).startsWith('web_search') ? [] : tool)),
    },
    {
      id: 'builtin-tools-crash',
      title: 'A tool that Anthropic defines and the client runs makes the server fail.',
      level: 'MAY',
      caughtBy: ['tool.client.builtin'],
      alters: rejectWhen((request) =>
        request.tools?.some(({ type }) => /^(bash|text_editor|memory)_/.test(type ?? ''))
          ? { refusal: 'api_error', message: 'Internal server error' }
          : null,
      ),
    },
    {
      id: 'results-ignored',
      title: 'What a tool_result says does not reach the model.',
      level: 'MUST',
      caughtBy: ['tr.string'],
      alsoFails: because(PICTURE_IN_RESULT, 'tr.image'),
      alters: contents((block) => (block.type === 'tool_result' ? { ...block, content: 'ok' } : block)),
    },
    {
      id: 'result-arrays-as-text',
      title: 'A tool_result that is an array is turned into its textual form.',
      level: 'MUST',
      mutant: 'TU-s',
      reports: ['TU-30'],
      caughtBy: ['tr.blocks'],
      alsoFails: because(PICTURE_IN_RESULT, 'tr.image'),
      alters: contents((block) =>
        block.type === 'tool_result' && Array.isArray(block.content) ? { ...block, content: '[object Object]' } : block,
      ),
    },
    {
      id: 'result-arrays-refused',
      title: 'A tool_result that is an array is refused.',
      level: 'MUST',
      mutant: 'TU-s',
      reports: ['TU-30'],
      caughtBy: ['tr.blocks'],
      alsoFails: because(PICTURE_IN_RESULT, 'tr.image'),
      alters: rejectWhen(
        (request) =>
          someResult(request, (block) => Array.isArray(block.content)) &&
          'messages.2.content.0.content: Input should be a valid string',
      ),
    },
    {
      id: 'empty-results-refused',
      title: 'A tool_result without content is refused.',
      level: 'MUST',
      caughtBy: ['tr.empty'],
      alters: rejectWhen(
        (request) =>
          someResult(request, (block) => block.content === undefined) && 'messages.2.content.0.content: Field required',
      ),
    },
    {
      id: 'error-results-refused',
      title: 'A tool_result with is_error is refused.',
      level: 'MUST',
      caughtBy: ['tr.is-error'],
      alters: rejectWhen(
        (request) =>
          someResult(request, (block) => block.is_error === true) &&
          'messages.2.content.0.is_error: Extra inputs are not permitted',
      ),
    },
    {
      id: 'result-pictures-ignored',
      title: 'A picture in a tool_result is dropped.',
      level: 'SHOULD',
      caughtBy: ['tr.image'],
      alters: contents((block) =>
        block.type === 'tool_result' && Array.isArray(block.content)
          ? { ...block, content: block.content.filter((one) => isObject(one) && one.type !== 'image') }
          : block,
      ),
    },
    {
      id: 'result-pictures-refused',
      title: 'A picture in a tool_result is refused.',
      level: 'SHOULD',
      mutant: 'RQ-e',
      reports: ['RQ-21', 'RQ-22', 'RQ-23'],
      caughtBy: ['tr.image'],
      alters: rejectWhen(
        (request) =>
          someResult(
            request,
            (block) =>
              Array.isArray(block.content) && block.content.some((one) => isObject(one) && one.type === 'image'),
          ) && 'messages.2.content.0.content.0: Input should be a text block',
      ),
    },
    {
      id: 'first-result-only',
      title: 'Of several results in one message only the first is read.',
      level: 'MUST',
      caughtBy: ['tr.parallel-all'],
      alters: histories((all) =>
        all.map(({ role, content }) => ({
          role,
          content:
            typeof content === 'string'
              ? content
              : content.filter(
                  (block, index) =>
                    block.type !== 'tool_result' || index === content.findIndex(({ type }) => type === 'tool_result'),
                ),
        })),
      ),
    },
    {
      id: 'results-in-order-only',
      title: 'Results that come in another order than their calls are refused.',
      level: 'MUST',
      caughtBy: ['tr.parallel-all'],
      alters: rejectWhen(
        (request) =>
          resultIds(request).some(
            (id, index, all) => index > 0 && callIds(request).indexOf(id) < callIds(request).indexOf(all[index - 1]!),
          ) && 'messages.2: tool results have to come in the order of their calls',
      ),
    },
    {
      id: 'results-doubled',
      title: 'An adapter doubles each result and then refuses the history: each tool_use must have a single result.',
      level: 'MUST',
      mutant: 'TU-y',
      reports: ['TU-37'],
      caughtBy: ['tr.string', 'tr.loop'],
      alsoFails: because(
        SENT_BACK_REFUSED,
        'think.replay',
        'cache.accepted.everywhere',
        'agent.tool-loop.stream',
        'sdk.replay-history',
      ),
      alters: rejectWhen(
        (request) => hasResult(request as MessageRequest) && 'messages.2: each tool_use must have a single result',
      ),
    },
    {
      id: 'text-after-results-refused',
      title: 'Text behind the results of a message is refused.',
      level: 'MUST',
      caughtBy: ['tr.text-after'],
      alters: rejectWhen(
        (request) =>
          request.messages.some(
            ({ content }) =>
              Array.isArray(content) &&
              content[0]?.type === 'tool_result' &&
              content.some(({ type }) => type === 'text'),
          ) && 'messages.2.content.1: only tool results are allowed here',
      ),
    },
    {
      id: 'text-before-results-taken',
      title: 'Text before the results of a message is taken.',
      level: 'SHOULD',
      caughtBy: ['tr.text-before'],
      alters: rewriteBody((body) => ({
        ...body,
        ...(Array.isArray(body.messages) && {
          messages: body.messages.map((message) =>
            isObject(message) && Array.isArray(message.content)
              ? {
                  ...message,
                  content: [...message.content].sort((a, b) => Number(!isResult(a)) - Number(!isResult(b))),
                }
              : message,
          ),
        }),
      })),
    },
    {
      id: 'missing-results-taken',
      title: 'A call may stay without a result.',
      level: 'SHOULD',
      caughtBy: ['tr.missing'],
      alsoFails: because(PAIRS_UNCHECKED, 'tr.text-before'),
      alters: acceptDespite(/ids were found without `tool_result` blocks/),
    },
    {
      id: 'stray-results-taken',
      title: 'A result may be for no call at all.',
      level: 'SHOULD',
      caughtBy: ['tr.unknown-id'],
      alsoFails: because(PAIRS_UNCHECKED, 'tr.text-before', 'tr.missing'),
      alters: {
        ...rewriteBody((body) => ({
          ...body,
          ...(Array.isArray(body.messages) && {
            messages: body.messages.map((message) =>
              isObject(message) && Array.isArray(message.content)
                ? {
                    ...message,
                    content: message.content.map((one) =>
                      isResult(one) ? { tool_use_id: 'toolu_none', ...one } : one,
                    ),
                  }
                : message,
            ),
          }),
        })),
        ...acceptDespite(/unexpected `tool_use_id` found|ids were found without/),
      },
    },
    {
      id: 'results-from-anybody',
      title: 'Calls of the user and results of the assistant are taken.',
      level: 'SHOULD',
      caughtBy: ['tr.wrong-role'],
      alsoFails: because(PAIRS_UNCHECKED, 'tr.text-before', 'tr.missing', 'tr.unknown-id'),
      alters: acceptDespite(/blocks can only be in|ids were found without|unexpected `tool_use_id`/),
    },
    {
      id: 'call-ids-twice-taken',
      title: 'Two calls of one id are taken.',
      level: 'SHOULD',
      caughtBy: ['tr.duplicate-use-id'],
      alters: acceptDespite(/ids must be unique|several/),
    },
    {
      id: 'foreign-call-ids-refused',
      title: 'Ids of calls that do not begin with toolu_ are refused.',
      level: 'MUST',
      caughtBy: ['tr.foreign-ids'],
      alters: rejectWhen(
        (request) =>
          callIds(request).some((id) => !id.startsWith('toolu_')) &&
          "messages.1.content.0.id: String should match pattern '^toolu_'",
      ),
    },
    {
      id: 'words-after-results-as-tool-use',
      title: 'The words behind a tool result end with the stop reason tool_use, so that agents never finish.',
      level: 'MUST',
      reports: ['SR-18'],
      caughtBy: ['tr.loop', 'stop.end-turn'],
      alters: {
        prompt(request, call) {
          call.state.notes.set(call.requestId, hasResult(request));
          return request;
        },
        message: (message, call) =>
          call.state.notes.get(call.requestId) === true && message.stop_reason === 'end_turn'
            ? { ...message, stop_reason: 'tool_use' }
            : message,
      },
    },
    {
      id: 'content-not-taken-back',
      title: 'The server refuses the field caller of calls that it has made itself.',
      level: 'MUST',
      caughtBy: ['sdk.replay-history'],
      alsoFails: because(SENT_BACK_REFUSED, 'think.replay', 'agent.tool-loop.stream'),
      alters: rejectWhen(
        (request) =>
          JSON.stringify(request.messages).includes('"caller"') &&
          'messages.1.content.0.caller: Extra inputs are not permitted',
      ),
    },
  ],
};

/** Adds a second call where parallel calls were switched off. */
function withParallelCalls(type: 'auto' | 'any') {
  return {
    ...drafts((all, { tool_choice: choice }) => {
      const call = all.find((block) => block.type === 'tool_use');
      const disabled = choice && 'disable_parallel_tool_use' in choice && choice.disable_parallel_tool_use === true;
      return disabled && choice.type === type && call ? [...all, { ...call }] : all;
    }),
  };
}

const isResult = (block: Json | undefined): block is JsonObject => isObject(block) && block.type === 'tool_result';

type Asked = Pick<MessageRequest, 'messages'>;

function blocksOf({ messages }: Asked, type: string): JsonObject[] {
  return messages.flatMap(({ content }) =>
    typeof content === 'string' ? [] : (content as unknown as JsonObject[]).filter((block) => block.type === type),
  );
}

const someResult = (request: Asked, test: (block: JsonObject) => boolean): boolean =>
  blocksOf(request, 'tool_result').some(test);
const callIds = (request: Asked): string[] => blocksOf(request, 'tool_use').map(({ id }) => String(id));
const resultIds = (request: Asked): string[] =>
  blocksOf(request, 'tool_result').map(({ tool_use_id: id }) => String(id));
