/** Compares streams with replies that are not streamed, and empty streams with others. */

import type { Exchange, StreamEvent, StreamReading } from '../../core/exchange.js';
import { asString, get, quote } from '../../core/json.js';
import { text } from '../../core/message.js';
import type { Evidence, Judgement } from '../../core/requirement.js';
import { noReply } from '../judging/no-answer.js';
import { finding, inconclusive, satisfied, verdictOf, violated } from '../judging/outcomes.js';
import { answered, anyStream, endedStream, gaveUp, type ReadStream, readStream } from '../judging/views.js';
import type { StreamedBlock } from './block-types.js';

/** The events that every stream has. */
const REQUIRED_EVENTS = ['message_start', 'message_delta', 'message_stop'] as const;

/** An empty stream has the same events as any other. Other requirements judge targets whose other streams also lack them. */
export function emptyReply(evidence: Evidence): Judgement {
  const missing = (read: ReadStream): string[] => REQUIRED_EVENTS.filter((kind) => !read.byKind.has(kind));
  const empty = evidence.all.flatMap((exchange) => {
    const read = anyStream(exchange);
    if (read === null || read.end === 'error' || gaveUp(exchange)) return [];
    if (read.byKind.size === 0 && exchange.fixture !== 'counting-stop-at-once') return [];
    return read.blocks.every(isEmptyText) ? [{ exchange, read }] : [];
  });
  if (empty.length === 0) return noReply(evidence.own, evidence) ?? inconclusive('No stream of this run is empty', 1);
  const control = evidence.of('counting', 'stream').map(readStream);
  if (!control.some((read) => read !== null && missing(read).length === 0)) {
    return inconclusive('Not tested: streams with content lack the same events');
  }
  return verdictOf(
    empty
      .filter(({ read }) => missing(read).length > 0)
      .map(({ exchange, read }) =>
        finding(
          exchange,
          'An empty stream lacks required events.',
          REQUIRED_EVENTS.join(', '),
          `no ${missing(read).join(', no ')}`,
          { offset: read.stream.frames.at(-1)?.end ?? 0 },
        ),
      ),
  );
}

const isEmptyText = ({ type, deltas }: StreamedBlock): boolean =>
  type === 'text' && deltas.every(({ delta }) => delta.text === undefined || delta.text === '');

/** A streamed reply and one that is not streamed have the same text and stop reason. */
export function equivalence(evidence: Evidence): Judgement {
  const pairs = PAIRS.flatMap(({ json, stream, lost }) => {
    // The runner stops after the attempt in which the model cooperates, so the last attempt decides.
    const whole = answered(evidence.of(json, 'json')).at(-1);
    const streamed = answered(evidence.of(stream, 'stream')).at(-1);
    return whole === undefined || streamed === undefined || (endedStream(streamed)?.violations.length ?? 1) > 0
      ? []
      : [{ whole, streamed, lost }];
  });
  if (pairs.length === 0)
    return (
      noReply(evidence.own, evidence) ?? inconclusive('No prompt got a complete reply both streamed and not streamed')
    );
  const findings = pairs.flatMap(({ whole, streamed, lost }) => {
    const same = text(whole.message) === text(streamed.message);
    const [reason, other] = [whole, streamed].map(({ message }) => get(message, 'stop_reason'));
    if (same && text(whole.message) !== '' && reason !== other) {
      return [
        finding(
          streamed,
          '`stop_reason` differs between the stream and the same text without streaming.',
          `stop_reason ${quote(reason)}`,
          quote(other),
        ),
      ];
    }
    const repeated = streamed.stream === null ? null : snapshots(streamed.stream);
    if (repeated !== null && !same) {
      return [
        finding(
          streamed,
          'Each `text_delta` repeats the previous text; clients append them and show the text several times.',
          quote(text(whole.message)),
          quote(text(streamed.message)),
          { event: repeated.number, offset: repeated.frame.offset },
        ),
      ];
    }
    const missing =
      lost(text(whole.message), text(streamed.message)) || (reason === other && lacksEnd(whole, streamed));
    if (!missing || other === 'max_tokens') return [];
    return [
      finding(
        streamed,
        'The stream lacks part of the text.',
        quote(text(whole.message)),
        quote(text(streamed.message)),
        {
          pointer: '/content',
        },
      ),
    ];
  });
  if (findings.length > 0) return violated(findings, true);
  const alike = pairs.some(({ whole, streamed }) => haveSameText(text(whole.message), text(streamed.message)));
  return alike ? satisfied() : inconclusive('The model gave a different reply each time', pairs.length);
}

/** Whether the streamed text is a beginning of the other one, with the same number of tokens. */
function lacksEnd(whole: Exchange, streamed: Exchange): boolean {
  const [all, some] = [text(whole.message).trimEnd(), text(streamed.message).trimEnd()];
  const [tokens, sameTokens] = [whole, streamed].map(({ message }) => get(message, 'usage', 'output_tokens'));
  return some.length < all.length && all.startsWith(some) && typeof tokens === 'number' && tokens === sameTokens;
}

const MIN_SNAPSHOTS = 4;

/** The second of several deltas that each start with the whole text before them; `null` when they only add text. */
function snapshots({ events }: StreamReading): StreamEvent | null {
  const deltas = events.filter(({ data }) => get(data, 'delta', 'type') === 'text_delta');
  const texts = deltas.map(({ data }) => asString(get(data, 'delta', 'text')));
  if (texts.length < MIN_SNAPSHOTS) return null;
  const growing = texts.every((one, index) => {
    const before = texts[index - 1];
    return before === undefined || (before !== '' && one.length > before.length && one.startsWith(before));
  });
  return growing ? deltas[1]! : null;
}

const numbersIn = (written: string): number[] => (written.match(/\d+/g) ?? []).map(Number);
const countsFromOne = (numbers: readonly number[]): boolean =>
  numbers.length > 3 && numbers.every((number, index) => number === index + 1);

/** Whether both are the same text, or both count from 1. */
const haveSameText = (whole: string, streamed: string): boolean =>
  (whole !== '' && whole === streamed) || (countsFromOne(numbersIn(whole)) && countsFromOne(numbersIn(streamed)));

/** Whether the stream has only a fragment of the number. */
const lostProduct = (whole: string, streamed: string): boolean =>
  whole.includes('391') && !streamed.includes('391') && whole.includes(streamed);

/** Whether the count of the stream has gaps or lacks its beginning, and the other one does not. */
const lostCount = (whole: string, streamed: string): boolean =>
  countsFromOne(numbersIn(whole)) && !countsFromOne(numbersIn(streamed)) && gaps(numbersIn(streamed));

const gaps = (numbers: readonly number[]): boolean =>
  numbers.length > 3 && numbers.every((number, index) => index === 0 || number > numbers[index - 1]!);

/** Fixtures with the same prompt, streamed and not, and the check whether the stream lost part of the text. */
const PAIRS = [
  { json: 'product', stream: 'product-streamed', lost: lostProduct },
  { json: 'counting', stream: 'counting', lost: lostCount },
] as const;
