/** Judges of the load that coding agents put on a server. */

import {
  answer,
  askedToWait,
  errorBody,
  errorWords,
  isAccepted,
  rejectedAsInvalid,
  status,
} from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { get, quote } from '../../core/json.js';
import { text, totalInput } from '../../core/message.js';
import type { Evidence, Finding, Judge, Judgement } from '../../core/requirement.js';
import { inWholeSession } from './agent-session.js';
import { controlTrouble } from './controls.js';
import { honouredOrNamed } from './honoured-or-named.js';
import { accepted, each } from './judges.js';
import { namesMaxTokens, noAnswer } from './no-answer.js';
import { lastAttempt } from './other-endpoints.js';
import { deviates, finding, inconclusive, notObserved, satisfied, verdictOf, violated } from './outcomes.js';
import { replyText } from './steering.js';
import { calls } from './tool-views.js';
import {
  answered,
  atEvent,
  completeMessage,
  endedStream,
  firstFew,
  gaveUp,
  outputTokens,
  readStream,
  stream,
  tokenLimit,
} from './views.js';

/** A rejection because the model cannot generate so many tokens, or because its context window is too small. */
export const namesLimit = (exchange: Exchange): boolean => {
  const words = errorWords(exchange);
  return (
    rejectedAsInvalid(exchange) && (namesMaxTokens(words) || /context[ _](window|length)|too (large|long)/i.test(words))
  );
};

/** Tests the shape of the request: a model that cannot generate so many tokens gets the same request with a smaller `max_tokens`. */
export function acceptsAgentRequest(evidence: Evidence): Judgement {
  const own = evidence.resolve(inWholeSession('agent-request'));
  const judgement = accepted({ anyLength: true })({ ...evidence, own });
  if (judgement.outcome !== 'rejected' || !own.every(namesLimit)) return judgement;
  // Its control is the rejected request itself. Other requests have shown by now that the target works.
  const fixture = (id: string) => ({ ...evidence.fixture(id), control: null });
  const short = accepted()({ ...evidence, own: evidence.of('agent-request-short'), fixture });
  if (short.outcome !== 'satisfied') return short.outcome === 'not-observed' ? judgement : short;
  return satisfied(`Accepted with a smaller max_tokens than agents send: ${answer(own[0]!)}`);
}

/** Accepted, or rejected by name. */
export const contextEdit: Judge = honouredOrNamed({
  names: /context[_-]management/,
  what: '`context_management`',
  breaks: 'agents cannot tell that they have to leave it out',
  name: 'context_management',
});

/** The same for an edit of thinking. What was cleared has to be reported in its form. */
export function contextEditOfThinking(evidence: Evidence): Judgement {
  const control = evidence.of('adaptive-short');
  if (control.length > 0 && control.every(rejectedAsInvalid))
    return notObserved('The target does not accept adaptive thinking, so it has no thinking to clear');
  const edits = evidence.of('agent-context-edit');
  if (edits.length > 0 && !edits.some(isAccepted))
    return notObserved('The target accepts no context edit, see agent.context-management');
  return honouredOrNamed(
    {
      names: /context[_-]management|clear_thinking/,
      what: 'A context edit "clear_thinking_20251015"',
      breaks: 'agents cannot tell that they have to leave it out',
      name: 'context_management',
    },
    appliedEdits,
  )(evidence);
}

function appliedEdits(evidence: Evidence): Judgement {
  const faults = answered(evidence.own).flatMap((exchange) =>
    evidence
      .violations('message', exchange.message)
      .filter(({ pointer }) => pointer.startsWith('/context_management'))
      .map(({ pointer, expected, actual }) => {
        const message = `\`${pointer}\` does not say what was cleared; agents count their context wrongly.`;
        return finding(exchange, message, expected, actual, { pointer });
      }),
  );
  return verdictOf(firstFew(faults), true);
}

const ROUNDS = 3;

