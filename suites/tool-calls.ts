import type { Exchange } from '../core/exchange.js';
import type { JsonObject } from '../core/json.js';
import { get, isObject, quote } from '../core/json.js';
import type { Transport } from '../core/protocol.js';
import type { Evidence, Finding, Judgement, Suite } from '../core/requirement.js';
import { each } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { finding, inconclusive, notObserved, satisfied, verdictOf, violated } from './judging/outcomes.js';
import {
  blockPointer,
  calls,
  choiceType,
  declaredTools,
  jsonMessageWithToolUse,
  messageWithToolUse,
  misfits,
  NO_CALLS,
  schemaOf,
  takesNothing,
  wasTruncated,
} from './judging/tool-views.js';

export const toolCalls: Suite = {
  name: 'tool-calls',
  title: 'calls in replies: shape, arguments, ids',
  requirements: [
    {
      id: 'tu.stop-reason',
      level: 'MUST',
      profile: 'tools',
      statement: 'A reply that holds a tool_use for the client ends with stop_reason tool_use, unless it was cut.',
      source: ['D:stop', 'D:handle'],
      fixtures: ['tool-forced'],
      judge: each(
        jsonMessageWithToolUse,
        (message, exchange) =>
          message.stop_reason === 'tool_use' || wasTruncated(message)
            ? []
            : [
                finding(
                  exchange,
                  'The reply waits for a tool result and does not say so: agents stop here.',
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
        'A tool_use block has a string id, a string name, and as input the JSON object of the arguments itself.',
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
      statement: "The input of a call has the keys that the tool's schema requires, with values of the declared types.",
      source: ['D:handle'],
      fixtures: ['tool-forced'],
      judge: inputsFit,
    },
    {
      id: 'tu.input.empty',
      level: 'MUST',
      profile: 'tools',
      statement: 'The call of a tool without parameters has an object as input, {}, and neither null nor a string.',
      source: ['D:stream', 'T:msg'],
      fixtures: ['tool-variants'],
      judge: each(
        (exchange) => {
          const message = jsonMessageWithToolUse(exchange);
          return calls(message).some((call) => takesNothing(schemaOf(exchange, call))) ? message : null;
        },
        (message, exchange) =>
          calls(message)
            .filter((call) => takesNothing(schemaOf(exchange, call)) && !isObject(call.input))
            .map((call) =>
              finding(
                exchange,
                'The call of a tool without parameters has no object as input.',
                'input {}',
                Object.hasOwn(call, 'input') ? `input ${quote(call.input)}` : 'no input',
                blockPointer(message, call, '/input'),
              ),
            ),
        { nothing: 'no reply of this run calls a tool without parameters' },
      ),
    },
    {
      id: 'tu.id.pattern',
      level: 'MUST',
      profile: 'tools',
      statement:
        'Ids of tool_use blocks consist of letters, digits, underscores and hyphens, and no two calls of a run share one.',
      source: ['O24', 'H5'],
      fixtures: ['tool-forced'],
      judge: ids,
    },
    {
      id: 'tu.name.declared',
      level: 'MUST',
      profile: 'tools',
      statement: 'A call names one of the tools that the request declares.',
      source: ['D:define'],
      fixtures: ['tool-forced', 'choice-any'],
      judge: names,
    },
    {
      id: 'tu.parallel',
      level: 'MAY',
      profile: 'tools',
      statement:
        'Several calls of one reply are separate tool_use blocks, each with the arguments that a call of its tool has alone.',
      source: ['D:parallel'],
      fixtures: ['choice-any'],
      judge: parallelCalls,
    },
  ],
};

/** Names that adapters give the arguments when they hand them on unparsed. */
const WRAPPERS = ['raw_arguments', 'arguments', 'raw_input', '_raw', 'raw'];

/** Whether the input holds the arguments as JSON text under a key that the tool does not declare. */
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
        `A tool_use has no ${key}: its result cannot be matched.`,
        `a non-empty string ${key}`,
        quote(call[key]),
        blockPointer(message, call, `/${key}`),
      ),
    );
  }
  const input = Object.hasOwn(call, 'input') ? quote(call.input) : 'no input';
  const at = blockPointer(message, call, '/input');
  if (isWrapped(call, exchange)) {
    faults.push(finding(exchange, 'The arguments are wrapped as JSON text.', 'the arguments themselves', input, at));
  } else if (!isObject(call.input) && !takesNothing(schemaOf(exchange, call))) {
    faults.push(finding(exchange, 'The input of a call is no JSON object.', 'a JSON object', input, at));
  }
  return faults;
}

