/**
 * How judges are put together. A requirement is written with one of these:
 *
 * - `each(view, look)`: every exchange that shows `view` is looked at; findings break the requirement.
 * - `accepted()`: its own requests are answered with a message, like their valid twins.
 * - `together(...)`: the same for things that share a request while it is served.
 * - `refused()`: its own negatives are refused as client faults, while their valid twins are served.
 * - `steered(...)`: what the model shows under the feature is compared with what it shows under a control.
 * - `custom(...)`: anything else, with the words of this file.
 */

import type {
  Evidence,
  Exchange,
  Finding,
  Fixture,
  Json,
  JsonObject,
  Judge,
  Judgement,
  Place,
  SchemaViolation,
  StreamReading,
} from './vocabulary.js';

// ------------------------------------------------------------------------------------------------------------ outcomes

export const kept = (note?: string): Judgement =>
  note === undefined ? { outcome: 'kept' } : { outcome: 'kept', note };
export const broken = (findings: Finding | Finding[], silent = false): Judgement => ({
  outcome: 'broken',
  findings: [findings].flat(),
  silent,
});
export const deviates = (findings: Finding | Finding[], silent = false): Judgement => ({
  outcome: 'deviates',
  findings: [findings].flat(),
  silent,
});
export const unobserved = (reason: string): Judgement => ({ outcome: 'unobserved', reason });
export const inconclusive = (reason: string, tries = 1): Judgement => ({ outcome: 'inconclusive', reason, tries });

/** Kept without findings, broken with them. */
export const verdictOf = (findings: Finding[], silent = false): Judgement =>
  findings.length === 0 ? kept() : broken(findings, silent);

/** A finding about one exchange. */
export function finding(
  exchange: Exchange | null,
  message: string,
  expected: string,
  actual: string,
  at: Place | null = null,
): Finding {
  return { message, expected, actual: clip(actual), at, exchange: exchange?.id ?? null };
}

/** Findings for the lines of a schema check. */
export function schemaFindings(
  exchange: Exchange,
  violations: readonly SchemaViolation[],
  place: Place = {},
): Finding[] {
  return violations.map((violation) =>
    finding(exchange, violation.message, violation.expected, violation.actual, {
      ...place,
      pointer: `${place.pointer ?? ''}${violation.pointer}`,
    }),
  );
}

// --------------------------------------------------------------------------------------------------------------- values

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value as it is quoted in a finding: JSON, one line, at most 160 characters. */
export function quote(value: unknown): string {
  try {
    return clip(value === undefined ? 'nothing' : JSON.stringify(value));
  } catch {
    return 'a value nested too deeply to print';
  }
}

function clip(text: string, limit = 160): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}

/** Own property of a JSON object; hostile keys such as `__proto__` read as data. */
export function member(value: unknown, ...path: (string | number)[]): Json | undefined {
  let current: unknown = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Record<string | number, unknown>)[key];
  }
  return current as Json | undefined;
}

/** A value that should be a string, as one; anything else is the empty string. Never converts: `toString` may be the target's. */
export const word = (value: unknown): string => (typeof value === 'string' ? value : '');

/**
 * Whether a text holds all of these, one behind the other. Each is looked for once; one expression with gaps between them would
 * try every combination of their places, without end in a long text.
 */
export function inOrder(text: string, patterns: readonly RegExp[]): boolean {
  let rest = text;
  for (const pattern of patterns) {
    const found = pattern.exec(rest);
    if (found === null) return false;
    rest = rest.slice(found.index + found[0].length);
  }
  return true;
}

/** A value as `Number` reads it, but for arrays and objects, which are none: their `toString` and `valueOf` may be the target's. */
export const numeric = (value: unknown): number =>
  typeof value === 'object' && value !== null ? Number.NaN : Number(value);

/** Content blocks of a message that are objects, optionally of one type. */
export function blocks(message: unknown, type?: string): JsonObject[] {
  const content = member(message, 'content');
  if (!Array.isArray(content)) return [];
  return content.filter((block): block is JsonObject => isObject(block) && (type === undefined || block.type === type));
}

