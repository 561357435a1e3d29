/** Text beyond ASCII that the model repeats. `echo-raw` has it as UTF-8, `echo-escaped` as JSON escapes. */

import { isAccepted } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { get } from '../../core/json.js';
import { text, totalInput } from '../../core/message.js';
import type { Evidence, Finding, Judgement } from '../../core/requirement.js';
import { accepted } from './judges.js';
import { missedByChance } from './missed-by-chance.js';
import { finding, inconclusive, satisfied, violated } from './outcomes.js';
import { replyText } from './steering.js';
import { finished, followsGrammar, isCountStable, writesBrokenText } from './views.js';

const ECHO = ['Zürich', '北京', '😀'];
/** The same characters after a wrong decoder, after a lossy one, and as escapes that were not decoded. */
const DAMAGED = /ZÃ|Z\?+rich|ðŸ|\\u(00fc|5317|4eac|d83d)/i;

/** Both spellings of the text reach the model and come back, streamed or not. */
export function roundTrip(evidence: Evidence): Judgement {
  const raw = evidence.of('echo-raw');
  const whole = evidence.of('echo-escaped-whole');
  // For a target without any streams the request that is not streamed decides.
  const streamed = evidence.of('echo-escaped').filter((one) => isAccepted(one) || !isStreamless(evidence));
  const escaped = [...streamed, ...whole];
  const judgement = accepted()({ ...evidence, own: [...raw, ...escaped] });
  if (judgement.outcome !== 'satisfied') return judgement;
  const echoes = (exchange: Exchange) => {
    const answered = text(exchange.message).normalize('NFC');
    return ECHO.every((part) => answered.includes(part));
  };
  // Servers may estimate the counts of streams.
  const comparable = !escaped.some(echoes) && isCountStable(evidence) !== false;
  const findings = [
    ...invalidBytes([...raw, ...escaped], evidence),
    ...(comparable ? countedDifferently(raw, whole) : []),
  ];
  if (findings.length > 0) return violated(findings, true);
  if ([...raw, ...escaped].some(echoes)) {
    const replies = streamed.filter((exchange) => exchange.message !== null);
    if (replies.length > 0 && replies.every(lacksBeginning)) return violated(replies.map(lostBeginning), true);
    const isLost = isAsciiOnly(replies) && missedByChance(evidence, replies) === null;
    if (isLost && raw.some(echoes) && whole.some(echoes)) return violated(replies.slice(-1).map(withoutOthers), true);
    const lost = [raw, streamed, whole].filter((tries) => tries.length > 0 && tries.every((one) => isDamaged(one)));
    return lost.length === 0
      ? satisfied()
      : violated(
          lost.map((tries) => damage(tries.at(-1)!)),
          true,
        );
  }
  const damaged = [raw, escaped].filter((tries) => tries.length > 0 && tries.every(isDamaged));
  if (damaged.length > 0) return violated(damaged.flat().map(damage), true);
  return inconclusive('The model did not repeat the text, so no reply shows how it arrived', raw.length);
}

const isStreamless = (evidence: Evidence): boolean =>
  evidence.of('echo-escaped-whole').some(isAccepted) && !evidence.of('minimal', 'stream').some(isAccepted);

/** The city with its non-ASCII letter, damaged or not. Without it a reply repeats nothing, and shows nothing of the text. */
const REPEATED_CITY = /Z\S{0,12}rich/i;

const repeats = ({ message }: Exchange): boolean => REPEATED_CITY.test(text(message));

/** A weak model may fail at emoji. A server that damages text also damages letters and ideographs. */
function isDamaged(exchange: Exchange): boolean {
  const said = text(exchange.message).normalize('NFC');
  if (!repeats(exchange)) return false;
  return DAMAGED.test(said) || (said.includes('\uFFFD') && !(/Zürich|Ünïcödé/.test(said) && said.includes('北京')));
}

/** The text that both fixtures ask for. */
const WHOLE_ECHO = 'Zürich 北京 😀 Ünïcödé 👩‍👩‍👧 東京 🇨🇭';

/** Whether the reply is exactly the end of the text: models leave out the end of a text, never its beginning. */
function lacksBeginning(exchange: Exchange): boolean {
  const answered = text(exchange.message).normalize('NFC').trim();
  return answered.length > 1 && answered !== WHOLE_ECHO && WHOLE_ECHO.endsWith(answered);
}

const lostBeginning = (exchange: Exchange): Finding =>
  finding(exchange, 'The stream lacks the beginning of the text.', WHOLE_ECHO, replyText(exchange));

/** Letters that the text does not have: a reply with them says something else. */
const OTHER_LETTERS = /[^c d h i n r Z\P{L}]/u;

/** A model that repeats the text elsewhere does not write a part of it twice and no other character than ASCII. */
function isAsciiOnly(replies: readonly Exchange[]): boolean {
  const ended = finished(replies).filter(followsGrammar);
  return (
    ended.length > 1 &&
    ended.every(({ message }) => {
      const words = text(message);
      return /^\p{ASCII}+$/u.test(words) && !OTHER_LETTERS.test(words);
    })
  );
}

const withoutOthers = (exchange: Exchange): Finding =>
  finding(
    exchange,
    'The stream has no character beyond ASCII; without streaming the text comes back whole.',
    WHOLE_ECHO,
    replyText(exchange),
  );

const damage = (exchange: Exchange): Finding =>
  finding(exchange, 'Non-ASCII characters are damaged in the reply.', ECHO.join(' '), replyText(exchange));

const invalidBytes = (exchanges: readonly Exchange[], evidence: Evidence): Finding[] =>
  exchanges
    .filter((exchange) => exchange.response?.bodyEncoding === 'base64')
    .filter((exchange) => repeats(exchange) || !writesBrokenText(evidence))
    .map((exchange) =>
      finding(
        exchange,
        'The body is not valid UTF-8.',
        'UTF-8',
        `${exchange.bytes.length} bytes with an invalid sequence`,
      ),
    );

/** A text and its JSON escapes are the same prompt, so their counts are equal. */
function countedDifferently(raw: readonly Exchange[], escaped: readonly Exchange[]): Finding[] {
  const [a, b] = [raw[0], escaped[0]];
  if (a === undefined || b === undefined) return [];
  const [asItIs, asEscapes] = [a, b].map((exchange) => totalInput(get(exchange.message, 'usage')));
  if (!asItIs || !asEscapes || asItIs === asEscapes) return [];
  return [
    finding(
      b,
      'Input tokens differ between a text and its \\u escapes: the server does not decode them.',
      `${asItIs} input tokens, as ${a.id}`,
      `${asEscapes} input tokens`,
      { pointer: '/usage/input_tokens' },
    ),
  ];
}