/** The server accepts every round, and no tool call repeats the `id` of an earlier one. */
export function threeRounds(evidence: Evidence): Judgement {
  const rounds = lastAttempt(evidence.of('agent-tool-loop'));
  const first = rounds.get(1);
  const begun = accepted()({ ...evidence, own: first === undefined ? [] : [first] });
  if (begun.outcome !== 'satisfied') return begun;
  const ids = new Map<unknown, number>();
  const findings: Finding[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const exchange = rounds.get(round);
    const nothing = noAnswer(exchange === undefined ? [] : [exchange], evidence);
    if (nothing !== null) return findings.length > 0 ? violated(findings, true) : nothing;
    if (exchange?.message == null) {
      const message = `Round ${round} of a tool loop fails, though it only sends back what the server sent.`;
      return violated([...findings, finding(exchange!, message, 'HTTP 200 with a stream', answer(exchange!))]);
    }
    const made = calls(exchange.message);
    if (made.length === 0) return inconclusive(`Round ${round} has no tool call: ${replyText(exchange)}`);
    for (const { id } of made) {
      const earlier = ids.get(id);
      if (earlier !== undefined && earlier !== round) findings.push(repeatedId(exchange, id, earlier));
      ids.set(id, round);
    }
    findings.push(...firstIndex(exchange));
  }
  return verdictOf(findings, true);
}

const repeatedId = (exchange: Exchange, id: unknown, earlier: number): Finding =>
  finding(
    exchange,
    `A tool call repeats the \`id\` of round ${earlier}; agents treat it as done and loop forever.`,
    'a unique id',
    quote(id),
    { pointer: '/content' },
  );

function firstIndex(exchange: Exchange): Finding[] {
  const start = readStream(exchange)?.blocks[0]?.start;
  const index = get(start?.data, 'index');
  if (start === undefined || start === null || index === 0) return [];
  const message = 'The first content block does not have `index` 0.';
  return [atEvent(exchange, start, message, 'index 0', quote(index), '/index')];
}

/** So high a limit that no reply of the suite reaches it, even by thoughts that are not counted. */
const HIGH_LIMIT = 16_000;

/** From here on a small context window may be full. */
const SMALL_WINDOW = 1_000;

/** A count to 250, which has more tokens than the lowest limits in use. */
const COUNT = /^\s*1, 2, 3, /;
const WHOLE_COUNT = /\b250\W*$/;

/** Tokens of a whole exchange; 0 where they are not counted. */
const windowOf = (exchange: Exchange): number =>
  (totalInput(get(completeMessage(exchange), 'usage')) ?? 0) + (outputTokens(exchange) ?? 0);

/** Another exchange of the run with more tokens: the context window is not full where this one ends. */
const withLargerWindow = (exchange: Exchange, { all }: Evidence): Exchange | undefined =>
  all.find((other) => windowOf(other) > windowOf(exchange));

/** A count with a high limit ends at its last number, or after as many tokens as fill a context window. */
const countsOn: Judge = each(
  (exchange) => {
    const message = completeMessage(exchange);
    const output = outputTokens(exchange);
    const isHigh = (tokenLimit(exchange) ?? 0) >= HIGH_LIMIT;
    return isHigh && message !== null && output !== null && COUNT.test(text(message)) ? { message, output } : null;
  },
  ({ message, output }, exchange, evidence) => {
    const isCut = message.stop_reason === 'max_tokens' && !WHOLE_COUNT.test(text(message));
    if (!isCut || output === 0) return [];
    const isSmall = windowOf(exchange) < SMALL_WINDOW;
    const larger = isSmall ? undefined : withLargerWindow(exchange, evidence);
    if (!isSmall && larger === undefined) return [];
    const fault = '`max_tokens` is lowered silently: the reply ends long before it, and what an agent writes is cut.';
    return [
      {
        ...finding(
          exchange,
          fault,
          `the count to 250, with a limit of ${tokenLimit(exchange)}`,
          `stop_reason "max_tokens" after ${output} tokens`,
          { pointer: '/stop_reason' },
        ),
        ...(larger !== undefined && { comparedWith: larger.id }),
      },
    ];
  },
  { nothing: 'The model did not count' },
);

/** A server that names the largest limit of the model lowers nothing. */
export function limitIsKept(evidence: Evidence): Judgement {
  const named = evidence.own.find(namesLimit);
  return named === undefined ? countsOn(evidence) : satisfied(`Rejected in place of a lower limit: ${answer(named)}`);
}

