/**
 * Builds what the HTML reports carry in them: bundles `reporters/html/page/` and writes it, with its hashes for the policy of
 * the file, as the module `reporters/html/page.generated.js`.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = `${root}reporters/html/page/`;

/** Names of the exports and the files that they are made from. */
const PARTS = {
  style: 'style.css',
  reportScript: 'report.tsx',
  matrixScript: 'matrix.tsx',
  compareScript: 'compare.tsx',
};

/** @param {string} [target] where the module is written */
export async function buildReportPage(target = `${root}reporters/html/page.generated.js`) {
  const before = existsSync(target) ? readFileSync(target, 'utf8') : '';
  const lines = [
    '// Made by scripts/build-report-page.mjs from reporters/html/page/.',
    "import { brotliDecompressSync } from 'node:zlib';",
    "const unpacked = (text) => brotliDecompressSync(Buffer.from(text, 'base64')).toString();",
  ];
  for (const [name, file] of Object.entries(PARTS)) {
    const text = await bundle(`${page}${file}`);
    const hash = `sha256-${createHash('sha256').update(text).digest('base64')}`;
    const packed = packedIn(before, name, text) ?? brotliCompressSync(text).toString('base64');
    lines.push(`export const ${name} = { text: unpacked('${packed}'), hash: '${hash}' };`);
  }
  writeFileSync(target, `${lines.join('\n')}\n`);
}

/** The packed text from the module as it stands, if that holds the same: packing takes ten times as long as the rest. */
function packedIn(module, name, text) {
  const [, packed] = new RegExp(`^export const ${name} = .*unpacked\\('([^']+)'\\)`, 'm').exec(module) ?? [];
  try {
    return brotliDecompressSync(Buffer.from(packed, 'base64')).toString() === text ? packed : null;
  } catch {
    return null;
  }
}

async function bundle(entry) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    tsconfig: `${page}tsconfig.json`,
    logLevel: 'warning',
  });
  const text = outputFiles[0].text.trim();
  if (/<\/(script|style)|<!--/i.test(text))
    throw new Error(`${entry} cannot stand inside an HTML file: it ends its own element`);
  return text;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await buildReportPage();
