/** Judges of what coding agents put on a server. */

import { answer, askedToWait, errorBody, rejectedAsInvalid, status } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { get, quote } from '../../core/json.js';
import { text, totalInput } from '../../core/message.js';
import type { Evidence, Finding, Judge, Judgement } from '../../core/requirement.js';
import { inWholeSession } from './agent-session.js';
import { carrierOf } from './bundles.js';
import { whyControlFailed } from './controls.js';
import { accepted, each } from './judges.js';
import { noAnswer } from './no-answer.js';
import { conversation } from './other-endpoints.js';
import { deviates, finding, inconclusive, notObserved, satisfied, verdictOf, violated } from './outcomes.js';
import { replyText } from './steering.js';
import { calls } from './tool-views.js';
import { answered, atEvent, endedStream, givenUp, readStream, stream } from './views.js';

/** A refusal that says that the model cannot write so much, or that its window has no room for it. */
const namesLimit = (exchange: Exchange): boolean =>
  rejectedAsInvalid(exchange) &&
  /max[ _]?(output|new|completion)?[ _]?tokens|context[ _](window|length)|too (large|long)/i.test(
    errorBody(exchange)?.message ?? exchange.response?.body ?? '',
  );

/** The shape is what counts: a model that cannot write so many tokens is asked for fewer. */
export function servesAgents(evidence: Evidence): Judgement {
  const own = carrierOf(evidence, inWholeSession('agent-request'));
  const judgement = accepted()({ ...evidence, own });
  if (judgement.outcome !== 'rejected' || !own.every(namesLimit)) return judgement;
  // Its control is the request that was refused; that the target serves anything at all is known by now.
  const fixture = (id: string) => ({ ...evidence.fixture(id), control: null });
  const short = accepted()({ ...evidence, own: evidence.of('agent-request-short'), fixture });
  if (short.outcome !== 'satisfied') return short.outcome === 'not-observed' ? judgement : short;
  return satisfied(`served with fewer tokens than agents ask for: ${answer(own[0]!)}`);
}

/** Served, or refused in words that name it. */
export function contextEdit(evidence: Evidence): Judgement {
  const asked = evidence.own;
  const judgement = accepted()(evidence);
  if (judgement.outcome !== 'rejected' && judgement.outcome !== 'violated') return judgement;
  const unclear = asked.filter(
    (exchange) => !rejectedAsInvalid(exchange) || !/context[_-]management/.test(errorBody(exchange)?.message ?? ''),
  );
  const refusal = asked.find((exchange) => !unclear.includes(exchange));
  if (unclear.length === 0) return satisfied(`refused by name, which is legal: ${refusal && answer(refusal)}`);
  return violated(
    unclear.map((exchange) =>
      finding(
        exchange,
        'An edit of the context is neither served nor refused by name: agents cannot tell that they have to do without.',
        'HTTP 200, or HTTP 400 whose message names context_management',
        answer(exchange),
      ),
    ),
  );
}

const ROUNDS = 3;

/** Every round is served, and nothing in it is a repetition of an earlier one. */
export function threeRounds(evidence: Evidence): Judgement {
  const rounds = conversation(evidence, 'agent-tool-loop');
  const first = rounds.get(1);
  const begun = accepted()({ ...evidence, own: first === undefined ? [] : [first] });
  if (begun.outcome !== 'satisfied') return begun;
  const ids = new Map<unknown, number>();
  const findings: Finding[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const exchange = rounds.get(round);
    const nothing = noAnswer(exchange === undefined ? [] : [exchange]);
    if (nothing !== null) return findings.length > 0 ? violated(findings, true) : nothing;
    if (exchange?.message == null) {
      const message = `Round ${round} of a tool loop is not served, though it holds what the server itself sent.`;
      return violated([...findings, finding(exchange!, message, 'HTTP 200 with a stream', answer(exchange!))]);
    }
    const made = calls(exchange.message);
    if (made.length === 0) return inconclusive(`round ${round} brings no call: ${replyText(exchange)}`);
    for (const { id } of made) {
      const earlier = ids.get(id);
      if (earlier !== undefined && earlier !== round) findings.push(sameCall(exchange, id, earlier));
      ids.set(id, round);
    }
    findings.push(...firstIndex(exchange));
  }
  return verdictOf(findings, true);
}

