/** JSON as lines. Tokens keep their original text, so that `1.0` and duplicate keys stay visible. */

import { escapeKey, unescapeKey } from '../../../core/pointer.js';

export interface JsonLine {
  depth: number;
  /** JSON pointer of the value on this line. */
  pointer: string;
  /** The key with its quotes; `null` in arrays and at the root. */
  key: string | null;
  /** The text of the value, or its brackets. */
  value: string;
  kind: 'string' | 'number' | 'word' | 'open' | 'close';
  comma: boolean;
}

/** The lines of a JSON text; `null` if it is not JSON. */
export function jsonLines(text: string, most = 20_000): JsonLine[] | null {
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  const lines: JsonLine[] = [];
  const parents: { pointer: string; index: number | null }[] = [];
  let key: string | null = null;
  let name = '';
  const pointerHere = () => {
    const parent = parents.at(-1);
    if (parent === undefined) return '';
    return `${parent.pointer}/${parent.index === null ? escapeKey(name) : parent.index}`;
  };
  for (let at = 0; at < text.length && lines.length < most; ) {
    const character = text[at]!;
    if (/[\s:]/.test(character)) at += 1;
    else if (character === ',') {
      lines.at(-1)!.comma = true;
      const parent = parents.at(-1)!;
      if (parent.index !== null) parent.index += 1;
      at += 1;
    } else if (character === '}' || character === ']') {
      const parent = parents.pop()!;
      const last = lines.at(-1)!;
      if (last.kind === 'open' && last.pointer === parent.pointer) {
        last.value += character;
        last.kind = 'word';
      } else {
        lines.push({
          depth: parents.length,
          pointer: parent.pointer,
          key: null,
          value: character,
          kind: 'close',
          comma: false,
        });
      }
      at += 1;
    } else {
      const end = tokenEnd(text, at);
      const token = text.slice(at, end);
      at = end;
      const parent = parents.at(-1);
      if (parent !== undefined && parent.index === null && key === null) {
        key = token;
        name = JSON.parse(token);
        continue;
      }
      const pointer = pointerHere();
      const opens = character === '{' || character === '[';
      const kind = opens ? 'open' : character === '"' ? 'string' : /[-\d]/.test(character) ? 'number' : 'word';
      lines.push({ depth: parents.length, pointer, key, value: token, kind, comma: false });
      if (opens) parents.push({ pointer, index: character === '[' ? 0 : null });
      key = null;
    }
  }
  return lines;
}

function tokenEnd(text: string, start: number): number {
  if (/[{[]/.test(text[start]!)) return start + 1;
  let at = start + 1;
  if (text[start] === '"') {
    while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    return at + 1;
  }
  while (at < text.length && !/[\s,\]}]/.test(text[at]!)) at += 1;
  return at;
}

/**
 * The lines that a pointer refers to. If the value is missing: the closest existing value, and the missing part. `null` if it
 * is not a pointer.
 */
export function locate(
  lines: readonly JsonLine[],
  pointer: string,
): { from: number; to: number; missing: string | null } | null {
  if (pointer !== '' && !pointer.startsWith('/')) return null;
  for (let wanted = pointer; ; wanted = wanted.slice(0, wanted.lastIndexOf('/'))) {
    const from = lines.findIndex((line) => line.pointer === wanted && line.kind !== 'close');
    if (from >= 0) {
      const close = lines.findIndex((line, index) => index > from && line.pointer === wanted && line.kind === 'close');
      const missing = wanted === pointer ? null : pointer.slice(wanted.length + 1).split('/')[0]!;
      return {
        from,
        to: lines[from]!.kind === 'open' && close >= 0 ? close : from,
        missing: missing === null ? null : unescapeKey(missing),
      };
    }
    if (wanted === '') return null;
  }
}
