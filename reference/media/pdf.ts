import { type Budget, unpack } from './budget.js';

/** Most characters of text that one document gives the model: more than any context window holds. */
const MAX_TEXT = 2_000_000;

/** Objects of a PDF by `<number> <generation>`; the text of a content stream is read once. */
interface Objects {
  bodies: ReadonlyMap<string, string>;
  texts: Map<string, string>;
  budget: Budget;
}

/**
 * Text of each page of a PDF, or `null` when the bytes are not one. Reads what simple files have: indirect objects with
 * plain or deflated content streams and text in parentheses or hexadecimal notation. Pictures of text are not read. Every
 * search goes on where the last one ended: the work is linear in the bytes and in what they unpack to.
 */
export function readPdf(bytes: Uint8Array, budget: Budget): string[] | null {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const start = source.slice(0, 1024).indexOf('%PDF-');
  if (start < 0 || !/\b(?:trailer|startxref|xref)\b/.test(source)) return null;
  const objects: Objects = { bodies: readObjects(source), texts: new Map(), budget };
  const pages = [...objects.bodies.values()].map(dictionaryOf).filter(isPage);
  let room = MAX_TEXT;
  return pages.map((page) => {
    const text = pageText(page, objects, room);
    room -= text.length;
    return text;
  });
}

function readObjects(source: string): Map<string, string> {
  const objects = new Map<string, string>();
  const head = /(?<![^\s>])(\d{1,10})\s{1,20}(\d{1,5})\s{1,20}obj\b/g;
  for (let match = head.exec(source); match !== null; match = head.exec(source)) {
    const end = source.indexOf('endobj', head.lastIndex);
    if (end < 0) break;
    objects.set(`${match[1]} ${match[2]}`, source.slice(head.lastIndex, end));
    head.lastIndex = end;
  }
  return objects;
}

/** The part of an object before its stream. */
function dictionaryOf(body: string): string {
  const stream = body.indexOf('stream');
  return stream < 0 ? body : body.slice(0, stream);
}

const isPage = (dictionary: string): boolean => /\/Type\s{0,20}\/Page\b(?!s)/.test(dictionary);

function pageText(page: string, objects: Objects, room: number): string {
  const at = page.indexOf('/Contents');
  if (at < 0) return '';
  const value = page.slice(at + '/Contents'.length).trimStart();
  const isArray = value.startsWith('[');
  const list = isArray ? value.slice(1, value.includes(']') ? value.indexOf(']') : 0) : value.slice(0, 64);
  const references = list.matchAll(/(\d{1,10})\s{1,20}(\d{1,5})\s{1,20}R\b/g);
  const texts: string[] = [];
  let left = room;
  for (const [, number, generation] of references) {
    const text = streamText(`${number} ${generation}`, objects).slice(0, left);
    if (text !== '') texts.push(text);
    left -= text.length + 1;
    if (left <= 0 || !isArray) break;
  }
  return texts.join('\n');
}

function streamText(reference: string, { bodies, texts, budget }: Objects): string {
  const known = texts.get(reference);
  if (known !== undefined) return known;
  const text = shownText(streamOf(bodies.get(reference) ?? '', budget));
  texts.set(reference, text);
  return text;
}

function streamOf(body: string, budget: Budget): string {
  const dictionary = dictionaryOf(body);
  const data = /^stream\r?\n/.exec(body.slice(dictionary.length, dictionary.length + 10));
  const end = data ? body.lastIndexOf('endstream') : -1;
  if (!data || end < 0) return '';
  const stream = body.slice(dictionary.length + data[0].length, end).replace(/\r?\n$/, '');
  if (!dictionary.includes('/FlateDecode')) return stream;
  return unpack(Buffer.from(stream, 'latin1'), budget)?.toString('latin1') ?? '';
}

/** An escape, a parenthesis, a text in hexadecimal notation, an operator that moves to a new line. */
const TOKEN = /\\[\s\S]|[()]|<([0-9A-Fa-f\s]*)>|(?<![\w*'"])(?:Td|TD|T\*|Tm|BT|ET|'|")(?![\w*])/g;

/** The text that the text operators show, with a line break at each move to a new line. */
function shownText(content: string): string {
  const parts: string[] = [];
  let start = 0;
  let open = 0;
  for (const match of content.matchAll(TOKEN)) {
    const [token, hexadecimal] = match;
    if (token === '(') {
      if (open === 0) start = match.index + 1;
      open += 1;
    } else if (token === ')') {
      if (open === 1) parts.push(unescaped(content.slice(start, match.index)));
      open = Math.max(0, open - 1);
    } else if (open === 0 && hexadecimal !== undefined) {
      parts.push(Buffer.from(hexadecimal.replace(/\s/g, ''), 'hex').toString('latin1'));
    } else if (open === 0 && !token.startsWith('\\')) {
      parts.push('\n');
    }
  }
  return parts.join('').replace(/\n+/g, '\n').trim();
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

function unescaped(text: string): string {
  return text.replace(/\\(?:([0-7]{1,3})|(\r?\n)|([\s\S]))/g, (_, octal, line, character) => {
    if (octal) return String.fromCharCode(Number.parseInt(octal, 8));
    return line ? '' : (ESCAPES[character] ?? character);
  });
}
