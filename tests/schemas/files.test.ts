import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { createAjv } from '../../validation/compile.js';
import { SCHEMA_NAMES, violations } from '../../validation/index.js';
import { schemaFile } from '../../validation/names.js';
import { objectPointers } from './change.js';
import { readSchema, SCHEMA_FILES } from './files.js';

/** Files of this project's own formats; the others describe the protocol, or the API of an upstream. */
const OWN = ['baseline', 'config', 'contract', 'fixture', 'fleet', 'gateway-case', 'report'].map(
  (name) => `${name}.schema.json`,
);
const PROTOCOL = SCHEMA_FILES.filter((file) => !OWN.includes(file) && !file.startsWith('openai-'));
const CLOSED = [
  'request',
  'request-beta',
  'content-block-param',
  'tool-definition',
  'count-tokens-request',
  'batch-create-request',
].map((name) => `${name}.schema.json`);

// biome-ignore lint/suspicious/noExplicitAny: a schema is walked freely here
const at = (schema: any, pointer: string) =>
  pointer
    .split('/')
    .slice(1)
    .reduce((node, key) => node[key], schema);

describe.each(SCHEMA_FILES)('%s', (file) => {
  const schema = readSchema(file);

  test('is a JSON Schema 2020-12 with its name as $id', () => {
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    expect(ajv.validateSchema(schema) || ajv.errors).toBe(true);
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(schema.$id).toBe(file);
  });

  test('refers to existing files and definitions only', () => {
    for (const pointer of objectPointers(schema)) {
      const { $ref } = at(schema, pointer);
      if (typeof $ref !== 'string') continue;
      const [name, fragment = ''] = $ref.split('#');
      expect(name === '' || SCHEMA_FILES.includes(name!), $ref).toBe(true);
      expect(at(name === '' ? schema : readSchema(name!), fragment), `${$ref} in ${pointer}`).toBeDefined();
    }
  });
});

describe.each(PROTOCOL)('%s', (file) => {
  const schema = readSchema(file);
  const pointers = objectPointers(schema);

  test('has a title, a description and its sources', () => {
    expect(schema).toMatchObject({ title: expect.any(String), description: expect.any(String) });
    expect(schema.$comment).toContain('Each $comment names the sources of the description beside it: ');
  });

  test('describes every field', () => {
    const fields = pointers.filter(
      (pointer) => /\/properties\/[^/]+$/.test(pointer) && !/\/(if|then|else)\//.test(pointer),
    );
    for (const pointer of fields) {
      const field = at(schema, pointer);
      if (field.$ref || field.allOf || /^request-2026/.test(file)) continue;
      expect(field.description ?? (pointer.endsWith('/type') ? 'of a union' : undefined), pointer).toBeDefined();
    }
  });

  test('has a definition for every branch of its unions, under the name that selects it', () => {
    for (const pointer of pointers) {
      const { if: condition, then: consequence } = at(schema, pointer);
      const selected = condition?.properties?.type?.const;
      if (selected === undefined || consequence?.$ref === undefined) continue;
      const [name, fragment] = consequence.$ref.split('#');
      const { type } = at(name === '' ? schema : readSchema(name), fragment).properties ?? {};
      expect(type?.const ?? type?.enum?.[0] ?? selected, `${pointer}/then`).toBe(selected);
    }
  });
});

test('every definition compiles in strict mode', () => {
  const ajv = createAjv('all');
  for (const file of SCHEMA_FILES) ajv.addSchema(readSchema(file));
  for (const file of SCHEMA_FILES) {
    const { $id, $defs = {} } = readSchema(file);
    for (const fragment of ['', ...Object.keys($defs).map((name) => `#/$defs/${name}`)]) {
      expect(ajv.getSchema($id + fragment), `${file}${fragment}`).toBeTypeOf('function');
    }
  }
});

test.each(CLOSED)('%s is closed wherever it lists fields', (file) => {
  const schema = readSchema(file);
  const open = objectPointers(schema).filter((pointer) => {
    const node = at(schema, pointer);
    const isCondition = /\/(?:if|else)(?:\/|$)/.test(pointer);
    return node.properties && !isCondition && node.additionalProperties !== false && !node.allOf;
  });
  const FREE: Record<string, string[]> = {
    'tool-definition.schema.json': ['/$defs/custom/properties/input_schema'],
    'request-beta.schema.json': ['/$defs/fallback_param'],
  };
  expect(open.filter((pointer) => !pointer.endsWith('/properties'))).toEqual(FREE[file] ?? []);
});

test.each(SCHEMA_NAMES)('%s can be asked for', (name) => {
  expect(SCHEMA_FILES).toContain(schemaFile(name));
  expect(violations(name, 'not an object')).not.toEqual([]);
});

test('an unknown name throws an error with the known names', () => {
  expect(() => violations('event.done' as 'event', {})).toThrow(
    /^There is no schema "event.done"; the names are message, .*/,
  );
});
