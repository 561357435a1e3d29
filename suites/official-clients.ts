import { answer, askedToWait, neverEnds, status, succeeded } from '../core/answers.js';
import type { ClientOutcome, Exchange } from '../core/exchange.js';
import { get, isObject, type Json, quote } from '../core/json.js';
import { blocks } from '../core/message.js';
import type { Evidence, Finding, Judgement, Suite } from '../core/requirement.js';
import { controlTrouble } from './judging/controls.js';
import { accumulateInGo } from './judging/go-client.js';
import { each } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { finding, inconclusive, notObserved, satisfied, verdictOf, violated } from './judging/outcomes.js';
import { SEARCHES } from './judging/search-results.js';
import { calls, declaredTools, wasTruncated } from './judging/tool-views.js';
import { gaveUp } from './judging/views.js';
import { differences, isSame } from './stream/message-differences.js';

export const officialClients: Suite = {
  name: 'official-clients',
  title: 'results of the official clients for the same bytes: a second opinion',
  requirements: [
    {
      id: 'sdk.ts.create',
      officialClient: true,
      level: 'MUST',
      profile: 'core',
      statement:
        '`messages.create` of the official TypeScript client returns a parsed message; its `_request_id` is the `request-id` header, if any.',
      source: ['T:client', 'T:parse'],
      fixtures: ['client-replay'],
      judge: createReturns,
    },
    {
      id: 'stream.sdk.ts',
      officialClient: true,
      level: 'MUST',
      profile: 'core',
      statement:
        'The stream helper of the official TypeScript client finishes and returns the message that the events build.',
      source: ['T:acc'],
      fixtures: ['client-tool-loop', 'client-stream'],
      judge: streamReturns,
    },
    {
      id: 'sdk.ts.content-block-events',
      officialClient: true,
      level: 'SHOULD',
      profile: 'core',
      statement:
        'The `contentBlock` events of the official TypeScript client are the blocks of the final message, each once and in order.',
      source: ['T:acc'],
      fixtures: ['client-tool-loop', 'client-stream'],
      judge: each(
        ({ client }) => (client?.blocks === undefined || !isObject(client.message) ? null : client),
        blockEventFaults,
        { silent: true, nothing: 'The stream helper of the official client returned no message' },
      ),
    },
    {
      id: 'err.sdk-class',
      officialClient: true,
      level: 'MUST',
      profile: 'errors',
      statement:
        'The official TypeScript client throws `BadRequestError` with type `invalid_request_error` for a 400, and `AuthenticationError` for a 401.',
      source: ['T:err', 'P'],
      fixtures: ['messages-missing', 'credential-none'],
      judge: throwsItsClass,
    },
    {
      id: 'sdk.replay-history',
      officialClient: true,
      level: 'MUST',
      profile: 'core',
      statement: 'The server accepts the unchanged `content` of its reply as the `content` of an assistant message.',
      source: ['T:msg', 'G'],
      fixtures: ['client-replay', 'tool-loop', 'client-tool-loop'],
      judge: acceptsItsOwnContent,
    },
    {
      id: 'sdk.replay-server-tools',
      level: 'MUST',
      profile: 'tools',
      statement: 'The server accepts its own `server_tool_use` and its result unchanged in the history.',
      source: ['D:server', 'T:msg'],
      fixtures: ['tool-search-loop', ...SEARCHES],
      judge: acceptsOwnServerTools,
    },
    {
      id: 'sdk.go.accumulate',
      level: 'SHOULD',
      profile: 'tools',
      statement:
        '`Accumulate` of the official Go client reads a stream with tool calls without an error, and loses no input (simulated from its source).',
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
        { nothing: 'No stream of this run contains a tool call' },
      ),
    },
  ],
};

/** Truncated replies, incomplete bodies and tools with `eager_input_streaming` may end with half an input. */
function mayBeIncomplete(exchange: Exchange): boolean {
  const eager = declaredTools(exchange).some((tool) => tool.eager_input_streaming === true);
  return eager || exchange.failure !== null || wasTruncated(exchange.message);
}

type Thrown = NonNullable<ClientOutcome['error']>;
const thrown = (error: Thrown): string => `${error.class}: ${error.message}`;

/** Requests of the official client that were sent and not told to try again later. */
const answered = (exchanges: readonly Exchange[]): Exchange[] =>
  exchanges.filter(
    (exchange) => exchange.client !== undefined && exchange.failure?.kind !== 'not-set-up' && !askedToWait(exchange),
  );

