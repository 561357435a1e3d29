import { answer, askedToWait, status, succeeded } from '../core/answers.js';
import type { ClientOutcome, Exchange } from '../core/exchange.js';
import { get, isObject, quote } from '../core/json.js';
import { blocks } from '../core/message.js';
import type { Evidence, Finding, Judgement, Suite } from '../core/requirement.js';
import { whyControlFailed } from './judging/controls.js';
import { accumulateInGo } from './judging/go-client.js';
import { each } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { finding, inconclusive, notObserved, satisfied, verdictOf, violated } from './judging/outcomes.js';
import { calls, declaredTools, wasTruncated } from './judging/tool-views.js';
import { differences } from './stream/message-differences.js';

export const officialClients: Suite = {
  name: 'official-clients',
  title: 'what official clients make of the same bytes: a second opinion',
  requirements: [
    {
      id: 'sdk.ts.create',
      level: 'MUST',
      profile: 'core',
      statement:
        'The official TypeScript client returns a parsed message from messages.create, whose _request_id is the request-id header where there is one.',
      source: ['T:client', 'T:parse'],
      fixtures: ['client-replay'],
      judge: createReturns,
    },
    {
      id: 'stream.sdk.ts',
      level: 'MUST',
      profile: 'core',
      statement:
        "The stream helper of the official TypeScript client comes to its end and returns the message that the stream's events add up to.",
      source: ['T:acc'],
      fixtures: ['client-tool-loop', 'client-stream'],
      judge: streamReturns,
    },
    {
      id: 'err.sdk-class',
      level: 'MUST',
      profile: 'errors',
      statement:
        'The official TypeScript client throws BadRequestError with the type invalid_request_error for a 400, and AuthenticationError for a 401.',
      source: ['T:err', 'P'],
      fixtures: ['messages-missing', 'credential-none'],
      judge: throwsItsClass,
    },
    {
      id: 'sdk.replay-history',
      level: 'MUST',
      profile: 'core',
      statement: 'The content of a reply is accepted as the content of an assistant message, unchanged.',
      source: ['T:msg', 'G'],
      fixtures: ['client-replay', 'tool-loop', 'client-tool-loop'],
      judge: takesItsOwnContent,
    },
    {
      id: 'sdk.go.accumulate',
      level: 'SHOULD',
      profile: 'tools',
      statement:
        "The official Go client's Accumulate comes to the end of a stream with tool calls without an error (worked out from its source).",
      source: ['G'],
      fixtures: ['tool-forced'],
      judge: each(
        (exchange) =>
          succeeded(exchange) && exchange.stream !== null && calls(exchange.message).length > 0
            ? exchange.stream
            : null,
        (stream, exchange) => {
          const error = accumulateInGo(stream, mayBeIncomplete(exchange));
          if (error === null) return [];
          return [finding(exchange, error.message, error.expected, error.actual, { event: error.event })];
        },
        { nothing: 'no stream of this run holds a tool call' },
      ),
    },
  ],
};

/** Cut replies, broken-off bodies and tools that ask for unchecked fragments may end in half an input. */
function mayBeIncomplete(exchange: Exchange): boolean {
  const eager = declaredTools(exchange).some((tool) => tool.eager_input_streaming === true);
  return eager || exchange.failure !== null || wasTruncated(exchange.message);
}

type Thrown = NonNullable<ClientOutcome['error']>;
const thrown = (error: Thrown): string => `${error.class}: ${error.message}`;

/** Requests that the official client sent and that were answered: neither put off nor left unsent. */
const answered = (exchanges: readonly Exchange[]): Exchange[] =>
  exchanges.filter(
    (exchange) => exchange.client !== undefined && exchange.failure?.kind !== 'not-set-up' && !askedToWait(exchange),
  );

function createReturns(evidence: Evidence): Judgement {
  const own = evidence.of('client-replay').filter(({ turn }) => turn === 1);
  const nothing = noAnswer(answered(own).length > 0 ? answered(own) : own, evidence);
  if (nothing !== null) return nothing;
  const findings: Finding[] = [];
  for (const exchange of answered(own)) {
    const trouble = whyControlFailed(evidence, evidence.fixture(exchange.fixture), exchange);
    if (trouble !== null) return inconclusive(trouble);
    findings.push(...createFaults(exchange));
  }
  return verdictOf(findings);
}

function createFaults(exchange: Exchange): Finding[] {
  const { error, message, requestId } = exchange.client!;
  const expected = 'a Message';
  if (error !== undefined)
    return [finding(exchange, 'The official client throws where plain HTTP is served.', expected, thrown(error))];
  if (!isObject(message))
    return [
      finding(
        exchange,
        'The official client hands its caller something that is no message.',
        expected,
        `${quote(message)}, content-type ${quote(exchange.header('content-type'))}`,
      ),
    ];
  const header = exchange.header('request-id');
  // A header that comes twice reaches the client joined.
  if (header === null || header === requestId || requestId?.split(', ')[0] === header) return [];
  return [
    finding(exchange, 'The _request_id of the message is another than that of the header.', header, quote(requestId), {
      header: 'request-id',
    }),
  ];
}

