/**
 * Writes the part of the official client that a run drives, `messages.create` and `messages.stream`, as one compressed file beside
 * `dist/runner/run/official-client.js`: a third of the CPU and 16 MiB less than its 335 files. It is used where this version is installed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const client = `${root}node_modules/@anthropic-ai/sdk/`;

/** The client makes an object of every resource when it is constructed. Of the others nothing is called. */
const onlyMessages = {
  name: 'only-messages',
  setup(bundler) {
    bundler.onLoad({ filter: /@anthropic-ai\/sdk\/resources\// }, ({ path }) => {
      if (/\/resources\/(messages\/|shared)/.test(path)) return undefined;
      const own = path.endsWith('/resources/index.js') ? "require('./messages/index.js')" : '{}';
      const get = "name === '__esModule' || (name in own ? own[name] : class {})";
      return { contents: `module.exports = new Proxy(${own}, { get: (own, name) => ${get} });`, loader: 'js' };
    });
  },
};

/** Resolves with the files whose code is in it. */
export async function bundleClient() {
  const { version } = JSON.parse(readFileSync(`${client}package.json`, 'utf8'));
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    metafile: true,
    entryPoints: [`${client}client.js`],
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    write: false,
    plugins: [onlyMessages],
  });
  writeFileSync(
    `${root}dist/runner/run/official-client-${version}.cjs.br`,
    brotliCompressSync(outputFiles[0].contents),
  );
  return Object.keys(metafile.inputs);
}
