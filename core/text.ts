/** Reading of texts in bounded time. */

/**
 * Whether a text holds all of these, one behind the other. Each is looked for once; one expression with gaps between them would
 * try every combination of their places, without end in a long text.
 */
export function inOrder(text: string, patterns: readonly RegExp[]): boolean {
  let rest = text;
  for (const pattern of patterns) {
    const found = pattern.exec(rest);
    if (found === null) return false;
    rest = rest.slice(found.index + found[0].length);
  }
  return true;
}
