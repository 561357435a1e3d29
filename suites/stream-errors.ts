import { answer, askedToWait, rejectedAsInvalid, status, succeeded } from '../core/answers.js';
import type { Exchange, StreamEvent, StreamReading } from '../core/exchange.js';
import { asString, get, isObject, quote } from '../core/json.js';
import type { Evidence, Finding, Judgement, Suite } from '../core/requirement.js';
import { each } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { finding, inconclusive, notObserved, schemaFindings, verdictOf } from './judging/outcomes.js';
import { atEvent, stream } from './judging/views.js';
import { kindOf } from './stream/block-types.js';

export const streamErrors: Suite = {
  name: 'stream-errors',
  title: 'errors before and in a stream, and clients that disconnect',
  requirements: [
    {
      id: 'stream.error.pre-stream',
      level: 'MUST',
      profile: 'errors',
      statement:
        'The server rejects an invalid request for a stream with an error status and a JSON body, as without streaming.',
      source: ['D:errors', 'X'],
      fixtures: ['messages-empty'],
      judge: preStream,
    },
    {
      id: 'stream.error.event',
      level: 'MUST',
      profile: 'errors',
      statement:
        'The server sends an error during a stream as an `error` event whose data is the documented error body.',
      source: ['D:errors', 'X'],
      fixtures: [],
      judge: each(
        (exchange) => {
          const shown = stream(exchange);
          const errors = shown?.events.filter(reportsError) ?? [];
          return shown !== null && errors.length > 0 ? { shown, errors } : null;
        },
        ({ shown, errors }, exchange, evidence) =>
          errors.flatMap((event) => eventFaults(event, shown, exchange, evidence)),
        { nothing: 'No stream of this run failed, and the suite does not provoke an error in a stream', silent: true },
      ),
    },
    {
      id: 'stream.disconnect',
      level: 'MAY',
      profile: 'agent',
      statement: 'After a client disconnects in the middle of a stream, the server accepts the next request as usual.',
      source: ['T:sse'],
      fixtures: ['hang-up', 'minimal'],
      judge: worksAfterHangUp,
    },
  ],
};

/** Error types that a server knows before it starts to stream. */
const CLIENT_ERRORS = [
  'invalid_request_error',
  'authentication_error',
  'permission_error',
  'not_found_error',
  'request_too_large',
];

/** Every rejection of a request for a stream, with an error status or as a 200 that contains only an error. */
function preStream(evidence: Evidence): Judgement {
  const findings: Finding[] = [];
  let shown = 0;
  for (const exchange of evidence.all) {
    if (exchange.transport !== 'stream' || get(exchange.sent, 'stream') !== true) continue;
    // A proxy in front of a server may answer requests that are too large, too many or too slow.
    if (rejectedAsInvalid(exchange) ? status(exchange) !== 413 : [401, 402, 403].includes(status(exchange))) {
      shown += 1;
      if (!isObject(exchange.json) || exchange.stream !== null) {
        findings.push(fault(exchange, 'No JSON body in the rejection of a stream; clients cannot see the reason.'));
      }
    } else if (succeeded(exchange) && isHiddenRejection(exchange, evidence)) {
      shown += 1;
      findings.push(fault(exchange, 'HTTP 200 for a rejected stream; official clients lose the error.'));
    }
  }
  if (findings.length > 0) return verdictOf(findings, true);
  if (shown > 0) return verdictOf([]);
  return noAnswer(evidence.own, evidence) ?? notObserved('The target rejected no request for a stream');
}

const fault = (exchange: Exchange, message: string): Finding =>
  finding(
    exchange,
    message,
    'a status of 400 or more with a JSON error',
    `${answer(exchange)}, content-type ${quote(exchange.header('content-type'))}`,
  );

/** An invalid request is rejected by whatever error its stream begins with, unless that asks to wait. */
function isHiddenRejection(exchange: Exchange, evidence: Evidence): boolean {
  if (isObject(exchange.json)) return get(exchange.json, 'error') !== undefined;
  const first = exchange.stream?.events.find((event) => kindOf(event) !== null);
  if (first === undefined || kindOf(first) !== 'error') return false;
  const isInvalid = evidence.fixture(exchange.fixture).violates !== null && !askedToWait(exchange);
  return isInvalid || CLIENT_ERRORS.includes(asString(get(first.data, 'error', 'type')));
}

/** An `error` event, or an event of unknown type with an `error` in its data. */
const reportsError = (event: StreamEvent): boolean => {
  const kind = kindOf(event);
  return kind === 'error' || (kind === null && event.name !== 'ping' && Boolean(get(event.data, 'error')));
};

function eventFaults(event: StreamEvent, shown: StreamReading, exchange: Exchange, evidence: Evidence): Finding[] {
  // When no frame has a name, stream.frame.event-name reports that.
  const nameless = event.name === null && shown.events.every(({ name }) => name === null);
  if (event.name !== 'error' && !nameless) {
    return [
      atEvent(
        exchange,
        event,
        'An error in a stream is not an `error` event; clients ignore it and treat the reply as complete.',
        'event: error',
        event.name === null ? 'a frame without a name' : `event: ${event.name}`,
      ),
    ];
  }
  return schemaFindings(exchange, evidence.violations('event.error', event.data ?? null).slice(0, 2), {
    event: event.number,
    offset: event.frame.offset,
  });
}

function worksAfterHangUp(evidence: Evidence): Judgement {
  const left = evidence.of('hang-up').filter(({ failure }) => failure?.kind === 'abandoned');
  const next = evidence
    .of('hang-up')
    .filter(({ turn, attempt }) => turn === 2 && left.some((one) => one.attempt === attempt));
  if (next.length === 0)
    return (
      noAnswer(evidence.of('hang-up'), evidence) ??
      inconclusive('No stream started from which the client could disconnect')
    );
  if (!evidence.of('minimal', 'stream').some(({ message }) => message !== null))
    return inconclusive('Not tested: the same request failed at other times too');
  return (
    noAnswer(next, evidence) ??
    verdictOf(
      next
        .filter((exchange) => !succeeded(exchange) || exchange.message === null)
        .map((exchange) =>
          finding(
            exchange,
            'The next request fails after a client disconnects from a stream.',
            'HTTP 200 with a Message',
            answer(exchange),
          ),
        ),
    )
  );
}
