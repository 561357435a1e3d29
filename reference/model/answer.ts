import { isObject } from '../../core/json.js';
import type { Tool } from '../wire.js';
import {
  alphabetAfter,
  arithmetic,
  counting,
  letters,
  ORDINALS,
  orderedWord,
  ordersWords,
  prose,
  standingWord,
  textToRepeat,
  wantedWords,
  wantsSilence,
  withoutConditions,
  wordsInOrder,
} from './instructions.js';
import { answerFromPassages } from './passages.js';
import type { Prompt } from './prompt.js';
import { acknowledge, callBehind, callsWithResults, recallCode, recallFact, successOf } from './recall.js';
import { titlesFound } from './search.js';

/** The answer as text, without regard to a prefill; empty when the ask is for an empty reply. */
export function answerInWords(prompt: Prompt): string {
  return fromInstructions(prompt.instructions) ?? fromAsk(prompt) ?? fromResults(prompt) ?? smallTalk(prompt.ask);
}

/** The answer that an instruction of the operator orders, from the latest on. It overrides what the user asks. */
export function fromInstructions(instructions: readonly string[]): string | null {
  for (const text of [...instructions].reverse()) {
    if (wantsSilence(text)) return '';
    const word = standingWord(text) ?? (ordersWords(text) ? wordsInOrder(instructions) : null);
    if (word !== null) return word;
  }
  return null;
}

/** Whether the ask itself contains the answer, so that no tool is needed. */
export function answersItself(ask: string): boolean {
  return textToRepeat(ask) !== null || ordersWords(ask) || counting(ask) !== null || orderedWord(ask) !== null;
}

function fromAsk(prompt: Prompt): string | null {
  const { ask } = prompt;
  if (wantsSilence(withoutConditions(ask))) return '';
  return (
    textToRepeat(prompt.wholeAsk) ??
    words(prompt) ??
    counting(ask) ??
    colour(prompt) ??
    arithmetic(ask) ??
    alphabet(prompt) ??
    recallFact(prompt) ??
    callBehind(prompt) ??
    callsWithResults(prompt) ??
    successOf(prompt) ??
    acknowledge(ask) ??
    orderedWord(ask) ??
    titlesFound(prompt) ??
    wordForWord(prompt) ??
    recallCode(prompt)
  );
}

/** What tools returned, where the ask is for all of it. */
function wordForWord({ ask, results }: Prompt): string | null {
  if (!/\b(?:word for word|verbatim)\b/iu.test(ask)) return null;
  return results.map(({ text }) => text).join('\n') || null;
}

function words(prompt: Prompt): string | null {
  const { ask, passages, instructions, tools, calls } = prompt;
  if (!ordersWords(ask)) return null;
  const said = passages.map((passage) => passage.text).reverse();
  const inputs = calls.map(({ input }) => JSON.stringify(input));
  const found = wordsInOrder([...instructions, ...tools.flatMap(descriptions), ...inputs, ...said, ask]);
  const seen = /\bcolou?rs?\b/iu.test(ask) ? colour(prompt) : null;
  return [seen, found].filter((part) => part !== null).join(', ') || null;
}

/** What a tool says about itself and its parameters, however deep in their schemas: descriptions, defaults and possible values. */
function descriptions({ description, input_schema }: Tool): string[] {
  return [...(typeof description === 'string' ? [description] : []), ...inSchema(input_schema)];
}

/** Keywords of a schema with text that says what a value may be. */
const READ: ReadonlySet<string> = new Set(['description', 'default', 'enum']);

const inSchema = (schema: unknown): string[] =>
  isObject(schema) || Array.isArray(schema)
    ? Object.entries(schema).flatMap(([key, value]) =>
        READ.has(key)
          ? [value].flat().flatMap((one) => (typeof one === 'string' ? [one] : inSchema(one)))
          : inSchema(value),
      )
    : [];

function colour({ ask, pictures, results }: Prompt): string | null {
  const shown = results.flatMap((result) => result.pictures);
  const seen = shown.length > 0 ? shown : pictures;
  if (seen.length === 0 || !/\bcolou?rs?\b|\bpictures?\b|\bimages?\b|\bscreenshots?\b|\bsquares?\b|\bsee\b/iu.test(ask))
    return null;
  const which = ORDINALS.findIndex((word) => new RegExp(`\\b${word}\\b`, 'iu').test(ask));
  if (which >= 0) return seen[which] ?? 'There is no such picture.';
  if (/\blast\b/iu.test(ask)) return seen.at(-1)!;
  if (/\bcolou?rs\b|\bboth\b|\ball\b|\beach\b/iu.test(ask)) return seen.join(', ');
  return seen.length === 1 ? seen[0]! : seen.at(/\bsee\b|\bpictures\b|\bimages\b/iu.test(ask) ? 0 : -1)!;
}

function alphabet({ ask, prefill }: Prompt): string | null {
  const series = letters(ask);
  if (series?.startsWith(prefill)) return series;
  if (prefill !== '' && alphabetAfter(prefill) !== null) return prefill + alphabetAfter(prefill)!;
  if (!ask.includes(':')) return null;
  const match = /\b(?:complete|continue)\b[^:\n]*:\s*([A-Za-z][A-Za-z ,]*)/iu.exec(ask);
  if (!match) return null;
  const given = match[1]!.trim();
  const spaced = [...given.replace(/[^A-Za-z]/g, '')].join(' ');
  return alphabetAfter(spaced)?.trim() ?? null;
}

function fromResults(prompt: Prompt): string | null {
  const { results, ask, pictures } = prompt;
  if (results.length > 0) {
    const texts = results.map((result) => {
      const text = [result.text, ...result.pictures.map((name) => `a ${name} picture`)].filter(Boolean).join(' ');
      if (result.failed) return `The tool reported an error: ${text.slice(0, 400) || 'no details'}`;
      return text.slice(0, 400);
    });
    const reported = texts.filter((text) => text !== '').join(' ');
    if (reported === '') return 'Done.';
    if (/\bone word\b|\bsingle word\b/iu.test(ask)) return reported.split(/\s+/u)[0]!;
    return results.some((result) => result.failed) ? reported : `The result is: ${reported}`;
  }
  const words = wantedWords(ask);
  if (words !== null) return prose(words);
  return answerFromPassages(prompt) ?? (pictures.length > 0 ? `The picture is ${pictures.join(', then ')}.` : null);
}

function smallTalk(ask: string): string {
  if (/\bone sentence\b/iu.test(ask)) return 'This is one sentence.';
  if (/^\s*(?:hello|hi|hey|good (?:morning|evening|day))\b/iu.test(ask)) return 'Hello! How can I help you today?';
  return 'I have read your message, and this is my answer to it.';
}
