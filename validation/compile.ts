import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ErrorObject } from 'ajv';
import type { Ajv2020 } from 'ajv/dist/2020.js';
import { type SchemaName, schemaAddress, schemaFile } from './names.js';

/** A compiled schema: returns whether a value is valid. Ajv's errors stay in `errors` until the next call. */
export interface Validator {
  (value: unknown): boolean;
  errors?: ErrorObject[] | null;
}

/** Whether a validator stops at the first violation or lists all of them. */
export type Thoroughness = 'first' | 'all';

const require = createRequire(import.meta.url);
const here = fileURLToPath(new URL('.', import.meta.url));

/** `schemas/` of the package, beside `validation/` in the sources and two levels up from `dist/validation/`. */
const SCHEMA_FOLDER =
  [join(here, '../schemas'), join(here, '../../schemas')].find(existsSync) ?? join(here, '../schemas');

/**
 * An Ajv instance for the schemas of this package. A value under test may be hostile, so nothing in it may influence the
 * validation: no `$data` references, no coercion, no defaults, own properties only. Strict mode rejects unknown keywords in
 * schemas. The tests validate them against the meta-schema, which would be too slow at run time.
 */
export function createAjv(thoroughness: Thoroughness): Ajv2020 {
  const { Ajv2020 } = require('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js');
  const { default: addFormats } = require('ajv-formats') as { default: typeof import('ajv-formats').default };
  const ajv = new Ajv2020({
    strict: true,
    strictTypes: true,
    strictRequired: false,
    allowUnionTypes: true,
    allErrors: thoroughness === 'all',
    ownProperties: true,
    validateSchema: false,
    messages: false,
    inlineRefs: false,
    code: { source: true },
  });
  addFormats(ajv);
  return ajv;
}

/** Compiles one schema and the schemas that it refers to. */
export function compile(ajv: Ajv2020, name: SchemaName): Validator {
  addWithReferences(ajv, schemaFile(name));
  const validator = ajv.getSchema(schemaAddress(name));
  if (!validator)
    throw new Error(`schemas/${schemaFile(name)} has no definition for "${name}" (${schemaAddress(name)}).`);
  return validator as Validator;
}

function addWithReferences(ajv: Ajv2020, file: string): void {
  if (ajv.schemas[file] || ajv.refs[file]) return;
  const text = readFileSync(join(SCHEMA_FOLDER, file), 'utf8');
  ajv.addSchema(JSON.parse(text, withoutAnnotations));
  for (const [, reference] of text.matchAll(/"\$ref":\s*"([^"#]+)/g)) addWithReferences(ajv, reference!);
}

/** Ajv writes whole schemas into the code that it generates; their descriptions would be a fifth of it. */
function withoutAnnotations(key: string, value: unknown): unknown {
  return typeof value === 'string' && ['title', 'description', '$comment'].includes(key) ? undefined : value;
}
