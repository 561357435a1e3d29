import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ABSENT, changed, objectPointers } from '../schemas/change.js';
import { SCHEMA_FILES } from '../schemas/files.js';
import { check, inWords, type Outcome, readExceptions, readSchemas, sdkTypes } from './check.js';
import type { Schema } from './schema-shapes.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const schemas = readSchemas(ROOT);
const exceptions = readExceptions(ROOT);
const readTypes = sdkTypes(ROOT);
const types = readTypes();

/** What the check says when one place of one schema is another. */
function withSchema(file: string, pointer: string, value: unknown): string[] {
  return lines(check({ ...schemas, [file]: changed(schemas[file], pointer, value) }, types, exceptions));
}

type SdkChange = readonly [module: string, from: string, to: string];

/** What the check says of an SDK with these changes: all at once, because reading the SDK takes a second. */
function withSdk(...changes: readonly SdkChange[]): string[] {
  const edit = (file: string, text: string) =>
    changes
      .filter(([module]) => file.replace(/\.d\.m?ts$/, '') === `resources/${module}`)
      .reduce((changed, [, from, to]) => changed.replace(from, to), text);
  return lines(check(schemas, readTypes(edit), exceptions));
}

const lines = ({ differences }: Outcome): string[] => differences.map(inWords);

it('the schemas have what the installed SDK has, and no exception is idle', () => {
  const outcome = check(schemas, types, exceptions);
  expect(lines(outcome)).toEqual([]);
  expect(outcome.idle).toEqual([]);
});

describe('a schema that falls behind is named', () => {
  it('a field of a request, and every schema that refers to it', () => {
    const found = withSchema('request.schema.json', '/properties/inference_geo', ABSENT);
    expect(found).toContainEqual(
      expect.stringMatching(
        /^MessageCreateParamsBase\.inference_geo \(resources\/messages\/messages\.d\.m?ts:\d+\) \| schemas\/request\.schema\.json \| the SDK has the field "inference_geo": add it;/,
      ),
    );
    expect(found.every((line) => line.includes('inference_geo'))).toBe(true);
  });

  it('a beta field of a request', () => {
    expect(withSchema('request-beta.schema.json', '/properties/context_management', ABSENT)).toContainEqual(
      expect.stringMatching(/^Beta\.MessageCreateParamsBase\.context_management .* add it/),
    );
  });

  it('a field of a member of a union', () => {
    const found = withSchema('content-block.schema.json', '/$defs/tool_use/properties/caller', ABSENT);
    expect(found).toEqual([
      expect.stringMatching(
        /^ToolUseBlock\.caller .*schemas\/content-block\.schema\.json#\/\$defs\/tool_use \| .* "caller": add it/,
      ),
    ]);
  });

  it('a member of a union: its branch, or its name in the list of types', () => {
    const { allOf, properties } = schemas['content-block-param.schema.json'];
    const branch = allOf.findIndex((part: Schema) => part.then.$ref === '#/$defs/container_upload');
    const value = properties.type.enum.indexOf('container_upload');
    const message =
      /^ContainerUploadBlockParam .*content-block-param\.schema\.json \| the SDK has the member "container_upload": add a branch/;
    for (const pointer of [`/allOf/${branch}`, `/properties/type/enum/${value}`])
      expect(withSchema('content-block-param.schema.json', pointer, ABSENT)).toContainEqual(
        expect.stringMatching(message),
      );
  });

  it('an event, a delta, a citation, a tool, a way to choose a tool, a way to think', () => {
    const unions: [file: string, pointer: string, member: string][] = [
      ['stream-event.schema.json', '', 'message_delta'],
      ['stream-event.schema.json', '/$defs/delta', 'signature_delta'],
      ['citation.schema.json', '', 'page_location'],
      ['tool-definition.schema.json', '', 'memory_20250818'],
      ['request.schema.json', '/$defs/tool_choice', 'none'],
      ['request.schema.json', '/$defs/thinking', 'between_tools'],
    ];
    for (const [file, pointer, member] of unions) {
      const union = pointer
        .split('/')
        .slice(1)
        .reduce((node: Schema, key) => node[key], schemas[file]);
      const kept = union.allOf.filter((part: Schema) => part.if.properties.type.const !== member);
      expect(withSchema(file, `${pointer}/allOf`, kept), member).toContainEqual(
        expect.stringContaining(`the SDK has the member "${member}"`),
      );
    }
  });

  it('a required field', () => {
    const [found, ...others] = withSchema('usage.schema.json', '/required', ['input_tokens']);
    expect(found).toMatch(
      /^Usage\.output_tokens .*usage\.schema\.json#\/properties\/output_tokens \| the SDK requires "output_tokens"/,
    );
    expect(others).toEqual([]);
  });

  it('a value of an enumeration', () => {
    const { enum: values } = schemas['message.schema.json'].$defs.stop_reason;
    const fewer = values.filter((value: string) => value !== 'refusal');
    expect(withSchema('message.schema.json', '/$defs/stop_reason/enum', fewer)).toEqual([
      expect.stringMatching(
        /^Message\.stop_reason .*message\.schema\.json#\/\$defs\/stop_reason \| the SDK has the value "refusal": add it/,
      ),
    ]);
    expect(withSchema('error.schema.json', '/properties/error/properties/type/enum', ['api_error'])).toContainEqual(
      expect.stringContaining('the SDK has the value "overloaded_error"'),
    );
  });

  it('null, a kind of value, and a value about which nothing is said', () => {
    expect(withSchema('content-block.schema.json', '/$defs/text/properties/citations/type', 'array')).toEqual([
      expect.stringContaining('the SDK allows null: allow it'),
    ]);
    expect(withSchema('request.schema.json', '/properties/system/type', 'string')).toContainEqual(
      expect.stringContaining('the SDK allows a list: allow it'),
    );
    expect(withSchema('files.schema.json', '/properties/filename', { description: 'A name.' })).toEqual([
      expect.stringMatching(/^FileMetadata\.filename .*the SDK says what this is: say it/),
    ]);
  });
});

