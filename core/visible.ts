/** Makes characters visible that a reader cannot see, or that change how other text is displayed. */

const INVISIBLE = /(?!\u200d\p{Extended_Pictographic})[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;
const EACH_INVISIBLE = new RegExp(INVISIBLE.source, 'gu');

/** A piece of text, or the name of an invisible character. */
export type Stretch = string | { label: string; name: string };

/** Splits a text at invisible characters; line feeds and tabs stay. */
export function stretches(text: string): Stretch[] {
  if (!INVISIBLE.test(text)) return [text];
  const parts: Stretch[] = [];
  let from = 0;
  for (const match of text.matchAll(EACH_INVISIBLE)) {
    const character = match[0];
    if (character === '\n' || character === '\t') continue;
    if (match.index > from) parts.push(text.slice(from, match.index));
    parts.push(nameOf(character.codePointAt(0)!));
    from = match.index + character.length;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

function nameOf(code: number): { label: string; name: string } {
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  if (code < 0x20) return { label: String.fromCodePoint(0x2400 + code), name };
  return { label: code === 0x7f ? '\u2421' : name, name };
}

/** The same as a string. */
export function visible(text: string): string {
  return stretches(text)
    .map((part) => (typeof part === 'string' ? part : part.label))
    .join('');
}

/** The name of an invisible character within a text: `␛`, `‹U+202E›`. */
export const shownName = ({ label }: { label: string }): string => (label.startsWith('U+') ? `‹${label}›` : label);

/**
 * Breaks text that a CI system would run as a command: `::name::` at the start of a line (GitHub), and `##[name]`, `##vso[…]` (Azure)
 * and `##teamcity[…]` anywhere.
 */
export function withoutCommands(text: string): string {
  return text.replace(/^([^\S\n\r\u2028\u2029]*)::/gm, '$1: :').replace(/##(?=(?:vso|teamcity)?\[)/gi, '# #');
}

/** Escapes that the reporters write: colors and hyperlinks to web addresses. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escapes that may stay
const OWN_ESCAPE = /(\u001b\[\d{1,3}m|\u001b\]8;;(?:https?:\/\/[!-~]*)?\u001b\\)/;

/**
 * Makes any text safe for a terminal or a CI log: control characters (C0, C1), direction marks and other invisible characters become
 * visible, and CI commands are broken. Line feeds and tabs stay.
 *
 * @param withColors Keep the colors and hyperlinks that reporters write.
 */
export function inert(text: string, withColors = false): string {
  const named = (part: string): string =>
    stretches(part)
      .map((stretch) => (typeof stretch === 'string' ? stretch : shownName(stretch)))
      .join('');
  const shown = withColors
    ? text.split(OWN_ESCAPE).map((part, index) => (index % 2 === 1 ? part : named(part)))
    : [named(text)];
  return withoutCommands(shown.join(''));
}
