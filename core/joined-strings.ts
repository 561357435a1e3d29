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
const [COLON, BACKSLASH, SPACE, TAB] = [0x3a, 0x5c, 0x20, 0x09];

/** Strings of one key: start, end and block of each. */
type Group = number[];
const NO_BLOCK = -1;

/**
 * Joins the strings of each key and, if they belong to several blocks (`index` of an event), also those of each block. Joins the lines
 * of a stream that is not JSON, too. Linear in the length of the body.
 */
export function joinedStrings(body: string): JoinedStrings {
  if (latest?.body !== body) latest = { body, joined: joinAll(body) };
  return latest.joined;
}

/** A response is searched for the ids of an account and then for the secrets of the run. */
let latest: { body: string; joined: JoinedStrings } | undefined;

function joinAll(body: string): JoinedStrings {
  const groups = new Map<string, Group>();
  const lines: Group = [];
  const nextQuote = quotesOf(body);
  for (let start = 0; start < body.length; ) {
    const newline = body.indexOf('\n', start);
    const end = newline === -1 ? body.length : newline;
    readLine(body, start, end, nextQuote, groups, lines);
    start = end + 1;
  }
  const all = [lines, ...groups.values()];
  return joined(
    body,
    // A single string is already part of the body.
    [...all, ...all.flatMap(byBlock)].filter(({ length }) => length > 3),
  );
}

type NextQuote = (from: number) => number;

/** Finds the next quote. Positions must rise: a search for each line would be quadratic where only the last line has a quote. */
function quotesOf(body: string): NextQuote {
  let next = body.indexOf('"');
  return (from) => {
    if (next !== -1 && next < from) next = body.indexOf('"', from);
    return next === -1 ? body.length : next;
  };
}

function readLine(
  body: string,
  start: number,
  end: number,
  nextQuote: NextQuote,
  groups: Map<string, Group>,
  lines: Group,
): void {
  const isData = body.startsWith('data:', start);
  const content = start + 'data:'.length;
  if (isData && !/^ ?[[{]/.test(body.slice(content, content + 2))) lines.push(content, end, NO_BLOCK);
  // Only a line of a stream belongs to a block.
  const block = isData ? Number(INDEX.exec(body.slice(start, end))?.[1] ?? NO_BLOCK) : NO_BLOCK;
  let group: Group | undefined;
  for (let open = nextQuote(start); open < end; ) {
    const close = closingQuote(body, open, end, nextQuote);
    let after = close + 1;
    while (after < end && (body.charCodeAt(after) === SPACE || body.charCodeAt(after) === TAB)) after += 1;
    if (body.charCodeAt(after) === COLON)
      group = groupOf(groups, body.slice(open + 1, Math.min(close, open + LONGEST_KEY)));
    else {
      group ??= groupOf(groups, '');
      group.push(open + 1, close, block);
    }
    open = nextQuote(close + 1);
  }
}

function groupOf(groups: Map<string, Group>, key: string): Group {
  let group = groups.get(key);
  if (group === undefined) {
    group = [];
    groups.set(key, group);
  }
  return group;
}

/** Index of the closing quote, or of the end. */
function closingQuote(body: string, open: number, end: number, nextQuote: NextQuote): number {
  let from = open + 1;
  for (;;) {
    const quote = nextQuote(from);
    if (quote >= end) return end;
    let backslashes = quote;
    while (backslashes > from && body.charCodeAt(backslashes - 1) === BACKSLASH) backslashes -= 1;
    if ((quote - backslashes) % 2 === 0) return quote;
    from = quote + 1;
  }
}

/** The strings of each block, if there are several. */
function byBlock(group: Group): Group[] {
  const blocks = new Map<number, Group>();
  for (let index = 0; index < group.length; index += 3) {
    const block = group[index + 2]!;
    const own = blocks.get(block);
    if (own === undefined) blocks.set(block, group.slice(index, index + 3));
    else own.push(group[index]!, group[index + 1]!, block);
  }
  return blocks.size > 1 ? [...blocks.values()] : [];
}

function joined(body: string, groups: readonly Group[]): JoinedStrings {
  const parts: string[] = [];
  /** For each string: start in the joined text, start in the body, length. */
  const pieces: number[] = [];
  let length = 0;
  for (const group of groups) {
    for (let index = 0; index < group.length; index += 3) {
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
