/** One self-contained HTML file with style, script, data, and a policy that blocks everything else. */

import { visible } from '../../core/visible.js';
import { codeSpans } from '../code-spans.js';

export interface PagePart {
  /** Its text, safe inside an HTML file. */
  text: string;
  /** `sha256-…` of the text for the content security policy. */
  hash: string;
}

export interface Document {
  title: string;
  style: PagePart;
  script: PagePart;
  data: unknown;
  /** Color of the icon in the browser tab. */
  sign: string;
  /** HTML for browsers without JavaScript. The caller escapes it. */
  withoutScript: string;
}

export const documentOf = (document: Document): string =>
  Array.from(piecesOf(document), (piece) => (typeof piece === 'string' ? piece : piece.own)).join('');

/**
 * The same in pieces; style and script are marked as the suite's own. One string with all data would take several times its size in
 * memory, and two bytes for each character because of a few.
 */
export function* piecesOf(document: Document): Generator<string | { own: string }> {
  const { title, style, script, data, sign, withoutScript } = document;
  const policy = [
    "default-src 'none'",
    `script-src '${script.hash}'`,
    `style-src '${style.hash}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
  const icon = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='7' fill='${sign}'/></svg>`;
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(icon)}">
<title>${escapeHtml(title)}</title>
<style>`;
  yield { own: style.text };
  yield `</style>
</head>
<body>
<div id="app"></div>
<noscript>
<main class="plain">
${withoutScript}
</main>
</noscript>
<script id="data" type="application/json">`;
  yield* jsonPieces(data);
  yield `</script>
<script>`;
  yield { own: script.text };
  yield `</script>
</body>
</html>
`;
}

/** Pieces of JSON are collected up to this length, in characters. */
const PIECE = 32 * 1024;

/** `jsonForScript` in pieces: each item of the lists that are members of the value is written by itself. */
function* jsonPieces(value: unknown): Generator<string> {
  let piece = '';
  for (const part of jsonParts(value)) {
    piece += part;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}

function* jsonParts(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return yield jsonForScript(value);
  let mark = '{';
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    yield `${mark}${jsonForScript(name)}:`;
    mark = ',';
    if (!Array.isArray(member)) {
      yield jsonForScript(member);
      continue;
    }
    yield '[';
    for (const [index, item] of member.entries()) yield (index === 0 ? '' : ',') + jsonForScript(item ?? null);
    yield ']';
  }
  yield mark === '{' ? '{}' : '}';
}

/** A sentence for HTML, escaped, with its code spans as `<code>`. */
export const proseHtml = (text: string): string =>
  codeSpans(text)
    .map((piece) => (typeof piece === 'string' ? escapeHtml(piece) : `<code>${escapeHtml(piece.code)}</code>`))
    .join('');

/** Escapes text for HTML and makes invisible characters visible. */
export function escapeHtml(text: string): string {
  return (
    visible(text)
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;')
      // A page can also end up in the log of a CI system.
      .replaceAll('##', '#&#35;')
      .replaceAll('::', ':&#58;')
  );
}

/**
 * JSON that is safe inside a script element: it cannot end the element or start a comment, and it has no invisible
 * characters.
 */
export function jsonForScript(value: unknown): string {
  const json = JSON.stringify(value);
  if (!REMARKABLE.test(json)) return json;
  return json.replace(/[<>\p{Cc}\p{Cf}\u2028\u2029]|#(?=#)/gu, (character) =>
    [...Array(character.length).keys()].map((index) => escapeUnit(character.charCodeAt(index))).join(''),
  );
}

/** What the expression above begins with; most texts have nothing of it. */
const REMARKABLE = /[<>\u007f-\uffff]|##/;

const escapeUnit = (unit: number): string => `\\u${unit.toString(16).padStart(4, '0')}`;
