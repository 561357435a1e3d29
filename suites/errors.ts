import {
  answer,
  askedToWait,
  errorBody,
  hasErrorEvent,
  isRejectedIn200,
  isUnparsed,
  rejectedAsInvalid,
  status,
  succeeded,
} from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import { get, quote } from '../core/json.js';
import type { Evidence, Finding, Judgement, Suite } from '../core/requirement.js';
import { controlTrouble, sdkMayBeBlocked, whyControlFailed } from './judging/controls.js';
import {
  contentTypeFaults,
  detailFaults,
  envelope,
  envelopeType,
  errorDetails,
  errorObject,
  errorTextFaults,
  errorType,
  jsonError,
  mostlyOfMessages,
  requestIdFaults,
  typeFaults,
  withBody,
} from './judging/error-envelope.js';
import { invalidRequests, isDocumentedStatus } from './judging/invalid-requests.js';
import { each } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { finding, inconclusive, notObserved, satisfied, verdictOf, violated } from './judging/outcomes.js';
import { described } from './judging/request-findings.js';

/** Rejections of every kind: because of the body, the credential, the path. */
const REJECTIONS = ['max-tokens-missing', 'role-tool', 'credential-invalid', 'path-unknown'];

const NO_ERRORS = 'The target rejected no request of this run';

/** Invalid fields without a requirement of their own. */
const MORE_INVALID_REQUESTS = [
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
  title: 'status, envelope and message of all errors of the run',
  requirements: [
    {
      id: 'err.envelope.type',
      level: 'MUST',
      profile: 'errors',
      statement: 'Every error body with a JSON content type is one JSON object with `type` "error".',
      source: ['D:errors'],
      fixtures: REJECTIONS,
      judge: mostlyOfMessages(each(jsonError, envelopeType, { nothing: NO_ERRORS })),
    },
    {
      id: 'err.envelope.error',
      level: 'MUST',
      profile: 'errors',
      statement: '`error.type` and `error.message` are non-empty strings.',
      source: ['D:errors', 'T:err'],
      fixtures: REJECTIONS,
      judge: mostlyOfMessages(each(errorObject, errorTextFaults, { nothing: NO_ERRORS })),
    },
    {
      id: 'err.envelope.type-enum',
      level: 'MUST',
      profile: 'errors',
      statement: '`error.type` is a documented value that belongs to the HTTP status.',
      source: ['D:errors', 'T:shared'],
      fixtures: REJECTIONS,
      judge: mostlyOfMessages(each(errorType, typeFaults, { nothing: NO_ERRORS })),
    },
    {
      id: 'err.details.shape',
      level: 'SHOULD',
      profile: 'errors',
      statement: '`error.details`, where the server sends it, is an object with a string `error_code`.',
      source: ['T:err', 'D:errors'],
      fixtures: REJECTIONS,
      judge: each(errorDetails, detailFaults, { nothing: 'No error of this run has `details`' }),
    },
    {
      id: 'err.envelope.request-id',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'An error has its request id in `request_id` of the body or in the `request-id` header; where it has both, they are equal.',
      source: ['D:errors', 'F'],
      fixtures: ['max-tokens-missing'],
      judge: each(envelope, requestIdFaults, { nothing: NO_ERRORS }),
    },
    {
      id: 'err.content-type',
      level: 'MUST',
      profile: 'errors',
      statement:
        'Errors have the content type application/json, never HTML or plain text; for a path that the server does not have, others are only discouraged.',
      source: ['D:errors', 'X'],
      fixtures: REJECTIONS,
      judge: mostlyOfMessages(each(withBody, contentTypeFaults, { nothing: NO_ERRORS })),
    },
    {
      id: 'err.client-fault-not-5xx',
      level: 'MUST',
      profile: 'errors',
      statement: 'The server never answers an invalid request with a 5xx, which clients retry.',
      source: ['D:errors', 'T:client'],
      fixtures: ['max-tokens-missing', 'messages-empty', 'body-not-json', ...MORE_INVALID_REQUESTS],
      judge: noServerError,
    },
    {
      id: 'err.validation-status',
      level: 'MUST',
      profile: 'errors',
      statement:
        'The server rejects invalid requests with 400: not with 422, not with 200, and not with a status that clients retry.',
      source: ['D:errors'],
      fixtures: ['max-tokens-missing', 'messages-empty', 'role-tool', 'body-not-json', ...MORE_INVALID_REQUESTS],
      judge: validationStatus,
    },
    {
      id: 'err.message-names-field',
      level: 'SHOULD',
      profile: 'errors',
      statement: '`error.message` names the invalid field, in plain text.',
      source: ['H3', 'H5'],
      fixtures: ['max-tokens-missing', 'messages-empty', 'role-tool'],
      judge: namesField,
    },
    {
      id: 'err.rate-limit',
      level: 'SHOULD',
      profile: 'errors',
      statement: 'A 429 `rate_limit_error` has a `retry-after` header, unless a spending cap is reached.',
      source: ['D:errors', 'D:limits'],
      fixtures: [],
      judge: each((exchange) => (status(exchange) === 429 ? exchange : null), rateLimit, {
        nothing: 'No request of this run got a 429, and the suite does not provoke one',
      }),
    },
    {
      id: 'err.overload',
      level: 'SHOULD',
      profile: 'errors',
      statement: 'An `overloaded_error` has status 529, 503 or 500.',
      source: ['D:errors'],
      fixtures: [],
      judge: each(overloaded, (type, exchange) => overloadStatus(type, exchange), {
        nothing: 'No request of this run got an `overloaded_error`, and the suite does not provoke one',
      }),
    },
    {
      id: 'err.too-large',
      level: 'SHOULD',
      profile: 'errors',
      statement: 'The server rejects a body over the size limit with 413 (documented: `request_too_large`).',
      source: ['D:errors'],
      fixtures: ['body-too-large', 'cheap'],
      judge: tooLarge,
      onRequest: 'it sends 33 MB, and a target without a limit may process them',
    },
  ],
};

