import { isCitable, sentences } from './citations.js';
import type { Passage, Prompt } from './prompt.js';

const COMMON = new Set(
  'the and for are was were what which who whom where when why how does did this that these those there here with from have has had you your give tell please answer question only word words number one sentence document text according following about into'.split(
    ' ',
  ),
);

/** Words of a text that carry its topic, in lower case. */
function contentWords(text: string): string[] {
  return (text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? []).filter((word) => !COMMON.has(word));
}

/** The sentence that shares most words with the ask: from results and documents where possible, else from messages. */
export function answerFromPassages(prompt: Prompt): string | null {
  const words = new Set(contentWords(prompt.ask));
  const shown = prompt.passages.filter((passage) => passage.kind !== 'said');
  const best = bestSentence(shown, words);
  if (best !== null) return best;
  const [first] = shown.some(isCitable) ? shown.filter(isCitable) : shown;
  if (first) return sentences(first)[0]?.text ?? null;
  if (!prompt.ask.includes('?')) return null;
  return bestSentence(
    prompt.passages.filter((passage) => passage.text !== prompt.wholeAsk),
    words,
  );
}

function bestSentence(passages: readonly Passage[], words: ReadonlySet<string>): string | null {
  let best: string | null = null;
  let most = 0;
  for (const passage of passages) {
    for (const sentence of sentences(passage)) {
      const shared = new Set(contentWords(sentence.text).filter((word) => words.has(word))).size;
      if (shared > most && !sentence.text.endsWith('?')) {
        most = shared;
        best = sentence.text;
      }
    }
  }
  return best;
}
