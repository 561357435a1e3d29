/** Longest excerpt of a value that a message quotes, in characters. */
export const EXCERPT_LENGTH = 80;

/**
 * Characters that could change how a terminal or a page shows the text around them: DEL and C1 controls, line and paragraph
 * separators, zero-width and direction marks. `JSON.stringify` already escapes C0 controls and lone surrogates.
 */
const INVISIBLE = /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** The text with all invisible characters escaped. */
export function escapeInvisible(text: string): string {
  return text.replace(INVISIBLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A value in words, for the end of a sentence: `the string "abc"`, `an array of 3`, `null`. Always short and one line. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return `the string ${quote(value, EXCERPT_LENGTH)}`;
  if (typeof value === 'number') return `the number ${value}`;
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : `the array ${excerpt(value)}`;
  if (typeof value === 'object') return `the object ${excerpt(value)}`;
  return `a ${typeof value}`;
}

/** A value as JSON, truncated after `EXCERPT_LENGTH` characters. Reads no more of the value than it prints. */
export function excerpt(value: unknown): string {
  const parts: string[] = [];
  write(value, EXCERPT_LENGTH, parts);
  return parts.join('');
}

/** Every level of nesting uses up room, so the recursion ends with the room. Returns the rest; negative once truncated. */
function write(value: unknown, room: number, parts: string[]): number {
  if (room <= 0) {
    parts.push('…');
    return -1;
  }
  if (typeof value !== 'object' || value === null) {
    const text = typeof value === 'string' ? quote(value, room) : String(value);
    parts.push(text);
    return room - text.length;
  }
  const isArray = Array.isArray(value);
  parts.push(isArray ? '[' : '{');
  let left = room - 1;
  let separator = '';
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    parts.push(separator);
    left -= separator.length;
    separator = ',';
    if (left > 0 && !isArray) {
      const name = `${quote(key, left)}:`;
      parts.push(name);
      left -= name.length;
    }
    left = write((value as Record<string, unknown>)[key], left, parts);
    if (left < 0) return left;
  }
  parts.push(isArray ? ']' : '}');
  return left - 1;
}

function quote(text: string, room: number): string {
  if (text.length <= room) return escapeInvisible(JSON.stringify(text));
  return `${escapeInvisible(JSON.stringify(text.slice(0, room).replace(/[\ud800-\udbff]$/, ''))).slice(0, -1)}…"`;
}