function createReturns(evidence: Evidence): Judgement {
  const own = evidence.of('client-replay').filter(({ turn }) => turn === 1);
  const judged = answered(own);
  const nothing = noAnswer(judged.length > 0 ? judged : own, evidence);
  if (nothing !== null) return nothing;
  return controlTrouble(evidence, judged) ?? verdictOf(judged.flatMap(createFaults));
}

function createFaults(exchange: Exchange): Finding[] {
  const { error, message, requestId } = exchange.client!;
  const expected = 'a Message';
  if (error !== undefined)
    return [
      finding(exchange, 'The official client throws; the same request over plain HTTP works.', expected, thrown(error)),
    ];
  if (!isObject(message))
    return [
      finding(
        exchange,
        'The official client returns something that is not a message.',
        expected,
        `${quote(message)}, content-type ${quote(exchange.header('content-type'))}`,
      ),
    ];
  const header = exchange.header('request-id');
  // The client joins a header that occurs twice.
  if (header === null || header === requestId || requestId?.split(', ')[0] === header) return [];
  return [
    finding(exchange, '`_request_id` of the message differs from the `request-id` header.', header, quote(requestId), {
      header: 'request-id',
    }),
  ];
}

function streamReturns(evidence: Evidence): Judgement {
  const own = answered(evidence.own);
  const nothing = noAnswer(own.length > 0 ? own : evidence.own, evidence);
  if (nothing !== null) return nothing;
  const replies = own.filter(succeeded);
  if (replies.length === 0) return streamRejected(evidence, own);
  // The client reports an error event to its caller, as it should.
  const complete = replies.filter(({ stream }) => !stream?.events.some(({ name }) => name === 'error'));
  if (complete.length === 0) return inconclusive('Every stream ended with an `error` event');
  // What the suite itself cut says nothing about the client.
  const read = complete.filter((exchange) => !(neverEnds(exchange) && gaveUp(exchange)));
  const [cut] = complete;
  if (read.length === 0) return inconclusive(`Not tested: ${cut?.id} is incomplete (${cut?.failure?.message})`);
  return verdictOf(read.flatMap(helperFaults));
}

function streamRejected(evidence: Evidence, own: readonly Exchange[]): Judgement {
  const exchange = own[0]!;
  const untested = controlTrouble(evidence, [exchange]);
  if (untested !== null) return untested;
  const plain = evidence.of('client-replay');
  if (plain.length > 0 && !plain.some(succeeded))
    return inconclusive('Not tested: the target also rejects the official client without streaming, see sdk.ts.create');
  return violated(
    finding(
      exchange,
      'The server rejects the request of the stream helper.',
      'HTTP 200 with a stream',
      answer(exchange),
    ),
  );
}

function helperFaults(exchange: Exchange): Finding[] {
  const { error, message } = exchange.client!;
  const expected = 'the message that the events build';
  if (error !== undefined) return [finding(exchange, 'The stream helper throws an error.', expected, thrown(error))];
  if (!isObject(message)) return [finding(exchange, 'The stream helper returns no message.', expected, quote(message))];
  if (exchange.message === null)
    return [
      finding(
        exchange,
        'The stream helper returns a message, but the events do not build one.',
        'no message',
        quote(message),
      ),
    ];
  return differences(message, exchange.message).map(({ pointer, client, bytes }) =>
    finding(
      exchange,
      `\`${pointer}\` differs between the stream helper and the events.`,
      `${quote(bytes)} from the events`,
      `${quote(client)} from the client`,
      { pointer },
    ),
  );
}

/** The families on errors and authentication judge the status. This is the error class of the client for it. */
const CLASSES: Readonly<Record<number, { class: string; type: string | null }>> = {
  400: { class: 'BadRequestError', type: 'invalid_request_error' },
  401: { class: 'AuthenticationError', type: null },
};

function throwsItsClass(evidence: Evidence): Judgement {
  const own = [...evidence.of('messages-missing'), ...evidence.of('credential-none')];
  const asked = answered(own);
  const nothing = noAnswer(asked.length > 0 ? asked : own, evidence);
  if (nothing !== null) return nothing;
  const rejections = asked.filter((exchange) => CLASSES[status(exchange)] !== undefined);
  if (rejections.length === 0)
    return notObserved(`The target rejected the official client with neither 400 nor 401: ${answer(asked[0]!)}`);
  return controlTrouble(evidence, rejections) ?? verdictOf(rejections.flatMap(classFaults));
}

