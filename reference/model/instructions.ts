/** Words that name a kind of answer and are none: "answer with the number only". */
const KINDS =
  /^(?:a|an|the|one|only|just|my|your|its?|this|that|number|numbers|digits?|code|codes|name|names|colou?r|words?|answer|result|results|city|sentences?|texts?|json|value|date|nothing|something|exactly|no|valid|plain|or|and)$/iu;

const WORD = `["'“”‘«\`*]*([\\p{L}\\p{N}][\\p{L}\\p{N}_-]*)["'“”’»\`*]*`;
const END = '(?:[.!,;]|\\s*$|\\s*\\n|\\s+(?:only|and nothing else|now|please)\\b)';

const SINGLE_WORD = [
  `\\b(?:reply|answer|respond)\\b[^.?!:]{0,300}?\\b(?:with|only)\\b(?:\\s+(?:only|just|exactly|the|a|single|one|word|token|code word))*\\s*(?::\\s*)?${WORD}${END}`,
  `\\bsay(?:\\s+(?:only|just|exactly|the|single|word))*\\s*(?::\\s*)?${WORD}${END}`,
].map((source) => new RegExp(source, 'giu'));

/** The one word that a text orders as the answer: "Reply with the single word ok.", "Say ok.", "Answer only KIWI". */
export function orderedWord(text: string): string | null {
  const unconditional = withoutConditions(text);
  for (const pattern of SINGLE_WORD) {
    for (const match of unconditional.matchAll(pattern)) {
      const word = match[1]!;
      if (!KINDS.test(word)) return word;
    }
  }
  return null;
}

/**
 * The one word that an operator's instruction orders: "Answer every message with the word PINEAPPLE only." Longer
 * instructions say "answer with …" in passing, so the word needs a mark: "word", "only" or capitals.
 */
export function standingWord(text: string): string | null {
  const word = orderedWord(text.replace(/\bsay\b/giu, 'answer with'));
  if (word === null) return null;
  const sign = word.replace(/[^\p{L}\p{N}]/gu, '.');
  const marked = new RegExp(`\\b(?:word|only|just|exactly)\\b[\\s:"'“]*${sign}|${sign}["'”]?\\s+only\\b`, 'iu').test(
    text,
  );
  return marked || /^[\p{Lu}\p{N}_-]{2,}$/u.test(word) ? word : null;
}

/** From one to fourteen. */
export const ORDINALS =
  'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth'.split(' ');
const PLACES = [...ORDINALS, 'last'];
const ORDINAL_WORD = new RegExp(
  `\\b(${PLACES.join('|')})\\s+(?:code\\s*)?word\\s+is\\s*(?::\\s*)?["'“]?([\\p{L}\\p{N}][\\p{L}\\p{N}_-]*)`,
  'giu',
);

/** "Answer with these two words and nothing else": an order whose words stand in other sentences. */
export function ordersWords(text: string): boolean {
  return /\b(?:answer|reply|respond|say|repeat|write|give|tell)\b[^.?!\n]*\b(?:both|all|these|the|two|three|four|five)\s+(?:\w+\s+)?words\b/iu.test(
    text,
  );
}

/** "The first word is PINEAPPLE. The second word is MANGO.": the words in their order, as far as the texts give them. */
export function wordsInOrder(texts: readonly string[]): string | null {
  const words = new Map<string, string>();
  for (const text of texts) {
    for (const match of text.matchAll(ORDINAL_WORD)) words.set(match[1]!.toLowerCase(), match[2]!);
  }
  const found = PLACES.flatMap((ordinal) => words.get(ordinal) ?? []);
  return found.length > 0 ? found.join(' ') : null;
}

/** The text without conditional answers: "If none say NONE." */
export function withoutConditions(text: string): string {
  return text.replace(/\bif\b[^.\n]{0,300}?\b(?:say|reply|answer|respond|write)\b[^.\n]*(?:\.|$)/gim, ' ');
}

