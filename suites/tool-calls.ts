import { answer, isAccepted, isUnparsed } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import type { JsonObject } from '../core/json.js';
import { get, isObject, quote } from '../core/json.js';
import { pendingCalls } from '../core/message.js';
import type { Transport } from '../core/protocol.js';
import type { Evidence, Finding, Judgement, Suite } from '../core/requirement.js';
import { each } from './judging/judges.js';
import { leaksNoMarkup } from './judging/leaked-markup.js';
import { noAnswer } from './judging/no-answer.js';
import { finding, inconclusive, notObserved, satisfied, verdictOf, violated } from './judging/outcomes.js';
import {
  blockPointer,
  calls,
  choiceType,
  declaredTools,
  hasNoParameters,
  jsonMessageWithToolUse,
  messageWithToolUse,
  NO_CALLS,
  schemaMismatches,
  schemaOf,
  wasTruncated,
} from './judging/tool-views.js';
import { declaresTools } from './judging/views.js';
import { falsyDropped } from './stream/tool-input-pairs.js';

export const toolCalls: Suite = {
  name: 'tool-calls',
  title: 'tool calls in replies: shape, arguments, ids',
  requirements: [
    {
      id: 'tu.stop-reason',
      level: 'MUST',
      profile: 'tools',
      statement:
        '`stop_reason` of a reply with a `tool_use` for the client is "tool_use", unless the reply was truncated.',
      source: ['D:stop', 'D:handle'],
      fixtures: ['tool-forced'],
      judge: each(
        jsonMessageWithToolUse,
        (message, exchange) =>
          message.stop_reason === 'tool_use' || wasTruncated(message) || pendingCalls(message).length === 0
            ? []
            : [
                finding(
                  exchange,
                  '`stop_reason` does not report the tool call; agents stop here.',
                  'stop_reason "tool_use"',
                  `stop_reason ${quote(message.stop_reason)}`,
                  { pointer: '/stop_reason' },
                ),
              ],
        { nothing: NO_CALLS },
      ),
    },
    {
      id: 'tu.shape',
      level: 'MUST',
      profile: 'tools',
      statement:
        '`id` and `name` of a `tool_use` block are non-empty strings; `input` is the JSON object with the arguments.',
      source: ['S1', 'T:msg'],
      fixtures: ['tool-forced'],
      judge: each(
        jsonMessageWithToolUse,
        (message, exchange) => calls(message).flatMap((call) => shapeFaults(message, call, exchange)),
        { nothing: NO_CALLS },
      ),
    },
    {
      id: 'tu.input.matches-schema',
      level: 'SHOULD',
      profile: 'tools',
      statement:
        '`input` of a tool call has the required properties of the `input_schema`, with values of the declared types.',
      source: ['D:handle'],
      fixtures: ['tool-forced', 'call-typed'],
      judge: (evidence) => falsyDropped(evidence) ?? inputsMatch(evidence),
    },
    {
      id: 'tu.input.empty',
      level: 'MUST',
      profile: 'tools',
      statement: '`input` of a call of a tool without parameters is the object {}, not null or a string.',
      source: ['D:stream', 'T:msg'],
      fixtures: ['tool-variants'],
      judge: each(
        (exchange) => {
          const message = jsonMessageWithToolUse(exchange);
          return calls(message).some((call) => hasNoParameters(schemaOf(exchange, call))) ? message : null;
        },
        (message, exchange) =>
          calls(message)
            .filter((call) => hasNoParameters(schemaOf(exchange, call)) && !isObject(call.input))
            .map((call) =>
              finding(
                exchange,
                '`input` of a call without parameters is not an object.',
                'input {}',
                Object.hasOwn(call, 'input') ? `input ${quote(call.input)}` : 'no input',
                blockPointer(message, call, '/input'),
              ),
            ),
        { nothing: 'No reply of this run calls a tool without parameters' },
      ),
    },
    {
      id: 'tu.id.pattern',
      level: 'MUST',
      profile: 'tools',
      statement:
        '`id` of a `tool_use` has only letters, digits, underscores and hyphens, and occurs once in a conversation; other conversations may repeat it.',
      source: ['O24', 'H5'],
      fixtures: ['tool-forced', 'agent-tool-loop'],
      judge: each(
        (exchange) => {
          const message = messageWithToolUse(exchange);
          return calls(message).some(({ id }) => typeof id === 'string' && id !== '') ? message : null;
        },
        idFaults,
        { nothing: NO_CALLS },
      ),
    },
    {
      id: 'tu.name.declared',
      level: 'MUST',
      profile: 'tools',
      statement: '`name` of a tool call is a tool that the request declares.',
      source: ['D:define'],
      fixtures: ['tool-forced', 'choice-any'],
      judge: names,
    },
    {
      id: 'resp.markup-not-leaked',
      level: 'SHOULD',
      profile: 'tools',
      statement:
        'The text of a reply has no special tokens of a chat template, such as <|channel|>, and beside a `tool_use` no markup of calls, such as <tool_call>, <function=…> or [TOOL_CALLS].',
      source: ['D:handle'],
      fixtures: ['tool-forced'],
      judge: leaksNoMarkup,
    },
    {
      id: 'tu.unparsed',
      level: 'SHOULD',
      profile: 'tools',
      statement:
        'When the model writes a tool call that does not parse, the server returns it as text or ends the reply; it does not fail with a 5xx, which clients retry.',
      source: ['D:errors', 'T:client'],
      fixtures: ['tool-forced'],
      judge: each(
        (exchange) => (isUnparsed(exchange) || (isAccepted(exchange) && declaresTools(exchange)) ? exchange : null),
        (exchange) =>
          isUnparsed(exchange)
            ? [
                finding(
                  exchange,
                  'The server fails because the output of its model does not parse; clients retry, and the request is lost.',
                  'HTTP 200 with the output as text',
                  answer(exchange),
                ),
              ]
            : [],
        { nothing: 'No request of this run with tools was accepted' },
      ),
    },
    {
      id: 'tu.parallel',
      level: 'MAY',
      profile: 'tools',
      statement: 'Each of several tool calls in a reply is a `tool_use` block of its own with all of its arguments.',
      source: ['D:parallel'],
      fixtures: ['choice-any'],
      judge: parallelCalls,
    },
  ],
};

