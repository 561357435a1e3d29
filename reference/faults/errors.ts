import { gzipSync } from 'node:zlib';
import type { ErrorBody } from '../errors.js';
import {
  allEvents,
  errorAnswer,
  errorBodies,
  onRepetition,
  refusals,
  responses,
  withBody,
  withHeaders,
  without,
} from './alter.js';
import type { FaultFamily } from './fault.js';

const OVERLOADED = { type: 'overloaded_error', message: 'Overloaded' };

const withError = (body: ErrorBody, error: object): object => ({ ...body, error: { ...body.error, ...error } });

/** Changes responses with an error status. */
const failures = (change: (response: Response) => Response | Promise<Response>) =>
  responses((response) => (response.status >= 400 ? change(response) : response));

/** Breaks a stream off behind the first delta and goes on with these frames. */
const brokenOff = (...frames: string[]) => ({
  frames: (all: string[]) => {
    const at = all.findIndex((frame) => frame.startsWith('event: content_block_delta'));
    return at < 0 ? all : [...all.slice(0, at + 1), ...frames];
  },
});

export const errorFaults: FaultFamily = {
  name: 'errors',
  title: 'status, envelope and wording of what is refused, and faults within a stream',
  faults: [
    {
      id: 'error-envelope-of-chat-completions',
      title: 'Errors are {"error": {message, type, param, code}} without a type at the top.',
      level: 'MUST',
      mutant: 'ER-a',
      reports: ['ER-01', 'ER-02', 'ER-03', 'ER-04', 'ER-05'],
      kills: ['err.envelope.type'],
      alters: errorBodies(({ error }) => ({ error: { ...error, param: null, code: null } })),
    },
    {
      id: 'error-envelope-of-google',
      title: 'Errors are {"error": {code, status, message}}.',
      level: 'MUST',
      mutant: 'ER-c',
      reports: ['ER-08', 'ER-09', 'ER-10', 'ER-11'],
      kills: ['err.envelope.type', 'err.envelope.error', 'err.sdk-class'],
      alters: errorBodies(({ error }) => ({
        error: { code: 400, status: 'INVALID_ARGUMENT', message: error.message },
      })),
    },
    {
      id: 'error-envelope-of-vendor',
      title: 'Errors are {"code": "InvalidParameter", "message": …}.',
      level: 'MUST',
      mutant: 'ER-c',
      reports: ['ER-08', 'ER-09', 'ER-10', 'ER-11'],
      kills: ['err.envelope.type', 'err.sdk-class'],
      alters: errorBodies(({ error }) => ({ code: 'InvalidParameter', message: error.message })),
    },
    {
      id: 'error-detail',
      title: 'Refusals are 422 with a list under detail, as a validating framework writes them.',
      level: 'MUST',
      mutant: 'ER-b',
      kills: ['err.envelope.type', 'err.validation-status'],
      alters: failures(async (response) => {
        if (response.status !== 400) return response;
        const body = (await response.json()) as ErrorBody;
        const detail = [{ type: 'value_error', loc: ['body'], msg: body.error.message }];
        return withHeaders(withBody(response, JSON.stringify({ detail })), {}, 422);
      }),
    },
    {
      id: 'error-as-string',
      title: 'The member error of an error body is a string.',
      level: 'MUST',
      kills: ['err.envelope.error'],
      alters: errorBodies((body) => ({ ...body, error: body.error.message })),
    },
    {
      id: 'error-message-empty',
      title: 'Error messages are empty.',
      level: 'MUST',
      kills: ['err.envelope.error'],
      alters: errorBodies((body) => withError(body, { message: '' })),
    },
    {
      id: 'error-type-unknown',
      title: 'All errors are of the type server_error.',
      level: 'MUST',
      kills: ['err.envelope.type-enum', 'err.sdk-class'],
      alters: errorBodies((body) => withError(body, { type: 'server_error' })),
    },
    {
      id: 'error-type-unfit',
      title: 'All errors are of the type api_error, whatever their status.',
      level: 'MUST',
      kills: ['err.envelope.type-enum', 'err.sdk-class'],
      alters: errorBodies((body) => withError(body, { type: 'api_error' })),
    },
    {
      id: 'error-request-id-foreign',
      title: 'The request_id of an error body is another than that of the header.',
      level: 'SHOULD',
      kills: ['err.envelope.request-id'],
      alters: errorBodies((body) => ({ ...body, request_id: 'req_upstream' })),
    },
    {
      id: 'error-request-id-missing',
      title: 'Error bodies have no request_id.',
      level: 'SHOULD',
      kills: ['err.envelope.request-id'],
      alters: errorBodies((body) => without(body, 'request_id')),
    },
    {
      id: 'error-message-vague',
      title: 'Error messages do not say what is wrong.',
      level: 'SHOULD',
      kills: ['err.message-names-field'],
      alters: errorBodies((body) => withError(body, { message: 'Bad Request' })),
    },
    {
      id: 'error-message-encoded',
      title: 'The error of the upstream stands in the message as JSON.',
      level: 'SHOULD',
      mutant: 'ER-e',
      reports: ['ER-14'],
      kills: ['err.message-names-field'],
      alters: errorBodies((body) => withError(body, { message: `400 ${JSON.stringify(body)}` })),
    },
    {
      id: 'error-message-compressed',
      title: 'The message is the compressed error of the upstream, read as text.',
      level: 'MUST',
      mutant: 'ER-q',
      reports: ['ER-37'],
      kills: ['err.envelope.error'],
      alters: errorBodies((body) => withError(body, { message: gzipSync(JSON.stringify(body)).toString('utf8') })),
    },
    {
      id: 'error-page',
      title: 'Errors are HTML pages.',
      level: 'MUST',
      mutant: 'ER-i',
      reports: ['ER-21', 'ER-22', 'ER-23', 'ER-24'],
      kills: ['err.content-type', 'err.sdk-class', 'stream.error.pre-stream'],
      alters: failures((response) =>
        withBody(response, `<html><body><h1>${response.status}</h1></body></html>`, 'text/html; charset=utf-8'),
      ),
    },
    {
      id: 'error-labelled-text',
      title: 'Error bodies are labelled text/plain.',
      level: 'MUST',
      kills: ['err.content-type'],
      alters: failures((response) => withHeaders(response, { 'content-type': 'text/plain' })),
    },
    {
      id: 'error-as-200',
      title: 'Errors have the status 200.',
      level: 'MUST',
      mutant: 'ER-g',
      reports: ['ER-18', 'ER-19'],
      kills: ['err.validation-status', 'req.max-tokens.required', 'stream.error.pre-stream'],
      alters: failures((response) => withHeaders(response, {}, 200)),
    },
    {
      id: 'error-as-empty-200',
      title: 'A refusal is answered with status 200 and an empty body.',
      level: 'MUST',
      mutant: 'ER-g',
      reports: ['ER-18', 'ER-19'],
      kills: ['err.validation-status', 'req.max-tokens.required'],
      alters: failures((response) => withHeaders(withBody(response, ''), {}, 200)),
    },
    {
      id: 'error-as-500',
      title: 'Invalid requests are answered with 500.',
      level: 'MUST',
      kills: ['err.client-fault-not-5xx'],
      alters: refusals((refusal) =>
        refusal.refusal === 'invalid_request_error' ? { ...refusal, refusal: 'api_error' } : refusal,
      ),
    },
    {
      id: 'error-as-429',
      title: 'Invalid requests are answered with 429, so that clients repeat them.',
      level: 'MUST',
      mutant: 'ER-s',
      reports: ['ER-39', 'ER-40'],
      kills: ['err.validation-status'],
      alters: refusals((refusal) =>
        refusal.refusal === 'invalid_request_error' ? { ...refusal, refusal: 'rate_limit_error' } : refusal,
      ),
    },
    {
      id: 'error-as-529',
      title: 'Invalid requests are answered with 529, so that clients repeat them.',
      level: 'MUST',
      mutant: 'ER-s',
      reports: ['ER-39', 'ER-40'],
      kills: ['err.validation-status'],
      alters: refusals((refusal) =>
        refusal.refusal === 'invalid_request_error' ? { ...refusal, refusal: 'overloaded_error' } : refusal,
      ),
    },
    {
      id: 'error-as-422',
      title: 'Invalid requests are answered with 422.',
      level: 'MUST',
      kills: ['err.validation-status'],
      alters: failures((response) => (response.status === 400 ? withHeaders(response, {}, 422) : response)),
    },
    {
      id: 'refused-stream-as-event',
      title: 'An invalid request for a stream is answered with 200 and an error event.',
      level: 'MUST',
      kills: ['stream.error.pre-stream'],
      alters: responses(async (response, call) => {
        if (response.status !== 400 || !call.stream) return response;
        const frame = `event: error\ndata: ${await response.text()}\n\n`;
        return withHeaders(withBody(response, frame, 'text/event-stream'), {}, 200);
      }),
    },
    {
      id: 'stream-error-unnamed',
      title: 'A fault in the middle of a stream is sent as data without event and without type.',
      level: 'MUST',
      mutant: 'ER-k',
      reports: ['ER-27', 'ER-28'],
      kills: ['stream.error.event'],
      alters: brokenOff(`data: ${JSON.stringify({ error: OVERLOADED })}\n\n`),
    },
    {
      id: 'stream-error-without-type',
      title: 'An error event has the error as its data, without the envelope.',
      level: 'MUST',
      kills: ['stream.error.event'],
      alters: brokenOff(`event: error\ndata: ${JSON.stringify(OVERLOADED)}\n\n`),
    },
    {
      id: 'stream-error-hidden',
      title: 'A fault in the middle of a stream ends the stream as if it were whole.',
      level: 'SHOULD',
      kills: ['stream.equivalence'],
      alters: allEvents((events) => {
        const at = events.findIndex(({ type }) => type === 'content_block_delta');
        const first = events[at];
        if (first?.type !== 'content_block_delta') return events;
        const end = events.filter(({ type }) => type === 'message_delta' || type === 'message_stop');
        return [...events.slice(0, at + 1), { type: 'content_block_stop', index: first.index }, ...end];
      }),
    },
    {
      id: 'first-event-error-as-502',
      title: 'An error that the upstream sends as first event of its stream becomes a 502 without the error.',
      level: 'MUST',
      mutant: 'ER-o',
      reports: ['ER-33'],
      kills: ['err.content-type'],
      alters: onRepetition(
        ({ requestId }) =>
          new Response('Bad Gateway', {
            status: 502,
            headers: { 'content-type': 'text/plain', 'request-id': requestId },
          }),
      ),
    },
    {
      id: 'rate-limit-as-500',
      title: 'A rate limit is passed on as 500 api_error, without retry-after.',
      level: 'MAY',
      mutant: 'ER-m',
      reports: ['ER-30'],
      kills: [],
      unseen:
        'What the client gets is a server error like any other: only who sees the upstream can tell that it was a rate limit.',
      alters: onRepetition(() => errorAnswer(500, 'api_error', 'Internal server error')),
    },
    {
      id: 'rate-limit-without-wait',
      title: 'A rate limit does not say how long to wait.',
      level: 'SHOULD',
      mutant: 'ER-m',
      reports: ['ER-30'],
      kills: ['err.rate-limit'],
      alters: onRepetition(() => errorAnswer(429, 'rate_limit_error', 'This request would exceed your rate limit.')),
    },
    {
      id: 'retry-after-in-words',
      title: 'retry-after says "soon".',
      level: 'MUST',
      kills: ['hdr.retry-after.shape'],
      alters: onRepetition(() => errorAnswer(429, 'rate_limit_error', 'Too many requests', { 'retry-after': 'soon' })),
    },
    {
      id: 'retry-after-negative',
      title: 'retry-after is negative.',
      level: 'MUST',
      kills: ['hdr.retry-after.shape'],
      alters: onRepetition(() => errorAnswer(429, 'rate_limit_error', 'Too many requests', { 'retry-after': '-5' })),
    },
    {
      id: 'overload-as-400',
      title: 'Overload is answered with 400 overloaded_error, which clients do not repeat.',
      level: 'SHOULD',
      mutant: 'ER-m',
      kills: ['err.overload'],
      alters: onRepetition(() => errorAnswer(400, 'overloaded_error', 'Overloaded')),
    },
    {
      id: 'large-body-as-500',
      title: 'A body over the size limit is answered with 500.',
      level: 'SHOULD',
      kills: ['err.too-large'],
      alters: responses((response) => (response.status === 413 ? withHeaders(response, {}, 500) : response)),
    },
  ],
};