/** The suite does not know the maximum of a model. A rejection that names the maximum is fine. */
export function largeLimit(evidence: Evidence): Judgement {
  const asked = evidence.own;
  const judgement = accepted({ anyLength: true })(evidence);
  if (judgement.outcome !== 'rejected' || !asked.every(namesLimit)) return judgement;
  const why = `The maximum of this model is lower: ${answer(asked[0]!)}`;
  const less = answered(evidence.of('agent-request'))[0];
  return less === undefined
    ? notObserved(why)
    : satisfied(`max_tokens ${String(get(less.sent, 'max_tokens'))} is accepted. ${why}`);
}

/** The word that a parallel stream asks for. */
const wordOf = (fixture: string): string => fixture.replace('agent-parallel-', '').toUpperCase();

/** The last attempt of each stream that runs at the same time as the others. */
const lastOfEach = (evidence: Evidence): Exchange[] =>
  [...new Set(evidence.own.map(({ fixture }) => fixture))].map((id) => evidence.of(id).at(-1)!);

/** Each stream asks for a word of its own. The word of another stream shows that the server mixes them up. */
export function ownText(evidence: Evidence): Judgement {
  const replies = lastOfEach(evidence).filter((exchange) => stream(exchange) !== null && exchange.message !== null);
  if (replies.length < 2) return noAnswer(evidence.own, evidence) ?? inconclusive('Not tested: fewer than two streams');
  const findings = replies.flatMap((exchange) =>
    replies
      .filter((other) => other !== exchange && text(exchange.message).includes(wordOf(other.fixture)))
      .map((other) => strayWords(exchange, other)),
  );
  if (findings.length > 0) return violated(firstFew(findings), true);
  const isOwn = (exchange: Exchange): boolean => text(exchange.message).includes(wordOf(exchange.fixture));
  return replies.some(isOwn)
    ? satisfied()
    : inconclusive('The model wrote none of the words, so no reply shows whose text it is', replies.length);
}

/** Each stream ends, or the server asks to wait with it. */
export function manyAtOnce(evidence: Evidence): Judgement {
  const last = lastOfEach(evidence);
  const finished = last.filter((exchange) => !askedToWait(exchange));
  const nothing = last.length === 0 || finished.length > 0 ? noAnswer(finished, evidence) : null;
  if (nothing !== null) return nothing;
  const isWhole = (exchange: Exchange) => endedStream(exchange) !== null;
  if (!last.some(isWhole) && !evidence.all.some((exchange) => stream(exchange) !== null && isWhole(exchange)))
    return inconclusive('Not tested: no stream of this run is complete, see the stream requirements');
  const untested = controlTrouble(evidence, last);
  if (untested !== null) return untested;
  // A later attempt may be accepted. The envelope of an earlier rejection still has to be right.
  const waits = evidence.all.filter((exchange) => last.some(({ fixture }) => fixture === exchange.fixture));
  const earlier = waits.filter((exchange) => !last.includes(exchange));
  return verdictOf([...last.flatMap(notFinished), ...earlier.flatMap(badWait)]);
}

const strayWords = (exchange: Exchange, other: Exchange): Finding =>
  finding(
    exchange,
    `Text of another stream: this one contains words of ${other.id}, which ran at the same time.`,
    `only ${wordOf(exchange.fixture)}`,
    replyText(exchange),
  );

function notFinished(exchange: Exchange): Finding[] {
  if (askedToWait(exchange)) return badWait(exchange);
  if (exchange.message !== null && (endedStream(exchange) !== null || gaveUp(exchange))) return [];
  const message = 'A stream fails while seven others run; the same request works on its own.';
  return [finding(exchange, message, 'a complete stream, or HTTP 429 or 529', answer(exchange))];
}

function badWait(exchange: Exchange): Finding[] {
  if (!askedToWait(exchange)) return [];
  if ([429, 529].includes(status(exchange)) && errorBody(exchange) !== null) return [];
  const message = 'Wrong error for a stream that has to wait for seven others; clients do not retry it.';
  return [finding(exchange, message, 'HTTP 429 rate_limit_error or 529 overloaded_error', answer(exchange))];
}

/** Agents give up warming up a connection after this time. */
const GREETING_MS = 5_000;

