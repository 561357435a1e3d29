import { answer, rejectedAsInvalid, succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import type { Json, JsonObject } from '../core/json.js';
import { get, isObject, quote } from '../core/json.js';
import { blocks, text } from '../core/message.js';
import type { Transport } from '../core/protocol.js';
import type { Evidence, Finding, Judge, Judgement, Suite } from '../core/requirement.js';
import { bundled } from './judging/bundles.js';
import { whyControlFailed } from './judging/controls.js';
import { whereTaken } from './judging/feature-gates.js';
import { accepted, rejected } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { deviates, finding, inconclusive, satisfied, violated } from './judging/outcomes.js';
import { replyText } from './judging/steering.js';
import { calls, misfits, noCall, schemaOf, wasTruncated, worst } from './judging/tool-views.js';
import { answered, firstFew } from './judging/views.js';

/** The sum in its two forms: with an optional property, and without where that is refused. */
const SUM = { among: 'structured', alone: 'structured-plain' };
const FORMS = [SUM.among, SUM.alone];
const LEVELS_OF_EFFORT = ['effort-low', 'effort-high'];

export const structuredOutput: Suite = {
  name: 'structured-output',
  title: 'answers and tool inputs that are held to a schema',
  requirements: [
    {
      id: 'so.format.json',
      level: 'MUST',
      profile: 'structured-output',
      statement: 'With output_config.format a reply is one text block that is JSON and fits the schema.',
      source: ['D:so', 'T:msg'],
      fixtures: FORMS,
      judge: fitting('json'),
    },
    {
      id: 'so.format.stream',
      level: 'MUST',
      profile: 'structured-output',
      statement: 'With output_config.format the text of a stream adds up to JSON that fits the schema.',
      source: ['D:so'],
      fixtures: FORMS,
      judge: fitting('stream'),
    },
    {
      id: 'so.format.unsupported',
      level: 'SHOULD',
      profile: 'structured-output',
      statement:
        'A request with output_config.format is answered in that form or refused as a client error (400 documented); the form is never dropped in silence.',
      source: ['D:so'],
      fixtures: FORMS,
      judge: neverDropped,
    },
    {
      id: 'so.schema.additional-properties',
      level: 'SHOULD',
      profile: 'structured-output',
      statement:
        'A schema whose object does not say additionalProperties false is refused as a client error (400 documented).',
      source: ['D:so', 'H2'],
      fixtures: ['structured-open', ...FORMS],
      judge: whereTaken('structured-output', FORMS, rejected()),
    },
    {
      id: 'so.schema.unsupported',
      level: 'SHOULD',
      profile: 'structured-output',
      statement: 'A schema that contains itself is refused as a client error (400 documented).',
      source: ['D:so'],
      fixtures: ['structured-recursive', ...FORMS],
      judge: whereTaken('structured-output', FORMS, rejected()),
    },
    {
      id: 'so.required-first',
      level: 'MAY',
      profile: 'structured-output',
      statement: 'In a structured answer the required properties stand before the optional ones.',
      source: ['D:so'],
      fixtures: FORMS,
      judge: requiredFirst,
    },
    {
      id: 'so.truncation',
      level: 'SHOULD',
      profile: 'structured-output',
      statement:
        'A structured answer that max_tokens cuts is served as far as it goes, with the stop reason max_tokens.',
      source: ['D:so'],
      fixtures: ['structured-cut', 'structured-cut-alone'],
      judge: cutIsTold,
    },
    {
      id: 'so.strict-tool',
      level: 'MUST',
      profile: 'structured-output',
      statement: 'The input of a call of a strict tool fits its schema.',
      source: ['D:strict', 'T:msg'],
      fixtures: ['strict-tool'],
      judge: strictInput,
    },
    {
      id: 'so.effort',
      level: 'MAY',
      profile: 'agent',
      statement:
        'The documented levels of output_config.effort are served; another is refused as a client error (400 documented).',
      source: ['D:effort', 'T:msg'],
      fixtures: ['structured-cut', ...LEVELS_OF_EFFORT, 'effort-unknown'],
      judge: effort,
    },
  ],
};

/** What is wrong with a value that should fit a closed schema of one object. */
function wrongs(schema: JsonObject, value: Json | undefined): string[] {
  if (!isObject(value)) return ['it is no object'];
  const properties = isObject(schema.properties) ? schema.properties : {};
  const strays = Object.entries(value).flatMap(([key, item]) => {
    if (!Object.hasOwn(properties, key)) return [`${quote(key)} is no property of the schema`];
    const allowed = get(properties, key, 'enum');
    return Array.isArray(allowed) && !allowed.includes(item as Json) ? [`${key} is ${quote(item)}`] : [];
  });
  return [...misfits(schema, value), ...strays];
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** What keeps a finished reply from being the structured answer that was asked for; `null` when it is that. */
function misfit(exchange: Exchange): Finding | null {
  const { message } = exchange;
  const expected = 'one text block with a JSON object that fits the schema';
  const fault = (sentence: string, actual: string) =>
    finding(exchange, sentence, expected, actual, { pointer: '/content' });
  if (calls(message).length > 0)
    return fault('The structured answer comes as a tool call that nobody declared.', quote(calls(message)));
  const texts = blocks(message, 'text');
  if (texts.length !== 1) return fault(`The structured answer is ${texts.length} text blocks.`, replyText(exchange));
  const value = parsed(text(message));
  if (value === undefined)
    return fault('output_config.format is accepted, and the answer is no JSON.', replyText(exchange));
  const schema = get(exchange.sent, 'output_config', 'format', 'schema');
  const [wrong] = wrongs(isObject(schema) ? schema : {}, value);
  if (wrong === undefined) return null;
  return fault(`The structured answer does not fit the schema: ${wrong}.`, replyText(exchange));
}

/** Exchanges of the form that was served. */
function askedFor(evidence: Evidence, transport: Transport): readonly Exchange[] {
  const whole = evidence.of(SUM.among, transport);
  const plain = evidence.of(SUM.alone, transport);
  return whole.some(succeeded) || plain.length === 0 ? whole : plain;
}

const finished = (exchanges: readonly Exchange[]): Exchange[] =>
  answered(exchanges).filter(({ message }) => !wasTruncated(message));

/** Constrained decoding is the server's work: one finished reply that does not fit is enough. */
function fitting(transport: Transport): Judge {
  return (evidence) => {
    const own = askedFor(evidence, transport);
    const judgement = accepted()({ ...evidence, own });
    if (judgement.outcome !== 'satisfied') return judgement;
    const replies = finished(own);
    if (replies.length === 0) return inconclusive('no reply came to its end', own.length);
    const faults = replies.flatMap((exchange) => misfit(exchange) ?? []);
    return faults.length === 0 ? satisfied() : violated(faults, true);
  };
}

/** Words without any sign of JSON. A form that is only taken wrongly is for the requirements on what the answer holds. */
const isProse = ({ message }: Exchange): boolean => text(message).trim() !== '' && !/[{}]/.test(text(message));

function neverDropped(evidence: Evidence): Judgement {
  const asked = FORMS.flatMap((id) => evidence.of(id));
  const nothing = noAnswer(asked, evidence);
  if (nothing !== null) return nothing;
  const replies = finished(asked);
  const dropped = replies.filter(isProse).flatMap((exchange) => misfit(exchange) ?? []);
  if (dropped.length > 0) return violated(dropped, true);
  const failed = asked.filter((exchange) => !rejectedAsInvalid(exchange) && !succeeded(exchange));
  if (failed.length > 0) {
    const trouble = whyControlFailed(evidence, evidence.fixture(failed[0]!.fixture), failed[0]!);
    if (trouble !== null) return inconclusive(trouble);
    return violated(
      failed.map((exchange) =>
        finding(
          exchange,
          'A request with output_config.format is neither served nor refused as a client error.',
          'HTTP 200 with JSON, or HTTP 400',
          answer(exchange),
        ),
      ),
    );
  }
  if (replies.length > 0) return satisfied();
  const refusal = asked.find(rejectedAsInvalid);
  return refusal === undefined
    ? inconclusive('no reply came to its end', asked.length)
    : satisfied(`refused, which is honest: ${answer(refusal)}`);
}

function requiredFirst(evidence: Evidence): Judgement {
  const judgement = accepted()({ ...evidence, own: evidence.of(SUM.among) });
  if (judgement.outcome !== 'satisfied') return judgement;
  const replies = finished(evidence.of(SUM.among)).filter((exchange) => misfit(exchange) === null);
  if (replies.length === 0) return inconclusive('no structured answer came to look at');
  const both = replies.filter(({ message }) => isObject(parsed(text(message))) && keysOf(message).includes('working'));
  if (both.length === 0) return inconclusive('the model left the optional property out', replies.length);
  const late = both.filter(({ message }) => keysOf(message).indexOf('working') < keysOf(message).indexOf('answer'));
  if (late.length === 0) return satisfied();
  return deviates(
    late.map((exchange) =>
      finding(
        exchange,
        'An optional property stands before a required one.',
        'answer, then working',
        replyText(exchange),
        {
          pointer: '/content/0/text',
        },
      ),
    ),
  );
}

/** Keys in the order of the text. */
const keysOf = (message: unknown): string[] => Object.keys((parsed(text(message)) ?? {}) as JsonObject);

function cutIsTold(evidence: Evidence): Judgement {
  const shares = [{ among: 'structured-cut', alone: 'structured-cut-alone' }];
  return bundled(shares, (shared) => {
    const judgement = accepted()(shared);
    if (judgement.outcome !== 'satisfied') return judgement;
    const reason = ({ message }: Exchange) => get(message, 'stop_reason');
    const replies = shared.own.filter(succeeded);
    if (replies.every((exchange) => reason(exchange) === 'max_tokens')) return satisfied();
    const untold = replies.filter(
      (exchange) => !wasTruncated(exchange.message) && parsed(text(exchange.message)) === undefined,
    );
    if (untold.length === 0) return inconclusive('max_tokens did not cut the answer', replies.length);
    return violated(
      untold.map((exchange) =>
        finding(
          exchange,
          'A structured answer breaks off, and the stop reason does not tell.',
          'stop_reason "max_tokens"',
          `stop_reason ${quote(reason(exchange))}, ${replyText(exchange)}`,
          { pointer: '/stop_reason' },
        ),
      ),
      true,
    );
  })(evidence);
}

function strictInput(evidence: Evidence): Judgement {
  const judgement = accepted()(evidence);
  if (judgement.outcome !== 'satisfied') return judgement;
  const replies = answered(evidence.own);
  const ended = replies.filter(({ message }) => !wasTruncated(message));
  if (ended.length === 0) return inconclusive('the reply was cut before a call', replies.length);
  const calling = ended.filter((exchange) => strictCalls(exchange).length > 0);
  if (calling.length === 0) return violated(ended.map((exchange) => noCall(exchange, 'a tool_use of the strict tool')));
  const faults = calling.flatMap((exchange) => firstFew(strictFaults(exchange)));
  return faults.length === 0 ? satisfied() : violated(faults, true);
}

/** Calls of tools that the request declares. */
const strictCalls = (exchange: Exchange): JsonObject[] =>
  calls(exchange.message).filter((call) => schemaOf(exchange, call) !== null);

function strictFaults(exchange: Exchange): Finding[] {
  return strictCalls(exchange).flatMap((call) => {
    const wrong = wrongs(schemaOf(exchange, call) ?? {}, call.input);
    if (wrong.length === 0) return [];
    const sentence = `The input of a strict tool does not fit its schema: ${wrong[0]}.`;
    const expected = 'unit "celsius" or "fahrenheit", an integer as days, nothing else';
    return [finding(exchange, sentence, expected, quote(call.input), { pointer: '/content' })];
  });
}

function effort(evidence: Evidence): Judgement {
  const high = evidence.of('effort-high');
  const bad = evidence.of('effort-unknown');
  return worst(
    bundled([{ among: 'structured-cut', alone: 'effort-low' }])(evidence),
    ...(high.length === 0 ? [] : [accepted()({ ...evidence, own: high })]),
    ...(bad.length === 0 ? [] : [rejected()({ ...evidence, own: bad })]),
  );
}