describe('a schema that goes ahead is named', () => {
  it('a field, a value, a member and a duty that the SDK does not have', () => {
    expect(withSchema('request.schema.json', '/properties/verbosity', { type: 'string' })).toEqual([
      expect.stringContaining('#/properties/verbosity | the SDK has no field "verbosity": remove it'),
    ]);
    expect(withSchema('request.schema.json', '/properties/service_tier/enum/-', 'flex')).toContainEqual(
      expect.stringContaining('the SDK has no value "flex"'),
    );
    const branch = JSON.stringify(schemas['content-block.schema.json'].allOf[0]).replace('text', 'hologram');
    expect(withSchema('content-block.schema.json', '/allOf/-', JSON.parse(branch))).toContainEqual(
      expect.stringContaining('the SDK has no member "hologram"'),
    );
    expect(withSchema('files.schema.json', '/required/-', 'downloadable')).toEqual([
      expect.stringContaining('the SDK does not require "downloadable"'),
    ]);
  });
});

describe('a newer SDK is named', () => {
  const block = 'export interface HologramBlock { type: "hologram"; depth: number }\n';
  const found = withSdk(
    ['messages/messages', 'export type ContentBlock = ', `${block}export type ContentBlock = HologramBlock | `],
    [
      'beta/messages/messages',
      'export type BetaContentBlockParam = ',
      `${block}export type BetaContentBlockParam = HologramBlock | `,
    ],
    ['messages/messages', 'export interface ToolChoiceAny {', 'export interface ToolChoiceAny { at_most?: number;'],
    ['messages/messages', "export type StopReason = '", "export type StopReason = 'boredom' | '"],
    ['shared', "export type ErrorType = '", "export type ErrorType = 'teapot_error' | '"],
    ['models', 'display_name: string', 'display_name: string | null'],
  );

  it.each<[string, RegExp]>([
    [
      'a new block in answers',
      /^HologramBlock \(resources\/messages\/messages\.d\.m?ts:\d+\) \| schemas\/content-block\.schema\.json \| the SDK has the member "hologram"/,
    ],
    [
      'a new block of a beta',
      /^Beta\.HologramBlock .*schemas\/request-beta\.schema\.json#\/\$defs\/content_block \| .*"hologram"/,
    ],
    [
      'a new field',
      /^ToolChoiceAny\.at_most .*request\.schema\.json#\/\$defs\/tool_choice_any \| the SDK has the field "at_most"/,
    ],
    ['a new value', /^Message\.stop_reason .*the SDK has the value "boredom"/],
    ['a new type of error', /schemas\/error\.schema\.json.*the SDK has the value "teapot_error"/],
    ['a new kind of value', /^ModelInfo\.display_name .*the SDK allows null/],
  ])('%s', (_what, line) => {
    expect(found).toContainEqual(expect.stringMatching(line));
  });

  it('and nothing else', () => {
    const known = /hologram|at_most|boredom|teapot_error|display_name/;
    expect(found.filter((line) => !known.test(line))).toEqual([]);
  });

  it('a type that is gone', () => {
    expect(() => withSdk(['models', 'export interface ModelInfo {', 'export interface ModelDescription {'])).toThrow(
      /A compared type is gone from the SDK: .*ModelInfo/,
    );
  });
});