/** The text of a message: its text blocks joined. */
export function text(message: unknown): string {
  return blocks(message, 'text')
    .map((block) => (typeof block.text === 'string' ? block.text : ''))
    .join('');
}

/** All tokens that went in: the uncached part and both cache counts; `null` when `input_tokens` is no number. */
export function totalInput(usage: unknown): number | null {
  const input = member(usage, 'input_tokens');
  if (typeof input !== 'number') return null;
  const extra = ['cache_creation_input_tokens', 'cache_read_input_tokens'].map((key) => member(usage, key));
  return extra.reduce<number>((sum, part) => sum + (typeof part === 'number' ? part : 0), input);
}

// ------------------------------------------------------------------------------------------------------------- exchanges

export const status = (exchange: Exchange): number => exchange.response?.status ?? 0;
export const succeeded = (exchange: Exchange): boolean => status(exchange) >= 200 && status(exchange) < 300;

/** Refused because of the request, as opposed to its credential, its timing or the server's own trouble. */
export const refusedAsInvalid = (exchange: Exchange): boolean =>
  status(exchange) >= 400 && status(exchange) < 500 && ![401, 402, 403, 407, 408, 429].includes(status(exchange));

/**
 * Whether a refusal may be about who asks, or in which version, rather than about what is asked. Without a valid credential 401
 * is what is asked for.
 */
export function refusesSender(exchange: Exchange, credential: Fixture['credential']): boolean {
  if (exchange.response === null || status(exchange) < 400) return false;
  if (credential === 'none' || credential === 'invalid') return status(exchange) !== 401;
  return [401, 403].includes(status(exchange)) || /version/i.test(exchange.response.body);
}

/** Asked to wait: nothing is known about the request itself. */
export const toldToWait = (exchange: Exchange): boolean => [429, 503, 529].includes(status(exchange));

/** An error body in the documented envelope. */
export function errorBody(exchange: Exchange): { type: string; message: string } | null {
  const type = member(exchange.json, 'error', 'type');
  const message = member(exchange.json, 'error', 'message');
  return member(exchange.json, 'type') === 'error' && typeof type === 'string' && typeof message === 'string'
    ? { type, message }
    : null;
}

/** What came back, in a few words: `HTTP 400 invalid_request_error "max_tokens: Field required"`. */
export function answer(exchange: Exchange): string {
  if (exchange.response === null) return exchange.failure?.message ?? 'no answer';
  const error = errorBody(exchange);
  if (error !== null) return clip(`HTTP ${status(exchange)} ${error.type} ${JSON.stringify(error.message)}`);
  const cut = exchange.failure === null ? '' : `, then ${exchange.failure.message}`;
  if (exchange.stream !== null)
    return clip(`HTTP ${status(exchange)}, a stream of ${exchange.stream.events.length} events${cut}`);
  return clip(`HTTP ${status(exchange)} ${quote(exchange.response.body)}${cut}`);
}

/** Seconds that official clients wait for an answer. Source: T:client. */
const CLIENTS_WAIT_S = 600;
/** Nothing keeps a model busy for minutes that may write so few tokens. */
const SHORT_OUTPUT = 16;
/** Part of the bound that an answer may take before its target counts as a slow one. */
const SLOW_PART = 0.25;

/** Seconds after which the suite gave an exchange up, sooner than official clients would; `null` when it did not. */
function gaveUpAfter({ failure }: Exchange): number | null {
  if (failure?.kind !== 'timeout-headers' && failure?.kind !== 'timeout-body') return null;
  const seconds = Number(/within ([\d.]+) s/.exec(failure.message)?.[1] ?? Number.NaN);
  return seconds < CLIENTS_WAIT_S ? seconds : null;
}

const asksForMuch = (exchange: Exchange): boolean => Number(member(exchange.sent, 'max_tokens') ?? 0) > SHORT_OUTPUT;

