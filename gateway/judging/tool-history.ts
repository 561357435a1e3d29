/** Calls and results of a history that arrive as words: a model that reads them does not know that it called a tool. */

import type { NeutralPart, NeutralRequest } from '../../core/neutral.js';
import type { RequestPair } from './pairs.js';
import { textsOf } from './parts.js';
import { type Fault, shown } from './texts.js';

const partsOf = ({ turns }: NeutralRequest): NeutralPart[] => turns.flatMap(({ parts }) => parts);

/** `null` where the upstream got a call or a result, or nothing of them. */
function asWords({ sent, got }: RequestPair): Fault | null {
  const arrived = partsOf(got);
  if (arrived.some(({ kind }) => kind === 'call' || kind === 'result')) return null;
  const words = partsOf(sent).flatMap((part) =>
    part.kind === 'call' ? [part.name] : part.kind === 'result' ? textsOf(part.parts) : [],
  );
  const text = textsOf(arrived).findLast((one) => words.some((word) => word !== '' && one.includes(word)));
  return text === undefined
    ? null
    : {
        message: 'Calls and results of the history arrive as text; the model does not know that it called a tool.',
        expected: 'a call and its result',
        actual: shown(text),
      };
}

/** Says so where calls and results arrive as words, and looks at them otherwise. */
export const unlessWords =
  (look: (pair: RequestPair) => Fault | null) =>
  (pair: RequestPair): Fault | null =>
    asWords(pair) ?? look(pair);
