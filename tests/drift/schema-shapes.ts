/** Reads JSON Schemas of `schemas/` into shapes: as much of the language as these files use. */

import type { Field, Kind, ObjectShape, Shape, Value } from './shape.js';

// biome-ignore lint/suspicious/noExplicitAny: a schema is walked freely here
export type Schema = any;

/** Schemas by file name. */
export type Schemas = Readonly<Record<string, Schema>>;

/** One place of the schemas. */
interface Node {
  file: string;
  pointer: string;
  schema: Schema;
}

/** A node that says something about a value, or about values of one kind alone. */
interface Layer {
  node: Node;
  kind: string | null;
}

/** A condition on the value of a field, with what follows from it. */
interface Branch {
  field: string;
  values: (Value | null)[];
  leadsTo: Node;
}

/** What a reference to a place that is not there says about a value. */
const NOTHING: Schema = {};

const ANNOTATIONS = ['$ref', '$comment', 'title', 'description'];

/** Returns a reader of references such as `usage.schema.json#/$defs/delta`. The same place always gives the same shape. */
export function schemaReader(schemas: Schemas): (reference: string) => Shape {
  const shapes = new Map<string, Shape>();

  const read = (several: readonly Node[]): Shape => {
    const nodes = several.map(resolved);
    const key = nodes.map(nameOf).join(' & ');
    const shape = shapes.get(key) ?? toShape(nodes);
    shapes.set(key, shape);
    return shape;
  };

  function at(reference: string, from: string): Node {
    const [file, pointer = ''] = reference.split('#');
    const name = file || from;
    let schema = schemas[name];
    for (const key of pointer.split('/').slice(1)) schema = schema?.[key];
    return { file: name, pointer, schema: schema ?? NOTHING };
  }

  /** A node that only refers to another one is that one. */
  function resolved(node: Node): Node {
    const keys = Object.keys(node.schema);
    const refersOnly = keys.includes('$ref') && keys.every((key) => ANNOTATIONS.includes(key));
    return refersOnly ? resolved(at(node.schema.$ref, node.file)) : node;
  }

  /** The node, and everything it takes over whatever the value's fields hold. */
  function layers(node: Node, kind: string | null = null): Layer[] {
    const { $ref } = node.schema;
    return [
      ...($ref === undefined ? [] : layers(at($ref, node.file), kind)),
      { node, kind },
      ...parts(node).flatMap((part) => {
        const { if: condition } = part.schema;
        if (condition === undefined) return layers(part, kind);
        return condition.properties === undefined ? layers(child(part, 'then'), condition.type) : [];
      }),
    ];
  }

  const branches = (node: Node): Branch[] =>
    layers(node).flatMap((layer) =>
      parts(layer.node).flatMap((part) => {
        const [[field, test] = []] = Object.entries<Schema>(part.schema.if?.properties ?? {});
        return field === undefined ? [] : [{ field, values: test.enum ?? [test.const], leadsTo: child(part, 'then') }];
      }),
    );

  function toShape(nodes: readonly Node[]): Shape {
    const place = { name: nameOf(nodes.at(-1)!), at: '' };
    const all = nodes.flatMap((node) => layers(node));
    const always = all.filter(({ kind }) => kind === null);
    const types = common(
      always.flatMap(({ node }) => (node.schema.type === undefined ? [] : [[node.schema.type].flat()])),
    );
    const named = common(always.flatMap(({ node }) => listed(node.schema)));
    const texts = common(all.flatMap(({ node, kind }) => (kind === 'string' ? listed(node.schema) : [])));
    const may = (type: string) => named === null && types?.includes(type) === true;
    const kinds = new Set<Kind>();
    if (may('string') && texts === null) kinds.add('string');
    if (may('number') || may('integer')) kinds.add('number');
    if (may('boolean')) kinds.add('boolean');
    const values = [...(named ?? []), ...(may('string') ? (texts ?? []) : [])];
    const lists = all.filter(({ node }) => node.schema.items !== undefined);
    let items: Shape | null = null;
    let objects: readonly ObjectShape[] | null = null;
    return {
      place,
      any: types === null && named === null,
      null: named === null ? may('null') : named.includes(null),
      kinds,
      values: new Set(values.filter((value): value is Value => value !== null)),
      get items() {
        if (!may('array')) return null;
        items ??=
          lists.length > 0 ? read(lists.map(({ node }) => child(node, 'items'))) : anything(`${place.name}/items`);
        return items;
      },
      get objects() {
        objects ??= may('object') ? toObjects(nodes) : [];
        return objects;
      },
    };
  }

  function toObjects(nodes: readonly Node[]): ObjectShape[] {
    const conditions = nodes.flatMap(branches);
    const [first] = conditions;
    if (first === undefined) return [toObject(nodes)];
    const allowed = nodes
      .flatMap((node) => layers(node))
      .flatMap(({ node }) => (node.schema.properties?.[first.field]?.enum as (Value | null)[]) ?? []);
    const targets = new Map<Value | null, Node[]>();
    for (const { values, leadsTo } of conditions) {
      for (const value of values) {
        if (allowed.length === 0 || allowed.includes(value))
          targets.set(value, [...(targets.get(value) ?? []), leadsTo]);
      }
    }
    return [...targets].map(([value, [target, ...further]]) => ({
      ...fieldsOf([...nodes, target!, ...further].map(resolved), nameOf(resolved(target!))),
      tag: { field: first.field, values: [value] },
    }));
  }

  const toObject = (nodes: readonly Node[]): ObjectShape => fieldsOf(nodes, nameOf(nodes.at(-1)!));

  function fieldsOf(nodes: readonly Node[], name: string): ObjectShape {
    const all = nodes.flatMap((node) => layers(node)).map(({ node }) => node);
    const required = new Set<string>(all.flatMap(({ schema }) => schema.required ?? []));
    const found = new Map<string, Node[]>();
    for (const node of all) {
      for (const field of Object.keys(node.schema.properties ?? {})) {
        found.set(field, [...(found.get(field) ?? []), child(node, 'properties', field)]);
      }
    }
    const others = all.filter(({ schema }) => typeof schema.additionalProperties === 'object');
    const fields = [...found].map(([field, places]): [string, Field] => [
      field,
      {
        place: { name: nameOf(places.at(-1)!), at: '' },
        required: required.has(field),
        get shape() {
          return read(places);
        },
      },
    ]);
    return {
      place: { name, at: '' },
      fields: new Map(fields),
      others: others.length > 0 ? read(others.map((node) => child(node, 'additionalProperties'))) : null,
    };
  }

  return (reference) => read([at(reference, '')]);
}

const nameOf = ({ file, pointer }: Node): string => `${file}${pointer === '' ? '' : '#'}${pointer}`;

function child({ file, pointer, schema }: Node, ...keys: string[]): Node {
  return { file, pointer: [pointer, ...keys].join('/'), schema: keys.reduce((part, key) => part[key], schema) };
}

/** Where a schema may hold a condition: each part of `allOf`, and the schema itself. */
function parts(node: Node): Node[] {
  const all = (node.schema.allOf ?? []).map((_: Schema, index: number) => child(node, 'allOf', String(index)));
  return node.schema.if === undefined ? all : [...all, node];
}

/** Values that a schema lists, as one set or none. */
const listed = ({ const: only, enum: several }: Schema): (Value | null)[][] =>
  several !== undefined ? [several] : only !== undefined ? [[only]] : [];

/** What all sets have in common; `null` without a set. */
function common<T>(sets: readonly T[][]): T[] | null {
  const [first, ...others] = sets;
  return first === undefined ? null : first.filter((value) => others.every((other) => other.includes(value)));
}

const anything = (name: string): Shape => ({
  place: { name, at: '' },
  any: true,
  null: false,
  kinds: new Set(),
  values: new Set(),
  items: null,
  objects: [],
});