function noServerError(evidence: Evidence): Judgement {
  const asked = invalidRequests(evidence);
  if (asked.length === 0) return nothingRejected(evidence);
  return verdictOf(
    asked
      .filter((exchange) => status(exchange) >= 500 && !askedToWait(exchange) && !isUnparsed(exchange))
      .map((exchange) =>
        finding(
          exchange,
          `HTTP ${status(exchange)} for an invalid request, which clients retry: ${described(evidence, exchange)}.`,
          'HTTP 400 invalid_request_error',
          answer(exchange),
          { pointer: evidence.fixture(exchange.fixture).violates?.pointer ?? '' },
        ),
      ),
  );
}

/** Why there are no invalid requests to judge: none was sent, or no control request was accepted. */
function nothingRejected(evidence: Evidence): Judgement {
  const nothing = noAnswer(evidence.own, evidence);
  if (nothing !== null) return nothing;
  const untested = controlTrouble(evidence, evidence.own);
  if (untested !== null) return untested;
  return notObserved(NO_ERRORS);
}

function validationStatus(evidence: Evidence): Judgement {
  const asked = invalidRequests(evidence).filter((exchange) => isDocumentedStatus(evidence, exchange));
  if (asked.length === 0) return nothingRejected(evidence);
  const waits = onlyInvalidToldToRetry(evidence, asked);
  if (waits !== null) return waits;
  const rejections = asked.filter((exchange) => rejectedAsInvalid(exchange) || isRejectedIn200(exchange));
  if (rejections.length === 0)
    return noAnswer(asked, evidence) ?? notObserved('The target rejected no invalid request of this run');
  return verdictOf(
    rejections
      .filter((exchange) => !isDocumentedStatus(evidence, exchange, status(exchange)))
      .map((exchange) =>
        finding(
          exchange,
          `HTTP ${status(exchange)} instead of 400 for an invalid request: ${described(evidence, exchange)}.`,
          'HTTP 400',
          answer(exchange),
          { pointer: evidence.fixture(exchange.fixture).violates?.pointer ?? '' },
        ),
      ),
    // Clients see an error event.
    rejections.some((exchange) => isRejectedIn200(exchange) && !hasErrorEvent(exchange.stream)),
  );
}

/** This many invalid requests are not a coincidence: when all of them are told to retry, and when only some are. */
const FEW_WAITS = 3;
const MANY_WAITS = 8;

/**
 * A target that answers many invalid requests, but hardly any valid ones, with "try again later" does not limit rates: it takes a
 * rejection for a failure of its own. A real limit affects both kinds, and accepts a later attempt.
 */
function onlyInvalidToldToRetry(evidence: Evidence, asked: readonly Exchange[]): Judgement | null {
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
      `${fixtures.length} invalid requests get a retry status, but ${alike === 0 ? 'no' : 'hardly any'} valid one does; clients retry requests that cannot succeed.`,
      'HTTP 400 invalid_request_error',
      answer(waiting[0]!),
    ),
  );
}

function namesField(evidence: Evidence): Judgement {
  const rejections = invalidRequests(evidence).filter(
    (exchange) =>
      rejectedAsInvalid(exchange) &&
      errorBody(exchange) !== null &&
      namesOf(evidence, exchange).length > 0 &&
      !sdkMayBeBlocked(evidence, exchange),
  );
  if (rejections.length === 0) return nothingRejected(evidence);
  return verdictOf(rejections.flatMap((exchange) => unnamedProblem(evidence, exchange)));
}

const namesOf = (evidence: Evidence, exchange: Exchange): readonly string[] =>
  evidence.fixture(exchange.fixture).violates?.names ?? [];

function unnamedProblem(evidence: Evidence, exchange: Exchange): Finding[] {
  const message = errorBody(exchange)?.message ?? '';
  const names = namesOf(evidence, exchange);
  const encoded = /^\s*\{|\{[^{}]*"error\\*"\s*:/.test(message);
  if (!encoded && names.some((name) => message.toLowerCase().includes(name.toLowerCase()))) return [];
  return [
    finding(
      exchange,
      encoded
        ? '`error.message` is another error encoded as JSON, not a sentence.'
        : `\`error.message\` does not name the problem: ${described(evidence, exchange)}.`,
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
      '`retry-after` is missing in a 429; clients have to guess how long to wait.',
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
      `HTTP ${status(exchange)} for an overload; clients treat it as another error.`,
      'HTTP 529',
      `HTTP ${status(exchange)} ${quote(type)}`,
    ),
  ];
}

function tooLarge(evidence: Evidence): Judgement {
  const asked = evidence.of('body-too-large');
  const nothing = noAnswer(asked, evidence);
  if (nothing !== null) return nothing;
  const first = asked[0]!;
  const trouble = whyControlFailed(evidence, evidence.fixture('body-too-large'), first);
  if (trouble !== null) return inconclusive(trouble);
  if (status(first) === 413) return satisfied();
  if (succeeded(first) && first.message !== null) return notObserved('33 MB are within the size limit of this target');
  return violated(
    finding(
      first,
      first.response === null
        ? 'No response to a body over the size limit: the connection is closed, and clients retry.'
        : 'No HTTP 413 for a body over the size limit.',
      'HTTP 413 request_too_large',
      answer(first),
    ),
  );
}
