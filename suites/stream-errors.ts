import { answer, rejectedAsInvalid, status, succeeded } from '../core/answers.js';
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
  title: 'faults before and within a stream, and clients that leave',
  requirements: [
    {
      id: 'stream.error.pre-stream',
      level: 'MUST',
      profile: 'errors',
      statement:
        'An invalid request for a stream is answered with an error status and a JSON body, like one that is not for a stream.',
      source: ['D:errors', 'X'],
      fixtures: ['messages-empty'],
      judge: preStream,
    },
    {
      id: 'stream.error.event',
      level: 'MUST',
      profile: 'errors',
      statement:
        'A fault that occurs within a stream is sent as an event named error, with the documented error body as data.',
      source: ['D:errors', 'X'],
      fixtures: [],
      judge: each(
        (exchange) => {
          const shown = stream(exchange);
          const errors = shown?.events.filter(tellsError) ?? [];
          return shown !== null && errors.length > 0 ? { shown, errors } : null;
        },
        ({ shown, errors }, exchange, evidence) =>
          errors.flatMap((event) => eventFaults(event, shown, exchange, evidence)),
        { nothing: 'no stream of this run failed; nothing provokes a fault in mid-stream', silent: true },
      ),
    },
    {
      id: 'stream.disconnect',
      level: 'MAY',
      profile: 'agent',
      statement: 'After a client has left a stream in the middle, the next request is served as ever.',
      source: ['T:sse'],
      fixtures: ['hang-up', 'minimal'],
      judge: servedAfterHangUp,
    },
  ],
};

/** Error types that a server knows before it begins to stream. */
const CLIENT_FAULTS = [
  'invalid_request_error',
  'authentication_error',
  'permission_error',
  'not_found_error',
  'request_too_large',
];

/** Every refusal of a request for a stream, and every 200 that turns out to be one. */
function preStream(evidence: Evidence): Judgement {
  const findings: Finding[] = [];
  let shown = 0;
  for (const exchange of evidence.all) {
    if (exchange.transport !== 'stream' || get(exchange.sent, 'stream') !== true) continue;
    // What stands in front of a server speaks for it where a request is too large, too many, or goes unanswered.
    if (rejectedAsInvalid(exchange) ? status(exchange) !== 413 : [401, 402, 403].includes(status(exchange))) {
      shown += 1;
      if (!isObject(exchange.json) || exchange.stream !== null) {
        findings.push(fault(exchange, 'A refused stream has no JSON body: clients cannot tell why.'));
      }
    } else if (succeeded(exchange) && hiddenRefusal(exchange)) {
      shown += 1;
      findings.push(fault(exchange, 'A request is refused under status 200: official clients lose the error.'));
    }
  }
  if (findings.length > 0) return verdictOf(findings, true);
  if (shown > 0) return verdictOf([]);
  return (
    noAnswer(evidence.own) ??
    notObserved('no request for a stream was refused: whether an invalid one is, other requirements judge')
  );
}

const fault = (exchange: Exchange, message: string): Finding =>
  finding(
    exchange,
    message,
    'a status of 400 or more with a JSON error',
    `${answer(exchange)}, content-type ${quote(exchange.header('content-type'))}`,
  );

function hiddenRefusal(exchange: Exchange): boolean {
  if (isObject(exchange.json)) return get(exchange.json, 'error') !== undefined;
  const first = exchange.stream?.events.find((event) => kindOf(event) !== null);
  if (first === undefined || kindOf(first) !== 'error') return false;
  return CLIENT_FAULTS.includes(asString(get(first.data, 'error', 'type')));
}

/** An error event, or data that tells of an error in another form. */
const tellsError = (event: StreamEvent): boolean => {
  const kind = kindOf(event);
  return kind === 'error' || (kind === null && event.name !== 'ping' && Boolean(get(event.data, 'error')));
};

function eventFaults(event: StreamEvent, shown: StreamReading, exchange: Exchange, evidence: Evidence): Finding[] {
  // Where no frame has a name, that is the fault, and it is told by stream.frame.event-name.
  const nameless = event.name === null && shown.events.every(({ name }) => name === null);
  if (event.name !== 'error' && !nameless) {
    return [
      atEvent(
        exchange,
        event,
        'A fault within a stream is not sent as an error event: clients pass over it and take the rest for the whole.',
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

function servedAfterHangUp(evidence: Evidence): Judgement {
  const left = evidence.of('hang-up').filter(({ failure }) => failure?.kind === 'abandoned');
  const next = evidence
    .of('hang-up')
    .filter(({ turn, attempt }) => turn === 2 && left.some((one) => one.attempt === attempt));
  if (next.length === 0) return noAnswer(evidence.of('hang-up')) ?? inconclusive('no stream began that could be left');
  if (!evidence.of('minimal', 'stream').some(({ message }) => message !== null))
    return inconclusive('the same request is not served at other times either');
  return (
    noAnswer(next) ??
    verdictOf(
      next
        .filter((exchange) => !succeeded(exchange) || exchange.message === null)
        .map((exchange) =>
          finding(
            exchange,
            'The request after a stream that the client left is not served.',
            'HTTP 200 with a Message',
            answer(exchange),
          ),
        ),
    )
  );
}