/** Whether the answer may still have come: the model may have been at work, or the target is slow, as others of the run show. */
function maybeSlow(exchange: Exchange, run: readonly Exchange[]): boolean {
  const bound = gaveUpAfter(exchange);
  if (bound === null || exchange.stream !== null) return false;
  const isSlow = (other: Exchange): boolean =>
    (asksForMuch(other) && gaveUpAfter(other) !== null) || (other.response?.headersMs ?? 0) > bound * 1000 * SLOW_PART;
  return asksForMuch(exchange) || run.some((other) => other !== exchange && isSlow(other));
}

/** Whether the suite stopped reading by a bound of its own before there was anything to judge. A refusal is one by its status. */
const isUnread = (exchange: Exchange): boolean =>
  exchange.failure?.kind === 'too-large' &&
  succeeded(exchange) &&
  exchange.message === null &&
  exchange.json === undefined;

/** Why nothing can be said: no connection, an earlier turn that failed, an answer not read, an answer to wait; `null` when there is an answer. */
export function noAnswer(exchanges: readonly Exchange[], evidence?: Evidence): Judgement | null {
  if (exchanges.length === 0) return unobserved('no exchange of its fixtures was carried out');
  const unreachable = exchanges.find(({ failure }) => failure?.kind === 'unreachable' || failure?.kind === 'unsound');
  if (unreachable) return { outcome: 'unreachable', reason: unreachable.failure?.message ?? '' };
  const missing = exchanges.find((exchange) => exchange.failure?.kind === 'not-set-up');
  if (missing) return inconclusive(missing.failure?.message ?? 'an earlier turn did not go through');
  const slow = exchanges.find((exchange) => maybeSlow(exchange, evidence?.all ?? []));
  if (slow) {
    const failure = slow.failure?.message ?? '';
    return inconclusive(`${slow.id}: ${failure}; official clients wait ten minutes, and so does --timeout 600`);
  }
  const unread = exchanges.find(isUnread);
  if (unread) return inconclusive(`${unread.id}: ${unread.failure?.message ?? ''}; what was not read is not judged`);
  const waiting = exchanges.find(toldToWait);
  if (waiting) return inconclusive(`${waiting.id} was answered ${answer(waiting)}: nothing is known about the request`);
  return null;
}

/** Views of one exchange, for `each`: what is looked at, or `null` when the exchange does not show it. */
export const reply = (exchange: Exchange): JsonObject | null =>
  succeeded(exchange) && exchange.stream === null && isMessagesCall(exchange) ? exchange.message : null;
export const anyMessage = (exchange: Exchange): JsonObject | null => (succeeded(exchange) ? exchange.message : null);
export const stream = (exchange: Exchange): StreamReading | null =>
  succeeded(exchange) && exchange.transport === 'stream' ? exchange.stream : null;
export const errorReply = (exchange: Exchange): Exchange | null => (status(exchange) >= 400 ? exchange : null);

/** Whether the request went to the endpoint that creates messages. */
export function isMessagesCall(exchange: Exchange): boolean {
  return /\/messages(\?|$)/.test(exchange.request.url);
}

// ---------------------------------------------------------------------------------------------------------------- judges

/** Looks at every exchange of the run that shows `view`; one finding breaks the requirement. */
export function each<View>(
  view: (exchange: Exchange, evidence: Evidence) => View | null,
  look: (shown: View, exchange: Exchange, evidence: Evidence) => Finding[],
  options: { nothing?: string; silent?: boolean } = {},
): Judge {
  return (evidence) => {
    const findings: Finding[] = [];
    let shown = 0;
    for (const exchange of evidence.all) {
      if (isServedNegative(exchange, evidence)) continue;
      const seen = view(exchange, evidence);
      if (seen === null) continue;
      shown += 1;
      findings.push(...look(seen, exchange, evidence));
    }
    if (shown === 0) {
      const nothing = unobserved(options.nothing ?? 'no exchange of this run shows it');
      return evidence.own.length === 0 && options.nothing !== undefined
        ? nothing
        : (noAnswer(evidence.own, evidence) ?? nothing);
    }
    return verdictOf(findings, options.silent);
  };
}

