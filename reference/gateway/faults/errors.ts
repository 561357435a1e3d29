import type { JsonObject } from '../../../core/json.js';
import type { ErrorAnswer, Failure, GatewayAlterations, GatewayCall } from '../stages.js';
import { each, events, pieces } from './alter.js';
import type { GatewayFault } from './fault.js';

/** An error of the upstream is told in another way. */
const told = (
  test: (failure: Failure) => boolean,
  change: (answer: ErrorAnswer, failure: Failure, call: GatewayCall) => ErrorAnswer,
): Pick<GatewayAlterations, 'error'> => ({
  error: (answer, failure, call) => (test(failure) ? change(answer, failure, call) : answer),
});

const as =
  (status: number, type: string) =>
  (answer: ErrorAnswer): ErrorAnswer => {
    const body = answer.body as { error: JsonObject };
    return { ...answer, status, body: { ...body, error: { ...body.error, type } } };
  };

const http =
  (status: number) =>
  (failure: Failure): boolean =>
    failure.kind === 'http' && failure.status === status;

/** A message that says nothing, in place of an error. */
const emptyAnswer = (_answer: ErrorAnswer, _failure: Failure, { request, requestId }: GatewayCall): ErrorAnswer => ({
  status: 200,
  headers: {},
  body: {
    id: `msg_${requestId}`,
    type: 'message',
    role: 'assistant',
    model: String(request.model),
    content: [],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 0, output_tokens: 0 },
  },
});

