/** Writes the report document as JSON. */

import type { Report } from '../core/report.js';
import { ANY, REPORT_SHAPE, type Shape } from './shape.js';

/** Lists and objects that fit in this many columns stay on one line. */
const LINE = 120;

/**
 * Reports with the same content give the same text: members have a fixed order. Short values stay on one line, so that
 * thousands of chunks do not hide the rest. Invisible characters are escaped.
 */
export function json(report: Report): string {
  return [...jsonPieces(report)].join('');
}

/** The same text in pieces, one for each exchange. One string with all bodies would need several times their size in memory. */
export function* jsonPieces(report: Report): Generator<string> {
  let mark = '{';
  const members = report as unknown as Record<string, unknown>;
  const shapes = membersOf(REPORT_SHAPE);
  for (const name of namesInOrder(members, shapes)) {
    const [value, shape] = [members[name], shapeOf(shapes, name)];
    yield `${mark}\n  ${quote(name)}: `;
    if (name === 'exchanges' && Array.isArray(value) && value.length > 0) yield* listPieces(value, shape);
    else yield write(value, shape, 1);
    mark = ',';
  }
  yield '\n}\n';
}

function* listPieces(items: readonly unknown[], shape: Shape): Generator<string> {
  let mark = '[';
  for (const item of items) {
    yield `${mark}\n    ${write(item, itemOf(shape), 2)}`;
    mark = ',';
  }
  yield '\n  ]';
}

/** Any value in the same layout; members keep their own order. */
export function jsonText(value: unknown): string {
  return write(value, ANY, 0);
}

/** No run writes deeper values. What is nested deeper is left out, so that the stack does not overflow. */
const DEEPEST = 200;

const HIDDEN = /[\p{Cf}\p{Zl}\p{Zp}\u007f-\u009f]/gu;

/** `##vso[` and `##[` are commands for some CI systems anywhere in a log line. The first `#` is escaped. */
const COMMAND = /#(?=#(?:vso|teamcity)?\[)/gi;

/** What a match of one of the two expressions may begin with. Most texts have none of it, and one look at them is enough. */
const REMARKABLE = /[^\x20-\x22\x24-\x7e]/;

function quote(text: string): string {
  const quoted = JSON.stringify(text);
  if (!REMARKABLE.test(quoted)) return quoted;
  return quoted.replace(HIDDEN, escapeUnits).replace(COMMAND, escapeUnits);
}

const escapeUnits = (character: string): string =>
  Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('');

function write(value: unknown, shape: Shape, depth: number): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (depth > DEEPEST) return quote('… (nested too deeply)');
  if (Array.isArray(value)) {
    const inner = itemOf(shape);
    return layOut(
      '[',
      value.map((item) => write(item, inner, depth + 1)),
      ']',
      depth,
    );
  }
  const object = value as Record<string, unknown>;
  const shapes = membersOf(shape);
  const parts = namesInOrder(object, shapes).map(
    (name) => `${quotedName(name)}: ${write(object[name], shapeOf(shapes, name), depth + 1)}`,
  );
  return layOut('{', parts, '}', depth);
}

/** A report has some hundred names of members, each thousands of times. */
const quotedNames = new Map<string, string>();
const MOST_NAMES = 1_000;
const LONG_NAME = 64;

function quotedName(name: string): string {
  const known = quotedNames.get(name);
  if (known !== undefined) return known;
  const quoted = quote(name);
  // Names in what a target sent are without end.
  if (quotedNames.size < MOST_NAMES && name.length < LONG_NAME) quotedNames.set(name, quoted);
  return quoted;
}

type Shapes = ReturnType<typeof membersOf>;

/** Known members first, then those of later versions in alphabetical order. */
function namesInOrder(object: Record<string, unknown>, shapes: Shapes): string[] {
  const names = Object.keys(object).filter((name) => object[name] !== undefined);
  if (shapes === null) return names;
  const known = Object.keys(shapes).filter((name) => object[name] !== undefined && Object.hasOwn(object, name));
  if (known.length === names.length) return known;
  return [...known, ...names.filter((name) => !Object.hasOwn(shapes, name)).sort()];
}

const shapeOf = (shapes: Shapes, name: string): Shape =>
  shapes !== null && Object.hasOwn(shapes, name) ? unwrap(shapes[name]!) : ANY;

const itemOf = (shape: Shape): Shape => (typeof shape === 'object' && 'list' in shape ? shape.list : ANY);

const membersOf = (shape: Shape) => (typeof shape === 'object' && 'members' in shape ? shape.members : null);

const unwrap = (shape: Shape): Shape => (typeof shape === 'object' && 'optional' in shape ? shape.optional : shape);

function layOut(open: string, parts: readonly string[], close: string, depth: number): string {
  if (parts.length === 0) return open + close;
  let length = depth * 2;
  for (let index = 0; index < parts.length && length <= LINE; index += 1) length += parts[index]!.length + 2;
  if (length <= LINE && !parts.some((part) => part.includes('\n'))) {
    const pad = open === '{' ? ' ' : '';
    return open + pad + parts.join(', ') + pad + close;
  }
  const indent = '  '.repeat(depth);
  // Joined by `+`, the bodies within are copied once, when the text is written, and not on each level.
  let text = open;
  const before = `\n${indent}  `;
  for (const part of parts) text += text === open ? before + part : `,${before}${part}`;
  return `${text}\n${indent}${close}`;
}