/** An invalid request that was served all the same: that it was is judged by itself, the shape of what came is nobody's promise. */
const isServedNegative = (exchange: Exchange, evidence: Evidence): boolean =>
  succeeded(exchange) && evidence.fixture(exchange.fixture).violates !== null;

/** Its own requests are answered with a message; a refusal counts only while the valid twin is served. */
export function accepted(): Judge {
  return (evidence) => {
    const asked = evidence.own.filter((exchange) => !toldToWait(exchange) || exchange.failure !== null);
    const nothing = noAnswer(asked.length > 0 ? asked : evidence.own, evidence);
    if (nothing !== null) return nothing;
    const bad = asked.filter((exchange) => !succeeded(exchange) || exchange.message === null);
    if (bad.length === 0) return kept();
    for (const exchange of bad) {
      const trouble = troubledTwin(evidence, evidence.fixture(exchange.fixture), exchange);
      if (trouble !== null) return inconclusive(trouble);
    }
    const findings = bad.map((exchange) =>
      finding(
        exchange,
        `The request of ${exchange.id} was not answered with a message.`,
        'HTTP 200 with a Message',
        answer(exchange),
      ),
    );
    return bad.every((exchange) => refusedAsInvalid(exchange)) ? { outcome: 'refused', findings } : broken(findings);
  };
}

/** Fixtures that try several permitted things at once, the larger ones first, and the one that tries the thing in question alone. */
export interface Share {
  among: string | readonly string[];
  alone: string;
}

/**
 * What shows one of several things that share a request: the request that carries it alone, where that was needed; otherwise
 * the first that carries it among others and is served; otherwise the first that was tried.
 */
export function carrying(evidence: Evidence, { among, alone }: Share): readonly Exchange[] {
  const single = evidence.of(alone);
  if (single.length > 0) return single;
  const shared = [among].flat().map((id) => evidence.of(id));
  return shared.find((exchanges) => exchanges.some(isServed)) ?? shared.find(({ length }) => length > 0) ?? [];
}

/**
 * Judges permitted things that share a request: by the request that carries them all while it is served, otherwise by
 * the one that carries the thing alone, so that no requirement answers for what its neighbours tried.
 */
export function together(shares: readonly Share[], judge: Judge = accepted()): Judge {
  return (evidence) => {
    const own: Exchange[] = [];
    for (const share of shares) {
      const shown = carrying(evidence, share);
      const first = shown[0];
      if (first !== undefined && first.fixture !== share.alone && !shown.some(isServed)) {
        return (
          noAnswer(shown, evidence) ??
          inconclusive(`${first.id} was answered ${answer(first)}, and ${share.alone} was not tried by itself`)
        );
      }
      own.push(...shown);
    }
    return judge({ ...evidence, own: [...new Set(own)] });
  };
}

/** Judges an invalid request of the official client, or the same without it where the client itself is not served. */
export function byClientOrPlain(judge: Judge, share: Share): Judge {
  return (evidence) => {
    const accepted = [share.among].flat().flatMap((id) => evidence.of(id).filter(succeeded));
    return judge({ ...evidence, own: [...new Set([...carrying(evidence, share), ...accepted])] });
  };
}

/** Why a twin cannot serve as control for this exchange; `null` when it was served, or when there is none. */
export function troubledTwin(evidence: Evidence, fixture: Fixture, exchange: Exchange): string | null {
  if (fixture.twin === null) return null;
  const isValid = fixture.violates === null;
  const byClient = isValid || exchange.client === undefined ? null : clientServed(evidence, fixture);
  if (byClient === true) return null;
  if (byClient === false && refusesSender(exchange, fixture.credential))
    return 'no valid request of the official client is served, so this proves nothing about the difference';
  if (
    isValid &&
    isBrokenStream(exchange) &&
    !evidence.all.some((one) => one.transport === 'stream' && one.message !== null)
  ) {
    return 'no stream of this run adds up to a message, which the requirements on streams see to';
  }
  const same = evidence.of(fixture.twin, exchange.transport);
  const twins = same.length > 0 ? same : evidence.of(fixture.twin);
  if (twins.some(isServed)) return null;
  const first = twins[0];
  return first === undefined
    ? `its valid twin ${fixture.twin} was not carried out`
    : `its valid twin ${first.id} was not served either (${answer(first)}), so this proves nothing about the difference`;
}

