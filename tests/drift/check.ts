/** The drift check: schemas of `schemas/` against the types of the installed SDK, with the exceptions that are known. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Aspect, compare, type Difference } from './compare.js';
import { GROUPS, MODULES } from './pairs.js';
import { type Schema, type Schemas, schemaReader } from './schema-shapes.js';
import { type Edit, openSdk } from './sdk-shapes.js';
import type { Shape } from './shape.js';

export {
  changedWords,
  clientDifferences,
  recordedClients,
  recordedWords,
  sdkWords,
  touchedBy,
} from './words.js';

/** A difference that is meant, as `exceptions.json` lists it. */
export interface Exception {
  /** Aspects of `compare.ts`. */
  aspect: Aspect;
  only: Difference['only'];
  /** Name of the field, member or value; any when it is left out. */
  what?: string;
  /** Places: in the SDK a type, or a type and its field; in the schemas a reference. */
  at?: string[];
  /** Places in the SDK, as types with their fields. */
  fields?: Record<string, string[]>;
  reason: string;
}

export interface Outcome {
  differences: Difference[];
  /** Exceptions, and places of exceptions, that no difference needs any more. */
  idle: string[];
}

export const readSchemas = (root: string): Record<string, Schema> =>
  Object.fromEntries(
    readdirSync(join(root, 'schemas')).map((file) => [
      file,
      JSON.parse(readFileSync(join(root, 'schemas', file), 'utf8')),
    ]),
  );

export const readExceptions = (root: string): Exception[] =>
  JSON.parse(readFileSync(join(root, 'tests/drift/exceptions.json'), 'utf8')).exceptions;

/** Shapes of all compared types by expression. Takes about a second. */
export type SdkTypes = ReadonlyMap<string, Shape>;

/** Opens the SDK installed under `root`; what comes back reads the compared types, on request from edited files. */
export function sdkTypes(root: string): (edit?: Edit) => SdkTypes {
  const read = openSdk(root);
  const expressions = GROUPS.flat().flatMap(({ sdk }) => sdk);
  return (edit) => {
    const shapes = read(MODULES, expressions, edit);
    return new Map(expressions.map((expression, index) => [expression, shapes[index]!]));
  };
}

export function check(schemas: Schemas, types: SdkTypes, exceptions: readonly Exception[]): Outcome {
  const read = schemaReader({ ...schemas, 'tool-input.schema.json': withToolsets(schemas['tool-input.schema.json']) });
  const all = GROUPS.flatMap((group) =>
    compare(group.map(({ schema, sdk }) => ({ schema: read(schema), sdk: sdk.map((type) => types.get(type)!) }))),
  );
  const used = new Set<string>();
  const differences = all.flatMap((difference) => {
    const places = [...difference.sdk.map(({ name }) => name), difference.schema];
    const excused = exceptions.flatMap((exception, index) => {
      const { aspect, only, what = difference.what } = exception;
      if (aspect !== difference.aspect || only !== difference.only || what !== difference.what) return [];
      return placesOf(exception).flatMap((place) => (places.includes(place) ? [{ index, place }] : []));
    });
    for (const { index, place } of excused) used.add(`${index} ${place}`);
    return excused.length > 0 ? [] : [difference];
  });
  const idle = exceptions.flatMap((exception, index) =>
    placesOf(exception)
      .filter((place) => !used.has(`${index} ${place}`))
      .map((place) => `${place} | ${exception.aspect}, only in ${exception.only}: ${exception.reason}`),
  );
  return { differences, idle };
}

const placesOf = ({ at = [], fields = {} }: Exception): string[] => [
  ...at,
  ...Object.entries(fields).flatMap(([type, names]) => names.map((name) => `${type}.${name}`)),
];

/** The file has one definition for each member of a toolset; together they are compared as the fields of an object. */
function withToolsets(file: Schema): Schema {
  const toolset = (name: string): Schema => {
    const members = Object.keys(file.$defs).filter((key) => key.startsWith(`${name}_`));
    const fields = members.map((key) => [key.slice(name.length + 1), { $ref: `#/$defs/${key}` }] as const);
    return { type: 'object', required: fields.map(([field]) => field), properties: Object.fromEntries(fields) };
  };
  return { ...file, browser: toolset('browser'), computer: toolset('computer'), memory: toolset('memory') };
}

/** One line: where in the SDK, where in the schemas, what to do. */
export function inWords({ aspect, only, what, sdk, schema }: Difference): string {
  const names = sdk.map(({ name, at }) => (at === '' ? name : `${name} (${at})`));
  const place = names.length > 2 ? `${names.slice(0, 2).join(', ')} and ${names.length - 2} more` : names.join(', ');
  return `${place} | schemas/${schema} | ${TODO[only][aspect](what)}; or excuse it in tests/drift/exceptions.json`;
}

type Advice = Record<Aspect, (what: string) => string>;

const TODO: Record<Difference['only'], Advice> = {
  sdk: {
    field: (what) => `the SDK has the field "${what}": add it`,
    member: (what) => `the SDK has the member "${what}": add a branch and a definition of this name`,
    value: (what) => `the SDK has the value ${what}: add it`,
    null: () => 'the SDK allows null: allow it',
    kind: (what) => `the SDK allows ${what}: allow it`,
    required: (what) => `the SDK requires "${what}": require it`,
    shape: (what) => `the SDK says what ${what === '' ? 'this is' : `${what} hold`}: say it`,
  },
  schema: {
    field: (what) => `the SDK has no field "${what}": remove it`,
    member: (what) => `the SDK has no member "${what}": remove it`,
    value: (what) => `the SDK has no value ${what}: remove it`,
    null: () => 'the SDK does not allow null: refuse it',
    kind: (what) => `the SDK does not allow ${what}: refuse it`,
    required: (what) => `the SDK does not require "${what}": make it optional`,
    shape: () => 'the SDK says nothing about this: say nothing',
  },
};
