/** Searching texts in bounded time. */

/**
 * Whether a text contains all patterns in this order. Each is searched for once: one expression with gaps between the patterns would
 * try every combination of their places, which takes minutes in a long text.
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

/** Removes these characters from the end. A pattern such as `/=+$/` is quadratic: it starts again at every `=`. */
export function withoutEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text[end - 1]!)) end -= 1;
  return text.slice(0, end);
}
