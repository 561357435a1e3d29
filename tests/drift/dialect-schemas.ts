/**
 * Writes the schemas of other APIs from the published types of their client: `schemas/openai-*.schema.json`. A schema is closed, as the
 * API is: a field that the types do not have is an error.
 */

import type { Schema } from './schema-shapes.js';
import { openSdk } from './sdk-shapes.js';
import type { ObjectShape, Shape, Value } from './shape.js';

/** A file of `schemas/`, and the type that it describes. */
interface Source {
  title: string;
  description: string;
  /** Module of the client. */
  module: string;
  type: string;
}

export const SOURCES: Readonly<Record<string, Source>> = {
  'openai-chat-request.schema.json': {
    title: 'A request to create a chat completion',
    description: 'What POST /v1/chat/completions takes. Closed: unknown fields are invalid.',
    module: 'resources/chat/completions/completions',
    type: 'ChatCompletionCreateParamsBase',
  },
};

/** Types of what such an API sends: tests hold what the suite writes against them. */
export const ANSWERS: Readonly<Record<string, Pick<Source, 'module' | 'type'>>> = {
  completion: { module: 'resources/chat/completions/completions', type: 'ChatCompletion' },
  chunk: { module: 'resources/chat/completions/completions', type: 'ChatCompletionChunk' },
};

/** Every schema by its file name, made anew from the types that are installed under `root`. */
export function dialectSchemas(root: string): Record<string, Schema> {
  const read = openSdk(root, 'openai');
  return Object.fromEntries(
    Object.entries(SOURCES).map(([file, { title, description, module, type }]) => {
      const [shape] = read({ api: module }, [`api.${type}`]);
      return [
        file,
        {
          $schema: 'https://json-schema.org/draft/2020-12/schema',
          $id: file,
          title,
          description: `${description} Written by scripts/dialect-schemas.mjs from the type ${type} of the package openai; do not edit.`,
          ...asSchema(shape!, true),
        },
      ];
    }),
  );
}

/** Open schemas of what the API sends, by name: a new field is no fault. */
export function answerSchemas(root: string): Record<string, Schema> {
  const read = openSdk(root, 'openai');
  return Object.fromEntries(
    Object.entries(ANSWERS).map(([name, { module, type }]) => {
      const [shape] = read({ api: module }, [`api.${type}`]);
      return [name, asSchema(shape!, false)];
    }),
  );
}

function asSchema(shape: Shape, isClosed: boolean): Schema {
  const writer = new Writer(isClosed);
  const schema = writer.write(shape);
  return { ...schema, $defs: writer.definitions() };
}

class Writer {
  private readonly names = new Map<ObjectShape, string>();
  private readonly written = new Map<string, Schema>();

  constructor(private readonly isClosed: boolean) {}

  definitions(): Record<string, Schema> {
    return Object.fromEntries([...this.written].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  write(shape: Shape): Schema {
    if (shape.any) return {};
    const branches: Schema[] = [];
    const values = [...shape.values];
    const texts = values.filter((value) => typeof value === 'string');
    const named: readonly Value[] = shape.kinds.has('string')
      ? values.filter((value) => typeof value !== 'string')
      : values;
    const types = [...shape.kinds].map(String);
    if (named.length > 0) branches.push({ enum: shape.null && types.length === 0 ? [...named, null] : [...named] });
    if (types.length > 0 || (shape.null && named.length === 0))
      branches.push({ type: oneOrMore(shape.null ? [...types, 'null'] : types) });
    else if (shape.null && texts.length === 0 && branches.length === 0) branches.push({ type: 'null' });
    if (shape.items !== null) branches.push({ type: 'array', items: this.write(shape.items) });
    branches.push(...this.objects(shape.objects));
    const [only, ...others] = branches;
    return only === undefined ? {} : others.length === 0 ? only : { anyOf: branches };
  }

  /** Objects that differ in one field are told apart by it, so that an error names the field that is wrong in the right one. */
  private objects(objects: readonly ObjectShape[]): Schema[] {
    const tag = tagOf(objects);
    if (objects.length < 2 || tag === null) return objects.map((object) => this.reference(object));
    const cases = objects.map((object) => ({ object, values: [...object.fields.get(tag)!.shape.values] }));
    return [
      {
        type: 'object',
        required: [tag],
        properties: { [tag]: { enum: cases.flatMap(({ values }) => values) } },
        allOf: cases.map(({ object, values }) => ({
          if: {
            type: 'object',
            required: [tag],
            properties: { [tag]: values.length === 1 ? { const: values[0] } : { enum: values } },
          },
          // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
          then: this.reference(object),
        })),
      },
    ];
  }

  private reference(object: ObjectShape): Schema {
    if (object.fields.size === 0 && object.others !== null) {
      const others = this.write(object.others);
      return { type: 'object', ...(Object.keys(others).length > 0 && { additionalProperties: others }) };
    }
    let name = this.names.get(object);
    if (name === undefined) {
      name = this.freeName(object.place.name);
      this.names.set(object, name);
      this.written.set(name, {});
      this.written.set(name, this.definition(object));
    }
    return { $ref: `#/$defs/${name}` };
  }

  private definition({ fields, others }: ObjectShape): Schema {
    const required = [...fields].flatMap(([name, { required }]) => (required ? [name] : []));
    return {
      type: 'object',
      ...(required.length > 0 && { required }),
      properties: Object.fromEntries([...fields].map(([name, { shape }]) => [name, this.write(shape)])),
      ...(this.isClosed && { additionalProperties: others === null ? false : this.write(others) }),
    };
  }

  private freeName(wanted: string): string {
    const base = wanted.replace(/[^\w.]/g, '_');
    for (let number = 1; ; number += 1) {
      const name = number === 1 ? base : `${base}_${number}`;
      if (!this.written.has(name)) return name;
    }
  }
}

const oneOrMore = (types: readonly string[]): string | string[] => (types.length === 1 ? types[0]! : [...types]);

/** A required field with other values in each of the objects. */
function tagOf(objects: readonly ObjectShape[]): string | null {
  const [first] = objects;
  for (const [name] of first?.fields ?? []) {
    const values = objects.flatMap(({ fields }) => {
      const field = fields.get(name);
      const isTag = field?.required && field.shape.values.size > 0 && field.shape.kinds.size === 0;
      return isTag ? [...field.shape.values] : [undefined];
    });
    if (!values.includes(undefined) && new Set(values).size === values.length) return name;
  }
  return null;
}
