import { answer, endsNormally, errorOf, status, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { asString, get } from '../../core/json.js';
import type { Evidence, Judge, Requirement, Suite } from '../../core/requirement.js';
import { deviates, finding, notObserved, verdictOf } from '../../suites/judging/outcomes.js';
import {
  becomes,
  type Expected,
  failed,
  failures,
  isPagePassedOn,
  reasonOf,
  withoutError,
} from '../judging/failures.js';
import { answerOf, callsOf, dialectIn, scriptOf } from '../judging/pairs.js';
import { shown } from '../judging/texts.js';

const UPSTREAM: Expected = {
  statuses: [500, 502, 503, 504, 529],
  types: ['api_error', 'overloaded_error', 'timeout_error'],
};
const INVALID: Expected = { statuses: [400, 413, 422], types: ['invalid_request_error', 'request_too_large'] };
const RATE_LIMIT: Expected = { statuses: [429], types: ['rate_limit_error'] };

const requirement = (
  id: string,
  fixtures: readonly string[],
  statement: string,
  judge: Judge,
  rest: Partial<Requirement> = {},
): Requirement => ({
  id,
  level: 'MUST',
  profile: 'errors',
  statement,
  source: ['O:errors', 'D:errors'],
  fixtures,
  judge,
  onIncomplete: true,
  ...rest,
});

const CUTS = [
  'cut-reset',
  'cut-half-event',
  'cut-closed',
  'cut-invalid-json',
  'cut-error',
  'cut-error-rate-limit',
  'cut-call',
  'cut-failed',
];

/** Reasons that say that something is missing. */
const TRUNCATED = new Set(['max_tokens', 'model_context_window_exceeded']);

const neverNormal = failures((exchange) =>
  endsNormally(exchange) && errorOf(exchange) === null
    ? {
        message: TRUNCATED.has(asString(get(exchange.message, 'stop_reason')))
          ? 'A failure in mid-stream looks like a limit that was reached: the stream ends normally, and nobody learns of it.'
          : 'A truncated answer looks complete: the upstream failed in mid-stream, and the stream ends normally.',
        expected: 'an error event, and no message_stop',
        actual: `message_stop after stop_reason ${asString(get(exchange.message, 'stop_reason')) || 'none'}`,
      }
    : null,
);

const nothingAfter = failures((exchange) =>
  endsNormally(exchange) && errorOf(exchange) !== null
    ? {
        message: 'An error event is followed by a normal end; clients take the truncated answer for a complete one.',
        expected: 'the error event as the last one',
        actual: 'message_stop after it',
      }
    : null,
);

const asEvent: Judge = (evidence) =>
  failures((exchange) =>
    errorOf(exchange) === null && !endsNormally(exchange) && !isBreakPassedOn(exchange, evidence)
      ? {
          message: succeeded(exchange)
            ? 'A failure in mid-stream reaches the client without an error event.'
            : withoutError(exchange),
          expected: 'an error event',
          actual: answer(exchange),
        }
      : null,
  )(evidence);

/** A transparent gateway may let a connection break off for its client as it did for itself. */
function isBreakPassedOn(exchange: Exchange, evidence: Evidence): boolean {
  const { fails } = scriptOf(exchange, evidence);
  const isBroken = fails !== undefined && 'ending' in fails && fails.ending !== 'error';
  return dialectIn(evidence).name === 'messages' && isBroken && exchange.failure !== null;
}

/** A page that is passed on as it came is no fault of the gateway's, but only the gateway can give clients an `error.type`. */
const withoutPages: Judge = (evidence) => {
  const pages = failed(evidence).filter((exchange) => isPagePassedOn(exchange, evidence));
  const others = becomes(UPSTREAM)({ ...evidence, own: evidence.own.filter((exchange) => !pages.includes(exchange)) });
  if (pages.length === 0 || others.outcome === 'violated') return others;
  return deviates(
    pages.map((exchange) =>
      finding(
        exchange,
        'A page of HTML is passed on as the upstream sent it; clients see a page in place of `error.type` and a message.',
        'HTTP 5xx with api_error in the error envelope',
        answer(exchange),
      ),
    ),
  );
};

/** What the upstream said before it failed is not changed. */
const textBefore: Judge = (evidence: Evidence) =>
  failures((exchange) => {
    const text = (exchange.stream?.events ?? []).map(({ data }) => asString(get(data, 'delta', 'text'))).join('');
    const whole = answerOf(scriptOf(exchange, evidence)).text;
    return whole.startsWith(text)
      ? null
      : { message: 'Text is invented when the upstream fails.', expected: shown(whole), actual: shown(text) };
  })(evidence);

const retryAfter = failures((exchange) => {
  const wait = exchange.header('retry-after');
  // In a stream that has begun there is no place for the header.
  return wait === '7' || (succeeded(exchange) && errorOf(exchange) !== null)
    ? null
    : {
        message: 'The wait that the upstream asks for is lost; clients try again too early.',
        expected: 'retry-after: 7',
        actual: wait === null ? 'no retry-after' : `retry-after: ${wait}`,
      };
});

const says = (word: RegExp, expected: string): Judge =>
  failures((exchange) => {
    const message = reasonOf(exchange);
    return word.test(message)
      ? null
      : { message: 'The reason of the upstream is not in the message of the error.', expected, actual: shown(message) };
  }, false);

/** The plain request after each failure. */
const nextWorks: Judge = (evidence) => {
  const next = evidence.own.filter((exchange) => exchange.turn > 1 && scriptOf(exchange, evidence).fails === undefined);
  if (next.length === 0) return notObserved('None of its requests was sent');
  return verdictOf(
    next
      .filter((exchange) => !succeeded(exchange) || exchange.message === null)
      .map((exchange: Exchange) =>
        finding(
          exchange,
          'The request after a failure of the upstream fails too; one failure stops everybody.',
          'the answer of the upstream',
          `${answer(exchange)}${callsOf(exchange).length === 0 ? ', the upstream was not asked' : ''}`,
        ),
      ),
  );
};

const FAILED = [
  'error-rate-limit',
  'error-server',
  'error-unavailable',
  'error-refused',
  'error-reset-before-headers',
  'cut-reset',
  'cut-error',
];

/** Where the client's own key was passed on, as a transparent gateway may do, it is the client's fault indeed. */
const isOwnKey = (exchange: Exchange): boolean => callsOf(exchange)[0]?.credential === 'client';

const notClientsFault = failures((exchange) =>
  !isOwnKey(exchange) &&
  ([401, 403].includes(status(exchange)) || /authentication|permission/.test(errorOf(exchange)?.type ?? ''))
    ? {
        message: "A wrong key of the gateway is reported as the client's fault; users change a key that is right.",
        expected: 'HTTP 500 or 502 with api_error',
        actual: answer(exchange),
      }
    : null,
);

export const errors: Suite = {
  name: 'gateway-errors',
  title: 'failures of the upstream, at the client',
  requirements: [
    requirement(
      'gw.errors.invalid',
      ['error-invalid'],
      'HTTP 400 of the upstream becomes `invalid_request_error`.',
      becomes(INVALID),
    ),
    requirement(
      'gw.errors.context-length',
      ['error-context-length'],
      'A context that is too long becomes `invalid_request_error` or `request_too_large`.',
      becomes(INVALID),
    ),
    requirement(
      'gw.errors.context-length.words',
      ['error-context-length'],
      'The message of a context that is too long has the words "prompt is too long" or "context": agents look for them to shorten a conversation.',
      says(/prompt is too long|context/i, '"prompt is too long" or "context"'),
      { level: 'SHOULD', source: ['CC', 'D:errors'] },
    ),
    requirement(
      'gw.errors.authentication',
      ['error-authentication'],
      "HTTP 401 of the upstream is never reported as the client's fault: the gateway's own key is wrong.",
      notClientsFault,
    ),
    requirement(
      'gw.errors.authentication.envelope',
      ['error-authentication'],
      'HTTP 401 of the upstream becomes an error in the documented envelope, never an answer.',
      becomes({
        statuses: [401, 403, ...UPSTREAM.statuses],
        types: ['authentication_error', 'permission_error', ...UPSTREAM.types],
      }),
    ),
    requirement(
      'gw.errors.permission',
      ['error-permission'],
      'HTTP 403 of the upstream becomes `permission_error`, or `api_error` with a 5xx.',
      becomes({ statuses: [403, ...UPSTREAM.statuses], types: ['permission_error', 'api_error'] }),
    ),
    requirement(
      'gw.errors.not-found',
      ['error-not-found'],
      'HTTP 404 of the upstream becomes `not_found_error` or `invalid_request_error`, or `api_error` with a 5xx.',
      becomes({
        statuses: [400, 404, ...UPSTREAM.statuses],
        types: ['not_found_error', 'invalid_request_error', 'api_error'],
      }),
    ),
    requirement(
      'gw.errors.timeout',
      ['error-timeout', 'error-gateway-timeout'],
      'HTTP 408 and 504 of the upstream become an error that clients try again: `timeout_error`, `api_error` or `overloaded_error`.',
      becomes({ statuses: [408, ...UPSTREAM.statuses], types: UPSTREAM.types }),
    ),
    requirement(
      'gw.errors.too-large',
      ['error-too-large'],
      'HTTP 413 of the upstream becomes `request_too_large` or `invalid_request_error`.',
      becomes(INVALID),
    ),
    requirement(
      'gw.errors.unprocessable',
      ['error-unprocessable'],
      'HTTP 422 of the upstream becomes `invalid_request_error`.',
      becomes(INVALID),
    ),
    requirement(
      'gw.errors.rate-limit',
      ['error-rate-limit', 'error-rate-limit-plain'],
      'HTTP 429 of the upstream stays a 429 with `rate_limit_error`.',
      becomes(RATE_LIMIT),
    ),
    requirement(
      'gw.errors.retry-after',
      ['error-rate-limit'],
      'The `retry-after` of the upstream reaches the client.',
      retryAfter,
    ),
    requirement(
      'gw.errors.server',
      ['error-server'],
      'HTTP 500 of the upstream becomes a 5xx with `api_error` or `overloaded_error`.',
      becomes(UPSTREAM),
    ),
    requirement(
      'gw.errors.html',
      ['error-server-html', 'error-bad-gateway'],
      'A page of HTML as the error of the upstream becomes an error in the documented envelope. A transparent gateway may pass it on under its status; clients are better off with the envelope.',
      withoutPages,
    ),
    requirement(
      'gw.errors.unavailable',
      ['error-unavailable'],
      'HTTP 503 of the upstream becomes a 5xx with `overloaded_error` or `api_error`.',
      becomes(UPSTREAM),
    ),
    requirement(
      'gw.errors.overloaded',
      ['error-overloaded'],
      'HTTP 529 of the upstream becomes a 5xx with `overloaded_error` or `api_error`.',
      becomes(UPSTREAM),
    ),
    requirement(
      'gw.errors.refused',
      ['error-refused'],
      'An upstream that cannot be reached becomes a 5xx in the documented envelope.',
      becomes(UPSTREAM),
    ),
    requirement(
      'gw.errors.reset',
      ['error-reset-before-headers', 'error-reset-in-headers', 'error-reset-after-headers'],
      'A connection that breaks off before the answer becomes a 5xx in the documented envelope.',
      becomes(UPSTREAM),
    ),
    requirement(
      'gw.errors.body-cut',
      ['error-body-cut', 'error-body-closed'],
      'A body that is not complete becomes a 5xx in the documented envelope, never an answer.',
      becomes(UPSTREAM),
    ),
    requirement(
      'gw.errors.body-foreign',
      ['error-body-foreign'],
      'A body that is none of the API becomes a 5xx in the documented envelope, never an empty answer.',
      becomes(UPSTREAM),
    ),
    requirement(
      'gw.errors.failed',
      ['failed-response', 'cut-failed'],
      'A response with the status `failed` becomes an error, never an answer, although its HTTP status is 200.',
      becomes(UPSTREAM),
      { source: ['O:responses', 'D:errors'] },
    ),
    requirement(
      'gw.errors.message',
      ['error-invalid', 'error-unprocessable'],
      'The reason that the upstream gives stands in the message of the error.',
      says(/Unsupported value|wrong type/, 'the message of the upstream'),
      { level: 'SHOULD' },
    ),
    requirement(
      'gw.errors.cut.never-normal',
      CUTS,
      'A stream of the upstream that fails never ends normally at the client.',
      neverNormal,
    ),
    requirement(
      'gw.errors.cut.event',
      CUTS,
      'A failure in mid-stream reaches the client as an `error` event; a transparent gateway may pass on that the connection broke off.',
      asEvent,
    ),
    requirement('gw.errors.cut.last', CUTS, 'After an `error` event comes no normal end.', nothingAfter),
    requirement(
      'gw.errors.cut.text',
      ['cut-reset', 'cut-closed', 'cut-error'],
      'When the upstream fails in mid-stream, the text so far stays as the upstream sent it.',
      textBefore,
    ),
    requirement(
      'gw.errors.cut.type',
      ['cut-error-rate-limit'],
      'A rate limit in mid-stream has the type `rate_limit_error`, or `overloaded_error`.',
      becomes({ statuses: [429, 529], types: ['rate_limit_error', 'overloaded_error'] }),
      { level: 'SHOULD' },
    ),
    requirement(
      'gw.errors.cut.first',
      ['cut-error-first'],
      'An error as the first event of a stream becomes an error, never an empty answer.',
      becomes(UPSTREAM),
    ),
    requirement('gw.errors.next-request', FAILED, 'After a failure of the upstream the next request works.', nextWorks),
  ],
};
