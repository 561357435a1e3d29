import { isObject } from '../../core/json.js';
import type { Json, JsonObject } from '../wire.js';

/** More characters than an escape, a literal or the end of a number has: cutting so many off makes them whole. */
const LONGEST_TOKEN = 12;

/**
 * The object that a truncated JSON text shows so far: its complete members, and a string as far as it came. Only a few ends
 * of the text are tried: the last ones, and the last separator, where a truncated member name begins.
 */
export function completeObject(partial: string): JsonObject {
  const ends = Array.from({ length: LONGEST_TOKEN + 1 }, (_, index) => partial.length - index);
  for (const end of [...ends, lastSeparator(partial)]) {
    const value = end > 0 ? closed(partial.slice(0, end)) : undefined;
    if (isObject(value)) return value;
  }
  return {};
}

/** Passes over a JSON text; `visit` sees each character outside strings. Returns whether the text ends in a string. */
function scan(text: string, visit: (character: string, index: number) => void): boolean {
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (quoted && character === '\\') index += 1;
    else if (character === '"') quoted = !quoted;
    else if (!quoted) visit(character, index);
  }
  return quoted;
}

function lastSeparator(text: string): number {
  let last = 0;
  scan(text, (character, index) => {
    if (character === ',') last = index;
    else if (character === '{' || character === '[') last = index + 1;
  });
  return last;
}

function closed(text: string): Json | undefined {
  const open: string[] = [];
  const quoted = scan(text, (character) => {
    if (character === '{') open.push('}');
    else if (character === '[') open.push(']');
    else if (character === '}' || character === ']') open.pop();
  });
  try {
    return JSON.parse(`${text}${quoted ? '"' : ''}${open.reverse().join('')}`) as Json;
  } catch {
    return undefined;
  }
}
