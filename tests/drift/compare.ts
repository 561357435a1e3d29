/** Compares types of the SDK with schemas, both read into shapes. Pure: shapes in, differences out. */

import type { Field, Kind, ObjectShape, Place, Shape, Value } from './shape.js';

/**
 * What one side has and the other has not.
 *
 * - `field`, `member`, `value`, `null`, `kind`: a field of an object, a member of a union, a value of an enumeration, null,
 *   a kind of value (text, number, list, ...)
 * - `required`: a field that must be there
 * - `shape`: anything said about a value at all
 */
export type Aspect = 'field' | 'member' | 'value' | 'null' | 'kind' | 'required' | 'shape';

export interface Difference {
  aspect: Aspect;
  /** Who alone has it. */
  only: 'sdk' | 'schema';
  /** Name of the field, member, value or kind; empty where the aspect says everything. */
  what: string;
  /** In the SDK: where it is declared, or what lacks it. Several types may be described by one schema. */
  sdk: readonly Place[];
  /** In the schemas: where it is expected, or where it stands. */
  schema: string;
}

/** A schema and every type that it describes: it may have what any of them has, and must have what each of them has. */
export interface Pair {
  schema: Shape;
  sdk: readonly Shape[];
}

export function compare(pairs: readonly Pair[]): Difference[] {
  const shapes = new Map<Shape, Set<Shape>>();
  const objects = new Map<ObjectShape, Set<ObjectShape>>();
  const unmatched: Difference[] = [];

  function meet(schema: Shape, sdk: Shape): void {
    const met = shapes.get(schema) ?? new Set();
    if (met.has(sdk)) return;
    shapes.set(schema, met.add(sdk));
    if (schema.items !== null && sdk.items !== null) meet(schema.items, sdk.items);
    for (const object of sdk.objects) {
      const { counterparts, lacking } = match(object, schema);
      for (const counterpart of counterparts) meetObject(counterpart, object);
      for (const what of lacking)
        unmatched.push({ aspect: 'member', only: 'sdk', what, sdk: [object.place], schema: schema.place.name });
    }
  }

  function meetObject(schema: ObjectShape, sdk: ObjectShape): void {
    const met = objects.get(schema) ?? new Set();
    if (met.has(sdk)) return;
    objects.set(schema, met.add(sdk));
    for (const [name, field] of schema.fields) {
      const counterpart = sdk.fields.get(name);
      if (counterpart !== undefined) meet(field.shape, counterpart.shape);
    }
    if (schema.others !== null && sdk.others !== null) meet(schema.others, sdk.others);
  }

  for (const { schema, sdk } of pairs) for (const shape of sdk) meet(schema, shape);
  return distinct([
    ...unmatched,
    ...[...shapes].flatMap(([schema, sdk]) => ofShapes(schema, [...sdk], objects)),
    ...[...objects].flatMap(([schema, sdk]) => ofObjects(schema, [...sdk])),
  ]);
}

/** Objects of a schema that describe an object of the SDK: the only one, or those which its tag selects. */
function match(object: ObjectShape, { objects }: Shape): { counterparts: ObjectShape[]; lacking: string[] } {
  const tag = objects[0]?.tag?.field;
  if (tag === undefined) return { counterparts: objects.slice(0, 1), lacking: [] };
  const field = object.fields.get(tag);
  const values: (Value | null)[] = field === undefined ? [] : [...field.shape.values];
  const counterparts = new Set<ObjectShape>();
  const lacking: string[] = [];
  for (const value of values) {
    const counterpart = objects.find((candidate) => candidate.tag?.values.includes(value));
    if (counterpart === undefined) lacking.push(String(value));
    else counterparts.add(counterpart);
  }
  return { counterparts: [...counterparts], lacking: values.length === 0 ? [`without "${tag}"`] : lacking };
}

