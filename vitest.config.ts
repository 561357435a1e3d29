import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Examples import the package by its name, as their readers will.
  resolve: { alias: { 'messages-conformance/msw': fileURLToPath(new URL('reference/msw.ts', import.meta.url)) } },
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/support/build-page.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
