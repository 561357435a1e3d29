import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Test files that are to fail, run by `adapter.test.ts` in a process of their own. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  test: { include: ['*.case.ts'] },
});
