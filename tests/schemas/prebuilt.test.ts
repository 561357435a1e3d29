import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { compile, createAjv, type Validator } from '../../validation/compile.js';
import { SCHEMA_NAMES } from '../../validation/index.js';
import { LARGE_GROUP, schemaGroup } from '../../validation/names.js';
import { betaRequest, events, fullMessage, fullRequest, minimalMessage } from './documents.js';

const built = fileURLToPath(new URL('../../dist/validation/', import.meta.url));
const available = existsSync(`${built}answers.generated.cjs.br`);
if (!available)
  console.warn(`Skipped: validators of the build, because ${built} has none; "npm run build" makes them.`);

/** What of Ajv's errors becomes a violation. */
function said(validator: Validator, document: unknown) {
  const isValid = validator(document);
  const errors = validator.errors?.map(({ instancePath, keyword, params, propertyName }) => ({
    instancePath,
    keyword,
    params,
    propertyName,
  }));
  return { isValid, errors };
}

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

  const ajv = createAjv('all');

  test.each(SCHEMA_NAMES)('%s', async (name) => {
    const { validator }: typeof import('../../validation/validators.js') = await import(
      /* @vite-ignore */ `${built}validators.js`
    );
    const prebuilt = validator(name, 'all');
    const code = brotliDecompressSync(readFileSync(`${built}${schemaGroup(name)}.generated.cjs.br`)).toString();
    expect(code.includes(prebuilt.toString()), 'comes from the file of its group').toBe(true);
    const compiled = compile(ajv, name);
    for (const document of [...documents, { ...minimalMessage, content: [3, {}] }])
      expect(said(prebuilt, document)).toEqual(said(compiled, document));
  });

  test('a large report, where they stop at the first violation', async () => {
    const { validator }: typeof import('../../validation/validators.js') = await import(
      /* @vite-ignore */ `${built}validators.js`
    );
    const prebuilt = validator('report', 'first');
    const large = { results: Array.from({ length: 12_000 }, () => 1) };
    expect(said(prebuilt, large)).toEqual(said(compile(createAjv('first'), 'report'), large));
    const code = brotliDecompressSync(readFileSync(`${built}${LARGE_GROUP}.generated.cjs.br`)).toString();
    expect(code).toContain(prebuilt.toString());
  });
});