/**
 * Whether the official client, which has a credential header and a version of its own, is served where its requests are valid;
 * `null` when the run shows nothing of it.
 */
function clientServed(evidence: Evidence, { splitInto }: Fixture): boolean | null {
  const valid = evidence.all.filter(
    ({ client, turn, fixture }) => client !== undefined && turn === 1 && evidence.fixture(fixture).violates === null,
  );
  if (valid.some(isServed)) return true;
  return valid.length > 0 || splitInto.some((part) => evidence.of(part).length > 0) ? false : null;
}

/** Whether the official client sent this request, and none that it sent in this run was served: anything of it may be refused. */
export const maybeRefusedClient = (evidence: Evidence, { client }: Exchange): boolean =>
  client !== undefined && !evidence.all.some((one) => one.client !== undefined && isServed(one));

/** What creates messages has served a request only when a message came. */
export const isServed = (exchange: Exchange): boolean =>
  succeeded(exchange) && (exchange.message !== null || !isMessagesCall(exchange));

const isBrokenStream = (exchange: Exchange): boolean =>
  succeeded(exchange) && exchange.transport === 'stream' && exchange.message === null;

export interface RefusalOptions {
  /** What acceptance means when the protocol leaves it open: recorded, never held against the target. */
  optional?: string;
  /** The accepted request lost or ignored something that its sender believes to be in force. */
  silent?: boolean;
  /** Restricts the fixtures that are judged; the requirement's other fixtures are controls. */
  only?: (fixture: Fixture) => boolean;
  /** Judged in addition when the request was accepted, e.g. the answer shows that nothing was ignored. */
  acceptedInstead?: (exchange: Exchange, evidence: Evidence) => Finding | null;
}

/**
 * Its negatives are refused as faults of the client. A negative is a valid twin with one thing changed, and the twin must
 * have been served. Which status and which envelope the refusal takes is judged once for all by the suite `errors`.
 */
export function refused(options: RefusalOptions = {}): Judge {
  return (evidence) => {
    const negatives = evidence.own.filter((exchange) => {
      const fixture = evidence.fixture(exchange.fixture);
      return fixture.violates !== null && (options.only?.(fixture) ?? true);
    });
    const answered = negatives.filter((exchange) => !toldToWait(exchange));
    const nothing = noAnswer(answered.length > 0 ? answered : negatives, evidence);
    if (nothing !== null) return nothing;
    const findings: Finding[] = [];
    let accepts = 0;
    for (const exchange of answered) {
      const fixture = evidence.fixture(exchange.fixture);
      const trouble = troubledTwin(evidence, fixture, exchange);
      if (trouble !== null) return inconclusive(trouble);
      if (refusedAsInvalid(exchange)) continue;
      if (succeeded(exchange) && options.acceptedInstead) {
        const fault = options.acceptedInstead(exchange, evidence);
        if (fault !== null) findings.push(fault);
        continue;
      }
      if (succeeded(exchange)) accepts += 1;
      findings.push(
        finding(
          exchange,
          `${fixture.title}: not refused as a client fault.`,
          'HTTP 400 invalid_request_error',
          answer(exchange),
          {
            pointer: fixture.violates?.pointer ?? '',
          },
        ),
      );
    }
    if (findings.length === 0) return kept();
    if (options.optional !== undefined && accepts === findings.length) return unobserved(options.optional);
    return broken(findings, (options.silent ?? false) && accepts > 0);
  };
}

export interface Steering {
  /** Exchanges under the feature. */
  subject: (evidence: Evidence) => readonly Exchange[];
  /** Exchanges that show the same by a way that is known to work; none: the subject alone decides between kept and inconclusive. */
  control?: (evidence: Evidence) => readonly Exchange[];
  /** Whether an answer shows that the model was reached by what is tested. */
  shows: (message: JsonObject, exchange: Exchange) => boolean;
  expected: string;
  /** The sentence of the finding. */
  lost: string;
  /** An honest 4xx is a legal answer too. */
  refusalIsLegal?: boolean;
  /** Defaults to true: the client gets an answer and cannot see the loss. */
  silent?: boolean;
  /** A reply that max_tokens cut before it shows anything proves nothing: a reasoning model may not have come to speak. */
  needsEnd?: boolean;
}

