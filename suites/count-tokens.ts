import { answer, errorBody, isAccepted, rejectedAsInvalid, status, succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import { get, isObject, quote } from '../core/json.js';
import { totalInput } from '../core/message.js';
import type { Evidence, Finding, Judgement, Suite } from '../core/requirement.js';
import { controlTrouble } from './judging/controls.js';
import { needsProfile } from './judging/feature-gates.js';
import { rejected } from './judging/judges.js';
import { undisturbedByCount } from './judging/kept-connections.js';
import { noAnswer } from './judging/no-answer.js';
import { lastAttempt, whereEndpointExists, whyNotOk } from './judging/other-endpoints.js';
import {
  finding,
  inconclusive,
  notObserved,
  satisfied,
  schemaFindings,
  verdictOf,
  violated,
} from './judging/outcomes.js';
import { described } from './judging/request-findings.js';
import { worst } from './judging/tool-views.js';
import { isCount } from './judging/views.js';

const COUNT = 'HTTP 200 {"input_tokens":…}';

/** Fields that agents count with: a count with each alone, and a message with the same field. */
const COUNT_PARTS = [
  { count: 'count-choice', messages: 'choice-auto' },
  { count: 'count-thinking', messages: 'thinking' },
  { count: 'count-adaptive', messages: 'adaptive-short' },
  { count: 'count-effort', messages: 'effort-low' },
] as const;

export const countTokens: Suite = {
  name: 'count-tokens',
  title: 'the endpoint that counts the tokens of a request',
  requirements: [
    {
      id: 'count.basic',
      level: 'MUST',
      profile: 'count-tokens',
      statement: 'POST /v1/messages/count_tokens returns 200 and an `input_tokens` that is an integer above 0.',
      source: ['D:count', 'T:msg'],
      fixtures: ['count-short'],
      judge: counts,
    },
    {
      id: 'count.absent-clean',
      level: 'SHOULD',
      profile: 'agent',
      statement:
        'A server without token counting answers the count request of coding agents with 404 `not_found_error` within five seconds.',
      source: ['CC', 'D:errors'],
      fixtures: ['count-agent', 'count-beta', 'count-short'],
      judge: absentCleanly,
    },
    {
      id: 'count.messages-undisturbed',
      level: 'MUST',
      profile: 'agent',
      statement:
        'After a request for a token count, whatever it was answered with, the server accepts the next message.',
      source: ['CC'],
      fixtures: ['count-and-message'],
      judge: undisturbedByCount,
    },
    {
      id: 'count.system-tools',
      level: 'MUST',
      profile: 'count-tokens',
      statement: '`input_tokens` of a count includes the system prompt and the tools.',
      source: ['D:count'],
      fixtures: ['count-system', 'count-agent', 'count-tool', 'count-short'],
      judge: raisedByBoth,
    },
    {
      id: 'count.matches-usage',
      level: 'SHOULD',
      profile: 'count-tokens',
      statement:
        'The count equals the input tokens in `usage` for the same prompt, with a tolerance of 5% or ten tokens, whichever is larger; for a text of two hundred words an estimate may differ by 40%.',
      source: ['D:count'],
      fixtures: ['count-short', 'minimal', 'count-and-message'],
      judge: (evidence) => {
        const short = matchesUsage(evidence);
        return short.outcome === 'satisfied' ? verdictOf(longDifference(evidence), true) : short;
      },
    },
    {
      id: 'count.required',
      level: 'SHOULD',
      profile: 'count-tokens',
      statement:
        'The server rejects a count request without `model` or without `messages` as a client error (documented: 400).',
      source: ['T:msg'],
      fixtures: ['count-messages-missing', 'count-model-missing', 'count-short'],
      judge: whereEndpointExists('count-tokens', 'count-short', COUNT, rejected({ silent: true })),
    },
    {
      id: 'count.thinking-and-choice',
      level: 'SHOULD',
      profile: 'count-tokens',
      statement:
        '`count_tokens` accepts `thinking`, `tool_choice` and `output_config` in the forms in which `messages` accepts them.',
      source: ['CC', 'T:msg'],
      fixtures: ['count-agent', ...COUNT_PARTS.flatMap(({ count, messages }) => [count, messages])],
      judge: takesWhatMessagesTake,
    },
    {
      id: 'count.image',
      level: 'SHOULD',
      profile: 'count-tokens',
      statement: '`input_tokens` of a count includes images.',
      source: ['D:count'],
      fixtures: ['count-image', 'count-short'],
      judge: imageCounts,
    },
  ],
};

const countOf = (exchange: Exchange | undefined): number | null => {
  const count = get(exchange?.json, 'input_tokens');
  return isCount(count) ? count : null;
};

function counts(evidence: Evidence): Judgement {
  const nothing = whyNotOk(evidence, evidence.own, COUNT);
  if (nothing !== null) return nothing;
  const zero = evidence.own.filter((exchange) => countOf(exchange) === 0);
  const findings = evidence.own.flatMap((exchange) =>
    countOf(exchange) === 0
      ? [
          finding(exchange, '`input_tokens` of a count is 0.', 'input_tokens above 0', '0', {
            pointer: '/input_tokens',
          }),
        ]
      : schemaFindings(exchange, evidence.violations('countTokens', exchange.json)),
  );
  return verdictOf(findings, zero.length > 0);
}

/** Agents send dozens of count requests when they start, so a slow 404 delays them. */
const QUICK_MS = 5_000;

function absentCleanly(evidence: Evidence): Judgement {
  const asked = evidence.resolve({ whole: 'count-agent', part: 'count-beta' });
  const nothing = noAnswer(asked, evidence);
  if (nothing !== null) return nothing;
  const last = asked.at(-1)!;
  if (succeeded(last) && isObject(last.json)) return notObserved('The target counts tokens');
  const plain = evidence.of('count-short');
  const without = plain.find((exchange) => succeeded(exchange) && isObject(exchange.json));
  if (without === undefined) {
    const untested = controlTrouble(evidence, plain);
    if (untested !== null) return untested;
  }
  const expected = 'HTTP 404 not_found_error';
  const fault = (message: string): Judgement => violated(finding(last, message, expected, answer(last)));
  if (without !== undefined) return fault('Token counting fails with `?beta=true`, which agents send.');
  if (status(last) !== 404) return fault('No 404 from the missing endpoint that counts tokens.');
  if (errorBody(last)?.type !== 'not_found_error')
    return fault('`error.type` of the 404 is not `not_found_error`; clients do not recognize the missing endpoint.');
  const took = last.response?.endMs ?? 0;
  if (took <= QUICK_MS) return satisfied();
  return violated(
    finding(
      last,
      'The 404 for a missing endpoint takes too long.',
      `a response within ${QUICK_MS} ms`,
      `${Math.round(took)} ms`,
    ),
  );
}

/** Tools do not count for a target that does not claim and rejects them. */
function raisedByBoth(evidence: Evidence): Judgement {
  const system = raised(evidence, evidence.of('count-system'));
  const tool = needsProfile('tools', (all) => raised(all, all.resolve({ whole: 'count-agent', part: 'count-tool' })))(
    evidence,
  );
  return tool.outcome === 'not-observed' ? system : worst(system, tool);
}

/** Each of the requests is `count-short` with something added. */
function raised(evidence: Evidence, subjects: readonly Exchange[]): Judgement {
  const plain = evidence.of('count-short');
  const nothing = whyNotOk(evidence, plain, COUNT) ?? whyNotOk(evidence, subjects, COUNT);
  if (nothing !== null) return nothing;
  const base = plain.at(-1)!;
  const least = countOf(base);
  if (least === null) return inconclusive(`Not tested: ${base.id} did not return a count (${answer(base)})`);
  return verdictOf(
    subjects.flatMap((exchange): Finding[] => {
      const count = countOf(exchange);
      if (count !== null && count > least) return [];
      return [
        finding(
          exchange,
          `\`input_tokens\` does not increase: ${described(evidence, exchange)}.`,
          `more than ${least}, the count of ${base.id}`,
          quote(get(exchange.json, 'input_tokens')),
          { pointer: '/input_tokens' },
        ),
      ];
    }),
    true,
  );
}

/** A count of all fields at once decides while it is accepted, otherwise a count of each that `messages` accepts. */
function takesWhatMessagesTake(evidence: Evidence): Judgement {
  const whole = evidence.of('count-agent');
  if (whole.some(succeeded)) return whyNotOk(evidence, whole.filter(succeeded), COUNT) ?? satisfied();
  const parts = COUNT_PARTS.filter(({ count }) => evidence.of(count).length > 0);
  if (parts.length === 0)
    return whyNotOk(evidence, whole, COUNT) ?? inconclusive('Not tested: the fields were not counted one by one');
  const comparable = parts.filter(({ messages }) => evidence.of(messages).some(isAccepted));
  if (comparable.length === 0) return notObserved('The target accepts none of these fields in messages either');
  const judged = comparable.map(({ count }) => whyNotOk(evidence, evidence.of(count), COUNT) ?? satisfied());
  return worst(...judged);
}

const TOLERANCE = 0.05;
const TOLERATED = 10;
/** Estimates by characters are closer than this; half of a count is not. */
const ESTIMATE = 0.4;

/** The tolerance of short prompts hides a count that is halved or doubled; that of a long one shows it. */
function longDifference(evidence: Evidence): Finding[] {
  const turns = lastAttempt(evidence.of('count-and-message'));
  const [counted, reply] = [turns.get(1), turns.get(2)];
  const [count, billed] = [countOf(counted), totalInput(get(reply?.message, 'usage'))];
  if (counted === undefined || reply === undefined || !succeeded(counted) || !count || !billed) return [];
  const allowed = Math.max(TOLERATED, billed * ESTIMATE);
  if (Math.abs(count - billed) <= allowed) return [];
  return [
    {
      ...finding(
        counted,
        'The count differs from `usage` of the same prompt.',
        `${billed} input tokens, ± ${Math.floor(allowed)}`,
        String(count),
        { pointer: '/input_tokens' },
      ),
      comparedWith: reply.id,
    },
  ];
}

function matchesUsage(evidence: Evidence): Judgement {
  const counted = evidence.of('count-short');
  const nothing = whyNotOk(evidence, counted, COUNT);
  if (nothing !== null) return nothing;
  const replies = evidence.of('minimal').filter((exchange) => exchange.message !== null);
  if (replies.length === 0) return inconclusive('Not tested: the counted prompt did not get a reply');
  const billed = replies.map((exchange) => totalInput(get(exchange.message, 'usage'))).find((count) => count !== null);
  if (billed === undefined || billed === null) return notObserved('No reply to this prompt counts its input tokens');
  if (billed === 0)
    return inconclusive('Not tested: `usage` of the reply counts no input tokens, see usage.input.positive');
  const allowed = Math.max(TOLERATED, billed * TOLERANCE);
  return verdictOf(
    counted
      .filter((exchange) => Math.abs((countOf(exchange) ?? Number.POSITIVE_INFINITY) - billed) > allowed)
      .map((exchange) =>
        finding(
          exchange,
          'The count differs from `usage` of the same prompt.',
          `${billed} input tokens, ± ${Math.floor(allowed)}`,
          quote(get(exchange.json, 'input_tokens')),
          { pointer: '/input_tokens' },
        ),
      ),
    true,
  );
}

function imageCounts(evidence: Evidence): Judgement {
  const asked = evidence.of('count-image');
  const isRejected = asked.length > 0 && asked.every(rejectedAsInvalid);
  if (isRejected && evidence.of('count-short').some(succeeded) && !evidence.claims.profiles.includes('vision')) {
    return notObserved(`The contract does not claim vision, and the target rejects images: ${answer(asked[0]!)}`);
  }
  return raised(evidence, evidence.of('count-image'));
}
