import { withoutConditions, wordForNone } from './instructions.js';
import type { Passage, Prompt } from './prompt.js';

const NOUN =
  'code(?:\\s*(?:word|number|name))?|pass(?:word|code|phrase)|secret(?:\\s+word)?|key\\s?word|magic word|marker|token|canary|number|word';
const VALUE = `["'“«\`]?([\\p{L}\\p{N}][\\p{L}\\p{N}_-]*)`;

const STATED = new RegExp(`\\b(?:${NOUN})s?\\s*(?:is|was|are|=|:|reads)\\s*${VALUE}`, 'giu');
const NAMED =
  /\b(?:[Cc]ode(?:\s*[Ww]ord)?|[Pp]assword|[Tt]oken|[Mm]arker|[Cc]anary|[Nn]umber|[Ww]ord)\s+["'“]?([\p{Lu}\p{N}][\p{Lu}\p{N}-]*)(?![\p{Ll}])/gu;
const STRIKING =
  /\b(?=[\p{Lu}\d-]{0,40}\d)(?=[\p{Lu}\d-]{0,40}\p{Lu})[\p{Lu}\d][\p{Lu}\d-]{1,60}\b|\b\d{4,}\b|\b(?!(?:NONE|JSON|HTTP|NULL|ONLY)\b)\p{Lu}{4,}\b/gu;

const QUESTION = new RegExp(
  `\\b(?:repeat|what|which|tell|say|give|name|return|quote|find|read|report|write|reply|answer)\\b[^.?!\\n]{0,300}?(?<!\\b(?:one|single|a|in|per)\\s)\\b(?:(?:both|all|two|three)\\s+)?(${NOUN})(s?)\\b`,
  'iu',
);

/** A code, word or number of the conversation, when the ask is for one. */
export function recallCode(prompt: Prompt): string | null {
  const ask = withoutConditions(prompt.ask);
  const question = QUESTION.exec(ask);
  if (!question) return null;
  const several = question[2] === 's' || /\b(?:both|all|every|each)\b[^.?!]*\b(?:codes?|words?|numbers?)\b/iu.test(ask);
  const places = [
    ...sources(prompt.passages),
    ask,
    ...said(prompt.passages, prompt.wholeAsk),
    ...prompt.instructions,
  ].map(withoutConditions);
  for (const pattern of [STATED, NAMED, STRIKING]) {
    const found = places.flatMap((place) => values(place, pattern));
    if (found.length > 0) return several ? [...new Set(found)].join(' ') : found[0]!;
  }
  return (
    wordForNone(prompt.ask) ??
    (/\bcode|password|secret|marker|canary/iu.test(question[1]!) ? 'I do not know it.' : null)
  );
}

function sources(passages: readonly Passage[]): string[] {
  return passages.filter((passage) => passage.kind !== 'said').map((passage) => passage.text);
}

function said(passages: readonly Passage[], ask: string): string[] {
  return passages.filter((passage) => passage.kind === 'said' && passage.text !== ask).map((passage) => passage.text);
}

function values(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] ?? match[0]).filter((value) => !NOT_VALUES.test(value));
}

const NOT_VALUES =
  /^(?:the|a|an|in|of|at|not|given|there|it|what|which|that|this|hidden|below|above|only|repeat|one)$/iu;

/** "My name is Ada." answers "What is my name?", and so for any other thing. */
export function recallFact(prompt: Prompt): string | null {
  if (!prompt.ask.includes('?')) return null;
  const question = /\bwhat(?:'s| is| was)\s+my\s+(\p{L}[\p{L}\s]{1,29}?)\?/iu.exec(prompt.ask);
  if (!question) return null;
  const thing = question[1]!.trim().replace(/\s+/gu, '\\s+');
  const statement = new RegExp(`\\bmy\\s+${thing}\\s+is\\s+["'“]?([\\p{L}\\p{N}][\\p{L}\\p{N}_-]*)`, 'iu');
  const places = [prompt.ask, ...prompt.passages.map((passage) => passage.text), ...prompt.instructions];
  for (const place of places) {
    const match = statement.exec(place);
    if (match) return match[1]!;
  }
  return wordForNone(prompt.ask) ?? 'I do not know.';
}

/** "Remember the code 7Q4": a reply that repeats what to remember. */
export function acknowledge(ask: string): string | null {
  const match = /^\s*(?:please\s+)?remember\s+(?:that\s+)?([^.?!\n]+)/iu.exec(ask);
  return match ? `I will remember ${match[1]!.trim()}.` : null;
}

/** "Which city is 15?": the input of the call whose result has that number. */
export function callBehind(prompt: Prompt): string | null {
  if (prompt.results.length === 0) return null;
  const question = /\b(?:which|what)\s+\p{L}+\b[^?\n]{0,300}?\b(-?\d+)\b/iu.exec(prompt.ask);
  if (!question) return null;
  const number = new RegExp(`(?<![\\d.])${question[1]}(?![\\d.])`, 'u');
  const outcome = prompt.results.find((result) => number.test(result.text));
  const value = Object.values(outcome?.call?.input ?? {}).find((entry) => typeof entry === 'string');
  return typeof value === 'string' ? value : null;
}

/** "Write each city with its number": the input of each call and its result, in the order of the calls. */
export function callsWithResults({ ask, results, calls }: Prompt): string | null {
  if (!/\beach\s+\p{L}+\s+with\s+its\s+\p{L}+/iu.test(ask)) return null;
  if (results.length < 2) return toldCallsWithResults(ask);
  const lines = calls.flatMap(({ id, input }) => {
    const value = Object.values(input).find((entry) => typeof entry === 'string');
    const outcome = results.find(({ call }) => call?.id === id);
    return outcome === undefined ? [] : [`${String(value)}: ${outcome.text}`];
  });
  return lines.join('\n') || null;
}

/** The same where the ask itself tells of the calls: "The call a1 asks for the number of Paris. The result of a1 is 15." */
function toldCallsWithResults(ask: string): string | null {
  const results = new Map([...ask.matchAll(/\bresult of (\w+) is (\w+)/gu)].map(([, id, value]) => [id, value]));
  const lines = [...ask.matchAll(/\bcall (\w+)[^.,]{0,60}? of (\p{Lu}\p{L}+)/gu)].flatMap(([, id, name]) =>
    results.has(id) ? [`${name}: ${results.get(id)}`] : [],
  );
  return lines.join('\n') || null;
}

/** "Did the tool call succeed?" */
export function successOf({ ask, results }: Prompt): string | null {
  if (results.length === 0 || !/\bdid\b[^.?!]{0,40}\bcalls?\b[^.?!]{0,20}\bsucceed\?/iu.test(ask)) return null;
  return results.some(({ failed, text }) => failed || /\b(?:failed|error)\b/iu.test(text)) ? 'NO' : 'YES';
}
