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
  for (const [name, value, shape] of membersInOrder(report as unknown as Record<string, unknown>, REPORT_SHAPE)) {
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

const quote = (text: string): string => JSON.stringify(text).replace(HIDDEN, escapeUnits).replace(COMMAND, escapeUnits);

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
  return layOut(
    '{',
    membersInOrder(value as Record<string, unknown>, shape).map(
      ([name, member, inner]) => `${quote(name)}: ${write(member, inner, depth + 1)}`,
    ),
    '}',
    depth,
  );
}

function membersInOrder(object: Record<string, unknown>, shape: Shape): [name: string, value: unknown, shape: Shape][] {
  const shapes = membersOf(shape);
  const names = Object.keys(object).filter((name) => object[name] !== undefined);
  const ordered = shapes === null ? names : inOrder(names, Object.keys(shapes));
  return ordered.map((name) => {
    const inner = shapes !== null && Object.hasOwn(shapes, name) ? shapes[name]! : ANY;
    return [name, object[name], unwrap(inner)];
  });
}

const itemOf = (shape: Shape): Shape => (typeof shape === 'object' && 'list' in shape ? shape.list : ANY);

const membersOf = (shape: Shape) => (typeof shape === 'object' && 'members' in shape ? shape.members : null);

const unwrap = (shape: Shape): Shape => (typeof shape === 'object' && 'optional' in shape ? shape.optional : shape);

/** Known members first, then those of later versions in alphabetical order. */
function inOrder(names: readonly string[], known: readonly string[]): string[] {
  const others = names.filter((name) => !known.includes(name)).sort();
  return [...known.filter((name) => names.includes(name)), ...others];
}

function layOut(open: string, parts: readonly string[], close: string, depth: number): string {
  if (parts.length === 0) return open + close;
  const length = parts.reduce((sum, part) => sum + part.length + 2, depth * 2);
  if (length <= LINE && !parts.some((part) => part.includes('\n'))) {
    const pad = open === '{' ? ' ' : '';
    return open + pad + parts.join(', ') + pad + close;
  }
  const indent = '  '.repeat(depth);
  return `${open}\n${parts.map((part) => `${indent}  ${part}`).join(',\n')}\n${indent}${close}`;
}