function streamReturns(evidence: Evidence): Judgement {
  const own = answered(evidence.own);
  const nothing = noAnswer(own.length > 0 ? own : evidence.own, evidence);
  if (nothing !== null) return nothing;
  const served = own.filter(succeeded);
  if (served.length === 0) return helperNotServed(evidence, own);
  // A failure that the stream itself reports is passed on as it should be.
  const complete = served.filter(({ stream }) => !stream?.events.some(({ name }) => name === 'error'));
  if (complete.length === 0) return inconclusive('every stream ended with an error event');
  return verdictOf(complete.flatMap(helperFaults));
}

function helperNotServed(evidence: Evidence, own: readonly Exchange[]): Judgement {
  const exchange = own[0]!;
  const trouble = whyControlFailed(evidence, evidence.fixture(exchange.fixture), exchange);
  if (trouble !== null) return inconclusive(trouble);
  const plain = evidence.of('client-replay');
  if (plain.length > 0 && !plain.some(succeeded))
    return inconclusive(`the official client is not served without streaming either, which sdk.ts.create judges`);
  return violated(
    finding(exchange, "The stream helper's request is not served.", 'HTTP 200 with a stream', answer(exchange)),
  );
}

function helperFaults(exchange: Exchange): Finding[] {
  const { error, message } = exchange.client!;
  const expected = 'the message that the events add up to';
  if (error !== undefined)
    return [finding(exchange, 'The stream helper throws instead of returning.', expected, thrown(error))];
  if (!isObject(message)) return [finding(exchange, 'The stream helper returns no message.', expected, quote(message))];
  if (exchange.message === null)
    return [
      finding(
        exchange,
        'The stream helper returns a message that the events do not add up to.',
        'no message',
        quote(message),
      ),
    ];
  return differences(message, exchange.message).map(({ pointer, client, bytes }) =>
    finding(
      exchange,
      `The stream helper's message is another than that of the bytes: ${pointer} was lost or changed on the way.`,
      `${quote(bytes)}, as the events say`,
      `${quote(client)} from the client`,
      { pointer },
    ),
  );
}

/** Which status a fault takes is judged by the families of errors and authentication; here, what the client makes of it. */
const CLASSES: Readonly<Record<number, { class: string; type: string | null }>> = {
  400: { class: 'BadRequestError', type: 'invalid_request_error' },
  401: { class: 'AuthenticationError', type: null },
};

function throwsItsClass(evidence: Evidence): Judgement {
  const own = [...evidence.of('messages-missing'), ...evidence.of('credential-none')];
  const asked = answered(own);
  const nothing = noAnswer(asked.length > 0 ? asked : own, evidence);
  if (nothing !== null) return nothing;
  const refusals = asked.filter((exchange) => CLASSES[status(exchange)] !== undefined);
  if (refusals.length === 0)
    return notObserved(`the official client's requests were refused with neither 400 nor 401: ${answer(asked[0]!)}`);
  for (const exchange of refusals) {
    const trouble = whyControlFailed(evidence, evidence.fixture(exchange.fixture), exchange);
    if (trouble !== null) return inconclusive(trouble);
  }
  return verdictOf(refusals.flatMap(classFaults));
}

function classFaults(exchange: Exchange): Finding[] {
  const wanted = CLASSES[status(exchange)]!;
  const { error } = exchange.client!;
  const fits = error?.class === wanted.class && (wanted.type === null || error.type === wanted.type);
  if (fits) return [];
  return [
    finding(
      exchange,
      'The official client cannot tell its caller what kind of error this is.',
      wanted.type === null ? wanted.class : `${wanted.class} with type ${wanted.type}`,
      error === undefined ? 'nothing thrown' : `${error.class} with type ${quote(error.type)}`,
      { pointer: '/error/type' },
    ),
  ];
}

function takesItsOwnContent(evidence: Evidence): Judgement {
  const replays = evidence.own.filter(({ turn, failure }) => turn === 2 && failure?.kind !== 'not-set-up');
  const asked = replays.filter((exchange) => !askedToWait(exchange) && isWhole(firstReply(evidence, exchange)));
  if (asked.length === 0)
    return (
      noAnswer(replays.length > 0 ? replays : evidence.own, evidence) ??
      notObserved('no first reply had content to send back')
    );
  const nothing = noAnswer(asked, evidence);
  if (nothing !== null) return nothing;
  const refusals = asked.filter((exchange) => !succeeded(exchange));
  if (refusals.length === 0) return satisfied();
  return violated(
    refusals.map((exchange) =>
      finding(
        exchange,
        'The server does not accept the content that it has returned itself: no conversation gets past its first turn.',
        `HTTP 200 for ${quote(get(firstReply(evidence, exchange)?.message, 'content'))}`,
        answer(exchange),
        { pointer: '/messages/1/content' },
      ),
    ),
  );
}

const firstReply = (evidence: Evidence, { fixture, transport, attempt }: Exchange): Exchange | undefined =>
  evidence.of(fixture, transport).find((exchange) => exchange.turn === 1 && exchange.attempt === attempt);

/** No message may be empty or end in its thoughts, and half a call is none: a refusal of those says nothing. */
function isWhole(exchange: Exchange | undefined): boolean {
  const message = exchange?.message ?? null;
  const said = blocks(message).some(({ type }) => type !== 'thinking' && type !== 'redacted_thinking');
  return said && !(wasTruncated(message) && calls(message).length > 0);
}
