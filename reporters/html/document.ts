/** One self-contained file: style, script and data in it, and a policy that lets nothing else in. */

import { visible } from '../../core/visible.js';

export interface PagePart {
  /** Its text, fit to stand in an HTML file. */
  text: string;
  /** `sha256-…` of the text, for the policy of the file. */
  hash: string;
}

export interface Document {
  title: string;
  style: PagePart;
  script: PagePart;
  data: unknown;
  /** Colour of the sign in the browser's tab. */
  sign: string;
  /** HTML for readers without script; its text is escaped by the caller. */
  withoutScript: string;
}

export const documentOf = (document: Document): string =>
  piecesOf(document)
    .map((piece) => (typeof piece === 'string' ? piece : piece.own))
    .join('');

/** The same in pieces: what is foreign, and the style and the script between it. */
export function piecesOf({ title, style, script, data, sign, withoutScript }: Document): (string | { own: string })[] {
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
  return [
    `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(icon)}">
<title>${escapeHtml(title)}</title>
<style>`,
    { own: style.text },
    `</style>
</head>
<body>
<div id="app"></div>
<noscript>
<main class="plain">
${withoutScript}
</main>
</noscript>
<script id="data" type="application/json">${jsonForScript(data)}</script>
<script>`,
    { own: script.text },
    `</script>
</body>
</html>
`,
  ];
}

/** Text between tags or in a quoted attribute; characters that cannot be seen become visible. */
export function escapeHtml(text: string): string {
  return (
    visible(text)
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;')
      // A page may be printed too, into the log of a CI system.
      .replaceAll('##', '#&#35;')
      .replaceAll('::', ':&#58;')
  );
}

/**
 * JSON that can stand inside a script element: nothing in it ends the element or opens a comment, no line separator breaks
 * it, and no invisible character misleads who reads the source.
 */
export function jsonForScript(value: unknown): string {
  return JSON.stringify(value).replace(/[<>\p{Cc}\p{Cf}\u2028\u2029]|#(?=#)/gu, (character) =>
    [...Array(character.length).keys()].map((index) => escapeUnit(character.charCodeAt(index))).join(''),
  );
}

const escapeUnit = (unit: number): string => `\\u${unit.toString(16).padStart(4, '0')}`;
