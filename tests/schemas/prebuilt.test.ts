import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { SCHEMA_NAMES, violations } from '../../validation/index.js';
import { LARGE_GROUP, schemaGroup } from '../../validation/names.js';
import { betaRequest, events, fullMessage, fullRequest, minimalMessage } from './documents.js';

const built = fileURLToPath(new URL('../../dist/validation/', import.meta.url));
const available = existsSync(`${built}answers.generated.cjs.br`);
if (!available)
  console.warn(`Skipped: validators of the build, because ${built} has none; "npm run build" makes them.`);

/** The sources compile schemas when they are asked for, the package has them compiled: both must say the same. */
describe.skipIf(!available)('validators made by the build', () => {
  const documents = [
    fullRequest,
    betaRequest,
    fullMessage,
    ...Object.values(events).flat(),
    { type: 'error' },
    { data: [{}] },
    [],
    'x',
  ];

  test.each(SCHEMA_NAMES)('%s', async (name) => {
    const validators: typeof import('../../validation/validators.js') = await import(
      /* @vite-ignore */ `${built}validators.js`
    );
    const prebuilt: typeof import('../../validation/index.js') = await import(/* @vite-ignore */ `${built}index.js`);
    const code = brotliDecompressSync(readFileSync(`${built}${schemaGroup(name)}.generated.cjs.br`)).toString();
    expect(code.includes(validators.validator(name, 'all').toString()), 'comes from the file of its group').toBe(true);
    for (const document of [...documents, { ...minimalMessage, content: [3, {}] }]) {
      expect(prebuilt.violations(name, document)).toEqual(violations(name, document));
    }
  });

  test('a large report, where they stop at the first violation', async () => {
    const prebuilt: typeof import('../../validation/index.js') = await import(/* @vite-ignore */ `${built}index.js`);
    const large = { results: Array.from({ length: 12_000 }, () => 1) };
    expect(prebuilt.violations('report', large)).toEqual(violations('report', large));
    const validators: typeof import('../../validation/validators.js') = await import(
      /* @vite-ignore */ `${built}validators.js`
    );
    const code = brotliDecompressSync(readFileSync(`${built}${LARGE_GROUP}.generated.cjs.br`)).toString();
    expect(code).toContain(validators.validator('report', 'first').toString());
  });
});