/**
 * Control, then verdict. One answer that shows the effect keeps the requirement; none, while the control shows it each
 * time, breaks it; none and no control either is inconclusive: a weak model must not look like a broken server, and neither
 * must one that does what it is asked now and then.
 */
export function steered(steering: Steering): Judge {
  return (evidence) => {
    const subject = steering.subject(evidence);
    const served = subject.filter((exchange) => succeeded(exchange) && exchange.message !== null);
    const showing = (exchange: Exchange) =>
      exchange.message !== null && !repeatsPrompt(exchange) && steering.shows(exchange.message, exchange);
    if (served.some(showing)) return kept();
    if (served.length === 0) {
      const nothing = noAnswer(subject, evidence);
      if (nothing !== null) return nothing;
      if (subject.every(refusedAsInvalid) && steering.refusalIsLegal)
        return kept('refused as a client fault, which is legal');
      for (const exchange of subject) {
        const trouble = troubledTwin(evidence, evidence.fixture(exchange.fixture), exchange);
        if (trouble !== null) return inconclusive(trouble);
      }
      const findings = subject.map((exchange) =>
        finding(
          exchange,
          `The request of ${exchange.id} was not answered with a message.`,
          steering.expected,
          answer(exchange),
        ),
      );
      return subject.every(refusedAsInvalid) ? { outcome: 'refused', findings } : broken(findings);
    }
    const ended = steering.needsEnd ? served.filter(cameToItsEnd) : served;
    if (ended.length === 0) return inconclusive('every reply was cut before it could show anything', served.length);
    const telling = ended.filter(speaks);
    if (telling.length === 0)
      return inconclusive('the model did not answer in words, so nothing shows what reached it', served.length);
    const control = steering.control?.(evidence) ?? [];
    if (!control.some((exchange) => succeeded(exchange) && showing(exchange))) {
      const why = control.length === 0 ? 'the model did not follow the prompt' : 'the control does not show it either';
      return inconclusive(`${why} (${served.length} tries)`, served.length);
    }
    if (!control.every((exchange) => exchange.message === null || !cameToItsEnd(exchange) || showing(exchange)))
      return inconclusive('the model does not do each time what even the control asks', served.length);
    return broken(
      telling.slice(-1).map((exchange) => finding(exchange, steering.lost, steering.expected, said(exchange))),
      steering.silent ?? true,
    );
  };
}

const CUT_SHORT: readonly unknown[] = ['max_tokens', 'model_context_window_exceeded', 'refusal'];
const cameToItsEnd = ({ message }: Exchange): boolean => !CUT_SHORT.includes(member(message, 'stop_reason'));

/** Words and no call: replies after tool results may lawfully be empty, and a model that calls again has not answered. */
const speaks = ({ message }: Exchange): boolean =>
  text(message).trim() !== '' && blocks(message, 'tool_use').length === 0;

/** Shorter prompts may be part of an answer by chance. */
const LEAST_REPEATED = 12;

/** Whether an answer is the prompt itself, word for word: a parrot that says what was asked for has not done it. */
function repeatsPrompt(exchange: Exchange): boolean {
  const messages = member(exchange.sent, 'messages');
  const content = Array.isArray(messages) ? member(messages.at(-1), 'content') : undefined;
  const asked = (typeof content === 'string' ? content : blocks({ content }, 'text').at(-1)?.text) ?? '';
  const spoken = typeof asked === 'string' ? asked.trim() : '';
  return spoken.length >= LEAST_REPEATED && text(exchange.message).includes(spoken);
}

/** What the model said, for a finding. */
export function said(exchange: Exchange): string {
  const content = member(exchange.message, 'content');
  return quote(blocks(exchange.message).every((block) => block.type === 'text') ? text(exchange.message) : content);
}
