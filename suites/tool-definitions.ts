import { answer, askedToWait, status, succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import { get, quote } from '../core/json.js';
import { blocks, totalInput } from '../core/message.js';
import type { Evidence, Judgement, Suite } from '../core/requirement.js';
import { SESSION, servedInSession } from './judging/agent-session.js';
import { bundled } from './judging/bundles.js';
import { whyControlFailed } from './judging/controls.js';
import { accepted, rejected } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { finding, inconclusive, satisfied, violated } from './judging/outcomes.js';
import { replyText } from './judging/steering.js';
import { calls, noCall, wasTruncated, worst } from './judging/tool-views.js';

const FIELD_PARTS = ['tool-strict', 'tool-deferred', 'tool-eager', 'tool-cached', 'tool-examples', 'tool-callers'];

export const toolDefinitions: Suite = {
  name: 'tool-definitions',
  title: 'which tools a request may declare',
  requirements: [
    {
      id: 'tool.custom.accepted',
      level: 'MUST',
      profile: 'tools',
      statement:
        'A tool with name, description and input_schema is served, with the type custom as well as without a type.',
      source: ['S1', 'T:msg'],
      fixtures: ['cheap-tool', 'tool-variants', 'tool-type-custom'],
      judge: (evidence) =>
        worst(
          accepted()({ ...evidence, own: evidence.of('cheap-tool') }),
          bundled([{ among: 'tool-variants', alone: 'tool-type-custom' }])(evidence),
        ),
    },
    {
      id: 'tool.description.optional',
      level: 'MUST',
      profile: 'tools',
      statement: 'A tool without a description is served.',
      source: ['T:msg', 'H2'],
      fixtures: ['tool-variants', 'tool-without-description'],
      judge: bundled([{ among: 'tool-variants', alone: 'tool-without-description' }]),
    },
    {
      id: 'tool.schema.minimal',
      level: 'MUST',
      profile: 'tools',
      statement: 'A tool whose input_schema is {"type": "object"} and nothing else is served.',
      source: ['T:msg'],
      fixtures: ['tool-variants', 'tool-schema-minimal'],
      judge: bundled([{ among: 'tool-variants', alone: 'tool-schema-minimal' }]),
    },
    {
      id: 'tool.schema.rich',
      level: 'SHOULD',
      profile: 'agent',
      statement:
        'A tool whose schema has nested objects, lists, enum, anyOf, $defs and additionalProperties, as MCP servers write them, is served.',
      source: ['T:msg', 'CC'],
      fixtures: [...SESSION, 'tool-schema-rich'],
      judge: servedInSession('tool-schema-rich'),
    },
    {
      id: 'tool.schema.required',
      level: 'SHOULD',
      profile: 'tools',
      statement:
        'A tool without a name or without input_schema, such as one with parameters in its place, is refused as a client error (400 documented).',
      source: ['H2', 'H5'],
      fixtures: ['tool-parameters', 'tool-nameless', 'cheap-tool'],
      judge: rejected({ silent: true }),
    },
    {
      id: 'tool.schema.type-object',
      level: 'SHOULD',
      profile: 'tools',
      statement:
        'An input_schema whose type is missing, or is not object, is refused as a client error (400 documented).',
      source: ['H5', 'T:msg'],
      fixtures: ['tool-schema-string', 'tool-schema-typeless', 'cheap-tool'],
      judge: rejected(),
    },
    {
      id: 'tool.name.pattern',
      level: 'SHOULD',
      profile: 'tools',
      statement:
        'A tool name of 64 letters, digits, underscores and hyphens is served; one with a space or a dot is refused as a client error (400 documented).',
      source: ['D:define', 'O24'],
      fixtures: ['tool-variants', 'tool-name-64', 'tool-name-space', 'tool-name-dot', 'cheap-tool'],
      judge: (evidence) =>
        worst(bundled([{ among: 'tool-variants', alone: 'tool-name-64' }])(evidence), rejected()(evidence)),
    },
    {
      id: 'tool.name.duplicate',
      level: 'SHOULD',
      profile: 'tools',
      statement: 'Two tools of one name are refused as a client error (400 documented).',
      source: ['H5'],
      fixtures: ['tool-name-twice', 'cheap-tool'],
      judge: rejected(),
    },
    {
      id: 'tool.list.empty',
      level: 'SHOULD',
      profile: 'tools',
      statement: 'An empty list of tools is served like no list.',
      source: ['T:msg'],
      fixtures: ['permitted-zero', 'tools-empty'],
      judge: bundled([{ among: 'permitted-zero', alone: 'tools-empty' }]),
    },
    {
      id: 'tool.list.many',
      level: 'MUST',
      profile: 'agent',
      statement: 'Sixty tools in one request are served.',
      source: ['CC', 'D:toolsearch'],
      fixtures: [...SESSION, 'tools-sixty'],
      judge: servedInSession('tools-sixty'),
    },
    {
      id: 'tool.fields.optional',
      level: 'SHOULD',
      profile: 'agent',
      statement:
        'The optional fields of a tool (cache_control, strict, defer_loading, eager_input_streaming, input_examples, allowed_callers) are served or refused as a client error; none makes the server fail.',
      source: ['T:msg', 'CC'],
      fixtures: ['tool-fields', ...FIELD_PARTS, 'cheap-tool'],
      judge: servedOrRefused,
    },
    {
      id: 'tool.server.unsupported',
      level: 'SHOULD',
      profile: 'tools',
      statement:
        "The server's own tool web_search_20250305 is run by the server or refused as a client error (400 documented); it is neither dropped in silence nor handed to the client.",
      source: ['T:msg', 'D:server'],
      fixtures: ['search-tool', 'search-without-tool'],
      judge: runOrRefused,
    },
    {
      id: 'tool.client.builtin',
      level: 'MAY',
      profile: 'agent',
      statement:
        'The client tools bash_20250124, text_editor_20250728 and memory_20250818 are served, and bash can be called by its fixed name.',
      source: ['T:msg', 'D:toolref'],
      fixtures: ['builtin-tools'],
      judge: callsBash,
    },
  ],
};

function servedOrRefused(evidence: Evidence): Judgement {
  const asked = ['tool-fields', ...FIELD_PARTS].flatMap((id) => evidence.of(id));
  const answered = asked.filter((exchange) => !askedToWait(exchange));
  const nothing = noAnswer(answered.length > 0 ? answered : asked, evidence);
  if (nothing !== null) return nothing;
  for (const exchange of answered) {
    const trouble = succeeded(exchange)
      ? null
      : whyControlFailed(evidence, evidence.fixture(exchange.fixture), exchange);
    if (trouble !== null) return inconclusive(trouble);
  }
  const crashed = answered.filter((exchange) => status(exchange) >= 500 || exchange.response === null);
  if (crashed.length === 0) return satisfied();
  return violated(
    crashed.map((exchange) =>
      finding(
        exchange,
        `${evidence.fixture(exchange.fixture).title}: the server failed.`,
        'HTTP 200 with a Message, or HTTP 400',
        answer(exchange),
        { pointer: '/tools' },
      ),
    ),
  );
}

/** An honest refusal of a tool, whatever its status: 400 is documented, 403 says that it is not for this account. */
const isClientError = (exchange: Exchange): boolean =>
  status(exchange) >= 400 && status(exchange) < 500 && ![401, 407, 408].includes(status(exchange));

function runOrRefused(evidence: Evidence): Judgement {
  const asked = evidence.of('search-tool');
  const nothing = noAnswer(asked, evidence);
  if (nothing !== null) return nothing;
  const exchange = asked[0]!;
  const trouble = whyControlFailed(evidence, evidence.fixture('search-tool'), exchange);
  if (trouble !== null) return inconclusive(trouble);
  if (isClientError(exchange)) return satisfied(`refused, which is honest: ${answer(exchange)}`);
  const expected = 'server_tool_use with its result, or HTTP 400';
  const { message } = exchange;
  if (!succeeded(exchange) || message === null)
    return violated(finding(exchange, 'The server tool made the server fail.', expected, answer(exchange)));
  if (calls(message).some(({ name }) => name === 'web_search')) {
    return violated(
      finding(
        exchange,
        'The server tool is handed to the client as a tool_use, and no client can carry it out.',
        expected,
        quote(message.content),
        { pointer: '/content' },
      ),
    );
  }
  if (blocks(message).some(({ type }) => type === 'server_tool_use')) return satisfied();
  return droppedOrUnused(evidence, exchange);
}

/** Without a search in the reply, the input tokens tell whether the tool was part of the prompt at all. */
function droppedOrUnused(evidence: Evidence, exchange: Exchange): Judgement {
  const without = evidence.of('search-without-tool').find(succeeded);
  const [withTool, bare] = [exchange, without].map((one) => totalInput(get(one?.message, 'usage')));
  if (withTool === null || withTool === undefined || bare === null || bare === undefined)
    return inconclusive('the model did not search, and the replies do not tell their input tokens');
  if (bare === 0) return inconclusive('the model did not search, and prompts are counted as nothing');
  if (withTool > bare) return inconclusive('the tool was part of the prompt, but the model did not search');
  return violated(
    finding(
      exchange,
      'The server tool was dropped in silence: no search in the reply, and not a token more than without the tool.',
      'server_tool_use with its result, or HTTP 400',
      `${withTool} input tokens with the tool, ${bare} without; ${replyText(exchange)}`,
      { pointer: '/usage/input_tokens' },
    ),
    true,
  );
}

function callsBash(evidence: Evidence): Judgement {
  const served = evidence.of('builtin-tools').filter((exchange) => succeeded(exchange) && exchange.message !== null);
  if (served.length === 0) return accepted()(evidence);
  const expected = 'a tool_use named bash';
  const calling = served.filter(({ message }) => calls(message).length > 0);
  const others = calling.filter(({ message }) => calls(message).some(({ name }) => name !== 'bash'));
  if (others.length > 0) {
    return violated(
      others.map((exchange) =>
        finding(exchange, 'The forced tool bash is called by another name.', expected, quote(calls(exchange.message))),
      ),
    );
  }
  if (calling.length > 0) return satisfied();
  const silent = served.filter(({ message }) => !wasTruncated(message));
  if (silent.length === 0) return inconclusive('max_tokens cut every reply before a call', served.length);
  return violated(
    silent.map((exchange) => noCall(exchange, expected)),
    true,
  );
}