const sameCall = (exchange: Exchange, id: unknown, earlier: number): Finding =>
  finding(
    exchange,
    `A call has the id of one in round ${earlier}: agents take it for done and loop for ever.`,
    'an id of its own',
    quote(id),
    { pointer: '/content' },
  );

function firstIndex(exchange: Exchange): Finding[] {
  const start = readStream(exchange)?.blocks[0]?.start;
  const index = get(start?.data, 'index');
  if (start === undefined || start === null || index === 0) return [];
  const message = 'The blocks of a reply are not numbered from zero.';
  return [atEvent(exchange, start, message, 'index 0', quote(index), '/index')];
}

/** Places of a text block and of a call right behind it. */
function pairs(exchange: Exchange): { exchange: Exchange; at: number }[] {
  const blocks = readStream(exchange)?.blocks ?? [];
  return blocks.flatMap(({ type }, at) =>
    type === 'text' && blocks[at + 1]?.type === 'tool_use' ? [{ exchange, at }] : [],
  );
}

/** Looks at every stream of the run that shows it: a weak model may not write both when it is asked. */
export function textThenTool(evidence: Evidence): Judgement {
  const shown = evidence.all.flatMap(pairs);
  if (shown.length > 0) {
    return verdictOf(
      shown.flatMap(({ exchange, at }) => {
        const both = readStream(exchange)!.blocks.slice(at, at + 2);
        return both.flatMap(({ index, start }, behind) => {
          if (index === at + behind || start === null) return [];
          const message = 'A block of a reply with text and a call has another index than its place.';
          return [atEvent(exchange, start, message, `index ${at + behind}`, quote(index), '/index')];
        });
      }),
      true,
    );
  }
  const judgement = accepted()(evidence);
  if (judgement.outcome !== 'satisfied') return judgement;
  const replies = answered(evidence.own);
  return inconclusive('the model did not write a sentence and then call the tool', replies.length);
}

/** Nobody knows the maximum of a model: one that names it in its refusal does no harm. */
export function largeLimit(evidence: Evidence): Judgement {
  const asked = evidence.own;
  const judgement = accepted()(evidence);
  if (judgement.outcome !== 'rejected' || !asked.every(namesLimit)) return judgement;
  const why = `the maximum of this model is lower: ${answer(asked[0]!)}`;
  const less = answered(evidence.of('agent-request'))[0];
  return less === undefined
    ? notObserved(why)
    : satisfied(`${String(get(less.sent, 'max_tokens'))} are served, and ${why}`);
}

/** The word of a stream that runs beside others. */
const wordOf = (fixture: string): string => fixture.replace('agent-parallel-', '').toUpperCase();

/** Each stream asks for a word of its own, so that words of the others show that streams are mixed up. */
export function fourAtOnce(evidence: Evidence): Judgement {
  const last = [...new Set(evidence.own.map(({ fixture }) => fixture))].map((id) => evidence.of(id).at(-1)!);
  const answeredOnes = last.filter((exchange) => !askedToWait(exchange));
  const nothing = last.length === 0 || answeredOnes.length > 0 ? noAnswer(answeredOnes) : null;
  if (nothing !== null) return nothing;
  const isWhole = (exchange: Exchange) => endedStream(exchange) !== null;
  if (!last.some(isWhole) && !evidence.all.some((exchange) => stream(exchange) !== null && isWhole(exchange)))
    return inconclusive('no stream of this run comes to its end, which the requirements on streams see to');
  const findings: Finding[] = [];
  let mixed = false;
  for (const exchange of last) {
    const trouble = whyControlFailed(evidence, evidence.fixture(exchange.fixture), exchange);
    if (trouble !== null) return inconclusive(trouble);
    const foreign = last.filter(
      (other) => other !== exchange && text(exchange.message).includes(wordOf(other.fixture)),
    );
    mixed ||= foreign.length > 0;
    findings.push(...foreign.map((other) => strayWords(exchange, other)), ...unlikeAlone(exchange));
  }
  // An attempt that was told to wait may be followed by one that was served: its envelope counts all the same.
  const waits = evidence.all.filter((exchange) => last.some(({ fixture }) => fixture === exchange.fixture));
  findings.push(...waits.filter((exchange) => !last.includes(exchange)).flatMap(badWait));
  return verdictOf(findings, mixed);
}

