/** Joins the strings of a JSON body or of the events of a stream as a client does: all text deltas, all fragments of an input. */

type Range = readonly [start: number, end: number];

export interface JoinedStrings {
  /** The strings of one key, joined without quotes but with their escapes, then those of the next key. */
  text: string;
  /** Maps ranges of the joined text to ranges of the body. */
  places(ranges: readonly Range[]): Range[];
}

/** Separates the strings of two keys. Not part of a secret, and not white space. */
const BORDER = '\0';
const INDEX = /"index"\s{0,8}:\s{0,8}(\d{1,9})/;
const LONGEST_KEY = 64;

/**
 * Joins the strings of each key, and also those of each key in each block (`index` of an event). Joins the lines of a stream that is
 * not JSON, too. Linear in the length of the body.
 */
export function joinedStrings(body: string): JoinedStrings {
  const groups = new Map<string, number[]>();
  const add = (name: string, start: number, end: number): void => {
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [start, end]);
    else group.push(start, end);
  };
  for (let start = 0; start < body.length; ) {
    const newline = body.indexOf('\n', start);
    const end = newline === -1 ? body.length : newline;
    readLine(body, start, end, add);
    start = end + 1;
  }
  // A single string is already part of the body.
  return joined(
    body,
    [...groups.values()].filter(({ length }) => length > 2),
  );
}

type Add = (name: string, start: number, end: number) => void;

function readLine(body: string, start: number, end: number, add: Add): void {
  const isData = body.startsWith('data:', start);
  const content = start + 'data:'.length;
  if (isData && !/^ ?[[{]/.test(body.slice(content, content + 2))) add('line', content, end);
  // Only a line of a stream belongs to a block.
  const block = isData ? INDEX.exec(body.slice(start, end))?.[1] : undefined;
  let key = '';
  for (let open = body.indexOf('"', start); open !== -1 && open < end; ) {
    const close = closingQuote(body, open, end);
    let after = close + 1;
    while (after < end && (body[after] === ' ' || body[after] === '\t')) after += 1;
    if (body[after] === ':') key = body.slice(open + 1, Math.min(close, open + LONGEST_KEY));
    else {
      add(`string ${key}`, open + 1, close);
      if (block !== undefined) add(`block ${block} ${key}`, open + 1, close);
    }
    open = body.indexOf('"', close + 1);
  }
}

/** Index of the closing quote, or of the end. */
function closingQuote(body: string, open: number, end: number): number {
  for (let index = open + 1; index < end; index += 1) {
    const character = body[index];
    if (character === '"') return index;
    if (character === '\\') index += 1;
  }
  return end;
}

function joined(body: string, groups: readonly number[][]): JoinedStrings {
  const parts: string[] = [];
  /** For each string: start in the joined text, start in the body, length. */
  const pieces: number[] = [];
  let length = 0;
  for (const group of groups) {
    for (let index = 0; index < group.length; index += 2) {
      const [start, end] = [group[index]!, group[index + 1]!];
      parts.push(body.slice(start, end));
      pieces.push(length, start, end - start);
      length += end - start;
    }
    parts.push(BORDER);
    length += BORDER.length;
  }
  return { text: parts.join(''), places: (ranges) => ranges.flatMap((range) => placesOf(range, pieces)) };
}

function placesOf([from, to]: Range, pieces: readonly number[]): Range[] {
  const found: Range[] = [];
  for (let index = lastBefore(from, pieces); index < pieces.length && pieces[index]! < to; index += 3) {
    const [at, start, length] = [pieces[index]!, pieces[index + 1]!, pieces[index + 2]!];
    const first = Math.max(from - at, 0);
    const last = Math.min(to - at, length);
    if (first < last) found.push([start + first, start + last]);
  }
  return found;
}

/** Index of the last piece that starts at or before a position. */
function lastBefore(place: number, pieces: readonly number[]): number {
  let low = 0;
  let high = pieces.length / 3 - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (pieces[middle * 3]! <= place) low = middle;
    else high = middle - 1;
  }
  return low * 3;
}
