import { answer, rejectedAsInvalid, succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import type { JsonObject } from '../core/json.js';
import { text } from '../core/message.js';
import type { Evidence, Judgement, Suite } from '../core/requirement.js';
import { bundled } from './judging/bundles.js';
import { whyControlFailed } from './judging/controls.js';
import { whereTaken } from './judging/feature-gates.js';
import { accepted, rejected } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { finding, inconclusive, satisfied, violated } from './judging/outcomes.js';
import { replyText, steered } from './judging/steering.js';
import { unlessCounted } from './judging/steering-words.js';
import { wasTruncated } from './judging/tool-views.js';

/** The question alone is some twenty tokens shorter than the conversation in words: what is longer holds a picture. */
const MORE_THAN_WORDS = { than: 'colour-in-words', by: 1 };

export const vision: Suite = {
  name: 'vision',
  title: 'pictures in messages: taken, seen, and never dropped',
  requirements: [
    {
      id: 'vision.base64.png',
      level: 'MUST',
      profile: 'vision',
      statement: 'A PNG as base64 in an image block is served, and the model sees it.',
      source: ['D:vision', 'T:msg', 'S1'],
      fixtures: ['picture-png', 'colour-in-words'],
      judge: unlessCounted(
        'picture-png',
        steered({
          subject: (evidence) => evidence.of('picture-png'),
          control: (evidence) => evidence.of('colour-in-words'),
          shows: (message) => YELLOW.test(text(message)),
          expected: 'the colour yellow',
          lost: 'The picture is not seen: asked for its colour the model does not name it, though it does when the user says the colour in words.',
          needsEnd: true,
        }),
        MORE_THAN_WORDS,
      ),
    },
    {
      id: 'vision.formats',
      level: 'MUST',
      profile: 'vision',
      statement: 'Pictures of the types image/jpeg, image/png, image/gif and image/webp are served.',
      source: ['D:vision', 'T:msg'],
      fixtures: ['picture-formats', 'picture-jpeg', 'picture-gif', 'picture-webp', 'picture-png'],
      judge: bundled([
        { among: 'picture-formats', alone: 'picture-png' },
        { among: 'picture-formats', alone: 'picture-jpeg' },
        { among: 'picture-formats', alone: 'picture-gif' },
        { among: 'picture-formats', alone: 'picture-webp' },
      ]),
    },
    {
      id: 'vision.not-ignored',
      level: 'MUST',
      profile: 'vision',
      statement: 'A picture is seen or refused as a client error (400 documented); it is never dropped in silence.',
      source: ['S1', 'D:vision'],
      fixtures: ['picture-png', 'picture-formats', 'colour-in-words'],
      judge: seenOrRefused,
    },
    {
      id: 'vision.multiple',
      level: 'SHOULD',
      profile: 'vision',
      statement: 'All pictures of one message arrive, in their order.',
      source: ['D:vision'],
      fixtures: ['picture-formats', 'picture-jpeg', 'picture-gif', 'picture-webp', 'picture-png'],
      judge: allInOrder,
    },
    {
      id: 'vision.url',
      level: 'SHOULD',
      profile: 'vision',
      statement:
        'A picture by its address is fetched; an address that leads nowhere is refused as a client error (400 documented).',
      source: ['T:msg', 'D:vision', 'H1'],
      fixtures: ['picture-url', 'picture-png'],
      judge: whereTaken('vision', ['picture-png'], rejected({ silent: true })),
    },
    {
      id: 'vision.media-type.invalid',
      level: 'SHOULD',
      profile: 'vision',
      statement: 'A media_type other than the four, such as image/bmp, is refused as a client error (400 documented).',
      source: ['T:msg', 'D:vision'],
      fixtures: ['picture-bmp', 'picture-png'],
      judge: whereTaken('vision', ['picture-png'], rejected()),
    },
    {
      id: 'vision.media-type.mismatch',
      level: 'MAY',
      profile: 'vision',
      statement: 'A media_type that contradicts the bytes is refused as a client error (400 observed).',
      source: ['H5'],
      fixtures: ['picture-mislabelled', 'picture-png'],
      judge: whereTaken(
        'vision',
        ['picture-png'],
        rejected({ optional: 'a PNG called image/jpeg is taken, as the protocol leaves open' }),
      ),
    },
    {
      id: 'vision.base64.invalid',
      level: 'SHOULD',
      profile: 'vision',
      statement: 'Data that is no base64, or no picture, is refused as a client error (400 observed).',
      source: ['H5'],
      fixtures: ['picture-no-base64', 'picture-no-picture', 'picture-png'],
      judge: whereTaken('vision', ['picture-png'], rejected({ silent: true })),
    },
  ],
};

const YELLOW = /\byellow\b/i;

/** What the four squares of one message show, in order, and how each of them is encoded. */
const SQUARES = [
  ['blue', 'JPEG'],
  ['yellow', 'PNG'],
  ['red', 'GIF'],
  ['green', 'WebP'],
] as const;
const ORDER: readonly string[] = SQUARES.map(([colour]) => colour);

const wasAnswered = (exchange: Exchange): boolean => succeeded(exchange) && exchange.message !== null;
const seesYellow = (exchange: Exchange): boolean => wasAnswered(exchange) && YELLOW.test(text(exchange.message));

/** The colours of the squares that an answer names, in the order in which it names them first. */
function namedColours(message: JsonObject | null): string[] {
  const words = text(message).toLowerCase();
  const at = (colour: string): number => words.search(new RegExp(`\\b${colour}\\b`));
  return ORDER.filter((colour) => at(colour) >= 0).sort((one, other) => at(one) - at(other));
}

const namesAll = (exchange: Exchange): boolean => namedColours(exchange.message).join() === ORDER.join();

function seenOrRefused(evidence: Evidence): Judgement {
  const single = evidence.of('picture-png');
  const several = evidence.of('picture-formats');
  const asked = [...single, ...several];
  if (single.some(seesYellow) || several.some((exchange) => wasAnswered(exchange) && namesAll(exchange)))
    return satisfied();
  if (asked.some(wasAnswered)) {
    return unlessCounted(
      'picture-png',
      steered({
        subject: () => asked,
        control: () => evidence.of('colour-in-words'),
        shows: (message, { fixture }) =>
          fixture === 'picture-formats' ? namedColours(message).join() === ORDER.join() : YELLOW.test(text(message)),
        expected: 'the colour of the picture, or HTTP 400',
        lost: 'The picture is dropped: the request is served, and no answer shows a trace of it, though the model names the colour when the user says it in words.',
        needsEnd: true,
      }),
      MORE_THAN_WORDS,
    )(evidence);
  }
  const nothing = noAnswer(asked, evidence);
  if (nothing !== null) return nothing;
  for (const exchange of asked) {
    const trouble = whyControlFailed(evidence, evidence.fixture(exchange.fixture), exchange);
    if (trouble !== null) return inconclusive(trouble);
  }
  const failed = asked.filter((exchange) => !rejectedAsInvalid(exchange) && exchange.response?.status !== 403);
  if (failed.length === 0) return satisfied(`refused, which is honest: ${answer(asked[0]!)}`);
  return violated(
    failed.map((exchange) =>
      finding(
        exchange,
        'The request with a picture is neither served nor refused as a client error.',
        'HTTP 200 with a Message, or HTTP 400',
        answer(exchange),
      ),
    ),
  );
}

function allInOrder(evidence: Evidence): Judgement {
  const asked = evidence.of('picture-formats');
  const answers = asked.filter(wasAnswered);
  if (answers.length === 0) return takesSeveral(evidence, asked);
  if (answers.some(namesAll)) return satisfied();
  const whole = answers.filter(({ message }) => !wasTruncated(message));
  if (whole.length === 0) return inconclusive('max_tokens cut every reply before its end', answers.length);
  if (!evidence.of('picture-png').some(seesYellow))
    return inconclusive('a single picture is not seen either, which vision.base64.png judges', whole.length);
  const last = whole.at(-1)!;
  const named = namedColours(last.message);
  if (whole.some(({ message }) => namedColours(message).join() !== named.join()))
    return inconclusive(`the model names other colours each time: ${replyText(last)}`, whole.length);
  const expected = ORDER.join(', ');
  if (named.length === ORDER.length) {
    return violated(
      finding(last, 'The pictures of one message arrive in another order.', expected, replyText(last)),
      true,
    );
  }
  if (countListed(last) >= ORDER.length)
    return inconclusive(`the model speaks of four pictures and misses a colour: ${replyText(last)}`, whole.length);
  if (neverLists(evidence))
    return inconclusive(
      `no answer of this run is longer than a word: ${replyText(last)} may be all that the model says`,
      whole.length,
    );
  const missing = SQUARES.filter(([colour]) => !named.includes(colour)).map(
    ([colour, format]) => `the ${colour} ${format}`,
  );
  return violated(
    finding(last, `Of four pictures in one message some are lost: ${missing.join(', ')}.`, expected, replyText(last)),
    true,
  );
}

/** How many things an answer lists: a model that names four of them was shown four, whatever it calls them. */
const countListed = ({ message }: Exchange): number =>
  text(message)
    .split(/[,;\n]|\band\b|\bthen\b/i)
    .filter((part) => /\p{L}/u.test(part)).length;

/** Fewer answers may be short by chance. */
const SOME_ANSWERS = 5;

/** Whether the model never says more than one word, whatever it is asked: that it names one thing proves nothing. */
function neverLists(evidence: Evidence): boolean {
  const answers = evidence.all.map(({ message }) => text(message).trim()).filter((words) => words !== '');
  return answers.length >= SOME_ANSWERS && answers.every((words) => !/\s/.test(words));
}

/** A refusal of four pictures says something about their number only if each of them is taken alone. */
function takesSeveral(evidence: Evidence, asked: readonly Exchange[]): Judgement {
  const alone = ['picture-jpeg', 'picture-gif', 'picture-webp'].flatMap((id) => evidence.of(id));
  const single = evidence.of('picture-png');
  const other = alone.find((exchange) => !wasAnswered(exchange));
  if (single.some(wasAnswered) && other !== undefined) {
    return inconclusive(`${other.id} is refused as well (${answer(other)}), which vision.formats judges`);
  }
  return accepted()({ ...evidence, own: asked });
}
