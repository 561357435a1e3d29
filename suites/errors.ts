import { answer, askedToWait, errorBody, rejectedAsInvalid, status, succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import { get, quote } from '../core/json.js';
import type { Evidence, Finding, Judgement, Suite } from '../core/requirement.js';
import { sdkMayBeBlocked, whyControlFailed } from './judging/controls.js';
import {
  envelope,
  envelopeType,
  errorMember,
  errorTexts,
  errorType,
  isLabelledAsJson,
  labelledAsJson,
  requestIdMatches,
  typeFitsStatus,
  withBody,
} from './judging/error-envelope.js';
import { each } from './judging/judges.js';
import { asksFor400, negatives } from './judging/negatives.js';
import { noAnswer } from './judging/no-answer.js';
import { finding, inconclusive, notObserved, satisfied, verdictOf, violated } from './judging/outcomes.js';

/** Refusals of every kind: of the body, of the credential, of the path. */
const REFUSALS = ['max-tokens-missing', 'role-tool', 'credential-invalid', 'path-unknown'];

const NO_ERRORS = 'no request of this run was refused';

/** Fields that no requirement of their own names. */
const FURTHER_NEGATIVES = [
  'tools-object',
  'tool-choice-string',
  'thinking-boolean',
  'thinking-unknown',
  'output-config-string',
  'cache-control-string',
  'cache-control-ttl',
  'metadata-string',
  'metadata-user-id-number',
  'service-tier-unknown',
  'container-number',
  'diagnostics-string',
  'inference-geo-number',
  'speed-unknown',
];

export const errors: Suite = {
  name: 'errors',
  title: 'status, envelope and wording of everything that is refused, judged over the whole run',
  requirements: [
    {
      id: 'err.envelope.type',
      level: 'MUST',
      profile: 'errors',
      statement: 'Every error body that is labelled as JSON is one JSON object whose type is "error".',
      source: ['D:errors'],
      fixtures: REFUSALS,
      judge: each(labelledAsJson, envelopeType, { nothing: NO_ERRORS }),
    },
    {
      id: 'err.envelope.error',
      level: 'MUST',
      profile: 'errors',
      statement: 'The member error of an error body holds a type and a message, both of them readable text.',
      source: ['D:errors', 'T:err'],
      fixtures: REFUSALS,
      judge: each(errorMember, errorTexts, { nothing: NO_ERRORS }),
    },
    {
      id: 'err.envelope.type-enum',
      level: 'MUST',
      profile: 'errors',
      statement: 'The error.type is a documented value that belongs to the status.',
      source: ['D:errors', 'T:shared'],
      fixtures: REFUSALS,
      judge: each(errorType, typeFitsStatus, { nothing: NO_ERRORS }),
    },
    {
      id: 'err.envelope.request-id',
      level: 'SHOULD',
      profile: 'errors',
      statement: 'An error body has a request_id, the same as in the request-id header where both are given.',
      source: ['D:errors'],
      fixtures: ['max-tokens-missing'],
      judge: each(envelope, requestIdMatches, { nothing: NO_ERRORS }),
    },
    {
      id: 'err.content-type',
      level: 'MUST',
      profile: 'errors',
      statement: 'Errors are labelled application/json, never HTML or plain text.',
      source: ['D:errors', 'X'],
      fixtures: REFUSALS,
      judge: each(withBody, isLabelledAsJson, { nothing: NO_ERRORS }),
    },
    {
      id: 'err.client-fault-not-5xx',
      level: 'MUST',
      profile: 'errors',
      statement: 'No invalid request is answered with a server error, which clients would repeat.',
      source: ['D:errors', 'T:client'],
      fixtures: ['max-tokens-missing', 'messages-empty', 'body-not-json', ...FURTHER_NEGATIVES],
      judge: noServerError,
    },
    {
      id: 'err.validation-status',
      level: 'MUST',
      profile: 'errors',
      statement:
        'What is refused as invalid is refused with status 400: not 422, not 200, and not a status that asks to try again.',
      source: ['D:errors'],
      fixtures: ['max-tokens-missing', 'messages-empty', 'role-tool', 'body-not-json', ...FURTHER_NEGATIVES],
      judge: validationStatus,
    },
    {
      id: 'err.message-names-field',
      level: 'SHOULD',
      profile: 'errors',
      statement: 'The message of a refusal names the field that is wrong, in plain text.',
      source: ['H3', 'H5'],
      fixtures: ['max-tokens-missing', 'messages-empty', 'role-tool'],
      judge: namesField,
    },
    {
      id: 'err.rate-limit',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'A rate limit (429 rate_limit_error) says in retry-after how long to wait, unless a spending cap is reached.',
      source: ['D:errors', 'D:limits'],
      fixtures: [],
      judge: each((exchange) => (status(exchange) === 429 ? exchange : null), rateLimit, {
        nothing: 'no request of this run met a rate limit, and none is provoked',
      }),
    },
    {
      id: 'err.overload',
      level: 'SHOULD',
      profile: 'errors',
      statement: 'Overload (overloaded_error) has the status 529, or 503 or 500.',
      source: ['D:errors'],
      fixtures: [],
      judge: each(overloaded, (type, exchange) => overloadStatus(type, exchange), {
        nothing: 'no request of this run met an overload, and none is provoked',
      }),
    },
    {
      id: 'err.too-large',
      level: 'SHOULD',
      profile: 'errors',
      statement: 'A body over the size limit is answered with 413 (request_too_large documented).',
      source: ['D:errors'],
      fixtures: ['body-too-large', 'cheap'],
      judge: tooLarge,
      onRequest: 'it sends 33 MB, and a target without a limit may try to serve them',
    },
  ],
};

function noServerError(evidence: Evidence): Judgement {
  const asked = negatives(evidence);
  if (asked.length === 0) return nothingRefused(evidence);
  return verdictOf(
    asked
      .filter((exchange) => status(exchange) >= 500 && !askedToWait(exchange))
      .map((exchange) =>
        finding(
          exchange,
          `${evidence.fixture(exchange.fixture).title}: answered with a server error, which clients repeat twice.`,
          'HTTP 400 invalid_request_error',
          answer(exchange),
          { pointer: evidence.fixture(exchange.fixture).violates?.pointer ?? '' },
        ),
      ),
  );
}

/** Why judges over all negatives have nothing to look at: none was carried out, or no control request was served. */
function nothingRefused(evidence: Evidence): Judgement {
  const nothing = noAnswer(evidence.own);
  if (nothing !== null) return nothing;
  for (const exchange of evidence.own) {
    const trouble = whyControlFailed(evidence, evidence.fixture(exchange.fixture), exchange);
    if (trouble !== null) return inconclusive(trouble);
  }
  return notObserved(NO_ERRORS);
}

function validationStatus(evidence: Evidence): Judgement {
  const asked = negatives(evidence).filter((exchange) => asksFor400(evidence, exchange));
  if (asked.length === 0) return nothingRefused(evidence);
  const waits = onlyInvalidAskedToWait(evidence, asked);
  if (waits !== null) return waits;
  const refusals = asked.filter((exchange) => rejectedAsInvalid(exchange) || refusedIn200(exchange));
  if (refusals.length === 0) return noAnswer(asked) ?? notObserved('no invalid request of this run was refused');
  return verdictOf(
    refusals
      .filter((exchange) => !asksFor400(evidence, exchange, status(exchange)))
      .map((exchange) =>
        finding(
          exchange,
          `${evidence.fixture(exchange.fixture).title}: refused with status ${status(exchange)}.`,
          'HTTP 400',
          answer(exchange),
          { pointer: evidence.fixture(exchange.fixture).violates?.pointer ?? '' },
        ),
      ),
    refusals.some(refusedIn200),
  );
}

/** A success status over a body that is an error, or nothing at all. */
function refusedIn200(exchange: Exchange): boolean {
  if (!succeeded(exchange) || exchange.message !== null) return false;
  const inStream = exchange.stream?.events.some(({ type, name }) => (type ?? name) === 'error') ?? false;
  return inStream || exchange.response?.body === '' || get(exchange.json, 'error') !== undefined;
}

/** So many invalid requests are no chance: where all of them are told to wait, and where only some are. */
const FEW_WAITS = 3;
const MANY_WAITS = 8;

/**
 * A target that answers many invalid requests, and hardly a valid one, with "try again later" does not limit rates: it
 * mistakes refusals for its own trouble. A real limit meets both kinds, and lets a request through that is repeated.
 */
function onlyInvalidAskedToWait(evidence: Evidence, asked: readonly Exchange[]): Judgement | null {
  const waiting = asked.filter(
    (exchange) => askedToWait(exchange) && evidence.of(exchange.fixture, exchange.transport).every(askedToWait),
  );
  const fixtures = [...new Set(waiting.map(({ fixture }) => fixture))];
  if (fixtures.length < (waiting.length === asked.length ? FEW_WAITS : MANY_WAITS)) return null;
  const valid = evidence.all.filter(
    (exchange) => evidence.fixture(exchange.fixture).violates === null && exchange.response !== null,
  );
  const alike = valid.filter(askedToWait).length;
  if (valid.length === 0 || alike > (fixtures.length < MANY_WAITS ? 0 : waiting.length / 4)) return null;
  return violated(
    finding(
      waiting[0]!,
      `${fixtures.length} invalid requests are asked to try again later, while ${alike === 0 ? 'no valid one is' : 'valid ones hardly ever are'}: clients repeat what can never succeed.`,
      'HTTP 400 invalid_request_error',
      answer(waiting[0]!),
    ),
  );
}

function namesField(evidence: Evidence): Judgement {
  const refusals = negatives(evidence).filter(
    (exchange) =>
      rejectedAsInvalid(exchange) &&
      errorBody(exchange) !== null &&
      namesOf(evidence, exchange).length > 0 &&
      !sdkMayBeBlocked(evidence, exchange),
  );
  if (refusals.length === 0) return nothingRefused(evidence);
  return verdictOf(refusals.flatMap((exchange) => vague(evidence, exchange)));
}

const namesOf = (evidence: Evidence, exchange: Exchange): readonly string[] =>
  evidence.fixture(exchange.fixture).violates?.names ?? [];

function vague(evidence: Evidence, exchange: Exchange): Finding[] {
  const message = errorBody(exchange)?.message ?? '';
  const names = namesOf(evidence, exchange);
  const encoded = /^\s*\{|\{[^{}]*"error\\*"\s*:/.test(message);
  if (!encoded && names.some((name) => message.toLowerCase().includes(name.toLowerCase()))) return [];
  return [
    finding(
      exchange,
      encoded
        ? 'The message is another error encoded in JSON instead of a sentence.'
        : `${evidence.fixture(exchange.fixture).title}: the message does not say what is wrong.`,
      `a message with ${names.map((name) => `"${name}"`).join(' or ')}`,
      quote(message),
      { pointer: '/error/message' },
    ),
  ];
}

function rateLimit(exchange: Exchange): Finding[] {
  const code = get(exchange.json, 'error', 'details', 'error_code');
  const capped = typeof code === 'string' && /limit_(reached|exceeded)$/.test(code);
  if (capped || exchange.header('retry-after') !== null || exchange.header('retry-after-ms') !== null) return [];
  return [
    finding(
      exchange,
      'A rate limit does not say how long to wait: clients guess.',
      'retry-after: seconds',
      'no such header',
      { header: 'retry-after' },
    ),
  ];
}

function overloaded(exchange: Exchange): { type: unknown } | null {
  const type = get(exchange.json, 'error', 'type');
  return status(exchange) === 529 || (status(exchange) >= 400 && type === 'overloaded_error') ? { type } : null;
}

function overloadStatus({ type }: { type: unknown }, exchange: Exchange): Finding[] {
  if ([529, 503, 500].includes(status(exchange))) return [];
  return [
    finding(
      exchange,
      `An overload has the status ${status(exchange)}, by which clients take it for something else.`,
      'HTTP 529',
      `HTTP ${status(exchange)} ${quote(type)}`,
    ),
  ];
}

function tooLarge(evidence: Evidence): Judgement {
  const asked = evidence.of('body-too-large');
  const nothing = noAnswer(asked);
  if (nothing !== null) return nothing;
  const first = asked[0]!;
  const trouble = whyControlFailed(evidence, evidence.fixture('body-too-large'), first);
  if (trouble !== null) return inconclusive(trouble);
  if (status(first) === 413) return satisfied();
  if (succeeded(first) && first.message !== null) return notObserved('33 MB are within the limit of this target');
  return violated(
    finding(
      first,
      first.response === null
        ? 'A body over the size limit has its connection cut: clients try again.'
        : 'A body over the size limit is not answered with 413.',
      'HTTP 413 request_too_large',
      answer(first),
    ),
  );
}