/** Failures of the upstream are hidden, or told as something else. */
export const errorFaults: readonly GatewayFault[] = [
  {
    id: 'gw-invalid-as-500',
    title: 'HTTP 400 of the upstream becomes a 500.',
    caughtBy: ['gw.errors.invalid', 'gw.errors.context-length'],
    alterations: told(http(400), as(500, 'api_error')),
  },
  {
    id: 'gw-error-message-generic',
    title: 'Every error has the same message.',
    caughtBy: ['gw.errors.message', 'gw.errors.context-length.words'],
    alterations: told(
      () => true,
      (answer) => {
        const body = answer.body as { error: JsonObject };
        return { ...answer, body: { ...body, error: { ...body.error, message: 'Something went wrong.' } } };
      },
    ),
  },
  {
    id: 'gw-401-passed',
    title: "HTTP 401 of the upstream is passed on as the client's own.",
    caughtBy: ['gw.errors.authentication'],
    alterations: told(http(401), as(401, 'authentication_error')),
  },
  {
    id: 'gw-401-empty-answer',
    title: 'HTTP 401 of the upstream becomes an empty answer.',
    caughtBy: ['gw.errors.authentication.envelope'],
    alterations: told(http(401), emptyAnswer),
  },
  {
    id: 'gw-403-as-400',
    title: 'HTTP 403 of the upstream becomes a 400.',
    caughtBy: ['gw.errors.permission'],
    alterations: told(http(403), as(400, 'invalid_request_error')),
  },
  {
    id: 'gw-404-as-overloaded',
    title: 'HTTP 404 of the upstream becomes an error that clients try again.',
    caughtBy: ['gw.errors.not-found'],
    alterations: told(http(404), as(529, 'overloaded_error')),
  },
  {
    id: 'gw-timeout-as-400',
    title: 'A timeout of the upstream becomes a 400.',
    caughtBy: ['gw.errors.timeout'],
    alterations: told((failure) => http(408)(failure) || http(504)(failure), as(400, 'invalid_request_error')),
  },
  {
    id: 'gw-413-as-502',
    title: 'HTTP 413 of the upstream becomes a 502.',
    caughtBy: ['gw.errors.too-large'],
    alterations: told(http(413), as(502, 'api_error')),
  },
  {
    id: 'gw-422-as-500',
    title: 'HTTP 422 of the upstream becomes a 500.',
    caughtBy: ['gw.errors.unprocessable'],
    alterations: told(http(422), as(500, 'api_error')),
  },
  {
    id: 'gw-429-as-503',
    title: 'HTTP 429 of the upstream becomes a 503.',
    caughtBy: ['gw.errors.rate-limit'],
    alterations: told(http(429), as(503, 'overloaded_error')),
  },
  {
    id: 'gw-429-type-lost',
    title: 'HTTP 429 of the upstream loses its type.',
    caughtBy: ['gw.errors.rate-limit'],
    alterations: told(http(429), as(429, 'api_error')),
  },
  {
    id: 'gw-retry-after-lost',
    title: 'The wait that the upstream asks for is dropped.',
    caughtBy: ['gw.errors.retry-after'],
    alterations: told(http(429), (answer) => ({ ...answer, headers: {} })),
  },
  {
    id: 'gw-500-as-400',
    title: 'HTTP 500 of the upstream becomes a 400.',
    caughtBy: ['gw.errors.server'],
    alterations: told(http(500), as(400, 'invalid_request_error')),
  },
  {
    id: 'gw-html-passed',
    title: 'A page of HTML is passed on as it came.',
    caughtBy: ['gw.errors.html'],
    alterations: told(
      (failure) => http(500)(failure) || http(502)(failure),
      (answer) => ({ ...answer, body: '<html><body><h1>502 Bad Gateway</h1></body></html>' }),
    ),
  },
  {
    id: 'gw-503-as-empty-answer',
    title: 'HTTP 503 of the upstream becomes an empty answer.',
    caughtBy: ['gw.errors.unavailable'],
    alterations: told(http(503), emptyAnswer),
  },
  {
    id: 'gw-529-as-400',
    title: 'HTTP 529 of the upstream becomes a 400.',
    caughtBy: ['gw.errors.overloaded'],
    alterations: told(http(529), as(400, 'invalid_request_error')),
  },
  {
    id: 'gw-foreign-envelope',
    title: "Errors are told in the envelope of the upstream's API.",
    caughtBy: ['gw.errors.refused', 'gw.errors.reset'],
    alterations: told(
      ({ kind }) => kind !== 'http',
      (answer) => ({ ...answer, body: { error: (answer.body as { error: JsonObject }).error } }),
    ),
  },
  {
    id: 'gw-cut-body-as-answer',
    title: 'A body that is not complete becomes an empty answer.',
    caughtBy: ['gw.errors.body-cut', 'gw.errors.body-foreign'],
    alterations: {
      ...told(({ kind }) => kind !== 'http', emptyAnswer),
    },
  },
  {
    id: 'gw-cut-as-end',
    title: 'A failure in mid-stream becomes `end_turn`.',
    caughtBy: ['gw.errors.cut.never-normal', 'gw.errors.cut.first', 'gw.errors.cut.type'],
    alterations: each('failure', () => ({ kind: 'finish', reason: 'end_turn' })),
  },
  {
    id: 'gw-cut-silently',
    title: 'A failure in mid-stream ends the stream without a word.',
    caughtBy: ['gw.errors.cut.event'],
    alterations: events((event) => (event.type === 'error' ? [] : [event])),
  },
  {
    id: 'gw-cut-error-then-end',
    title: 'An error event is followed by a normal end.',
    caughtBy: ['gw.errors.cut.last'],
    alterations: events((event) =>
      event.type === 'error'
        ? [
            event,
            {
              type: 'message_delta',
              delta: { stop_reason: 'end_turn', stop_sequence: null },
              usage: { output_tokens: 1 },
            },
            { type: 'message_stop' },
          ]
        : [event],
    ),
  },
  {
    id: 'gw-cut-error-key',
    title: 'The error event has the key `message` in place of `error`.',
    caughtBy: ['stream.error.event'],
    cases: ['cut-error', 'cut-reset'],
    alterations: events((event) =>
      event.type === 'error' ? [{ type: 'error', message: event.error as JsonObject }] : [event],
    ),
  },
  {
    id: 'gw-cut-as-text',
    title: 'The error in mid-stream is sent as text.',
    caughtBy: ['gw.errors.cut.text', 'gw.errors.cut.never-normal'],
    alterations: pieces((delta) =>
      delta.kind === 'failure'
        ? [
            { kind: 'text', text: `[error: ${delta.failure.message}]` },
            { kind: 'finish', reason: 'end_turn' },
          ]
        : [delta],
    ),
  },
  {
    id: 'gw-hold-after-failure',
    title: 'After a failure the upstream is not asked for a while.',
    caughtBy: ['gw.errors.next-request'],
    alterations: {
      ...pieces((delta, call) => {
        if (delta.kind === 'failure') call.memory.set('hold', true);
        return [delta];
      }),
      error: (answer, _failure, call) => {
        call.memory.set('hold', true);
        return answer;
      },
      instead: (call) =>
        call.memory.has('hold')
          ? {
              status: 503,
              headers: {},
              body: {
                type: 'error',
                error: { type: 'overloaded_error', message: 'No deployment is available.' },
                request_id: call.requestId,
              },
            }
          : null,
    },
  },
];