const strayWords = (exchange: Exchange, other: Exchange): Finding =>
  finding(
    exchange,
    `The stream holds words of ${other.id}, which ran at the same time.`,
    `${wordOf(exchange.fixture)} alone`,
    replyText(exchange),
  );

function unlikeAlone(exchange: Exchange): Finding[] {
  if (askedToWait(exchange)) return badWait(exchange);
  if (exchange.message !== null && (endedStream(exchange) !== null || givenUp(exchange))) return [];
  const message = 'Beside three others a stream is not served as it is alone.';
  return [finding(exchange, message, 'a whole stream, or HTTP 429 or 529', answer(exchange))];
}

function badWait(exchange: Exchange): Finding[] {
  if (!askedToWait(exchange)) return [];
  if ([429, 529].includes(status(exchange)) && errorBody(exchange) !== null) return [];
  const message = 'A stream beside three others is put off in another form than clients read.';
  return [finding(exchange, message, 'HTTP 429 rate_limit_error or 529 overloaded_error', answer(exchange))];
}

/** Nobody warms up a connection for longer. */
const GREETING_MS = 5_000;

/** Any status will do, if it comes soon. */
export function greeted(evidence: Evidence): Judgement {
  const asked = evidence.of('agent-hello');
  const last = asked.at(-1);
  if (last?.response == null) {
    const nothing = noAnswer(asked);
    if (nothing !== null) return nothing;
    return violated(finding(last!, 'HEAD /api/hello is not answered at all.', 'any status', answer(last!)));
  }
  const took = last.response.endMs;
  if (took <= GREETING_MS) return satisfied(`HTTP ${status(last)}`);
  const message = 'HEAD /api/hello is answered slowly: agents wait for it before they start.';
  return deviates(finding(last, message, `an answer within ${GREETING_MS} ms`, `${Math.round(took)} ms`));
}

/** No tokenizer packs 100 characters into a token: fewer tokens than these mean that text was thrown away. */
const LEAST_TOKENS = 1_000;

/** Served whole, or refused because of the window. */
export function largeResult(evidence: Evidence): Judgement {
  const asked = evidence.of('agent-result-large');
  if (asked.length === 0) return notObserved('it costs 25000 tokens and is sent with --thorough alone');
  const judgement = accepted()({ ...evidence, own: asked });
  if (judgement.outcome === 'rejected' && asked.every((exchange) => status(exchange) !== 413 && namesLimit(exchange))) {
    return notObserved(`the window has no room for it: ${answer(asked[0]!)}`);
  }
  if (judgement.outcome !== 'satisfied') return judgement;
  const [small, large] = ['result-string', 'agent-result-large'].map((id) => {
    const reply = answered(evidence.of(id))[0];
    return reply === undefined ? null : totalInput(get(reply.message, 'usage'));
  });
  if (!small || large === null || large === undefined || large >= small + LEAST_TOKENS) return satisfied();
  const message = 'A large tool result costs hardly more than a short one: most of it was thrown away.';
  return violated(finding(asked.at(-1)!, message, `at least ${small + LEAST_TOKENS} input tokens`, `${large}`), true);
}

const FIRST_EVENT_MS = 60_000;

/** When the first event of a stream came, or how long none had come. */
function firstEvent(exchange: Exchange): { atMs: number; event: boolean } | null {
  const shown = stream(exchange);
  if (shown === null) return null;
  const first = shown.events[0];
  if (first !== undefined) return { atMs: first.frame.atMs, event: true };
  return exchange.failure?.kind === 'timeout-body' ? { atMs: exchange.response?.endMs ?? 0, event: false } : null;
}

/** How long every stream of the run took to show its first event. */
export const startsSoon: Judge = each(
  firstEvent,
  ({ atMs, event }, exchange) => {
    if (atMs <= FIRST_EVENT_MS) return [];
    const message = 'A stream does not begin before clients wonder whether anybody is there.';
    const actual = `${event ? 'the first' : 'none'} after ${Math.round(atMs / 1000)} s`;
    return [finding(exchange, message, `an event within ${FIRST_EVENT_MS / 1000} s`, actual)];
  },
  { nothing: 'no stream of this run has an event' },
);