it('an exception that no difference needs any more is named', () => {
  const { differences, idle } = check(schemas, types, [
    ...exceptions,
    { aspect: 'field', only: 'sdk', fields: { TextBlock: ['colour'] }, reason: 'Blocks were colourful once.' },
  ]);
  expect(differences).toEqual([]);
  expect(idle).toEqual(['TextBlock.colour | field, only in sdk: Blocks were colourful once.']);
});

describe('no place of the schemas is left out', () => {
  /** Files that add rules to other files, which are compared, those of this project's own formats, and those of other APIs. */
  const OTHERS = /^(request-2026|baseline|config|contract|fixture|fleet|gateway-case|openai-|report)/;
  const at = (schema: Schema, pointer: string): Schema =>
    pointer
      .split('/')
      .slice(1)
      .reduce((node, key) => node[key], schema);
  const places = SCHEMA_FILES.filter((file) => !OTHERS.test(file)).flatMap((file) =>
    objectPointers(schemas[file])
      .filter((pointer) => !/\/(if|envelope)(\/|$)/.test(pointer))
      .map((pointer) => ({ file, pointer })),
  );
  const before = check(schemas, types, []).differences;

  it('every simple field that goes missing is named', () => {
    const copy = structuredClone(schemas);
    const gone = places.flatMap(({ file, pointer }) => {
      const node = at(copy[file], pointer);
      // A type that may be any string belongs to a union, whose branches name it again.
      const simple = Object.keys(node?.properties ?? {}).filter(
        (name) => name !== 'type' && ['string', 'integer', 'number', 'boolean'].includes(node.properties[name].type),
      );
      for (const name of simple) delete node.properties[name];
      return simple.map((name) => `${file} ${name}`);
    });
    const known = before.flatMap(({ aspect, only, what, schema }) =>
      aspect === 'field' && only === 'schema' ? [`${schema.split('#')[0]} ${what}`] : [],
    );
    const named = check(copy, types, []).differences.flatMap(({ aspect, only, what, schema }) =>
      aspect === 'field' && only === 'sdk' ? [`${schema.split('#')[0]} ${what}`] : [],
    );
    expect(gone.length).toBeGreaterThan(200);
    expect([...new Set(gone)].filter((name) => !named.includes(name) && !known.includes(name))).toEqual([]);
  });
});