/** The answer when nothing is found: "If none say NONE." */
export function wordForNone(text: string): string | null {
  const match =
    /\bif\b[^.\n]{0,300}?\b(?:say|reply|answer|respond|write)\b(?:\s+(?:with|only|just|the|word))*\s+["'“]?([\p{L}\p{N}_-]+)/iu.exec(
      text,
    );
  return match ? match[1]! : null;
}

/** The text after the colon of "Repeat exactly: …". */
export function textToRepeat(ask: string): string | null {
  if (!ask.includes(':')) return null;
  const match =
    /\b(?:repeat|echo|copy|say|(?:reply|respond|answer) with exactly|(?:reply|respond) with|write exactly|output exactly|print)\b[^:\n]{0,80}:([\s\S]+)$/iu.exec(
      ask,
    );
  if (!match) return null;
  const text = match[1]!.trim();
  const quoted = /^(["“'`])([\s\S]*)["”'`]$/u.exec(text);
  return quoted ? quoted[2]! : text;
}

/** Whether the text asks for an empty reply. */
export function wantsSilence(text: string): boolean {
  // A quick look first: the expression takes ten times as long, and hardly a text asks for silence.
  if (!/nothing|your turn|anything|empty/iu.test(text)) return false;
  return /\b(?:say|reply with|respond with|answer with|write|output) nothing\b|\bend your turn\b[^.]*\b(?:without|silently|immediately|with no)\b|\bwithout (?:saying|writing) anything\b|\b(?:do not|don't) (?:say|write|answer|reply)(?: with)? anything\b|\bempty (?:message|reply|response|turn)\b/iu.test(
    text,
  );
}

const LONGEST_COUNT = 5_000;

/** "Count from 1 to 40", one number after another. */
export function counting(ask: string): string | null {
  if (!/\d/u.test(ask)) return null;
  const match =
    /\b(?:count|numbers?|integers?)\b[^.]{0,300}?\b(?:from\s+)?(\d{1,6})\s*(?:to|up to|through|until|-|–)\s*(\d{1,6})/iu.exec(
      ask,
    );
  const [from, to] = match ? [Number(match[1]), Number(match[2])] : upTo(ask);
  if (from === undefined || to === undefined) return null;
  const step = from <= to ? 1 : -1;
  const length = Math.min(Math.abs(to - from) + 1, LONGEST_COUNT);
  const separator = /\b(?:per|each on (?:a|its own)|separate|new) lines?\b/iu.test(ask)
    ? '\n'
    : /\bseparated by (?:single )?(?:blanks?|spaces?)\b/iu.test(ask)
      ? ' '
      : ', ';
  return Array.from({ length }, (_, index) => from + index * step).join(separator);
}

function upTo(ask: string): [number, number] | [] {
  const match = /\bcount (?:up )?to (\d{1,6})\b/iu.exec(ask);
  return match ? [1, Number(match[1])] : [];
}

const NUMBER = '(-?\\d{1,9})';
/** An operation on two whole numbers. Numbers with further digits, dashes or points beside them are dates, versions, ranges. */
const operation = (signs: string): string =>
  `(?<![\\w.,:/-])${NUMBER}\\s{0,3}(${signs})\\s{0,3}${NUMBER}(?![\\w:/-]|[.,]\\d)`;
const CLEAR = operation('\\*|×|·|\\+|÷|times|plus|minus|multiplied by|divided by');
const ANY = operation('\\*|×|x|·|\\+|-|−|\\/|÷|times|plus|minus|multiplied by|divided by');
const ASKED =
  "\\b(?:what(?:['’]s| is| are)|how much (?:is|are)|calculate|compute|evaluate|solve|work out|(?:result|product|sum|difference|value) of|answer (?:to|of))[\\s:(\"'`]{1,5}(?:the (?:result|product|sum|difference|value|answer) (?:of|to)\\s{1,3})?";
/** `24/7` and `3-5` are operations only where nothing else follows. */
const QUESTIONS = [
  `${ASKED}${CLEAR}`,
  `${ASKED}${ANY}(?=\\s{0,3}(?:[?!.,;=)"'\`]|$))`,
  `${ANY}\\s{0,3}=\\s{0,3}(?:\\?|$)`,
  `^\\s{0,9}${ANY}\\s{0,3}[?.]?\\s{0,9}$`,
].map((source) => new RegExp(source, 'iu'));

/** "What is 17*23?": the result of one of the four basic operations on whole numbers, where the ask is for it. */
export function arithmetic(ask: string): string | null {
  if (!/\d/u.test(ask)) return null;
  const match = QUESTIONS.map((question) => question.exec(ask)).find(Boolean);
  if (!match) return null;
  const [left, right] = [Number(match[1]), Number(match[3])];
  const sign = match[2]!.toLowerCase();
  if (/^(?:\*|×|x|·|times|multiplied by)$/u.test(sign)) return String(left * right);
  if (/^(?:\+|plus)$/u.test(sign)) return String(left + right);
  if (/^(?:-|−|minus)$/u.test(sign)) return String(left - right);
  return right === 0 ? 'undefined' : String(Number((left / right).toFixed(6)));
}

/** The number of words in "write 60 words". */
export function wantedWords(ask: string): number | null {
  const match = /\b(\d{1,5})[ -]words?\b/iu.exec(ask);
  if (match) return Math.min(Number(match[1]), 20_000);
  return /\b(?:story|essay|poem|article|long (?:text|answer|reply)|paragraphs?)\b/iu.test(ask) ? 120 : null;
}

const STORY = [
  'The river runs past the old mill and carries small boats down to the harbour.',
  'People mend their nets there and talk about the weather.',
  'In the evening a bell calls them home.',
  'Nobody hurries, because the tide will come back in the morning.',
].join(' ');
const STORY_WORDS = STORY.split(' ');

/** Prose of so many words. */
export function prose(words: number): string {
  const whole = Math.floor(words / STORY_WORDS.length);
  const text = [...Array<string>(whole).fill(STORY), ...STORY_WORDS.slice(0, words % STORY_WORDS.length)].join(' ');
  return text.endsWith('.') ? text : `${text}.`;
}

/** "Write the capital letters from A to J": letters in their order. */
export function letters(ask: string): string | null {
  if (!/letter|alphabet/iu.test(ask)) return null;
  const match = /\bletters?\b[^.]{0,300}?\b(?:from\s+)?([A-Za-z])\s*(?:to|through|until|-|–)\s*([A-Za-z])\b/iu.exec(
    ask,
  );
  const whole = /\balphabet\b/iu.test(ask);
  if (!match && !whole) return null;
  const [from, to] = match ? [match[1]!.toUpperCase(), match[2]!.toUpperCase()] : ['A', 'Z'];
  const codes = Array.from(
    { length: to.charCodeAt(0) - from.charCodeAt(0) + 1 },
    (_, index) => from.charCodeAt(0) + index,
  );
  const list = codes.map((code) => String.fromCharCode(code)).join(/\bcommas?\b/iu.test(ask) ? ', ' : ' ');
  return /\b(?:small|lower)[ -]?(?:case)?\b/iu.test(ask) ? list.toLowerCase() : list;
}

/** The letters of the alphabet after the end of a text: after "A B C D" come "E F G …". */
export function alphabetAfter(text: string): string | null {
  const match = /([A-Za-z])((?:\s*,\s*|\s+)?)([A-Za-z])(?:\s*[.…]*)$/u.exec(text);
  if (!match) return null;
  const [, before, separator, last] = match;
  if (before!.charCodeAt(0) + 1 !== last!.charCodeAt(0)) return null;
  const end = last! >= 'a' ? 'z' : 'Z';
  const letters: string[] = [];
  for (let code = last!.charCodeAt(0) + 1; code <= end.charCodeAt(0); code += 1)
    letters.push(String.fromCharCode(code));
  return letters.map((letter) => `${separator}${letter}`).join('');
}