function classFaults(exchange: Exchange): Finding[] {
  const wanted = CLASSES[status(exchange)]!;
  const { error } = exchange.client!;
  const fits = error?.class === wanted.class && (wanted.type === null || error.type === wanted.type);
  if (fits) return [];
  return [
    finding(
      exchange,
      'The official client throws the wrong error class or type.',
      wanted.type === null ? wanted.class : `${wanted.class} with type ${wanted.type}`,
      error === undefined ? 'nothing thrown' : `${error.class} with type ${quote(error.type)}`,
      { pointer: '/error/type' },
    ),
  ];
}

function acceptsItsOwnContent(evidence: Evidence): Judgement {
  const replays = evidence.own.filter(({ turn, failure }) => turn === 2 && failure?.kind !== 'not-set-up');
  const asked = replays.filter((exchange) => !askedToWait(exchange) && isWhole(firstReply(evidence, exchange)));
  if (asked.length === 0)
    return (
      noAnswer(replays.length > 0 ? replays : evidence.own, evidence) ??
      notObserved('No first reply had content to send back')
    );
  const nothing = noAnswer(asked, evidence);
  if (nothing !== null) return nothing;
  const rejections = asked.filter((exchange) => !succeeded(exchange));
  if (rejections.length === 0) return satisfied();
  return violated(
    rejections.map((exchange) =>
      finding(
        exchange,
        'The server rejects the `content` of its own reply; no conversation gets past its first turn.',
        `HTTP 200 for ${quote(get(firstReply(evidence, exchange)?.message, 'content'))}`,
        answer(exchange),
        { pointer: '/messages/1/content' },
      ),
    ),
  );
}

/** Only what the server itself produced: a server without such tools rejects them, or ignores them. */
function acceptsOwnServerTools(evidence: Evidence): Judgement {
  const replays = evidence.all.filter((exchange) => {
    const { turn, sent, failure } = exchange;
    const messages = turn > 1 && failure?.kind !== 'not-set-up' ? get(sent, 'messages') : null;
    if (!Array.isArray(messages) || wasTruncated(firstReply(evidence, exchange)?.message)) return false;
    return messages.some((message) => blocks(message, 'server_tool_use').length > 0);
  });
  if (replays.length === 0) return notObserved('No reply of this run has a `server_tool_use` to send back');
  const nothing = noAnswer(replays, evidence);
  if (nothing !== null) return nothing;
  return verdictOf(
    replays
      .filter((exchange) => !succeeded(exchange))
      .map((exchange) =>
        finding(
          exchange,
          'The server rejects its own `server_tool_use` or its result; the conversation cannot go on.',
          'HTTP 200 with a Message',
          answer(exchange),
          { pointer: '/messages/1/content' },
        ),
      ),
  );
}

function blockEventFaults({ blocks: events = [], message }: ClientOutcome, exchange: Exchange): Finding[] {
  const content = isObject(message) && Array.isArray(message.content) ? message.content : [];
  const wrong = content.findIndex((block, index) => !isSame(block, events[index]));
  if (wrong < 0 && events.length <= content.length) return [];
  const index = wrong < 0 ? content.length : wrong;
  const show = (value: Json | undefined): string => (value === undefined ? 'nothing' : quote(value));
  return [
    finding(
      exchange,
      'A `contentBlock` event differs from the final message; callers that use the events get a wrong or missing block.',
      show(content[index]),
      show(events[index]),
      { pointer: `/content/${index}` },
    ),
  ];
}

const firstReply = (evidence: Evidence, { fixture, transport, attempt }: Exchange): Exchange | undefined =>
  evidence.of(fixture, transport).find((exchange) => exchange.turn === 1 && exchange.attempt === attempt);

/** Whether a reply may be sent back: it has content other than thinking, and no incomplete tool call. */
function isWhole(exchange: Exchange | undefined): boolean {
  const message = exchange?.message ?? null;
  const hasContent = blocks(message).some(({ type }) => type !== 'thinking' && type !== 'redacted_thinking');
  return hasContent && !(wasTruncated(message) && calls(message).length > 0);
}