/** Any status is fine when it arrives soon. `request`: what the fixture sends, for findings. */
export const answersSoon =
  (fixture: string, request: string): Judge =>
  (evidence) => {
    const asked = evidence.of(fixture);
    const last = asked.at(-1);
    if (last?.response == null) {
      const nothing = noAnswer(asked, evidence);
      if (nothing !== null) return nothing;
      return violated(finding(last!, `No response to ${request}.`, 'any status', answer(last!)));
    }
    const took = last.response.endMs;
    if (took <= GREETING_MS) return satisfied(`HTTP ${status(last)}`);
    const message = `${request} takes too long; agents wait for it before they start.`;
    return deviates(finding(last, message, `a response within ${GREETING_MS} ms`, `${Math.round(took)} ms`));
  };

/** 100 kB as only 1,000 tokens would be 100 characters a token, which no tokenizer reaches: the server dropped text. */
const LEAST_TOKENS = 1_000;

/** Accepted completely, or rejected because of the context window. */
export function largeResult(evidence: Evidence): Judgement {
  const asked = evidence.of('agent-result-large');
  if (asked.length === 0) return notObserved('Only tested with --thorough: it costs 25000 tokens');
  const judgement = accepted({ anyLength: true })({ ...evidence, own: asked });
  if (judgement.outcome === 'rejected' && asked.every((exchange) => status(exchange) !== 413 && namesLimit(exchange))) {
    return notObserved(`The context window is too small for it: ${answer(asked[0]!)}`);
  }
  if (judgement.outcome !== 'satisfied') return judgement;
  const [small, large] = ['result-string', 'agent-result-large'].map((id) => {
    const reply = answered(evidence.of(id))[0];
    return reply === undefined ? null : totalInput(get(reply.message, 'usage'));
  });
  if (!small || large === null || large === undefined || large >= small + LEAST_TOKENS) return satisfied();
  const message = 'Most of a large tool result is dropped: it has hardly more input tokens than a short one.';
  return violated(finding(asked.at(-1)!, message, `at least ${small + LEAST_TOKENS} input tokens`, `${large}`), true);
}

const FIRST_EVENT_MS = 60_000;

/** When the first event of a stream arrived, or how long the suite waited for it in vain. */
function firstEvent(exchange: Exchange): { atMs: number; event: boolean } | null {
  const shown = stream(exchange);
  if (shown === null) return null;
  const first = shown.events[0];
  if (first !== undefined) return { atMs: first.frame.atMs, event: true };
  return exchange.failure?.kind === 'timeout-body' ? { atMs: exchange.response?.endMs ?? 0, event: false } : null;
}

/**
 * How long every stream of the run took to send its first event. A target that works on one request at a time makes the suite's
 * requests wait for each other; that is no wait of its own.
 */
export const startsSoon: Judge = each(
  firstEvent,
  ({ atMs, event }, exchange, { all }) => {
    if (atMs <= FIRST_EVENT_MS || atMs - busyMs(exchange, atMs, all) <= FIRST_EVENT_MS) return [];
    const message = 'No event within 60 s; clients treat the connection as dead.';
    const actual = `${event ? 'the first event' : 'no event'} after ${Math.round(atMs / 1000)} s`;
    return [finding(exchange, message, `the first event within ${FIRST_EVENT_MS / 1000} s`, actual)];
  },
  { nothing: 'No stream of this run has an event' },
);

/** For how long, within the first `untilMs` milliseconds of an exchange, the target also had other requests of the run. */
function busyMs({ id, startedMs }: Exchange, untilMs: number, all: readonly Exchange[]): number {
  if (startedMs === undefined) return 0;
  const others = all
    .flatMap((other) => {
      if (other.id === id || other.startedMs === undefined) return [];
      const lasted = other.response?.endMs ?? other.failure?.limitMs ?? 0;
      return [[other.startedMs - startedMs, other.startedMs - startedMs + lasted] as const];
    })
    .sort(([a], [b]) => a - b);
  let busy = 0;
  let reached = 0;
  for (const [start, end] of others) {
    const from = Math.max(start, reached);
    const to = Math.min(end, untilMs);
    if (to > from) busy += to - from;
    reached = Math.max(reached, to);
  }
  return busy;
}