/** Answers that are not streamed are kept by the request that led to them. */
function stores(): GatewayAlterations {
  const keyOf = ({ request }: GatewayCall): string => `stored ${JSON.stringify(request)}`;
  return {
    message: (message, call) => {
      call.memory.set(keyOf(call), message);
      return message;
    },
    instead: (call) => {
      const body = call.memory.get(keyOf(call)) as JsonObject | undefined;
      return body === undefined ? null : { status: 200, headers: {}, body };
    },
  };
}

/** Clients that leave, retries, requests that mix, keys that leak. */
export const operationFaults: readonly GatewayFault[] = [
  {
    id: 'gw-hang-up-ignored',
    title: 'The upstream goes on for a client that has left.',
    caughtBy: ['gw.ops.hang-up', 'gw.ops.hang-up.waiting'],
    alterations: { behaviour: { ignoresHangUp: true } },
  },
  {
    id: 'gw-ends-on-hang-up',
    title: 'A client that leaves ends the process of the gateway; it is back a moment later.',
    caughtBy: ['gw.ops.stays-up'],
    alterations: { behaviour: { endsOnHangUp: true } },
  },
  {
    id: 'gw-answers-stored',
    title: 'A request that comes again gets the stored answer.',
    caughtBy: ['gw.ops.again'],
    alterations: stores(),
  },
  {
    id: 'gw-retry-after-bytes',
    title: 'An answer that broke off is asked for again, and its beginning is sent twice.',
    caughtBy: ['gw.ops.no-retry-after-bytes'],
    alterations: { behaviour: { retriesAfterBytes: true } },
  },
  {
    id: 'gw-answers-mixed',
    title: 'Requests at the same moment get the text of the one before.',
    caughtBy: ['gw.ops.parallel'],
    alterations: {
      deltas: async function* (deltas, call) {
        for await (const delta of deltas) {
          if (delta.kind === 'text' && delta.text.startsWith('[case parallel')) {
            const before = call.memory.get('text');
            call.memory.set('text', delta.text);
            yield { ...delta, text: String(before ?? delta.text) };
          } else yield delta;
        }
      },
    },
  },
  {
    id: 'gw-one-message-id',
    title: 'Every message has the same id.',
    caughtBy: ['gw.ops.message-ids'],
    alterations: { message: (message) => ({ ...message, id: 'msg_01AAAAAAAAAAAAAAAAAAAAAA' }) },
  },
  {
    id: 'gw-one-request-id',
    title: 'Every response has the same request-id.',
    caughtBy: ['gw.ops.request-ids'],
    alterations: { responseHeaders: (headers) => ({ ...headers, 'request-id': 'req_01AAAAAAAAAAAAAAAAAAAAAA' }) },
  },
  {
    id: 'gw-upstream-key-shown',
    title: "The gateway's key for its upstream is sent to the client in a header.",
    caughtBy: ['gw.keys.upstream-key-stays'],
    alterations: {
      responseHeaders: (headers) => ({ ...headers, 'x-upstream-authorization': 'Bearer sk-upstream-9b2d41c7e0' }),
    },
  },
];
