import { rejectWhen } from '../alterations/requests.js';
import type { Alterations } from '../stages.js';
import type { Block, MessageParam, MessageRequest, PromptRequest } from '../wire.js';
import type { Fault, FaultFamily } from './fault.js';
import { AGENTS_SEND_THIS, because } from './reasons.js';

type AnyRequest = PromptRequest & Partial<MessageRequest>;

const blocks = ({ content }: MessageParam): Block[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : content;
const all = ({ messages }: AnyRequest): Block[] => messages.flatMap(blocks);
const texts = (request: AnyRequest): string =>
  JSON.stringify([request.system, request.tools?.map(({ description }) => description), request.messages]);

/** A message of the role system after a message whose last block is of this type. */
const systemAfter = ({ messages }: AnyRequest, type: Block['type']): boolean =>
  messages.some(({ role }, index) => {
    const before = messages[index - 1];
    return role === 'system' && before?.role === 'user' && blocks(before).at(-1)?.type === type;
  });

const systemInHistory = ({ messages }: AnyRequest): boolean =>
  messages.filter(({ role }, index) => role === 'system' && messages[index + 1]?.role === 'assistant').length > 1;

const systemLength = ({ system }: AnyRequest): number =>
  typeof system === 'string' ? system.length : (system ?? []).reduce((sum, { text }) => sum + text.length, 0);

const thinks = ({ thinking }: AnyRequest, type: string): boolean => thinking?.type === type;
const effort = ({ output_config: config }: AnyRequest): string | null => config?.effort ?? null;
const edits = ({ context_management: management }: AnyRequest): string[] =>
  (management?.edits ?? []).map(({ type }) => type);
const calls = (request: AnyRequest) => all(request).flatMap((block) => (block.type === 'tool_use' ? [block] : []));
const isCachedForAnHour = (request: AnyRequest): boolean => JSON.stringify(request).includes('"ttl":"1h"');
const isTitled = (request: AnyRequest): boolean => Boolean(request.output_config?.format) && effort(request) !== null;

/** A gateway that knows the usual requests and rejects one thing that Claude Code sends. */
const gateway = (
  id: string,
  title: string,
  caughtBy: string,
  alters: Alterations,
  more: Partial<Fault> = {},
): Fault => ({
  id,
  title,
  level: 'MUST',
  caughtBy: [caughtBy],
  contract: 'claude-code',
  alters,
  ...more,
});

export const agentRequestsFaults: FaultFamily = {
  name: 'agent-requests',
  title: 'what Claude Code sends and few others do',
  faults: [
    gateway(
      'beta-value-unknown-refused',
      'The server rejects values of `anthropic-beta` that it does not know, though agents list them.',
      'agent.betas.listed',
      rejectWhen((_, { betas }) => betas.some((value) => value.startsWith('thinking-token')) && 'Unknown beta'),
    ),
    gateway(
      'zstd-refused',
      'The server rejects an `accept-encoding` that lists zstd.',
      'agent.encodings',
      rejectWhen((_, { headers }) => headers.get('accept-encoding')?.includes('zstd') && 'Unknown encoding'),
      { alsoFails: because(AGENTS_SEND_THIS, 'agent.counts.at-once') },
    ),
    gateway(
      'tabs-refused',
      'The server takes tabs in texts for control characters and rejects them.',
      'agent.text.layout',
      rejectWhen((request) => texts(request).includes('\\t') && 'Invalid control character in text'),
      { alsoFails: because('Its text has tabs too.', 'http.text.unchanged') },
    ),
    gateway(
      'long-system-refused',
      'The server rejects a system prompt of more than 20,000 characters.',
      'agent.system.long',
      rejectWhen((request) => systemLength(request) > 20_000 && 'system: at most 20000 characters are allowed'),
    ),
    gateway(
      'large-bodies-refused',
      'The server rejects bodies of more than 100 kB, as servers with the default limit of a framework do.',
      'agent.body.large',
      rejectWhen(
        (request) =>
          JSON.stringify(request).length > 100_000 && {
            errorType: 'request_too_large',
            message: 'request entity too large',
          },
      ),
    ),
    gateway(
      'long-descriptions-refused',
      'The server rejects tool descriptions of more than 10,000 characters.',
      'agent.description.long',
      rejectWhen(
        (request) =>
          request.tools?.some(({ description = '' }) => description.length > 10_000) &&
          'tools: at most 10000 characters are allowed in a description',
      ),
    ),
    gateway(
      'property-names-refused',
      'The server rejects the keyword `propertyNames` in tool schemas.',
      'agent.schema.keywords',
      rejectWhen((request) => JSON.stringify(request.tools ?? []).includes('"propertyNames"') && 'tools: unsupported'),
    ),
    gateway(
      'system-after-user-refused',
      'The server rejects `system` messages after a text of the user.',
      'agent.system-message.after-user',
      rejectWhen((request) => systemAfter(request, 'text') && 'messages: system messages are not supported'),
      { alsoFails: because('It puts the message there.', 'msg.role-system.later') },
    ),
    gateway(
      'system-after-result-refused',
      'The server rejects `system` messages after tool results.',
      'agent.system-message.after-result',
      rejectWhen((request) => systemAfter(request, 'tool_result') && 'messages: unexpected role system'),
    ),
    gateway(
      'system-in-history-refused',
      'The server accepts one `system` message, and rejects those that the history holds.',
      'agent.system-message.in-history',
      rejectWhen((request) => systemInHistory(request) && 'messages: only one system message is supported'),
    ),
    gateway(
      'effort-max-refused',
      'The server rejects `output_config.effort` "max".',
      'agent.effort',
      rejectWhen((request) => effort(request) === 'max' && 'output_config.effort: low, medium or high'),
    ),
    gateway(
      'effort-beside-adaptive-refused',
      'The server rejects `output_config.effort` beside adaptive thinking.',
      'agent.effort.adaptive',
      rejectWhen(
        (request) => effort(request) !== null && thinks(request, 'adaptive') && 'output_config: not supported',
      ),
    ),
    gateway(
      'effort-beside-disabled-refused',
      'The server rejects `output_config.effort` beside disabled thinking.',
      'agent.effort.disabled',
      rejectWhen(
        (request) => effort(request) !== null && thinks(request, 'disabled') && 'output_config: not supported',
      ),
    ),
    gateway(
      'disabled-thinking-refused',
      'The server rejects `thinking` of the type disabled.',
      'agent.thinking.disabled',
      rejectWhen((request) => thinks(request, 'disabled') && 'thinking.type: enabled or adaptive'),
    ),
    gateway(
      'temperature-beside-thinking-refused',
      'The server rejects `temperature` beside disabled thinking.',
      'agent.temperature',
      rejectWhen(
        (request) =>
          request.temperature !== undefined && thinks(request, 'disabled') && 'temperature: not with thinking',
      ),
    ),
    gateway(
      'clear-thinking-refused',
      'The server rejects the context edit `clear_thinking_20251015`.',
      'agent.clear-thinking',
      rejectWhen((request) => edits(request).includes('clear_thinking_20251015') && 'Unknown edit'),
      { alsoFails: because(AGENTS_SEND_THIS, 'agent.context-management.thinking') },
    ),
    gateway(
      'hour-long-cache-refused',
      'The server rejects `cache_control` with `ttl` "1h".',
      'agent.cache.hour',
      rejectWhen((request) => isCachedForAnHour(request) && 'cache_control.ttl: 5m'),
    ),
    gateway(
      'assistant-cache-refused',
      'The server rejects `cache_control` on blocks of assistant messages.',
      'agent.cache.assistant',
      rejectWhen(
        ({ messages }) =>
          messages.some(
            (message) =>
              message.role === 'assistant' &&
              blocks(message).some((block) => 'cache_control' in block && block.cache_control),
          ) && 'cache_control: only in user messages',
      ),
    ),
    gateway(
      'is-error-false-refused',
      'The server rejects tool results with `is_error` false.',
      'agent.result.no-error',
      rejectWhen(
        (request) =>
          all(request).some((block) => block.type === 'tool_result' && block.is_error === false) &&
          'is_error: not allowed',
      ),
    ),
    gateway(
      'undeclared-calls-refused',
      'The server rejects calls in the history of tools that the request does not declare.',
      'agent.call.undeclared',
      rejectWhen((request) => {
        const names = request.tools?.map(({ name }) => name) ?? [];
        return names.length > 0 && calls(request).some(({ name }) => !names.includes(name)) && 'Unknown tool';
      }),
    ),
    gateway(
      'empty-inputs-refused',
      'The server rejects calls in the history with an empty `input`.',
      'agent.call.empty-input',
      rejectWhen((request) => calls(request).some(({ input }) => Object.keys(input).length === 0) && 'input: required'),
    ),
    gateway(
      'call-after-text-refused',
      'The server rejects a text before a tool call in the history.',
      'agent.call.after-text',
      rejectWhen(
        ({ messages }) =>
          messages.some((message) => {
            const types = blocks(message).map(({ type }) => type);
            return types.indexOf('tool_use') > types.indexOf('text') && types.includes('text');
          }) && 'messages: a call must be the only content',
      ),
      { alsoFails: because(AGENTS_SEND_THIS, 'msg.assistant.blank-text') },
    ),
    gateway(
      'eager-tools-refused',
      'The server rejects tools with `eager_input_streaming`.',
      'agent.tool.eager',
      rejectWhen((request) => request.tools?.some((tool) => 'eager_input_streaming' in tool) && 'tools: unknown field'),
    ),
    gateway(
      'document-beside-result-refused',
      'The server rejects documents beside tool results.',
      'agent.result.document-beside',
      rejectWhen(
        ({ messages }) =>
          messages.some((message) => {
            const types = blocks(message).map(({ type }) => type);
            return types.includes('tool_result') && types.includes('document');
          }) && 'messages: a tool result must be the only content',
      ),
    ),
    gateway(
      'thinking-replay-refused',
      'The server rejects thinking blocks in the history.',
      'agent.thinking.replay',
      rejectWhen(
        (request) => all(request).some(({ type }) => type === 'thinking') && 'messages: unexpected block thinking',
      ),
    ),
    gateway(
      'long-json-replies-refused',
      'The server rejects a large `max_tokens` without `stream`.',
      'agent.stream.again',
      rejectWhen(
        (request) => !request.stream && (request.max_tokens ?? 0) > 21_333 && 'Streaming is required for such requests',
      ),
    ),
    gateway(
      'many-tools-beside-system-message-refused',
      'The server rejects more than twenty tools together with a `system` message.',
      'agent.session.first',
      rejectWhen(
        ({ tools = [], messages }) =>
          tools.length > 20 && messages.some(({ role }) => role === 'system') && 'The request is too complex',
      ),
    ),
    gateway(
      'effort-beside-cache-hour-refused',
      'The server rejects `output_config.effort` "max" together with `ttl` "1h".',
      'agent.session.late',
      rejectWhen((request) => effort(request) === 'max' && isCachedForAnHour(request) && 'The request is too complex'),
    ),
    gateway(
      'results-of-sub-agents-refused',
      'The server rejects tool results together with the header `x-claude-code-agent-id`.',
      'agent.session.sub',
      rejectWhen(
        (request, { headers }) =>
          headers.has('x-claude-code-agent-id') &&
          all(request).some(({ type }) => type === 'tool_result') &&
          'Sub-agents cannot have results',
      ),
    ),
    gateway(
      'repeated-request-refused',
      'The server takes the repetition of a broken stream without `stream` for a duplicate and rejects it.',
      'agent.session.again',
      rejectWhen(
        (request) =>
          !request.stream && request.max_tokens === 32_000 && thinks(request, 'disabled') && 'Duplicate request',
      ),
    ),
    gateway(
      'picture-results-beside-thinking-refused',
      'The server rejects images in tool results together with adaptive thinking.',
      'agent.session.replay',
      rejectWhen(
        (request) =>
          thinks(request, 'adaptive') &&
          all(request).some((block) => block.type === 'tool_result' && JSON.stringify(block).includes('"image"')) &&
          'The request is too complex',
      ),
    ),
    gateway(
      'title-request-refused',
      'The server rejects `output_config` with both a format and an effort.',
      'agent.title',
      rejectWhen((request) => isTitled(request) && 'output_config: one of format and effort'),
      { level: 'SHOULD' },
    ),
    gateway(
      'web-search-refused',
      'The server rejects the server tool `web_search_20250305`.',
      'agent.web-search',
      rejectWhen((request) => request.tools?.some(({ type }) => type === 'web_search_20250305') && 'Unknown tool type'),
      { level: 'SHOULD' },
    ),
    gateway(
      'count-of-tools-refused',
      'The server rejects counts of requests with tools.',
      'agent.counts.at-once',
      rejectWhen(
        (request, { path }) =>
          path.endsWith('/count_tokens') && (request.tools?.length ?? 0) > 0 && 'tools: not allowed',
      ),
      { level: 'SHOULD' },
    ),
    gateway(
      'head-unanswered',
      'The server never answers `HEAD /`.',
      'agent.head',
      {
        request: (request, call) =>
          request.method === 'HEAD' && call.path === '/' ? new Promise<Response>(() => {}) : request,
      },
      { level: 'MAY' },
    ),
  ],
};
