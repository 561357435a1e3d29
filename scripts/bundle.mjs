/**
 * Bundles what users run: the command, and the entries of the package beside it, which share their chunks. Loading 30 files instead of
 * 500 is a quarter of the CPU of a short run. Declarations and the files of TypeScript stay where they are; scripts of this repository
 * use the files, the package has the chunks.
 */
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { ENTRIES } from './build-inputs.mjs';
import { bundleClient } from './bundle-client.mjs';
import { mergeChunks } from './merge-chunks.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Installed by users or not at all; ajv, which compiled validators load by themselves; what few runs need. */
const EXTERNAL = [
  'msw',
  'vitest',
  '@anthropic-ai/sdk',
  'ajv',
  'ajv-formats',
  '@hono/node-server',
  '@humanwhocodes/momoa',
  'fzstd',
  'http-proxy-agent',
  'https-proxy-agent',
  'jpeg-js',
  'proxy-from-env',
];

/** A module looks for files beside itself. In a chunk it is told where it would be in `dist/`, one level up. */
const places = {
  name: 'places',
  setup(bundler) {
    bundler.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      if (!text.includes('import.meta.url')) return undefined;
      const place = relative(root, path).replace(/\.ts$/, '.js');
      const url = `new URL("../${place}", import.meta.url).href`;
      return { contents: text.replaceAll('import.meta.url', url), loader: 'ts' };
    });
  },
};

/**
 * Lines by which packages make or load, when they are loaded themselves, what hardly any run needs, each some milliseconds; and the same
 * on demand. A segmenter and the set of all emoji are for text beyond ASCII, child processes for commands that are programs of their own.
 */
const EAGER = [
  {
    line: /^const segmenter = new Intl\.Segmenter\(\);$/m,
    lazy: 'let made; const segmenter = { segment: text => (made ??= new Intl.Segmenter()).segment(text) };',
    packages: ['string-width', 'wrap-ansi'],
  },
  {
    line: /^const rgiEmojiRegex = \/\^\\p\{RGI_Emoji\}\$\/v;$/m,
    lazy: "let emoji; const rgiEmojiRegex = { test: text => (emoji ??= new RegExp('^\\\\p{RGI_Emoji}$', 'v')).test(text) };",
    packages: ['string-width'],
  },
  {
    line: /^const childProcess = require\('node:child_process'\);$/m,
    lazy: "const childProcess = { spawn: (...given) => require('node:child_process').spawn(...given) };",
    packages: ['commander'],
  },
];

const onDemand = {
  name: 'on-demand',
  setup(bundler) {
    const filter = /node_modules\/(string-width\/index|wrap-ansi\/index|commander\/lib\/command)\.js$/;
    bundler.onLoad({ filter }, ({ path }) => {
      const [, name] = /node_modules\/([^/]+)\/[^/]+(?:\/[^/]+)?$/.exec(path);
      let contents = readFileSync(path, 'utf8');
      for (const { line, lazy } of EAGER.filter(({ packages }) => packages.includes(name))) {
        if (!line.test(contents)) throw new Error(`${path} has no line ${line} any longer: adapt this plugin`);
        contents = contents.replace(line, () => lazy);
      }
      return { contents, loader: 'js' };
    });
  },
};

/** `list` shows data of 400 requirements. Their judges, which come with them, are a quarter of what it costs. */
const catalogue = {
  name: 'catalogue',
  async setup(bundler) {
    const { CATALOGUE } = await import('../dist/runner/cli/catalogue.js');
    const json = JSON.stringify(JSON.stringify(CATALOGUE));
    bundler.onLoad({ filter: /runner\/cli\/catalogue\.ts$/ }, () => ({
      contents: `export const CATALOGUE = JSON.parse(${json})`,
    }));
  },
};

/** CommonJS modules ask for those of Node, by way of the one chunk that esbuild's helpers are in. */
const REQUIRE = 'import{createRequire as bundleRequire}from"node:module";const require=bundleRequire(import.meta.url);';

