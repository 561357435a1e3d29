/** Compares texts that a gateway may put together in another way: every text has to be there byte for byte, and in order. */

import { clip } from '../../core/json.js';

/** What is wrong, in the words of a finding. */
export interface Fault {
  /** What is wrong, as a whole sentence. */
  message: string;
  expected: string;
  actual: string;
}

/** A text of the request that has another place, and its name at the beginning of a sentence: `Earlier thinking`. */
export interface Elsewhere {
  text: string;
  named: string;
}

/** Texts in order, with nothing but white space between them. `what` names them: `the system prompt`. */
export function textFault(
  what: string,
  expected: readonly string[],
  actual: readonly string[],
  elsewhere: readonly Elsewhere[] = [],
): Fault | null {
  const whole = actual.join('\n');
  const rest: string[] = [];
  let from = 0;
  for (const text of expected) {
    const at = whole.indexOf(text, from);
    if (at === -1) return lost(what, text, whole);
    rest.push(whole.slice(from, at));
    from = at + text.length;
  }
  rest.push(whole.slice(from));
  const invented = rest.find((part) => part.trim() !== '');
  if (invented === undefined) return null;
  const moved = elsewhere.find(({ text }) => text !== '' && invented.includes(text));
  return {
    message:
      moved === undefined
        ? `Text that the client did not send is added to ${what}.`
        : `${moved.named} arrives as a text of ${what}.`,
    expected: 'only the texts of the client',
    actual: shown(invented.trim()),
  };
}

function lost(what: string, text: string, whole: string): Fault {
  const isElsewhere = whole.includes(text);
  return {
    message: isElsewhere ? `Texts of ${what} arrive in another order.` : `A text of ${what} is lost or changed.`,
    expected: shown(text),
    actual: whole === '' ? 'no text' : around(text, whole),
  };
}

/** The part of a text that differs, where most of it is there. */
function around(text: string, whole: string): string {
  let same = 0;
  const start = Math.max(0, whole.indexOf(text.slice(0, 12)));
  while (same < text.length && text[same] === whole[start + same]) same += 1;
  const from = start + Math.max(0, same - 20);
  return same < 12 ? shown(whole) : `${from > 0 ? '…' : ''}${shown(whole.slice(from, from + 100))}`;
}

export const shown = (text: string): string => JSON.stringify(clip(text, 120));
