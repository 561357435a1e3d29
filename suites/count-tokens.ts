import { answer, errorBody, rejectedAsInvalid, status, succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import { get, isObject, quote } from '../core/json.js';
import { totalInput } from '../core/message.js';
import type { Evidence, Finding, Judgement, Suite } from '../core/requirement.js';
import { carrierOf } from './judging/bundles.js';
import { whyControlFailed } from './judging/controls.js';
import { besides } from './judging/feature-gates.js';
import { rejected } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { whereThere, whyNotOk } from './judging/other-endpoints.js';
import {
  finding,
  inconclusive,
  notObserved,
  satisfied,
  schemaFindings,
  verdictOf,
  violated,
} from './judging/outcomes.js';
import { worst } from './judging/tool-views.js';
import { isCount } from './judging/views.js';

const COUNT = 'HTTP 200 {"input_tokens":…}';

export const countTokens: Suite = {
  name: 'count-tokens',
  title: 'counting the tokens of a request without sending it to the model',
  requirements: [
    {
      id: 'count.basic',
      level: 'MUST',
      profile: 'count-tokens',
      statement:
        'A POST to /v1/messages/count_tokens is answered with 200 and an input_tokens that is a whole number above zero.',
      source: ['D:count', 'T:msg'],
      fixtures: ['count-short'],
      judge: counts,
    },
    {
      id: 'count.absent-clean',
      level: 'SHOULD',
      profile: 'agent',
      statement:
        'Where tokens are not counted, the request of coding agents for a count is answered with 404 not_found_error within five seconds.',
      source: ['CC', 'D:errors'],
      fixtures: ['count-agent', 'count-beta', 'count-short'],
      judge: absentCleanly,
    },
    {
      id: 'count.system-tools',
      level: 'MUST',
      profile: 'count-tokens',
      statement: 'A system prompt raises the count, and so does a tool.',
      source: ['D:count'],
      fixtures: ['count-system', 'count-agent', 'count-tool', 'count-short'],
      judge: raisedByBoth,
    },
    {
      id: 'count.matches-usage',
      level: 'SHOULD',
      profile: 'count-tokens',
      statement:
        'The count is what the same prompt is billed for as input, give or take five per cent or ten tokens, whichever is more.',
      source: ['D:count'],
      fixtures: ['count-short', 'minimal'],
      judge: matchesUsage,
    },
    {
      id: 'count.required',
      level: 'SHOULD',
      profile: 'count-tokens',
      statement:
        'A request for a count without model or without messages is refused as a client error (400 documented).',
      source: ['T:msg'],
      fixtures: ['count-messages-missing', 'count-model-missing', 'count-short'],
      judge: whereThere('count-tokens', 'count-short', COUNT, rejected({ silent: true })),
    },
    {
      id: 'count.image',
      level: 'SHOULD',
      profile: 'count-tokens',
      statement: 'A picture raises the count.',
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
          finding(exchange, 'A prompt is counted as nothing.', 'input_tokens above 0', '0', {
            pointer: '/input_tokens',
          }),
        ]
      : schemaFindings(exchange, evidence.violations('countTokens', exchange.json)),
  );
  return verdictOf(findings, zero.length > 0);
}

/** An absent endpoint that takes long keeps agents waiting: they ask dozens of times when they start. */
const QUICK_MS = 5_000;

function absentCleanly(evidence: Evidence): Judgement {
  const asked = carrierOf(evidence, { among: 'count-agent', alone: 'count-beta' });
  const nothing = noAnswer(asked);
  if (nothing !== null) return nothing;
  const last = asked.at(-1)!;
  if (succeeded(last) && isObject(last.json)) return notObserved('tokens are counted, so nothing is absent');
  const plain = evidence.of('count-short');
  const without = plain.find((exchange) => succeeded(exchange) && isObject(exchange.json));
  if (without === undefined) {
    for (const exchange of plain) {
      const trouble = whyControlFailed(evidence, evidence.fixture(exchange.fixture), exchange);
      if (trouble !== null) return inconclusive(trouble);
    }
  }
  const expected = 'HTTP 404 not_found_error';
  const fault = (message: string): Judgement => violated(finding(last, message, expected, answer(last)));
  if (without !== undefined) return fault(`Tokens are counted, but not with ?beta=true, which agents send.`);
  if (status(last) !== 404) return fault('Tokens are neither counted, nor is it said that there is no such endpoint.');
  if (errorBody(last)?.type !== 'not_found_error')
    return fault('That there is no such endpoint is said in another form than clients read.');
  const took = last.response?.endMs ?? 0;
  if (took <= QUICK_MS) return satisfied();
  return violated(
    finding(
      last,
      'It takes long to say that there is no such endpoint.',
      `an answer within ${QUICK_MS} ms`,
      `${Math.round(took)} ms`,
    ),
  );
}

/** A tool is no part of a prompt for a target that does not claim tools, and refuses them. */
function raisedByBoth(evidence: Evidence): Judgement {
  const system = raised(evidence, evidence.of('count-system'));
  const tool = besides('tools', (all) => raised(all, carrierOf(all, { among: 'count-agent', alone: 'count-tool' })))(
    evidence,
  );
  return tool.outcome === 'not-observed' ? system : worst(system, tool);
}

/** Each of the requests is `count-short` with something added. */
function raised(evidence: Evidence, subjects: readonly Exchange[]): Judgement {
  const alone = evidence.of('count-short');
  const nothing = whyNotOk(evidence, alone, COUNT) ?? whyNotOk(evidence, subjects, COUNT);
  if (nothing !== null) return nothing;
  const base = alone.at(-1)!;
  const least = countOf(base);
  if (least === null) return inconclusive(`${base.id} was not answered with a count: ${answer(base)}`);
  return verdictOf(
    subjects.flatMap((exchange): Finding[] => {
      const count = countOf(exchange);
      if (count !== null && count > least) return [];
      return [
        finding(
          exchange,
          `${evidence.fixture(exchange.fixture).title}: counted as no more than the prompt alone.`,
          `more than the ${least} tokens of ${base.id}`,
          quote(get(exchange.json, 'input_tokens')),
          { pointer: '/input_tokens' },
        ),
      ];
    }),
    true,
  );
}

const TOLERANCE = 0.05;
const TOLERATED = 10;

function matchesUsage(evidence: Evidence): Judgement {
  const counted = evidence.of('count-short');
  const nothing = whyNotOk(evidence, counted, COUNT);
  if (nothing !== null) return nothing;
  const replies = evidence.of('minimal').filter((exchange) => exchange.message !== null);
  if (replies.length === 0) return inconclusive('the prompt that was counted was not served as a message');
  const billed = replies.map((exchange) => totalInput(get(exchange.message, 'usage'))).find((count) => count !== null);
  if (billed === undefined || billed === null) return notObserved('no reply to this prompt tells its input tokens');
  const allowed = Math.max(TOLERATED, billed * TOLERANCE);
  return verdictOf(
    counted
      .filter((exchange) => Math.abs((countOf(exchange) ?? Number.POSITIVE_INFINITY) - billed) > allowed)
      .map((exchange) =>
        finding(
          exchange,
          'The count is far from what the same prompt is billed for.',
          `${billed} input tokens, give or take ${Math.floor(allowed)}`,
          quote(get(exchange.json, 'input_tokens')),
          { pointer: '/input_tokens' },
        ),
      ),
    true,
  );
}

function imageCounts(evidence: Evidence): Judgement {
  const asked = evidence.of('count-image');
  const isRefused = asked.length > 0 && asked.every(rejectedAsInvalid);
  if (isRefused && evidence.of('count-short').some(succeeded) && !evidence.claims.profiles.includes('vision')) {
    return notObserved(`pictures are not claimed, and refused: ${answer(asked[0]!)}`);
  }
  return raised(evidence, evidence.of('count-image'));
}
