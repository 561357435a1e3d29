import { answer, rejectedAsInvalid, succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import type { Json, JsonObject } from '../core/json.js';
import { get, isObject, quote } from '../core/json.js';
import { blocks, placedBlocks, text } from '../core/message.js';
import type { Transport } from '../core/protocol.js';
import type { Evidence, Finding, Judge, Judgement, Suite } from '../core/requirement.js';
import { bundled } from './judging/bundles.js';
import { whyControlFailed } from './judging/controls.js';
import { whereAccepted } from './judging/feature-gates.js';
import { accepted, rejected } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { deviates, finding, inconclusive, satisfied, violated } from './judging/outcomes.js';
import { replyText } from './judging/steering.js';
import {
  calls,
  choiceIsDropped,
  missingCall,
  schemaMismatches,
  schemaOf,
  wasTruncated,
  worst,
} from './judging/tool-views.js';
import { answered, finished, firstFew } from './judging/views.js';

/** A sum with an optional property in its schema and, when the target rejects that, one without. */
const SUM = { whole: 'structured', part: 'structured-plain' };
const FORMS = [SUM.whole, SUM.part];
const LEVELS_OF_EFFORT = ['effort-low', 'effort-high'];

export const structuredOutput: Suite = {
  name: 'structured-output',
  title: 'replies and tool inputs that follow a schema',
  requirements: [
    {
      id: 'so.format.json',
      level: 'MUST',
      profile: 'structured-output',
      statement: 'With `output_config.format` a reply is one text block with JSON that matches the schema.',
      source: ['D:so', 'T:msg'],
      fixtures: FORMS,
      judge: matchesSchema('json'),
    },
    {
      id: 'so.format.stream',
      level: 'MUST',
      profile: 'structured-output',
      statement: 'With `output_config.format` the text of a stream is JSON that matches the schema.',
      source: ['D:so'],
      fixtures: FORMS,
      judge: matchesSchema('stream'),
    },
    {
      id: 'so.format.unsupported',
      level: 'SHOULD',
      profile: 'structured-output',
      statement:
        'The server applies `output_config.format` or rejects it as a client error (documented: 400). It never ignores it.',
      source: ['D:so'],
      fixtures: FORMS,
      judge: neverIgnored,
    },
    {
      id: 'so.schema.additional-properties',
      level: 'SHOULD',
      profile: 'structured-output',
      statement:
        'The server rejects a schema with an object without `additionalProperties: false` as a client error (documented: 400).',
      source: ['D:so', 'H2'],
      fixtures: ['structured-open', ...FORMS],
      judge: whereAccepted('structured-output', FORMS, rejected()),
    },
    {
      id: 'so.schema.unsupported',
      level: 'SHOULD',
      profile: 'structured-output',
      statement: 'The server rejects a recursive schema as a client error (documented: 400).',
      source: ['D:so'],
      fixtures: ['structured-recursive', ...FORMS],
      judge: whereAccepted('structured-output', FORMS, rejected()),
    },
    {
      id: 'so.required-first',
      level: 'MAY',
      profile: 'structured-output',
      statement: 'In a structured reply the required properties come before the optional ones.',
      source: ['D:so'],
      fixtures: FORMS,
      judge: requiredFirst,
    },
    {
      id: 'so.truncation',
      level: 'SHOULD',
      profile: 'structured-output',
      statement: 'The server returns a structured reply that `max_tokens` truncated, with `stop_reason` "max_tokens".',
      source: ['D:so'],
      fixtures: ['structured-cut', 'structured-cut-alone'],
      judge: reportsTruncation,
    },
    {
      id: 'so.strict-tool',
      level: 'MUST',
      profile: 'structured-output',
      statement: 'The input of a call of a tool with `strict` matches its schema.',
      source: ['D:strict', 'T:msg'],
      fixtures: ['strict-tool'],
      judge: strictInput,
    },
    {
      id: 'so.effort',
      level: 'MAY',
      profile: 'agent',
      statement:
        'The server accepts the documented values of `output_config.effort` and rejects any other as a client error (documented: 400).',
      source: ['D:effort', 'T:msg'],
      fixtures: ['structured-cut', ...LEVELS_OF_EFFORT, 'effort-unknown'],
      judge: effort,
    },
  ],
};

/** How a value violates a schema of one object without further properties. */
function mismatches(schema: JsonObject, value: Json | undefined): string[] {
  if (!isObject(value)) return ['it is not an object'];
  const properties = isObject(schema.properties) ? schema.properties : {};
  const further = Object.entries(value).flatMap(([key, item]) => {
    if (!Object.hasOwn(properties, key)) return [`${quote(key)} is not in the schema`];
    const allowed = get(properties, key, 'enum');
    return Array.isArray(allowed) && !allowed.includes(item as Json) ? [`\`${key}\` is ${quote(item)}`] : [];
  });
  return [...schemaMismatches(schema, value), ...further];
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Why a finished reply is not the structured reply that the request asks for; `null` when it is. */
function formatFault(exchange: Exchange): Finding | null {
  const { message } = exchange;
  const expected = 'one text block with JSON that matches the schema';
  const fault = (sentence: string, actual: string) =>
    finding(exchange, sentence, expected, actual, { pointer: '/content' });
  if (calls(message).length > 0)
    return fault('The structured reply is a call of a tool that the request does not declare.', quote(calls(message)));
  const texts = blocks(message, 'text');
  if (texts.length !== 1)
    return fault(`The structured reply has ${texts.length} text blocks, not one.`, replyText(exchange));
  const value = parsed(text(message));
  if (value === undefined) return fault(notJson(text(message)), replyText(exchange));
  const schema = get(exchange.sent, 'output_config', 'format', 'schema');
  const [wrong] = mismatches(isObject(schema) ? schema : {}, value);
  if (wrong === undefined) return null;
  return fault(`The structured reply violates the schema: ${wrong}.`, replyText(exchange));
}

/** Why a structured reply is not JSON. A lost end or a fence around it is another fault than an ignored format. */
function notJson(written: string): string {
  const words = written.trim();
  if (/^```/.test(words)) return 'The structured reply is JSON in a Markdown fence; clients cannot parse it.';
  if (/^[{[]/.test(words)) return 'The structured reply is incomplete or invalid JSON; clients cannot parse it.';
  if (/[{[]/.test(words)) return 'The structured reply has other text around its JSON, or lacks its beginning.';
  return '`output_config.format` is ignored: the reply is not JSON.';
}

/** The server has to constrain the output, so one finished reply that does not match is a violation. */
function matchesSchema(transport: Transport): Judge {
  return (evidence) => {
    const own = evidence.resolve(SUM, transport);
    const judgement = accepted()({ ...evidence, own });
    if (judgement.outcome !== 'satisfied') return judgement;
    const replies = finished(own);
    if (replies.length === 0) return inconclusive('No reply finished', own.length);
    const faults = replies.flatMap((exchange) => formatFault(exchange) ?? []);
    return faults.length === 0 ? satisfied() : violated(faults, true);
  };
}

/** Text without any braces. The requirements on the content judge JSON that is only wrong. */
const isProse = ({ message }: Exchange): boolean => text(message).trim() !== '' && !/[{}]/.test(text(message));

/** A reply in prose shows that the server ignored the format. */
function neverIgnored(evidence: Evidence): Judgement {
  const asked = FORMS.flatMap((id) => evidence.of(id));
  const nothing = noAnswer(asked, evidence);
  if (nothing !== null) return nothing;
  const replies = finished(asked);
  const ignored = replies.filter(isProse).flatMap((exchange) => formatFault(exchange) ?? []);
  if (ignored.length > 0) return violated(ignored, true);
  const failed = asked.filter((exchange) => !rejectedAsInvalid(exchange) && !succeeded(exchange));
  if (failed.length > 0) {
    const trouble = whyControlFailed(evidence, evidence.fixture(failed[0]!.fixture), failed[0]!);
    if (trouble !== null) return inconclusive(trouble);
    return violated(
      failed.map((exchange) =>
        finding(
          exchange,
          '`output_config.format` is neither accepted nor rejected as a client error.',
          'HTTP 200 with JSON, or HTTP 400',
          answer(exchange),
        ),
      ),
    );
  }
  if (replies.length > 0) return satisfied();
  const rejection = asked.find(rejectedAsInvalid);
  return rejection === undefined
    ? inconclusive('No reply finished', asked.length)
    : satisfied(`Rejected, which is allowed: ${answer(rejection)}`);
}

function requiredFirst(evidence: Evidence): Judgement {
  const judgement = accepted()({ ...evidence, own: evidence.of(SUM.whole) });
  if (judgement.outcome !== 'satisfied') return judgement;
  const replies = finished(evidence.of(SUM.whole)).filter((exchange) => formatFault(exchange) === null);
  if (replies.length === 0) return inconclusive('No reply matches the schema');
  const both = replies.filter(({ message }) => isObject(parsed(text(message))) && keysOf(message).includes('working'));
  if (both.length === 0) return inconclusive('The model left out the optional property', replies.length);
  const late = both.filter(({ message }) => keysOf(message).indexOf('working') < keysOf(message).indexOf('answer'));
  if (late.length === 0) return satisfied();
  return deviates(
    late.map((exchange) =>
      finding(
        exchange,
        'An optional property comes before a required one.',
        'answer, then working',
        replyText(exchange),
        { pointer: `${placedBlocks(exchange.message, 'text')[0]?.pointer ?? '/content'}/text` },
      ),
    ),
  );
}

/** Property names in the order of the text. */
const keysOf = (message: unknown): string[] => Object.keys((parsed(text(message)) ?? {}) as JsonObject);

function reportsTruncation(evidence: Evidence): Judgement {
  const shares = [{ whole: 'structured-cut', part: 'structured-cut-alone' }];
  return bundled(shares, (shared) => {
    const judgement = accepted()(shared);
    if (judgement.outcome !== 'satisfied') return judgement;
    const reason = ({ message }: Exchange) => get(message, 'stop_reason');
    const replies = shared.own.filter(succeeded);
    if (replies.every((exchange) => reason(exchange) === 'max_tokens')) return satisfied();
    const unreported = replies.filter(
      (exchange) => !wasTruncated(exchange.message) && parsed(text(exchange.message)) === undefined,
    );
    if (unreported.length === 0) return inconclusive('`max_tokens` did not truncate the reply', replies.length);
    return violated(
      unreported.map((exchange) =>
        finding(
          exchange,
          '`stop_reason` does not report the truncated structured reply.',
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
  if (ended.length === 0) return inconclusive('The reply was truncated before a tool call', replies.length);
  const calling = ended.filter((exchange) => strictCalls(exchange).length > 0);
  if (calling.length === 0) {
    const dropped = choiceIsDropped(evidence);
    if (dropped !== null && ended.every(({ message }) => calls(message).length === 0))
      return inconclusive(dropped, ended.length);
    return violated(ended.map((exchange) => missingCall(exchange, 'a tool_use of the strict tool')));
  }
  const faults = calling.flatMap((exchange) => firstFew(strictFaults(exchange)));
  return faults.length === 0 ? satisfied() : violated(faults, true);
}

/** Calls of declared tools. */
const strictCalls = (exchange: Exchange): JsonObject[] =>
  calls(exchange.message).filter((call) => schemaOf(exchange, call) !== null);

function strictFaults(exchange: Exchange): Finding[] {
  return strictCalls(exchange).flatMap((call) => {
    const wrong = mismatches(schemaOf(exchange, call) ?? {}, call.input);
    if (wrong.length === 0) return [];
    const sentence = `The input of a strict tool violates its schema: ${wrong[0]}.`;
    const expected = 'unit "celsius" or "fahrenheit", an integer in days, nothing else';
    return [finding(exchange, sentence, expected, quote(call.input), { pointer: '/content' })];
  });
}

function effort(evidence: Evidence): Judgement {
  const high = evidence.of('effort-high');
  const bad = evidence.of('effort-unknown');
  return worst(
    bundled([{ whole: 'structured-cut', part: 'effort-low' }])(evidence),
    ...(high.length === 0 ? [] : [accepted()({ ...evidence, own: high })]),
    ...(bad.length === 0 ? [] : [rejected()({ ...evidence, own: bad })]),
  );
}
