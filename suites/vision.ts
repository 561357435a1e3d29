import { answer, rejectedAsInvalid, succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import { asString, get, isObject, type JsonObject } from '../core/json.js';
import { text } from '../core/message.js';
import type { Evidence, Judgement, Suite } from '../core/requirement.js';
import { bundled } from './judging/bundles.js';
import { controlTrouble } from './judging/controls.js';
import { whereAccepted } from './judging/feature-gates.js';
import { areComparable, inputOf } from './judging/input-counts.js';
import { accepted, rejected } from './judging/judges.js';
import { missedByChance } from './judging/missed-by-chance.js';
import { noAnswer } from './judging/no-answer.js';
import { finding, inconclusive, satisfied, violated } from './judging/outcomes.js';
import { replyText, steered } from './judging/steering.js';
import { unlessCounted, whereCostsSize } from './judging/steering-words.js';
import { wasTruncated } from './judging/tool-views.js';

/** The same question without its image: 64 by 64 pixels cost five tokens by the documented formula. */
const OMITTED = 'picture-omitted';
const MORE_THAN_OMITTED = {
  than: OMITTED,
  by: 1,
  excuse: whereCostsSize('picture-png', 'picture-noisy'),
};

export const vision: Suite = {
  name: 'vision',
  title: 'images in messages: accepted and passed to the model',
  requirements: [
    {
      id: 'vision.base64.png',
      level: 'MUST',
      profile: 'vision',
      statement: 'The server accepts a PNG as base64 in an `image` block and passes it to the model.',
      source: ['D:vision', 'T:msg', 'S1'],
      fixtures: ['picture-png', 'colour-in-words', 'picture-noisy', OMITTED],
      judge: unlessCounted(
        'picture-png',
        steered({
          subject: (evidence) => evidence.of('picture-png'),
          control: (evidence) => evidence.of('colour-in-words'),
          shows: (message) => YELLOW.test(text(message)),
          expected: 'the color yellow',
          lost: 'The image does not reach the model: the reply does not name its color, which the model repeats from text.',
          needsEnd: true,
          isProven: areCounted,
        }),
        MORE_THAN_OMITTED,
      ),
    },
    {
      id: 'vision.formats',
      level: 'MUST',
      profile: 'vision',
      statement: 'The server accepts images of the types image/jpeg, image/png, image/gif and image/webp.',
      source: ['D:vision', 'T:msg'],
      fixtures: ['picture-formats', 'picture-jpeg', 'picture-gif', 'picture-webp', 'picture-png'],
      judge: bundled([
        { whole: 'picture-formats', part: 'picture-png' },
        { whole: 'picture-formats', part: 'picture-jpeg' },
        { whole: 'picture-formats', part: 'picture-gif' },
        { whole: 'picture-formats', part: 'picture-webp' },
      ]),
    },
    {
      id: 'vision.not-ignored',
      level: 'MUST',
      profile: 'vision',
      statement:
        'The server passes an image to the model or rejects it as a client error (documented: 400). It never drops it silently.',
      source: ['S1', 'D:vision'],
      fixtures: ['picture-png', 'picture-formats', 'colour-in-words', 'picture-noisy', OMITTED],
      judge: seenOrRejected,
    },
    {
      id: 'vision.multiple',
      level: 'SHOULD',
      profile: 'vision',
      statement: 'The server passes all images of a message to the model in their order.',
      source: ['D:vision'],
      fixtures: [
        'picture-formats',
        'picture-jpeg',
        'picture-gif',
        'picture-webp',
        'picture-png',
        'formats-omitted',
        OMITTED,
      ],
      judge: allInOrder,
    },
    {
      id: 'vision.url',
      level: 'SHOULD',
      profile: 'vision',
      statement:
        'The server fetches an image by its URL, and rejects a URL that it cannot fetch as a client error (documented: 400).',
      source: ['T:msg', 'D:vision', 'H1'],
      fixtures: ['picture-url', 'picture-png'],
      judge: whereAccepted('vision', ['picture-png'], rejected({ silent: true })),
    },
    {
      id: 'vision.media-type.invalid',
      level: 'SHOULD',
      profile: 'vision',
      statement: 'The server rejects any other `media_type`, such as image/bmp, as a client error (documented: 400).',
      source: ['T:msg', 'D:vision'],
      fixtures: ['picture-bmp', 'picture-png'],
      judge: whereAccepted('vision', ['picture-png'], rejected()),
    },
    {
      id: 'vision.media-type.mismatch',
      level: 'MAY',
      profile: 'vision',
      statement: 'The server rejects a `media_type` that contradicts the bytes as a client error (observed: 400).',
      source: ['H5'],
      fixtures: ['picture-mislabelled', 'picture-png'],
      judge: whereAccepted(
        'vision',
        ['picture-png'],
        rejected({ optional: 'The target accepts a PNG with the media type image/jpeg, which is allowed' }),
      ),
    },
    {
      id: 'vision.base64.invalid',
      level: 'SHOULD',
      profile: 'vision',
      statement:
        'The server rejects image data that is not base64, or not an image, as a client error (observed: 400).',
      source: ['H5'],
      fixtures: ['picture-no-base64', 'picture-no-picture', 'picture-png'],
      judge: whereAccepted('vision', ['picture-png'], rejected({ silent: true })),
    },
  ],
};

/** Whether tokens tell if the image arrived, whatever the model says. */
function areCounted(evidence: Evidence): boolean {
  return areComparable(evidence) && ['picture-png', OMITTED].every((id) => Boolean(inputOf(evidence.of(id))));
}

const YELLOW = /\byellow\b/i;

/** The colors of the four squares in one message, in order, and their formats. */
const SQUARES = [
  ['blue', 'JPEG'],
  ['yellow', 'PNG'],
  ['red', 'GIF'],
  ['green', 'WebP'],
] as const;
const ORDER: readonly string[] = SQUARES.map(([color]) => color);

const hasMessage = (exchange: Exchange): boolean => succeeded(exchange) && exchange.message !== null;
const seesYellow = (exchange: Exchange): boolean => hasMessage(exchange) && YELLOW.test(text(exchange.message));

/** The colors that a reply names, in the order of their first occurrence. */
function namedColors(message: JsonObject | null): string[] {
  const words = text(message).toLowerCase();
  const at = (color: string): number => words.search(new RegExp(`\\b${color}\\b`));
  return ORDER.filter((color) => at(color) >= 0).sort((one, other) => at(one) - at(other));
}

const namesAll = (exchange: Exchange): boolean => namedColors(exchange.message).join() === ORDER.join();

function seenOrRejected(evidence: Evidence): Judgement {
  const single = evidence.of('picture-png');
  const several = evidence.of('picture-formats');
  const asked = [...single, ...several];
  if (single.some(seesYellow) || several.some((exchange) => hasMessage(exchange) && namesAll(exchange)))
    return satisfied();
  if (asked.some(hasMessage)) {
    return unlessCounted(
      'picture-png',
      steered({
        subject: () => asked,
        control: () => evidence.of('colour-in-words'),
        shows: (message, { fixture }) =>
          fixture === 'picture-formats' ? namedColors(message).join() === ORDER.join() : YELLOW.test(text(message)),
        expected: 'the color of the image, or HTTP 400',
        lost: 'The image is dropped silently: no reply names its color, which the model repeats from text.',
        needsEnd: true,
        isProven: areCounted,
      }),
      MORE_THAN_OMITTED,
    )(evidence);
  }
  const nothing = noAnswer(asked, evidence);
  if (nothing !== null) return nothing;
  const untested = controlTrouble(evidence, asked);
  if (untested !== null) return untested;
  const failed = asked.filter((exchange) => !rejectedAsInvalid(exchange) && exchange.response?.status !== 403);
  if (failed.length === 0) return satisfied(`Rejected, which is allowed: ${answer(asked[0]!)}`);
  return violated(
    failed.map((exchange) =>
      finding(
        exchange,
        'A request with an image is neither accepted nor rejected as a client error.',
        'HTTP 200 with a Message, or HTTP 400',
        answer(exchange),
      ),
    ),
  );
}

function allInOrder(evidence: Evidence): Judgement {
  const asked = evidence.of('picture-formats');
  const replies = asked.filter(hasMessage);
  if (replies.length === 0) return acceptsSeveral(evidence, asked);
  if (replies.some(namesAll)) return satisfied();
  const whole = replies.filter(({ message }) => !wasTruncated(message));
  if (whole.length === 0) return inconclusive('`max_tokens` truncated every reply', replies.length);
  if (!evidence.of('picture-png').some(seesYellow))
    return inconclusive(
      'Not tested: the model does not see a single image either, see vision.base64.png',
      whole.length,
    );
  const last = whole.at(-1)!;
  const named = namedColors(last.message);
  if (whole.some(({ message }) => namedColors(message).join() !== named.join()))
    return inconclusive(`The model names other colors each time: ${replyText(last)}`, whole.length);
  const expected = ORDER.join(', ');
  if (named.length === ORDER.length) {
    return violated(finding(last, 'The images of a message arrive in another order.', expected, replyText(last)), true);
  }
  if (countListed(last) >= ORDER.length)
    return inconclusive(`The model names four images, but not all colors: ${replyText(last)}`, whole.length);
  if (neverLists(evidence))
    return inconclusive(
      `No reply of this run is longer than one word, so the model may not list more: ${replyText(last)}`,
      whole.length,
    );
  const arrived = arrivedByCount(evidence, whole);
  if (arrived === ORDER.length)
    return inconclusive('`usage` counts four images, so the model may be weak in several of them', whole.length);
  const chance = arrived === null ? missedByChance(evidence, whole) : null;
  if (chance !== null) return inconclusive(chance, whole.length);
  const missing = SQUARES.filter(([color]) => !named.includes(color)).map(
    ([color, format]) => `the ${color} ${format}`,
  );
  return violated(
    finding(last, `Images of a message are lost: ${missing.join(', ')}.`, expected, replyText(last)),
    true,
  );
}

/** How many images of one size the input tokens hold, as one of them costs; `null` where the counts do not show it. */
function arrivedByCount(evidence: Evidence, replies: readonly Exchange[]): number | null {
  const [all, rest, one, none] = [
    replies,
    ...['formats-omitted', 'picture-png', OMITTED].map((id) => evidence.of(id)),
  ].map(inputOf);
  if (!all || !rest || !one || !none || one <= none || !areComparable(evidence)) return null;
  return Math.min(ORDER.length, Math.floor((all - rest) / (one - none)));
}

/** How many things a reply lists. A model that lists four received four images, whatever it calls them. */
const countListed = ({ message }: Exchange): number =>
  text(message)
    .split(/[,;\n]|\band\b|\bthen\b/i)
    .filter((part) => /\p{L}/u.test(part)).length;

/** Whether the request forces a call or a format: the server then shapes the reply, and the words of a search are not the model's. */
const isForced = ({ sent }: Exchange): boolean =>
  ['any', 'tool'].includes(asString(get(sent, 'tool_choice', 'type'))) ||
  isObject(get(sent, 'output_config', 'format')) ||
  isObject(get(sent, 'output_format'));

/** Fewer replies may be short by chance. */
const MIN_REPLIES = 5;

/** Whether the model never writes more than one word. Then a reply with one color proves nothing. */
function neverLists(evidence: Evidence): boolean {
  const replies = evidence.all
    .filter((exchange) => !isForced(exchange))
    .map(({ message }) => text(message).trim())
    .filter((words) => words !== '');
  return replies.length >= MIN_REPLIES && replies.every((words) => !/\s/.test(words));
}

/** The rejection of four images is about their number only if the target accepts each image by itself. */
function acceptsSeveral(evidence: Evidence, asked: readonly Exchange[]): Judgement {
  const others = ['picture-jpeg', 'picture-gif', 'picture-webp'].flatMap((id) => evidence.of(id));
  const single = evidence.of('picture-png');
  const failed = others.find((exchange) => !hasMessage(exchange));
  if (single.some(hasMessage) && failed !== undefined) {
    return inconclusive(`Not tested: ${failed.id} was rejected too (${answer(failed)}), see vision.formats`);
  }
  return accepted()({ ...evidence, own: asked });
}
