import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { builtModules } from '../../support/built-modules.js';

/** Test files that are to fail, run by `adapter.test.ts` in a process of their own. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [await builtModules()],
  test: { include: ['*.case.ts'], isolate: false, maxWorkers: 1 },
});
