import { answer, askedToWait, status, succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import { get, quote } from '../core/json.js';
import { blocks, totalInput } from '../core/message.js';
import type { Evidence, Judgement, Suite } from '../core/requirement.js';
import { acceptedInSession, SESSION } from './judging/agent-session.js';
import { bundled } from './judging/bundles.js';
import { controlTrouble, whyControlFailed } from './judging/controls.js';
import { onlyEmpty } from './judging/empty-replies.js';
import { inputOf } from './judging/input-counts.js';
import { accepted, rejected } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { finding, inconclusive, satisfied, violated } from './judging/outcomes.js';
import { described } from './judging/request-findings.js';
import { replyText } from './judging/steering.js';
import { calls, choiceIsDropped, missingCall, UNNEEDED, worst } from './judging/tool-views.js';
import { finished } from './judging/views.js';

const FIELD_PARTS = ['tool-strict', 'tool-deferred', 'tool-eager', 'tool-cached', 'tool-examples', 'tool-callers'];

export const toolDefinitions: Suite = {
  name: 'tool-definitions',
  title: 'tools of a request: names, schemas, optional fields',
  requirements: [
    {
      id: 'tool.custom.accepted',
      level: 'MUST',
      profile: 'tools',
      statement:
        'The server accepts a tool with `name`, `description` and `input_schema`, with `type` "custom" or without `type`.',
      source: ['S1', 'T:msg'],
      fixtures: ['cheap-tool', 'tool-variants', 'tool-type-custom'],
      judge: (evidence) =>
        worst(
          accepted()({ ...evidence, own: evidence.of('cheap-tool') }),
          bundled([{ whole: 'tool-variants', part: 'tool-type-custom' }])(evidence),
        ),
    },
    {
      id: 'tool.description.optional',
      level: 'MUST',
      profile: 'tools',
      statement: 'The server accepts a tool without `description`.',
      source: ['T:msg', 'H2'],
      fixtures: ['tool-variants', 'tool-without-description'],
      judge: bundled([{ whole: 'tool-variants', part: 'tool-without-description' }]),
    },
    {
      id: 'tool.schema.minimal',
      level: 'MUST',
      profile: 'tools',
      statement: 'The server accepts a tool with the `input_schema` {"type": "object"}.',
      source: ['T:msg'],
      fixtures: ['tool-variants', 'tool-schema-minimal'],
      judge: bundled([{ whole: 'tool-variants', part: 'tool-schema-minimal' }]),
    },
    {
      id: 'tool.schema.rich',
      level: 'SHOULD',
      profile: 'agent',
      statement:
        'The server accepts an `input_schema` with nested objects, arrays, `enum`, `anyOf`, `$defs` and `additionalProperties`, as MCP servers have it.',
      source: ['T:msg', 'CC'],
      fixtures: [...SESSION, 'tool-schema-rich'],
      judge: acceptedInSession('tool-schema-rich'),
    },
    {
      id: 'tool.schema.required',
      level: 'SHOULD',
      profile: 'tools',
      statement:
        'The server rejects a tool without `name` or without `input_schema`, for example with `parameters` instead, as a client error (documented: 400).',
      source: ['H2', 'H5'],
      fixtures: ['tool-parameters', 'tool-nameless', 'cheap-tool'],
      judge: rejected({ silent: true }),
    },
    {
      id: 'tool.schema.type-object',
      level: 'SHOULD',
      profile: 'tools',
      statement:
        'The server rejects an `input_schema` whose `type` is missing or not "object" as a client error (documented: 400).',
      source: ['H5', 'T:msg'],
      fixtures: ['tool-schema-string', 'tool-schema-typeless', 'cheap-tool'],
      judge: rejected(),
    },
    {
      id: 'tool.name.pattern',
      level: 'SHOULD',
      profile: 'tools',
      statement:
        'The server accepts a tool `name` of up to 64 letters, digits, underscores and hyphens, and rejects a space or a dot as a client error (documented: 400).',
      source: ['D:define', 'O24'],
      fixtures: ['tool-variants', 'tool-name-64', 'tool-name-space', 'tool-name-dot', 'cheap-tool'],
      judge: (evidence) =>
        worst(bundled([{ whole: 'tool-variants', part: 'tool-name-64' }])(evidence), rejected()(evidence)),
    },
    {
      id: 'tool.name.duplicate',
      level: 'SHOULD',
      profile: 'tools',
      statement: 'The server rejects two tools with the same `name` as a client error (documented: 400).',
      source: ['H5'],
      fixtures: ['tool-name-twice', 'cheap-tool'],
      judge: rejected(),
    },
    {
      id: 'tool.list.empty',
      level: 'SHOULD',
      profile: 'tools',
      statement: 'The server accepts an empty `tools` array.',
      source: ['T:msg'],
      fixtures: ['permitted-zero', 'tools-empty'],
      judge: bundled([{ whole: 'permitted-zero', part: 'tools-empty' }]),
    },
    {
      id: 'tool.list.many',
      level: 'MUST',
      profile: 'agent',
      statement: 'The server accepts 60 tools in one request.',
      source: ['CC', 'D:toolsearch'],
      fixtures: [...SESSION, 'tools-sixty'],
      judge: acceptedInSession('tools-sixty'),
    },
    {
      id: 'tool.fields.optional',
      level: 'SHOULD',
      profile: 'agent',
      statement:
        'The server accepts optional tool fields (`cache_control`, `strict`, `defer_loading`, `eager_input_streaming`, `input_examples`, `allowed_callers`) or rejects them as a client error.',
      source: ['T:msg', 'CC'],
      fixtures: ['tool-fields', ...FIELD_PARTS, 'cheap-tool'],
      judge: acceptedOrRejected,
    },
    {
      id: 'tool.server.unsupported',
      level: 'SHOULD',
      profile: 'tools',
      statement:
        'The server runs its tool `web_search_20250305` or rejects it as a client error (documented: 400). It neither drops it nor leaves the call to the client.',
      source: ['T:msg', 'D:server'],
      fixtures: ['search-tool', 'search-tool-streamed', 'search-without-tool', 'cheap-tool'],
      judge: runOrRejected,
    },
    {
      id: 'tool.client.builtin',
      level: 'MAY',
      profile: 'agent',
      statement:
        'The server accepts the client tools `bash_20250124`, `text_editor_20250728` and `memory_20250818`; the model calls bash by the name "bash".',
      source: ['T:msg', 'D:toolref'],
      fixtures: ['builtin-tools', ...UNNEEDED],
      judge: callsBash,
    },
  ],
};

function acceptedOrRejected(evidence: Evidence): Judgement {
  const asked = ['tool-fields', ...FIELD_PARTS].flatMap((id) => evidence.of(id));
  const answered = asked.filter((exchange) => !askedToWait(exchange));
  const nothing = noAnswer(answered.length > 0 ? answered : asked, evidence);
  if (nothing !== null) return nothing;
  const untested = controlTrouble(
    evidence,
    answered.filter((exchange) => !succeeded(exchange)),
  );
  if (untested !== null) return untested;
  const crashed = answered.filter((exchange) => status(exchange) >= 500 || exchange.response === null);
  if (crashed.length === 0) return onlyEmpty(answered, evidence) ?? satisfied();
  return violated(
    crashed.map((exchange) =>
      finding(
        exchange,
        `${exchange.response === null ? 'No response' : 'Server error'} for an optional field: ${described(evidence, exchange)}.`,
        'HTTP 200 with a Message, or HTTP 400',
        answer(exchange),
        { pointer: '/tools' },
      ),
    ),
  );
}

/** A clean rejection of a tool: 400 is documented, 403 means that the account may not use it. */
const isClientError = (exchange: Exchange): boolean =>
  status(exchange) >= 400 && status(exchange) < 500 && ![401, 407, 408].includes(status(exchange));

function runOrRejected(evidence: Evidence): Judgement {
  const asked = evidence.of('search-tool').filter(({ turn }) => turn === 1);
  const nothing = noAnswer(asked, evidence);
  if (nothing !== null) return nothing;
  const exchange = asked[0]!;
  const trouble = whyControlFailed(evidence, evidence.fixture('search-tool'), exchange);
  if (trouble !== null) return inconclusive(trouble);
  if (isClientError(exchange)) return satisfied(`Rejected, which is allowed: ${answer(exchange)}`);
  const expected = 'server_tool_use with its result, or HTTP 400';
  const { message } = exchange;
  if (!succeeded(exchange) || message === null)
    return violated(finding(exchange, 'The server fails on the server tool web_search.', expected, answer(exchange)));
  const streamed = evidence.of('search-tool-streamed').filter(({ turn }) => turn === 1);
  const handedOver = [exchange, ...streamed].find((one) =>
    calls(one.message).some(({ name }) => name === 'web_search'),
  );
  if (handedOver !== undefined) {
    return violated(
      finding(
        handedOver,
        'A server tool is sent to the client as `tool_use`; no client can run it.',
        expected,
        quote(get(handedOver.message, 'content')),
        { pointer: '/content' },
      ),
    );
  }
  if (blocks(message).some(({ type }) => type === 'server_tool_use')) return satisfied();
  return droppedOrUnused(evidence, exchange);
}

/** Without a search in the reply, the input tokens show whether the tool was part of the prompt. */
function droppedOrUnused(evidence: Evidence, exchange: Exchange): Judgement {
  const without = evidence.of('search-without-tool').find(succeeded);
  const [withTool, bare] = [exchange, without].map((one) => totalInput(get(one?.message, 'usage')));
  if (withTool === null || withTool === undefined || bare === null || bare === undefined)
    return inconclusive('The model did not search, and the replies do not count their input tokens');
  if (bare === 0) return inconclusive('The model did not search, and the replies count 0 input tokens');
  if (withTool > bare) return inconclusive('The tool was part of the prompt, but the model did not search');
  // A definition costs dozens of tokens, which its two words do not.
  const [definition, words] = [inputOf(evidence.of('cheap-tool')), inputOf(evidence.of('minimal', 'json'))];
  if (definition !== null && words !== null && definition <= words)
    return inconclusive('The model did not search, and the input tokens of the target count no tools');
  return violated(
    finding(
      exchange,
      'The server tool is dropped silently: no search, and no more input tokens than without the tool.',
      'server_tool_use with its result, or HTTP 400',
      `${withTool} input tokens with the tool, ${bare} without; ${replyText(exchange)}`,
      { pointer: '/usage/input_tokens' },
    ),
    true,
  );
}

function callsBash(evidence: Evidence): Judgement {
  const replies = evidence.of('builtin-tools').filter((exchange) => succeeded(exchange) && exchange.message !== null);
  if (replies.length === 0) return accepted()({ ...evidence, own: evidence.of('builtin-tools') });
  const expected = 'a tool_use named bash';
  const calling = replies.filter(({ message }) => calls(message).length > 0);
  const others = calling.filter(({ message }) => calls(message).some(({ name }) => name !== 'bash'));
  if (others.length > 0) {
    return violated(
      others.map((exchange) =>
        finding(
          exchange,
          'The forced tool bash has another name in the call.',
          expected,
          quote(calls(exchange.message)),
        ),
      ),
    );
  }
  if (calling.length > 0) return satisfied();
  const dropped = choiceIsDropped(evidence);
  if (dropped !== null) return inconclusive(dropped, replies.length);
  const complete = finished(replies);
  if (complete.length === 0) return inconclusive('Every reply ended before a tool call', replies.length);
  return violated(
    complete.map((exchange) => missingCall(exchange, expected)),
    true,
  );
}