/** Calls of the run whose input can be held against a schema. */
function fittable(evidence: Evidence, alone: boolean): { exchange: Exchange; call: JsonObject; faults: string[] }[] {
  return evidence.all.flatMap((exchange) => {
    const message = jsonMessageWithToolUse(exchange);
    if (message === null || wasTruncated(message) || (calls(message).length === 1) !== alone) return [];
    return calls(message).flatMap((call) => {
      const schema = schemaOf(exchange, call);
      if (schema === null || !isObject(call.input) || isWrapped(call, exchange)) return [];
      return [{ exchange, call, faults: misfits(schema, call.input) }];
    });
  });
}

/** A model may err; a server that loses arguments loses them always. So a tool's calls break it only when none of several fits. */
function inputsFit(evidence: Evidence): Judgement {
  const found = fittable(evidence, true);
  if (found.length === 0) return noAnswer(evidence.own) ?? notObserved(NO_CALLS);
  const fitting = new Set(found.filter(({ faults }) => faults.length === 0).map(({ call }) => call.name));
  const misfitting = found.filter(({ call }) => !fitting.has(call.name));
  const lost = misfitting.filter(({ call }) => found.filter((one) => one.call.name === call.name).length > 1);
  if (lost.length === 0 && misfitting.length > 0) {
    const [{ call, faults }] = misfitting as [(typeof misfitting)[number]];
    return inconclusive(
      `the one call of ${quote(call.name)} does not fit its schema (${faults.join(', ')}), which may be the model's doing`,
    );
  }
  return verdictOf(
    lost.map(({ exchange, call, faults }) =>
      finding(
        exchange,
        `No call of ${quote(call.name)} fits its schema.`,
        'the required keys, with values of the declared types',
        `input ${quote(call.input)}: ${faults.join(', ')}`,
        blockPointer(exchange.message!, call, '/input'),
      ),
    ),
  );
}

function parallelCalls(evidence: Evidence): Judgement {
  const replies = evidence.all.filter((exchange) => calls(jsonMessageWithToolUse(exchange)).length > 1);
  if (replies.length === 0)
    return noAnswer(evidence.own) ?? notObserved('no reply of this run holds several calls, which is a free choice');
  const alone = new Set(
    fittable(evidence, true)
      .filter(({ faults }) => faults.length === 0)
      .map(({ call }) => call.name),
  );
  // A model may leave out an argument; a server that puts the parts of calls together wrongly leaves nothing.
  const together = fittable(evidence, false)
    .filter(({ call }) => alone.has(call.name))
    .map((one) => ({ ...one, faults: Object.keys(one.call.input as JsonObject).length === 0 ? one.faults : [] }));
  // One reply whose calls all fit shows that the server keeps them apart; the rest is the model's.
  const whole = replies.some((exchange) =>
    together.every((one) => one.exchange !== exchange || one.faults.length === 0),
  );
  if (whole) return satisfied();
  return violated(
    together
      .filter(({ faults }) => faults.length > 0)
      .map(({ exchange, call, faults }) =>
        finding(
          exchange,
          'A call beside another lacks the arguments that the same tool gets when it is called alone.',
          'the arguments of each call in its own block',
          `input ${quote(call.input)}: ${faults.join(', ')}`,
          blockPointer(exchange.message!, call, '/input'),
        ),
      ),
  );
}

