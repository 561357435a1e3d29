/**
 * Writes the schemas of other APIs from the published types of their client: `schemas/openai-*.schema.json`. A schema is closed, as the
 * API is: a field that the types do not have is an error.
 */

import type { Schema } from './schema-shapes.js';
import { openSdk } from './sdk-shapes.js';
import type { Field, ObjectShape, Shape, Value } from './shape.js';

/** A file of `schemas/`, and the type that it describes. */
interface Source {
  title: string;
  description: string;
  /** Module of the client. */
  module: string;
  type: string;
  /** Members of a union that are written in full, by their tags; of the others only the tag is known. Default: all. */
  details?: readonly string[];
  /** Fields that the types require and the API does not, as `Type.field`. */
  optional?: readonly string[];
}

export const SOURCES: Readonly<Record<string, Source>> = {
  'openai-chat-request.schema.json': {
    title: 'A request to create a chat completion',
    description: 'What POST /v1/chat/completions takes. Closed: unknown fields are invalid.',
    module: 'resources/chat/completions/completions',
    type: 'ChatCompletionCreateParamsBase',
  },
  'openai-responses-request.schema.json': {
    title: 'A request to create a response',
    description: 'What POST /v1/responses takes. Closed: unknown fields are invalid.',
    module: 'resources/responses/responses',
    type: 'ResponseCreateParamsBase',
    // What a translated Messages request consists of. Items and tools of other types are taken as they are.
    details: [
      ...['message', 'function_call', 'function_call_output', 'reasoning', 'item_reference'],
      ...['input_text', 'input_image', 'input_file', 'output_text', 'refusal', 'summary_text', 'reasoning_text'],
      ...['function', 'web_search', 'web_search_preview', 'custom', 'text', 'json_schema', 'json_object'],
    ],
    // The types describe an item as the API returns it. The API's own documentation sends items without these.
    optional: [
      'FunctionTool.parameters',
      'FunctionTool.strict',
      'ResponseInputImage.detail',
      'ResponseOutputMessage.id',
      'ResponseOutputMessage.status',
      'ResponseOutputMessage.type',
      'ResponseOutputText.annotations',
      'ResponseReasoningItem.id',
    ],
  },
};

/** Types of what such an API sends: tests hold what the suite writes against them. */
export const ANSWERS: Readonly<Record<string, Omit<Source, 'title' | 'description'>>> = {
  completion: { module: 'resources/chat/completions/completions', type: 'ChatCompletion' },
  chunk: { module: 'resources/chat/completions/completions', type: 'ChatCompletionChunk' },
  response: {
    module: 'resources/responses/responses',
    type: 'Response',
    // A convenience of the client, which the API does not send.
    optional: ['Response.output_text'],
  },
  event: {
    module: 'resources/responses/responses',
    type: 'ResponseStreamEvent',
    optional: ['Response.output_text'],
  },
};

/** Every schema by its file name, made anew from the types that are installed under `root`. */
export function dialectSchemas(root: string): Record<string, Schema> {
  const read = openSdk(root, 'openai');
  return Object.fromEntries(
    Object.entries(SOURCES).map(([file, source]) => {
      const { title, description, module, type } = source;
      const [shape] = read({ api: module }, [`api.${type}`]);
      return [
        file,
        {
          $schema: 'https://json-schema.org/draft/2020-12/schema',
          $id: file,
          title,
          description: `${description} Written by scripts/dialect-schemas.mjs from the type ${type} of the package openai; do not edit.`,
          ...asSchema(shape!, true, source),
        },
      ];
    }),
  );
}

/** Open schemas of what the API sends, by name: a new field is no fault. */
export function answerSchemas(root: string): Record<string, Schema> {
  const read = openSdk(root, 'openai');
  return Object.fromEntries(
    Object.entries(ANSWERS).map(([name, source]) => {
      const [shape] = read({ api: source.module }, [`api.${source.type}`]);
      return [name, asSchema(shape!, false, source)];
    }),
  );
}

function asSchema(shape: Shape, isClosed: boolean, source: Pick<Source, 'details' | 'optional'>): Schema {
  const writer = new Writer(isClosed, source);
  const schema = writer.write(shape);
  return { ...schema, $defs: writer.definitions() };
}

class Writer {
  private readonly names = new Map<ObjectShape, string>();
  private readonly written = new Map<string, Schema>();

  constructor(
    private readonly isClosed: boolean,
    private readonly source: Pick<Source, 'details' | 'optional'>,
  ) {}

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
    const tag = objects.length < 2 ? null : (tagOf(objects, true) ?? tagOf(objects, false));
    if (tag === null) return objects.map((object) => this.reference(object));
    const groups = new Map<string, { values: Value[]; members: ObjectShape[] }>();
    const untagged: ObjectShape[] = [];
    for (const object of objects) {
      const { shape } = object.fields.get(tag)!;
      const values = [...shape.values];
      const group = groups.get(values.join()) ?? { values, members: [] };
      group.members.push(object);
      groups.set(values.join(), group);
      if (!this.isRequired(object.fields.get(tag)!)) untagged.push(object);
    }
    const all = [...groups.values()];
    const branch = (condition: Schema, members: ObjectShape[]): Schema => ({
      if: condition,
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: this.oneOf(members),
    });
    const branches = [
      ...all
        .filter(({ values }) => this.source.details?.some((one) => values.includes(one)) ?? true)
        .map(({ values, members }) =>
          branch(
            {
              type: 'object',
              required: [tag],
              properties: { [tag]: values.length === 1 ? { const: values[0] } : { enum: values } },
            },
            members,
          ),
        ),
      ...(untagged.length === 0 ? [] : [branch({ type: 'object', not: { required: [tag] } }, untagged)]),
    ];
    return [
      {
        type: 'object',
        ...(untagged.length === 0 && { required: [tag] }),
        properties: { [tag]: { enum: all.flatMap(({ values }) => values) } },
        ...(branches.length > 0 && { allOf: branches }),
      },
    ];
  }

  private oneOf(objects: readonly ObjectShape[]): Schema {
    const [only, ...others] = objects.map((object) => this.reference(object));
    return others.length === 0 ? only! : { anyOf: [only!, ...others] };
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
    const required = [...fields].flatMap(([name, field]) => (this.isRequired(field) ? [name] : []));
    return {
      type: 'object',
      ...(required.length > 0 && { required }),
      properties: Object.fromEntries([...fields].map(([name, { shape }]) => [name, this.write(shape)])),
      ...(this.isClosed && { additionalProperties: others === null ? false : this.write(others) }),
    };
  }

  private isRequired({ required, place }: Field): boolean {
    return required && !this.source.optional?.includes(place.name);
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

/** A required field with other values in each of the objects; without `strictly` it may be left out, and objects may share a value. */
function tagOf(objects: readonly ObjectShape[], strictly: boolean): string | null {
  const [first] = objects;
  for (const [name] of first?.fields ?? []) {
    const values = objects.map(({ fields }) => {
      const field = fields.get(name);
      const isTag = field && (field.required || !strictly) && field.shape.values.size > 0;
      return isTag && field.shape.kinds.size === 0 ? [...field.shape.values] : [];
    });
    const all = values.flat();
    if (values.every(({ length }) => length > 0) && (!strictly || new Set(all).size === all.length)) return name;
  }
  return null;
}