/** Property names that adapters use for arguments that they do not parse. */
const WRAPPERS = ['raw_arguments', 'arguments', 'raw_input', '_raw', 'raw'];

/** Whether the input has the arguments as JSON text in a property that the tool does not declare. */
function isWrapped(call: JsonObject, exchange: Exchange): boolean {
  const { input } = call;
  const [key, ...rest] = isObject(input) ? Object.keys(input) : [];
  if (key === undefined || rest.length > 0 || !WRAPPERS.includes(key)) return false;
  const value = get(input, key);
  return typeof value === 'string' && /^\s*\{/.test(value) && !get(schemaOf(exchange, call), 'properties', key);
}

function shapeFaults(message: JsonObject, call: JsonObject, exchange: Exchange): Finding[] {
  const faults: Finding[] = [];
  for (const key of ['id', 'name']) {
    if (typeof call[key] === 'string' && call[key] !== '') continue;
    faults.push(
      finding(
        exchange,
        `\`${key}\` of a \`tool_use\` is not a non-empty string; clients cannot ${key === 'id' ? 'return its result' : 'run the tool'}.`,
        'a non-empty string',
        quote(call[key]),
        blockPointer(message, call, `/${key}`),
      ),
    );
  }
  const input = Object.hasOwn(call, 'input') ? quote(call.input) : 'no input';
  const at = blockPointer(message, call, '/input');
  if (isWrapped(call, exchange)) {
    faults.push(
      finding(
        exchange,
        '`input` of a tool call wraps the arguments as JSON text.',
        'the arguments themselves',
        input,
        at,
      ),
    );
  } else if (!isObject(call.input) && !hasNoParameters(schemaOf(exchange, call))) {
    faults.push(finding(exchange, '`input` of a tool call is not a JSON object.', 'a JSON object', input, at));
  }
  return faults;
}

/** Tool calls of the run with an input that can be compared with a schema; `single`: of replies with one call, or with several. */
function comparable(evidence: Evidence, single: boolean): { exchange: Exchange; call: JsonObject; faults: string[] }[] {
  return evidence.all.flatMap((exchange) => {
    const message = jsonMessageWithToolUse(exchange);
    if (message === null || wasTruncated(message) || (calls(message).length === 1) !== single) return [];
    return calls(message).flatMap((call) => {
      const schema = schemaOf(exchange, call);
      if (schema === null || !isObject(call.input) || isWrapped(call, exchange)) return [];
      return [{ exchange, call, faults: schemaMismatches(schema, call.input) }];
    });
  });
}

/** A model may make mistakes, but a server that loses arguments always does. So only a tool without a single matching call violates it. */
function inputsMatch(evidence: Evidence): Judgement {
  const found = comparable(evidence, true);
  if (found.length === 0) return noAnswer(evidence.own, evidence) ?? notObserved(NO_CALLS);
  const matching = new Set(found.filter(({ faults }) => faults.length === 0).map(({ call }) => call.name));
  const mismatched = found.filter(({ call }) => !matching.has(call.name));
  const lost = mismatched.filter(({ call }) => found.filter((one) => one.call.name === call.name).length > 1);
  if (lost.length === 0 && mismatched.length > 0) {
    const [{ call, faults }] = mismatched as [(typeof mismatched)[number]];
    return inconclusive(
      `The only call of ${quote(call.name)} violates its schema (${faults.join(', ')}), maybe because of the model`,
    );
  }
  return verdictOf(
    lost.map(({ exchange, call, faults }) =>
      finding(
        exchange,
        `Every call of ${quote(call.name)} violates its \`input_schema\`.`,
        'the required properties with values of the declared types',
        `input ${quote(call.input)}: ${faults.join(', ')}`,
        blockPointer(exchange.message!, call, '/input'),
      ),
    ),
  );
}

function parallelCalls(evidence: Evidence): Judgement {
  const replies = evidence.all.filter((exchange) => calls(jsonMessageWithToolUse(exchange)).length > 1);
  if (replies.length === 0)
    return (
      noAnswer(evidence.own, evidence) ?? notObserved('No reply of this run has several tool calls, which is allowed')
    );
  const complete = new Set(
    comparable(evidence, true)
      .filter(({ faults }) => faults.length === 0)
      .map(({ call }) => call.name),
  );
  // A model may leave out an argument. A server that mixes up the parts of several calls leaves none.
  const parallel = comparable(evidence, false)
    .filter(({ call }) => complete.has(call.name))
    .map((one) => ({ ...one, faults: Object.keys(one.call.input as JsonObject).length === 0 ? one.faults : [] }));
  // One reply with only matching calls shows that the server keeps them apart. Other faults are the model's.
  const whole = replies.some((exchange) =>
    parallel.every((one) => one.exchange !== exchange || one.faults.length === 0),
  );
  if (whole) return satisfied();
  return violated(
    parallel
      .filter(({ faults }) => faults.length > 0)
      .map(({ exchange, call, faults }) =>
        finding(
          exchange,
          'Arguments are lost in a reply with several tool calls.',
          'all arguments in the block of each call',
          `input ${quote(call.input)}: ${faults.join(', ')}`,
          blockPointer(exchange.message!, call, '/input'),
        ),
      ),
  );
}

/** Calls of tools that the request does not declare. The definition of a toolset implies the names of its tools. */
function undeclared(exchange: Exchange): JsonObject[] {
  const declared = declaredTools(exchange).map(({ name }) => name);
  return calls(messageWithToolUse(exchange)).filter(
    ({ name, toolset_name }) => typeof name === 'string' && !toolset_name && !declared.includes(name),
  );
}

/**
 * The server is responsible for the name of a forced call. Otherwise a weak model may call a tool that does not exist, but a server that
 * changes names changes all of them.
 */
function names(evidence: Evidence): Judgement {
  // That an invalid request was accepted, such as one that forces a tool it does not declare, is judged elsewhere.
  const calling = evidence.all.filter(
    (exchange) => messageWithToolUse(exchange) !== null && evidence.fixture(exchange.fixture).violates === null,
  );
  if (calling.length === 0) return noAnswer(evidence.own, evidence) ?? notObserved(NO_CALLS);
  const isForced = (exchange: Exchange): boolean => ['any', 'tool'].includes(choiceType(exchange) ?? '');
  const someDeclared = (transport: Transport): boolean =>
    calling.some((exchange) => exchange.transport === transport && undeclared(exchange).length === 0);
  const undeclaredCalls = calling.filter((exchange) => undeclared(exchange).length > 0);
  const wrong = undeclaredCalls.filter((exchange) => isForced(exchange) || !someDeclared(exchange.transport));
  if (wrong.length === 0 && undeclaredCalls.length > 0)
    return satisfied(
      `The model itself called ${quote(undeclared(undeclaredCalls[0]!)[0]?.name)}, which the request does not declare`,
    );
  return verdictOf(
    wrong.flatMap((exchange) =>
      undeclared(exchange).map((call) => {
        const declared = declaredTools(exchange).map(({ name }) => name);
        return finding(
          exchange,
          '`name` of a tool call is not a declared tool.',
          declared.length === 0 ? 'no call, because the request declares no tools' : `one of ${quote(declared)}`,
          quote(call.name),
          blockPointer(messageWithToolUse(exchange)!, call, '/name'),
        );
      }),
    ),
  );
}

const ID = /^[A-Za-z0-9_-]+$/;

/**
 * A client sends the calls of one conversation back together, so ids have to differ there: in the reply, and from the calls in the history
 * of the request. Other conversations may repeat them.
 */
function idFaults(message: JsonObject, exchange: Exchange): Finding[] {
  const earlier = idsInHistory(exchange);
  const seen = new Set<string>();
  return calls(message).flatMap((call) => {
    const { id } = call;
    // tu.shape and the requirements on streams judge missing ids.
    if (typeof id !== 'string' || id === '') return [];
    const at = blockPointer(message, call, '/id');
    const isTwice = seen.has(id);
    seen.add(id);
    if (!ID.test(id))
      return [
        finding(
          exchange,
          '`id` of a tool call has invalid characters; clients cannot send it back.',
          ID.source,
          quote(id),
          at,
        ),
      ];
    if (!isTwice && !earlier.has(id)) return [];
    return [
      finding(
        exchange,
        isTwice
          ? '`id` of two tool calls of a reply is the same; clients cannot tell their results apart.'
          : '`id` of a tool call is the id of an earlier call in the conversation; agents treat it as done.',
        'an id that occurs once in the conversation',
        quote(id),
        at,
      ),
    ];
  });
}

/** Ids of the tool calls that the request sends back. */
function idsInHistory({ sent }: Exchange): ReadonlySet<unknown> {
  const messages = get(sent, 'messages');
  return new Set((Array.isArray(messages) ? messages : []).flatMap((one) => calls(one)).map(({ id }) => id));
}