/** Names of calls that the request does not declare. Members of a toolset have names that its definition implies. */
function undeclared(exchange: Exchange): JsonObject[] {
  const declared = declaredTools(exchange).map(({ name }) => name);
  return calls(messageWithToolUse(exchange)).filter(
    ({ name, toolset_name }) => typeof name === 'string' && !toolset_name && !declared.includes(name),
  );
}

/**
 * Where a call is forced its name is the server's duty. By its own choice a weak model may call what there is not; a server
 * that changes names changes all of them.
 */
function names(evidence: Evidence): Judgement {
  const calling = evidence.all.filter((exchange) => messageWithToolUse(exchange) !== null);
  if (calling.length === 0) return noAnswer(evidence.own, evidence) ?? notObserved(NO_CALLS);
  const isForced = (exchange: Exchange): boolean => ['any', 'tool'].includes(choiceType(exchange) ?? '');
  const someFit = (transport: Transport): boolean =>
    calling.some((exchange) => exchange.transport === transport && undeclared(exchange).length === 0);
  const strange = calling.filter((exchange) => undeclared(exchange).length > 0);
  const wrong = strange.filter((exchange) => isForced(exchange) || !someFit(exchange.transport));
  if (wrong.length === 0 && strange.length > 0)
    return satisfied(
      `a call of a tool that was not declared, ${quote(undeclared(strange[0]!)[0]?.name)}, was the model's own`,
    );
  return verdictOf(
    wrong.flatMap((exchange) =>
      undeclared(exchange).map((call) => {
        const declared = declaredTools(exchange).map(({ name }) => name);
        return finding(
          exchange,
          'A tool is called that the request does not declare.',
          declared.length === 0 ? 'no call: the request declares no tools' : `one of ${quote(declared)}`,
          quote(call.name),
          blockPointer(messageWithToolUse(exchange)!, call, '/name'),
        );
      }),
    ),
  );
}

const ID = /^[A-Za-z0-9_-]+$/;

function ids(evidence: Evidence): Judgement {
  const findings: Finding[] = [];
  const seen = new Map<string, Exchange>();
  let found = 0;
  for (const exchange of evidence.all) {
    const message = messageWithToolUse(exchange);
    for (const call of calls(message)) {
      const { id } = call;
      // A missing id is no id that could be judged: tu.shape and the requirements of streams see to it.
      if (message === null || typeof id !== 'string' || id === '') continue;
      found += 1;
      const at = blockPointer(message, call, '/id');
      const earlier = seen.get(id);
      if (!ID.test(id))
        findings.push(finding(exchange, 'No history accepts this id.', `an id of ${ID.source}`, quote(id), at));
      else if (earlier !== undefined && !isSameReply(earlier, exchange) && !isSameQuestion(earlier, exchange))
        findings.push(
          finding(
            exchange,
            `The id of this call was that of another call already, in ${earlier.id}: one conversation cannot hold both.`,
            'an id of its own for each call',
            quote(id),
            at,
          ),
        );
      else seen.set(id, exchange);
    }
  }
  if (found === 0) return noAnswer(evidence.own) ?? notObserved(NO_CALLS);
  return verdictOf(findings);
}

/** Replies to the same messages never stand in one conversation: an id may be made from what led to the call. */
const isSameQuestion = (one: Exchange, other: Exchange): boolean => one !== other && quoteAll(one) === quoteAll(other);

const quoteAll = ({ sent }: Exchange): string => JSON.stringify(get(sent, 'messages') ?? null);

/** A reply served twice, e.g. out of a cache, repeats the id of the message as well: resp.id judges that. */
function isSameReply(one: Exchange, other: Exchange): boolean {
  const id = get(one.message, 'id');
  return one !== other && typeof id === 'string' && id !== '' && id === get(other.message, 'id');
}
