import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compile, createAjv, type Thoroughness, type Validator } from './compile.js';
import { loadCompressed } from './compressed.js';
import { LARGE_GROUP, type SchemaName, schemaGroup } from './names.js';

/**
 * The validator of a schema, the same at every call. The build compiles those that list all violations; from the sources they
 * are compiled here, so that a changed schema counts at once. Those that stop at the first violation are rarely needed and
 * compiled here, except for reports.
 */
export function validator(name: SchemaName, thoroughness: Thoroughness): Validator {
  return memo(`${thoroughness} ${name}`, () => {
    const group = thoroughness === 'all' ? schemaGroup(name) : LARGE_GROUP;
    return (
      prebuiltValidators(group)[name] ??
      compile(
        memo(`${thoroughness} ajv`, () => createAjv(thoroughness)),
        name,
      )
    );
  });
}

/** What `scripts/compile-schemas.mjs` wrote beside this module in `dist/`: loading takes a tenth of the time of compiling. */
function prebuiltValidators(group: string): Partial<Record<SchemaName, Validator>> {
  return memo(`prebuilt ${group}`, () => {
    const file = fileURLToPath(new URL(`${group}.generated.cjs.br`, import.meta.url));
    return existsSync(file) ? loadCompressed(file) : {};
  });
}

const made = new Map<string, unknown>();

function memo<Value>(key: string, make: () => Value): Value {
  if (!made.has(key)) made.set(key, make());
  return made.get(key) as Value;
}
