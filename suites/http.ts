import { answer, isMessagesCall, quotedBody, status, succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import { isObject, quote } from '../core/json.js';
import type { Evidence, Judgement, Suite } from '../core/requirement.js';
import { inWholeSession, WHOLE_SESSION } from './judging/agent-session.js';
import { bundled } from './judging/bundles.js';
import { controlTrouble } from './judging/controls.js';
import { accepted, each, rejected } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { roundTrip } from './judging/non-ascii.js';
import { deviates, finding, inconclusive, notObserved, satisfied, verdictOf, violated } from './judging/outcomes.js';
import { isStateless } from './judging/stateless.js';
import { gaveUp, jsonMessage, REPEATED, stream } from './judging/views.js';

export const http: Suite = {
  name: 'http',
  title: 'status, content type, body and path',
  requirements: [
    {
      id: 'http.post.messages',
      level: 'MUST',
      profile: 'core',
      statement: 'POST /v1/messages with `model`, `max_tokens` and `messages` returns 200 and one JSON object.',
      source: ['S1', 'D:ref'],
      fixtures: ['minimal'],
      // The requirements on streams judge whether a stream yields a message.
      judge: (evidence) => accepted()({ ...evidence, own: evidence.of('minimal', 'json') }),
    },
    {
      id: 'http.response.content-type-json',
      level: 'MUST',
      profile: 'core',
      statement: 'A reply that is not streamed has the content type application/json, or one that ends in +json.',
      source: ['T:parse', 'X'],
      fixtures: ['minimal'],
      judge: each(jsonMessage, (_message, exchange) => {
        const type = exchange.header('content-type');
        if (type !== null && /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)) return [];
        return [
          finding(
            exchange,
            '`content-type` of the reply is not JSON; the TypeScript client returns a string.',
            'content-type: application/json',
            quote(type),
            { header: 'content-type' },
          ),
        ];
      }),
    },
    {
      id: 'http.response.single-object',
      level: 'MUST',
      profile: 'core',
      statement: 'The body of a reply that is not streamed is exactly one JSON object.',
      source: ['S1', 'X'],
      fixtures: ['minimal', 'stream-false'],
      judge: each(
        // Other requirements judge the responses of other endpoints.
        (exchange) =>
          exchange.transport === 'json' &&
          isMessagesCall(exchange) &&
          exchange.response?.status === 200 &&
          !gaveUp(exchange)
            ? exchange
            : null,
        (exchange) =>
          isObject(exchange.json)
            ? []
            : [finding(exchange, 'The body is not one JSON object.', 'one JSON object', quotedBody(exchange))],
      ),
    },
    {
      id: 'http.accept.json-on-stream',
      level: 'MUST',
      profile: 'core',
      statement:
        'The server streams when `stream` is true and the `accept` header is application/json, as official clients send it.',
      source: ['X'],
      fixtures: ['minimal', 'accept-event-stream'],
      judge: acceptedAsStream,
    },
    {
      id: 'http.request.unknown-headers',
      level: 'MUST',
      profile: 'core',
      statement:
        'The server accepts unknown informational request headers such as `x-stainless-*`, `traceparent` and `x-claude-code-*`.',
      source: ['X', 'T:client', 'CC'],
      fixtures: [WHOLE_SESSION, 'client-headers'],
      judge: bundled([inWholeSession('client-headers')]),
    },
    {
      id: 'http.utf8.roundtrip',
      level: 'MUST',
      profile: 'core',
      statement:
        'The server passes non-ASCII text to the model and back unchanged, whether the request has it as UTF-8 or as \\u escapes.',
      source: ['X', 'D:ref'],
      fixtures: ['echo-raw', 'echo-escaped', 'echo-escaped-whole', ...REPEATED],
      judge: roundTrip,
    },
    {
      id: 'http.body.not-json',
      level: 'MUST',
      profile: 'errors',
      statement:
        'The server rejects a body that is not JSON as a client error (documented: 400 `invalid_request_error`).',
      source: ['H1', 'D:errors'],
      fixtures: ['body-not-json', 'body-cut', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'http.body.lone-surrogate',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'The server rejects a body with an escaped lone surrogate, which UTF-8 cannot encode, as a client error (measured: 400).',
      source: ['H1', 'X'],
      fixtures: ['body-surrogate', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'http.body.not-object',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'The server rejects an empty body, or JSON that is not an object, as a client error (documented: 400 `invalid_request_error`).',
      source: ['D:errors', 'O24'],
      fixtures: ['body-array', 'body-string', 'body-null', 'body-empty', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'http.path.unknown',
      level: 'SHOULD',
      profile: 'errors',
      statement: 'The server answers an unknown path below /v1 with 404 (documented: `not_found_error`).',
      source: ['D:errors'],
      fixtures: ['path-unknown', 'cheap'],
      judge: unknownPath,
    },
    {
      id: 'http.query.beta-true',
      level: 'MUST',
      profile: 'agent',
      statement: 'The server accepts POST /v1/messages?beta=true like the same request without the query.',
      source: ['CC', 'P1', 'T0'],
      fixtures: [WHOLE_SESSION, 'query-beta'],
      judge: bundled([inWholeSession('query-beta')]),
    },
    {
      id: 'http.base-url.doubled-v1',
      level: 'MAY',
      profile: 'core',
      statement:
        'If the documented base URL ends in /v1, the server also accepts /v1/v1/messages: official clients append /v1/messages.',
      source: ['S1', 'X'],
      fixtures: ['path-doubled'],
      pointless: ({ dialect }) => (dialect.doubledPath ? null : 'The contract documents no base URL that ends in /v1'),
      judge: doubledPath,
    },
    {
      id: 'http.stateless',
      level: 'MUST',
      profile: 'core',
      statement: 'The server does not carry content from one request into another.',
      source: ['S1'],
      fixtures: ['stateless'],
      judge: isStateless,
    },
    {
      id: 'http.connection.after-refusal',
      level: 'MUST',
      profile: 'core',
      statement:
        'After a rejected request the server answers the next request on the same connection, or closes the connection (RFC 9112, 9.3).',
      source: ['W:http', 'X'],
      fixtures: ['connection-after-unknown-path', 'connection-after-invalid-key', 'cheap', 'minimal'],
      socket: 'there is no connection',
      judge: connectionAfterRefusal,
    },
  ],
};

/** The usual cause: the server rejects a request by its head and leaves its body unread, in front of the next request. */
function connectionAfterRefusal(evidence: Evidence): Judgement {
  const pairs = ['connection-after-unknown-path', 'connection-after-invalid-key'].flatMap((id) => {
    const next = evidence.of(id).findLast(({ turn }) => turn === 2);
    const rejection = evidence.of(id).find(({ turn, attempt }) => turn === 1 && attempt === next?.attempt);
    return rejection !== undefined && next !== undefined ? [{ rejection, next }] : [];
  });
  const nothing = noAnswer(evidence.own, evidence);
  if (nothing !== null) return nothing;
  const rejected = pairs.filter(({ rejection }) => status(rejection) >= 400);
  if (rejected.length === 0) return notObserved('The target rejects neither an unknown path nor a wrong key');
  const isClosed = ({ response, failure }: Exchange): boolean => response === null && failure?.kind === 'reset';
  const tested = rejected.filter(({ next }) => !isClosed(next));
  if (tested.length === 0) return satisfied('The server closes the connection after a rejection');
  const bad = tested.filter(({ next }) => !succeeded(next));
  const untested = controlTrouble(
    evidence,
    bad.map(({ next }) => next),
  );
  if (untested !== null) return untested;
  // Their control is not streamed, and a target may reject every stream.
  const streamless = evidence.of('minimal', 'stream').find((exchange) => !succeeded(exchange));
  const blamed = bad.filter(({ next }) => next.transport !== 'stream' || streamless === undefined);
  if (blamed.length === 0 && bad.length > 0) {
    return inconclusive(`Not tested: a stream on a connection of its own failed too (${answer(streamless!)})`);
  }
  return verdictOf(
    blamed.map(({ rejection, next }) =>
      finding(
        next,
        `A valid request fails on the connection of a rejected one (${rejection.id}, HTTP ${status(rejection)}); clients reuse connections.`,
        'HTTP 200 with a message, as on a connection of its own; or a closed connection',
        answer(next),
      ),
    ),
  );
}

/** Every request of the suite has `accept: application/json`, unless its fixture sets another value. */
function acceptedAsStream(evidence: Evidence): Judgement {
  const asked = evidence.of('minimal', 'stream');
  const nothing = noAnswer(asked, evidence);
  if (nothing !== null) return nothing;
  if (asked.some((exchange) => stream(exchange) !== null)) return satisfied();
  if (!evidence.of('minimal', 'json').some(succeeded)) {
    return inconclusive('Not tested: the same request without `stream` was rejected too');
  }
  const first = asked[0]!;
  const withOtherAccept = evidence.of('accept-event-stream').some((exchange) => stream(exchange) !== null);
  if (succeeded(first) && !withOtherAccept) {
    return inconclusive('Not tested: no request of this run got an event stream, whatever its `accept` header');
  }
  return violated(
    finding(
      first,
      'No stream with `accept: application/json`, which official clients send.',
      'HTTP 200 with an event stream',
      answer(first),
    ),
  );
}

function unknownPath(evidence: Evidence): Judgement {
  const asked = evidence.of('path-unknown');
  const nothing = noAnswer(asked, evidence);
  if (nothing !== null) return nothing;
  const served = asked.filter((exchange) => status(exchange) !== 404);
  return (
    controlTrouble(evidence, asked) ??
    verdictOf(
      served.map((exchange) => finding(exchange, 'No HTTP 404 for an unknown path.', 'HTTP 404', answer(exchange))),
    )
  );
}

function doubledPath(evidence: Evidence): Judgement {
  const judgement = accepted()(evidence);
  const asked = evidence.of('path-doubled')[0];
  if (asked === undefined || judgement.outcome === 'unreachable' || judgement.outcome === 'inconclusive') {
    return judgement;
  }
  if (!evidence.claims.dialect.doubledPath) {
    return notObserved(
      `The contract documents no base URL that ends in /v1. /v1/v1/messages: ${succeeded(asked) ? 'accepted' : answer(asked)}`,
    );
  }
  if (judgement.outcome === 'satisfied') return judgement;
  return deviates(
    finding(
      asked,
      '/v1/v1/messages fails; clients call it with the documented base URL.',
      'HTTP 200 with a Message',
      answer(asked),
    ),
  );
}