function ofShapes(
  schema: Shape,
  sdk: readonly Shape[],
  objects: ReadonlyMap<ObjectShape, ReadonlySet<ObjectShape>>,
): Difference[] {
  const described = sdk.filter(({ any }) => !any);
  if (described.length === 0) return [];
  const common = { sdk: sdk.map(({ place }) => place), schema: schema.place.name };
  if (schema.any) return [{ ...common, aspect: 'shape', only: 'sdk', what: '' }];
  // Where one of the types says nothing, nothing that the schema says is too much.
  const complete = described.length === sdk.length;
  const found: Difference[] = [];
  const weigh = (aspect: Aspect, what: string, has: (shape: Shape) => boolean): void => {
    const there = described.filter(has).map(({ place }) => place);
    if (!has(schema) && there.length > 0) found.push({ ...common, aspect, only: 'sdk', what, sdk: there });
    if (has(schema) && there.length === 0 && complete) found.push({ ...common, aspect, only: 'schema', what });
  };
  // Types that ask for true and for false, as those of a request with and without streaming do, allow both together.
  const either = [true, false].every((value) => described.some(({ values }) => values.has(value)));
  const takesAny = ({ kinds, values }: Shape, kind: Kind) =>
    kinds.has(kind) || (kind === 'boolean' && either && values.size > 0);
  weigh('null', '', (shape) => shape.null);
  for (const kind of ['string', 'number', 'boolean'] as const)
    weigh('kind', `any ${kind}`, (shape) => takesAny(shape, kind));
  weigh('kind', 'a list', ({ items }) => items !== null);
  weigh('kind', 'an object', (shape) => shape.objects.length > 0);
  for (const value of new Set([schema, ...described].flatMap(({ values }) => [...values])))
    weigh('value', JSON.stringify(value), ({ values, kinds }) => values.has(value) || kinds.has(typeof value as Kind));
  for (const object of complete ? schema.objects : []) {
    if (object.tag !== undefined && !objects.has(object))
      found.push({ ...common, aspect: 'member', only: 'schema', what: String(object.tag.values[0]) });
  }
  return found;
}

function ofObjects(schema: ObjectShape, sdk: readonly ObjectShape[]): Difference[] {
  const found: Difference[] = [];
  const names = new Set([...schema.fields.keys(), ...sdk.flatMap(({ fields }) => [...fields.keys()])]);
  for (const name of names) {
    const here = schema.fields.get(name);
    const there = sdk.flatMap(({ fields }): Field[] => (fields.has(name) ? [fields.get(name)!] : []));
    const places = there.map(({ place }) => place);
    if (here === undefined) {
      found.push({ aspect: 'field', only: 'sdk', what: name, sdk: places, schema: schema.place.name });
    } else if (there.length === 0) {
      const lacking = sdk.map(({ place }) => place);
      if (sdk.every(({ others }) => others === null))
        found.push({ aspect: 'field', only: 'schema', what: name, sdk: lacking, schema: here.place.name });
    } else {
      const required = there.length === sdk.length && there.every((field) => field.required);
      const difference = { aspect: 'required', what: name, sdk: places, schema: here.place.name } as const;
      if (required && !here.required) found.push({ ...difference, only: 'sdk' });
      if (!required && here.required) found.push({ ...difference, only: 'schema' });
    }
  }
  const others = sdk.flatMap((object) => (object.others !== null && !object.others.any ? [object.others.place] : []));
  if (others.length > 0 && schema.others === null)
    found.push({ aspect: 'shape', only: 'sdk', what: 'fields of any name', sdk: others, schema: schema.place.name });
  return found;
}

/** The same difference is met on several ways through the types. */
function distinct(differences: readonly Difference[]): Difference[] {
  const found = new Map<string, Difference>();
  for (const difference of differences) {
    const key = [difference.aspect, difference.only, difference.what, difference.schema].join(' ');
    const places = [...(found.get(key)?.sdk ?? []), ...difference.sdk];
    const sdk = [...new Map(places.map((place) => [place.name, place])).values()];
    found.set(key, { ...difference, sdk });
  }
  return [...found.values()];
}
