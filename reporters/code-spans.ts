/** Code spans in the sentences of the suite: `name` between backticks, as in Markdown. */

/** A piece of a sentence: text as it is, or what stands between two backticks. */
export type Piece = string | { code: string };

/**
 * Splits a sentence at its code spans. Takes one pass over any text, so that quoted text of a target costs no more than its length. Backticks
 * that enclose nothing stay in the text: one without a partner, two or more in a row, and pairs with white space inside their ends or with a line feed
 * between them.
 */
export function codeSpans(text: string): Piece[] {
  const pieces: Piece[] = [];
  let plain = '';
  let code: string | null = null;
  for (const part of text.split(/(`+)/)) {
    if (part !== '`') {
      if (code === null) plain += part;
      else code += part;
    } else if (code === null) {
      code = '';
    } else if (isCode(code)) {
      if (plain !== '') pieces.push(plain);
      pieces.push({ code });
      plain = '';
      code = null;
    } else {
      plain += `\`${code}`;
      code = '';
    }
  }
  if (code !== null) plain += `\`${code}`;
  if (plain !== '' || pieces.length === 0) pieces.push(plain);
  return pieces;
}

const isCode = (text: string): boolean => !text.includes('\n') && text !== '' && text === text.trim();

/** A text as a search reads it: readers of a page see no backticks and may type them nevertheless. */
export const searchable = (text: string): string => text.replaceAll('`', '').toLowerCase();
