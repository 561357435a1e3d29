/** Compares streams with replies that are not streamed, and streams without content with others. */

import type { Exchange, StreamEvent, StreamReading } from '../../core/exchange.js';
import { asString, get, quote } from '../../core/json.js';
import { text } from '../../core/message.js';
import type { Evidence, Judgement } from '../../core/requirement.js';
import { noAnswer } from '../judging/no-answer.js';
import { finding, inconclusive, satisfied, verdictOf, violated } from '../judging/outcomes.js';
import { answered, anyStream, endedStream, givenUp, type ReadStream, readStream } from '../judging/views.js';
import type { StreamedBlock } from './block-types.js';

const FRAME_OF_MESSAGE = ['message_start', 'message_delta', 'message_stop'] as const;

/** A reply that has no content must look like any other; a target whose other streams lack the same is told elsewhere. */
export function emptyReply(evidence: Evidence): Judgement {
  const missing = (read: ReadStream): string[] => FRAME_OF_MESSAGE.filter((kind) => !read.byKind.has(kind));
  const empty = evidence.all.flatMap((exchange) => {
    const read = anyStream(exchange);
    if (read === null || read.end === 'error' || givenUp(exchange)) return [];
    if (read.byKind.size === 0 && exchange.fixture !== 'counting-stop-at-once') return [];
    return read.blocks.every(isEmptyText) ? [{ exchange, read }] : [];
  });
  if (empty.length === 0) return noAnswer(evidence.own) ?? inconclusive('no streamed reply was empty', 1);
  const control = evidence.of('counting', 'stream').map(readStream);
  if (!control.some((read) => read !== null && missing(read).length === 0)) {
    return inconclusive('streams with content lack one of the three events as well');
  }
  return verdictOf(
    empty
      .filter(({ read }) => missing(read).length > 0)
      .map(({ exchange, read }) =>
        finding(
          exchange,
          'A reply without content is not streamed as a message.',
          FRAME_OF_MESSAGE.join(', '),
          `no ${missing(read).join(', no ')}`,
          { offset: read.stream.frames.at(-1)?.end ?? 0 },
        ),
      ),
  );
}

const isEmptyText = ({ type, deltas }: StreamedBlock): boolean =>
  type === 'text' && deltas.every(({ delta }) => delta.text === undefined || delta.text === '');

export function equivalence(evidence: Evidence): Judgement {
  const pairs = PAIRS.flatMap(({ json, stream, lost }) => {
    // The last try is the one in which the model did as it was asked, where there was one.
    const whole = answered(evidence.of(json, 'json')).at(-1);
    const streamed = answered(evidence.of(stream, 'stream')).at(-1);
    return whole === undefined || streamed === undefined || (endedStream(streamed)?.violations.length ?? 1) > 0
      ? []
      : [{ whole, streamed, lost }];
  });
  if (pairs.length === 0) return noAnswer(evidence.own) ?? inconclusive('no reply came both ways, whole and in order');
  const findings = pairs.flatMap(({ whole, streamed, lost }) => {
    const same = text(whole.message) === text(streamed.message);
    const [reason, other] = [whole, streamed].map(({ message }) => get(message, 'stop_reason'));
    if (same && text(whole.message) !== '' && reason !== other) {
      return [
        finding(
          streamed,
          'Streamed, the same text ends for another reason.',
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
          'Each text_delta repeats the text so far: clients put it together to a text with everything several times.',
          quote(text(whole.message)),
          quote(text(streamed.message)),
          { event: repeated.number, offset: repeated.frame.offset },
        ),
      ];
    }
    const missing =
      lost(text(whole.message), text(streamed.message)) || (reason === other && cutShort(whole, streamed));
    if (!missing || other === 'max_tokens') return [];
    return [
      finding(
        streamed,
        'Streamed, a part of the text is lost.',
        quote(text(whole.message)),
        quote(text(streamed.message)),
        {
          pointer: '/content',
        },
      ),
    ];
  });
  if (findings.length > 0) return violated(findings, true);
  const alike = pairs.some(({ whole, streamed }) => alikeTexts(text(whole.message), text(streamed.message)));
  return alike ? satisfied() : inconclusive('the model answered differently each time', pairs.length);
}

/** The streamed text ends within that of the whole reply, and counts as many tokens. */
function cutShort(whole: Exchange, streamed: Exchange): boolean {
  const [all, some] = [text(whole.message).trimEnd(), text(streamed.message).trimEnd()];
  const [tokens, sameTokens] = [whole, streamed].map(({ message }) => get(message, 'usage', 'output_tokens'));
  return some.length < all.length && all.startsWith(some) && typeof tokens === 'number' && tokens === sameTokens;
}

const MIN_SNAPSHOTS = 4;

/** The first of several deltas that each begin with the whole text before them; `null` where they go on instead. */
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

const numbersIn = (said: string): number[] => (said.match(/\d+/g) ?? []).map(Number);
const countsOn = (numbers: readonly number[]): boolean =>
  numbers.length > 3 && numbers.every((number, index) => number === index + 1);

/** Both are the same text, or both count from one on. */
const alikeTexts = (whole: string, streamed: string): boolean =>
  (whole !== '' && whole === streamed) || (countsOn(numbersIn(whole)) && countsOn(numbersIn(streamed)));

/** The number is whole in the one and a fragment of it in the other. */
const lostProduct = (whole: string, streamed: string): boolean =>
  whole.includes('391') && !streamed.includes('391') && whole.includes(streamed);

/** The count has no gap in the one and has gaps, or lacks its beginning, in the other. */
const lostCount = (whole: string, streamed: string): boolean =>
  countsOn(numbersIn(whole)) && !countsOn(numbersIn(streamed)) && gaps(numbersIn(streamed));

const gaps = (numbers: readonly number[]): boolean =>
  numbers.length > 3 && numbers.every((number, index) => index === 0 || number > numbers[index - 1]!);

/** Fixtures of one prompt that come both ways, and what shows that the stream lost a part of the text. */
const PAIRS = [
  { json: 'product', stream: 'product-streamed', lost: lostProduct },
  { json: 'counting', stream: 'counting', lost: lostCount },
] as const;
