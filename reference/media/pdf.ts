import { inflateSync } from 'node:zlib';

const MAX_UNPACKED = 32 * 1024 * 1024;

/**
 * Text of each page of a PDF, or `null` when the bytes are not one. Reads what simple files hold: indirect objects with
 * plain or deflated content streams and text in parentheses or hexadecimal notation. Pictures of text are not read.
 */
export function readPdf(bytes: Uint8Array): string[] | null {
  const source = Buffer.from(bytes).toString('latin1');
  const start = source.slice(0, 1024).indexOf('%PDF-');
  if (start < 0 || !/\b(?:trailer|startxref|xref)\b/.test(source)) return null;
  const objects = readObjects(source);
  const pages = [...objects.values()].filter((body) => /\/Type\s*\/Page\b(?!s)/.test(body));
  if (pages.length === 0) return [];
  return pages.map((page) => pageText(page, objects));
}

function readObjects(source: string): Map<string, string> {
  const objects = new Map<string, string>();
  for (const match of source.matchAll(/(?:^|[\s>])(\d+)\s+(\d+)\s+obj\b([\s\S]*?)\bendobj\b/g)) {
    objects.set(`${match[1]} ${match[2]}`, match[3]!);
  }
  return objects;
}

function pageText(page: string, objects: ReadonlyMap<string, string>): string {
  const contents = /\/Contents\s*(?:\[([^\]]*)\]|(\d+\s+\d+\s+R))/.exec(page);
  const references = (contents?.[1] ?? contents?.[2] ?? '').matchAll(/(\d+)\s+(\d+)\s+R/g);
  const streams = [...references].map((match) => objects.get(`${match[1]} ${match[2]}`) ?? '');
  return streams
    .map((body) => shownText(streamOf(body)))
    .filter((text) => text !== '')
    .join('\n');
}

function streamOf(body: string): string {
  const match = /\bstream\r?\n([\s\S]*?)\r?\n?endstream\b/.exec(body);
  if (!match) return '';
  if (!/\/FlateDecode\b/.test(body.slice(0, match.index))) return match[1]!;
  try {
    return inflateSync(Buffer.from(match[1]!, 'latin1'), { maxOutputLength: MAX_UNPACKED }).toString('latin1');
  } catch {
    return '';
  }
}

/** What the text operators show, one line for each move to a new line. */
function shownText(content: string): string {
  const token = /\(((?:\\[\s\S]|[^\\()])*)\)|<([0-9A-Fa-f\s]*)>|(?<![\w*'"])(Td|TD|T\*|Tm|BT|ET|'|")(?![\w*])/g;
  let text = '';
  for (const match of content.matchAll(token)) {
    if (match[1] !== undefined) text += unescaped(match[1]);
    else if (match[2] !== undefined) text += Buffer.from(match[2].replace(/\s/g, ''), 'hex').toString('latin1');
    else text += '\n';
  }
  return text.replace(/\n+/g, '\n').trim();
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

function unescaped(text: string): string {
  return text.replace(/\\(?:([0-7]{1,3})|(\r?\n)|([\s\S]))/g, (_, octal, line, sign) => {
    if (octal) return String.fromCharCode(Number.parseInt(octal, 8));
    return line ? '' : (ESCAPES[sign] ?? sign);
  });
}
