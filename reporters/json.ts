/** The report document itself, as text. */

import type { Report } from '../core/report.js';
import { ANY, REPORT_SHAPE, type Shape } from './shape.js';

/** Lists and objects stand on one line as long as they fit into so many columns. */
const LINE = 120;

/**
 * Two reports with the same content give the same text: members stand in one order, and short values on one line so that
 * thousands of chunks do not drown the rest. Characters that could change how the text around them is shown are escaped.
 */
export function json(report: Report): string {
  return [...jsonPieces(report)].join('');
}

/** The same text in pieces, each exchange one of its own: all bodies in one text would take their size several times over. */
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

/** Any value in the same layout, its members in their own order. */
export function jsonText(value: unknown): string {
  return write(value, ANY, 0);
}

/** Deeper values do not come from a run of ours; their inner part is left out rather than the stack exhausted. */
const DEEPEST = 200;

const HIDDEN = /[\p{Cf}\p{Zl}\p{Zp}\u007f-\u009f]/gu;

/** What a CI system takes for a command wherever it stands in a line of a log: `##vso[`, `##[`. The second sign is escaped. */
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

/** Known members first; what a later version added keeps a fixed place behind them. */
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