/** The frequent ways through the command and the entries, each with what it loads. */
const WAYS = {
  help: ['runner/launch.ts', 'runner/cli.ts'],
  list: ['runner/cli/list.ts'],
  run: ['runner/cli/run.ts', 'reporters/terminal.ts', 'reporters/json.ts'],
  files: ['reporters/html.ts', 'reporters/junit.ts'],
  embedded: ['runner/run/embedded.ts'],
  judge: ['runner/cli/judge.ts', 'reporters/terminal.ts', 'reporters/json.ts'],
  serve: ['runner/cli/serve.ts'],
  msw: ['reference/msw.ts'],
};

const common = {
  absWorkingDir: root,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // A chunk with one character beyond Latin 1 would take two bytes of memory for each of its characters.
  charset: 'ascii',
  // For who resolves a stack trace of the same version; not in the package.
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  minify: true,
  metafile: true,
};

const PARTS = 'dist/parts';
const { metafile } = await build({
  ...common,
  entryPoints: Object.entries(ENTRIES).map(([out, file]) => ({ in: file, out })),
  outdir: PARTS,
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  external: EXTERNAL,
  plugins: [places, onDemand, catalogue],
});
const inParts = (path) => relative(PARTS, path);
const outputs = Object.fromEntries(
  Object.entries(metafile.outputs).map(([file, output]) => [
    inParts(file),
    { ...output, imports: output.imports.map((one) => (one.external ? one : { ...one, path: inParts(one.path) })) },
  ]),
);
const { metafile: merged } = await mergeChunks({ folder: join(root, PARTS), outputs }, WAYS, {
  ...common,
  outdir: 'dist',
  banner: { js: REQUIRE },
});
rmSync(join(root, PARTS), { recursive: true });
chmodSync(join(root, 'dist/runner/cli.js'), 0o755);

for (const file of Object.keys(merged.outputs).filter((name) => name.endsWith('.js'))) {
  const code = readFileSync(join(root, file), 'utf8');
  // Making one takes longer than loading most chunks. The line stays, for the source map.
  if (!code.includes('typeof require')) writeFileSync(join(root, file), code.replace(REQUIRE, ''));
}
for (const [file, { inputs }] of Object.entries(metafile.outputs)) {
  const depth = inParts(file).split('/').length;
  const misplaced = Object.keys(inputs).filter((input) => /import\.meta\.url/.test(readIfOwn(input)));
  if (file.endsWith('.js') && depth !== 2 && misplaced.length > 0)
    throw new Error(`${file} contains ${misplaced}, which looks for files one level up, from where a chunk is`);
}
writeFileSync(
  join(root, 'dist/chunks/LICENSES.txt'),
  licenses([...Object.keys(metafile.inputs), ...(await bundleClient())]),
);

function readIfOwn(input) {
  return input.includes('node_modules/') || !input.endsWith('.ts') ? '' : readFileSync(join(root, input), 'utf8');
}

/** The licenses of the packages whose code is in the chunks, each text once. */
function licenses(inputs) {
  const packages = new Set(inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []));
  const byText = new Map();
  for (const folder of [...packages].sort()) {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const file = readdirSync(join(root, folder)).find((one) => /^(license|licence)/i.test(one));
    const text = file === undefined ? '' : readFileSync(join(root, folder, file), 'utf8').trim();
    const copyright = /^.*copyright \(c\).*$/im.exec(text)?.[0].trim() ?? '';
    const terms = text.replace(copyright, '').replace(/\s+/g, ' ');
    const known = byText.get(terms) ?? { holders: [], text: text.replace(copyright, '').trim() };
    known.holders.push(`${name} ${version} (${license}) ${copyright}`.trim());
    byText.set(terms, known);
  }
  return [...byText.values()]
    .map(({ holders, text }) => `${holders.join('\n')}\n\n${text}\n`)
    .join(`\n${'-'.repeat(80)}\n\n`);
}
