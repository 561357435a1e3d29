import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Plugin } from 'vitest/config';

const ROOT = new URL('../../', import.meta.url);
/**
 * Tests load the modules of `dist/` in place of the sources, where the build was made from the files as they are: that saves each process
 * of tests compiling 600 files. Not while vitest watches, since an edit would have no effect.
 */
export async function builtModules(): Promise<Plugin> {
  // vitest bundles its configuration to another place.
  const inputs = new URL('scripts/build-inputs.mjs', ROOT).href;
  const { buildInputs, ENTRIES, isBuiltFrom } = await import(inputs);
  let stands: boolean = isBuiltFrom(buildInputs());
  return {
    name: 'built-modules',
    enforce: 'pre',
    config: () => ({ test: { server: { deps: { external: [/\/dist\//] } } } }),
    configureVitest({ vitest }) {
      stands &&= !vitest.config.watch;
    },
    resolveId(asked, importer) {
      if (!stands || importer === undefined || !asked.startsWith('.')) return null;
      const { href } = new URL(asked, pathToFileURL(importer));
      const name = href.slice(ROOT.href.length).replace(/\.[jt]s$/, '');
      // The entries are bundles there, with modules of their own in them.
      if (!href.startsWith(ROOT.href) || name in ENTRIES) return null;
      const file = fileURLToPath(new URL(`dist/${name}.js`, ROOT));
      return existsSync(file) ? { id: file, external: true } : null;
    },
  };
}
