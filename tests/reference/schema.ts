import { createRequire } from 'node:module';
import type { Ajv2020 } from 'ajv/dist/2020.js';

const { Ajv2020: Compiler } = createRequire(import.meta.url)('ajv/dist/2020.js') as { Ajv2020: typeof Ajv2020 };

/** What is wrong with a value by a schema of a test's own, as ajv tells it. */
export function violationsOf(schema: object, value: unknown): unknown[] {
  const ajv = new Compiler({ strict: false, validateFormats: false });
  ajv.validate(schema, value);
  return ajv.errors ?? [];
}
