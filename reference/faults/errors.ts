import { gzipSync } from 'node:zlib';
import { rewriteErrors } from '../alterations/messages.js';
import { crashInstead, rewriteRejection } from '../alterations/requests.js';
import {
  crashResponse,
  errorAnswer,
  respondOnRepeat,
  rewriteResponse,
  withBody,
  withHeaders,
} from '../alterations/responses.js';
import { without } from '../alterations/without.js';
import type { ErrorBody } from '../errors.js';
import type { FaultFamily } from './fault.js';
import { because, NAMES_NOTHING, REJECTED_WITH_200, REJECTED_WITH_500 } from './reasons.js';
import { NEED_CLIENT_ERROR, NEED_ERROR_STATUS } from './requirement-groups.js';

const withError = (body: ErrorBody, error: object): object => ({ ...body, error: { ...body.error, ...error } });

/** Replaces responses with an error status. */
const failures = (change: (response: Response) => Response | Promise<Response>) =>
  rewriteResponse((response) => (response.status >= 400 ? change(response) : response));

export const errorsFaults: FaultFamily = {
  name: 'errors',
  title: 'status, envelope and wording of rejections',
  faults: [
    {
      id: 'error-envelope-of-chat-completions',
      title: 'Errors are {"error": {message, type, param, code}} without a type at the top.',
      level: 'MUST',
      mutant: 'ER-a',
      reports: ['ER-01', 'ER-02', 'ER-03', 'ER-04', 'ER-05'],
      caughtBy: ['err.envelope.type'],
      alters: rewriteErrors(({ error }) => ({ error: { ...error, param: null, code: null } })),
    },
    {
      id: 'error-envelope-of-google',
      title: 'Errors are {"error": {code, status, message}}.',
      level: 'MUST',
      mutant: 'ER-c',
      reports: ['ER-08', 'ER-09', 'ER-10', 'ER-11'],
      caughtBy: ['err.envelope.type', 'err.envelope.error', 'err.sdk-class'],
      alsoFails: because('The error body has no code.', 'agent.thread.refusal-code'),
      alters: rewriteErrors(({ error }) => ({
        error: { code: 400, status: 'INVALID_ARGUMENT', message: error.message },
      })),
    },
    {
      id: 'error-envelope-of-vendor',
      title: 'Errors are {"code": "InvalidParameter", "message": …}.',
      level: 'MUST',
      mutant: 'ER-c',
      reports: ['ER-08', 'ER-09', 'ER-10', 'ER-11'],
      caughtBy: ['err.envelope.type', 'err.sdk-class'],
      alsoFails: because('The error body has no code.', 'agent.thread.refusal-code'),
      alters: rewriteErrors(({ error }) => ({ code: 'InvalidParameter', message: error.message })),
    },
    {
      id: 'error-detail',
      title: 'Rejections are 422 with a list in `detail`, as validating frameworks write them.',
      level: 'MUST',
      mutant: 'ER-b',
      caughtBy: ['err.envelope.type', 'err.validation-status'],
      alters: failures(async (response) => {
        if (response.status !== 400) return response;
        const body = (await response.json()) as ErrorBody;
        const detail = [{ type: 'value_error', loc: ['body'], msg: body.error.message }];
        return withHeaders(withBody(response, JSON.stringify({ detail })), {}, 422);
      }),
    },
    {
      id: 'error-as-string',
      title: '`error` in an error body is a string.',
      level: 'MUST',
      caughtBy: ['err.envelope.error'],
      alsoFails: {
        ...because('The client reads the error type from the missing object.', 'err.sdk-class'),
        'agent.thread.refusal-code': 'The error body has no code.',
      },
      alters: rewriteErrors((body) => ({ ...body, error: body.error.message })),
    },
    {
      id: 'error-message-empty',
      title: 'Error messages are empty.',
      level: 'MUST',
      caughtBy: ['err.envelope.error', 'err.message-names-field'],
      alsoFails: because(NAMES_NOTHING, 'req.provider-fields'),
      alters: rewriteErrors((body) => withError(body, { message: '' })),
    },
    {
      id: 'error-type-unknown',
      title: 'All errors have the type server_error.',
      level: 'MUST',
      caughtBy: ['err.envelope.type-enum', 'err.sdk-class'],
      alters: rewriteErrors((body) => withError(body, { type: 'server_error' })),
    },
    {
      id: 'error-type-unfit',
      title: 'All errors have the type `api_error`, whatever their status.',
      level: 'MUST',
      caughtBy: ['err.envelope.type-enum', 'err.sdk-class'],
      alters: rewriteErrors((body) => withError(body, { type: 'api_error' })),
    },
    {
      id: 'error-request-id-foreign',
      title: 'The `request_id` of an error body differs from the header.',
      level: 'SHOULD',
      caughtBy: ['err.envelope.request-id'],
      alters: rewriteErrors((body) => ({ ...body, request_id: 'req_upstream' })),
    },
    {
      id: 'error-request-id-missing',
      title: 'Errors have no request id, neither in the body nor in a header.',
      level: 'SHOULD',
      caughtBy: ['err.envelope.request-id'],
      alsoFails: because('Errors are responses too.', 'hdr.request-id.present'),
      alters: {
        ...rewriteErrors((body) => without(body, 'request_id')),
        ...failures((response) => withHeaders(response, { 'request-id': null })),
      },
    },
    {
      id: 'error-message-vague',
      title: 'Error messages do not say what is wrong.',
      level: 'SHOULD',
      caughtBy: ['err.message-names-field'],
      alsoFails: because(NAMES_NOTHING, 'req.provider-fields'),
      alters: rewriteErrors((body) => withError(body, { message: 'Bad Request' })),
    },
    {
      id: 'error-message-encoded',
      title: 'The error message is the error of the upstream as JSON.',
      level: 'SHOULD',
      mutant: 'ER-e',
      reports: ['ER-14'],
      caughtBy: ['err.message-names-field'],
      alters: rewriteErrors((body) => withError(body, { message: `400 ${JSON.stringify(body)}` })),
    },
    {
      id: 'error-message-compressed',
      title: 'The error message is the compressed error of the upstream, read as text.',
      level: 'MUST',
      mutant: 'ER-q',
      reports: ['ER-37'],
      caughtBy: ['err.envelope.error', 'err.message-names-field'],
      alsoFails: because(NAMES_NOTHING, 'req.provider-fields'),
      alters: rewriteErrors((body) => withError(body, { message: gzipSync(JSON.stringify(body)).toString('utf8') })),
    },
    {
      id: 'error-page',
      title: 'Errors are HTML pages.',
      level: 'MUST',
      mutant: 'ER-i',
      reports: ['ER-21', 'ER-22', 'ER-23', 'ER-24'],
      caughtBy: ['err.content-type', 'err.sdk-class', 'stream.error.pre-stream'],
      alsoFails: {
        ...because(NAMES_NOTHING, 'req.provider-fields'),
        'agent.thread.refusal-code': 'The error body has no code.',
      },
      alters: failures((response) =>
        withBody(response, `<html><body><h1>${response.status}</h1></body></html>`, 'text/html; charset=utf-8'),
      ),
    },
    {
      id: 'error-labelled-text',
      title: 'The server labels error bodies text/plain.',
      level: 'MUST',
      caughtBy: ['err.content-type'],
      alters: failures((response) => withHeaders(response, { 'content-type': 'text/plain' })),
    },
    {
      id: 'error-as-200',
      title: 'Errors have the status 200.',
      level: 'MUST',
      mutant: 'ER-g',
      reports: ['ER-18', 'ER-19'],
      caughtBy: ['err.validation-status', 'req.max-tokens.required', 'stream.error.pre-stream'],
      alsoFails: {
        ...because(REJECTED_WITH_200, ...NEED_ERROR_STATUS),
        'stream.http.status-type': 'The error of a streamed request has status 200 too.',
      },
      alters: failures((response) => withHeaders(response, {}, 200)),
    },
    {
      id: 'error-as-empty-200',
      title: 'The server answers invalid requests with status 200 and an empty body.',
      level: 'MUST',
      mutant: 'ER-g',
      reports: ['ER-18', 'ER-19'],
      caughtBy: ['err.validation-status', 'req.max-tokens.required'],
      alsoFails: {
        ...because(REJECTED_WITH_200, ...NEED_ERROR_STATUS, 'http.response.single-object'),
        'stream.http.status-type': 'The error of a streamed request has status 200 too.',
      },
      alters: failures((response) => withHeaders(withBody(response, ''), {}, 200)),
    },
    {
      id: 'error-as-500',
      title: 'The server answers invalid requests with 500.',
      level: 'MUST',
      caughtBy: ['err.client-fault-not-5xx'],
      alsoFails: because(REJECTED_WITH_500, ...NEED_CLIENT_ERROR),
      alters: crashInstead((rejection) => rejection.errorType === 'invalid_request_error'),
    },
    {
      id: 'error-as-429',
      title: 'The server answers invalid requests with 429, so that clients retry.',
      level: 'MUST',
      mutant: 'ER-s',
      reports: ['ER-39', 'ER-40'],
      caughtBy: ['err.validation-status'],
      alsoFails: because('There was no rate limit, so there is no time to wait.', 'err.rate-limit'),
      alters: rewriteRejection((rejection) =>
        rejection.errorType === 'invalid_request_error' ? { ...rejection, errorType: 'rate_limit_error' } : rejection,
      ),
    },
    {
      id: 'error-as-529',
      title: 'The server answers invalid requests with 529, so that clients retry.',
      level: 'MUST',
      mutant: 'ER-s',
      reports: ['ER-39', 'ER-40'],
      caughtBy: ['err.validation-status'],
      alters: rewriteRejection((rejection) =>
        rejection.errorType === 'invalid_request_error' ? { ...rejection, errorType: 'overloaded_error' } : rejection,
      ),
    },
    {
      id: 'error-as-422',
      title: 'The server answers invalid requests with 422.',
      level: 'MUST',
      caughtBy: ['err.validation-status'],
      alters: failures((response) => (response.status === 400 ? withHeaders(response, {}, 422) : response)),
    },
    {
      id: 'first-event-error-as-502',
      title:
        'The upstream sends an error as the first event of its stream, and the gateway answers 502 without that error.',
      level: 'MUST',
      mutant: 'ER-o',
      reports: ['ER-33'],
      caughtBy: ['err.content-type'],
      alters: respondOnRepeat(
        ({ requestId }) =>
          new Response('Bad Gateway', {
            status: 502,
            headers: { 'content-type': 'text/plain', 'request-id': requestId },
          }),
      ),
    },
    {
      id: 'rate-limit-as-500',
      title: 'A gateway passes a rate limit on as 500 `api_error`, without `retry-after`.',
      level: 'MAY',
      mutant: 'ER-m',
      reports: ['ER-30'],
      caughtBy: [],
      undetectable: 'The client gets a server error like any other; only the upstream knows that it was a rate limit.',
      alters: respondOnRepeat(() => crashResponse()),
    },
    {
      id: 'error-details-as-text',
      title: '`error.details` is a text.',
      level: 'SHOULD',
      caughtBy: ['err.details.shape'],
      alsoFails: because('It reads the code in the details.', 'agent.thread.refusal-code'),
      alters: rewriteErrors((body) => {
        const { details } = body.error;
        return details === undefined
          ? body
          : { ...body, error: { ...body.error, details: String(details.error_code) } };
      }),
    },
    {
      id: 'error-details-without-code',
      title: '`error.details` has the code under another name.',
      level: 'SHOULD',
      caughtBy: ['err.details.shape'],
      alsoFails: because('It reads the code in the details.', 'agent.thread.refusal-code'),
      alters: rewriteErrors((body) => {
        const { details } = body.error;
        return details === undefined
          ? body
          : { ...body, error: { ...body.error, details: { code: details.error_code } } };
      }),
    },
    {
      id: 'rate-limit-without-wait',
      title: 'A rate limit does not say how long to wait.',
      level: 'SHOULD',
      mutant: 'ER-m',
      reports: ['ER-30'],
      caughtBy: ['err.rate-limit'],
      alters: respondOnRepeat(() => errorAnswer(429, 'rate_limit_error', 'This request would exceed your rate limit.')),
    },
    {
      id: 'overload-as-400',
      title: 'The server answers 400 `overloaded_error` when it is overloaded, and clients do not retry.',
      level: 'SHOULD',
      mutant: 'ER-m',
      caughtBy: ['err.overload'],
      alsoFails: because('overloaded_error does not belong to status 400.', 'err.envelope.type-enum'),
      alters: respondOnRepeat(() => errorAnswer(400, 'overloaded_error', 'Overloaded')),
    },
    {
      id: 'large-body-as-500',
      title: 'The server answers a body over the size limit with 500.',
      level: 'SHOULD',
      caughtBy: ['err.too-large'],
      alters: rewriteResponse((response) => (response.status === 413 ? withHeaders(response, {}, 500) : response)),
    },
    {
      id: 'thinking-crash-with-tools',
      title: 'The server rejects invalid thinking parameters with 500.',
      level: 'MUST',
      caughtBy: ['err.client-fault-not-5xx', 'think.budget.minimum', 'think.budget.below-max', 'think.replay.tampered'],
      alters: crashInstead(
        (rejection) =>
          /^thinking\b|`thinking/.test(rejection.message) && rejection.errorType === 'invalid_request_error',
      ),
    },
  ],
};
