import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LEVELS, PROFILES, TRANSPORTS, VERDICTS } from '../../core/protocol.js';
import type { Report } from '../../core/report.js';
import { REPORT_SHAPE, type Shape } from '../../reporters/shape.js';
import { violations } from '../../validation/index.js';
import { cleanReport, hostileReport, largeReport, reportOf, sampleReport } from '../support/sample-report.js';

type Schema = { [keyword: string]: unknown } & {
  $ref?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  allOf?: Schema[];
  anyOf?: Schema[];
  enum?: unknown[];
};

const root = JSON.parse(
  readFileSync(new URL('../../schemas/report.schema.json', import.meta.url), 'utf8'),
) as Schema & {
  $defs: Record<string, Schema>;
};

/** The schema with references followed and its parts put together. */
function whole(schema: Schema): Schema {
  const parts = [schema, ...(schema.allOf ?? []), ...(schema.anyOf ?? [])].flatMap((part) =>
    part.$ref === undefined ? [part] : [part, whole(root.$defs[part.$ref.replace('#/$defs/', '')]!)],
  );
  return {
    ...Object.assign({}, ...parts),
    properties: Object.assign({}, ...parts.map((part) => part.properties ?? {})),
    required: [...new Set(parts.flatMap((part) => part.required ?? []))],
  };
}

/** Every place where the schema and the shape disagree about members and which of them may be absent. */
function disagreements(schema: Schema, shape: Shape, at: string): string[] {
  const { properties = {}, required = [], items } = whole(schema);
  if (shape === 'any') return [];
  if ('optional' in shape) return disagreements(schema, shape.optional, at);
  if ('list' in shape)
    return items === undefined ? [`${at} is no list in the schema`] : disagreements(items, shape.list, `${at}[]`);
  const names = [...new Set([...Object.keys(properties), ...Object.keys(shape.members)])];
  return names.flatMap((name) => {
    const place = `${at}.${name}`;
    const member = shape.members[name];
    const property = properties[name];
    if (member === undefined) return [`${place} is in the schema only`];
    if (property === undefined) return [`${place} is in the type only`];
    const mayBeAbsent = typeof member === 'object' && 'optional' in member;
    const faults = mayBeAbsent === required.includes(name) ? [`${place}: optional in one of them only`] : [];
    return [...faults, ...disagreements(property, member, place)];
  });
}

describe('the schema of the report', () => {
  it.each([
    ['a run with every verdict', sampleReport()],
    ['a run without a fault', cleanReport()],
    ['a run against a hostile target', hostileReport()],
    ['a full run', largeReport()],
    ['a run that executed nothing', reportOf([], [])],
  ])('accepts the report of %s', (_name, report) => {
    expect(violations('report', JSON.parse(JSON.stringify(report)))).toEqual([]);
  });

  it('has the members of the type, and requires those that the type requires', () => {
    expect(disagreements(root, REPORT_SHAPE, 'report')).toEqual([]);
  });

  it('names the words of the vocabulary', () => {
    expect(root.$defs.verdict!.enum).toEqual(VERDICTS);
    expect(root.$defs.profile!.enum).toEqual(PROFILES);
    expect(root.$defs.level!.enum).toEqual(LEVELS);
    expect(root.$defs.exchange!.properties!.transport!.enum).toEqual(TRANSPORTS);
    expect(root.$defs.counts!.required).toEqual(VERDICTS);
  });

  it.each<[string, (report: Report) => unknown, string]>([
    [
      'a verdict that does not exist',
      (report) => Object.assign(report.results[0]!, { verdict: 'ok' }),
      '/results/0/verdict',
    ],
    [
      'a summary without a count',
      (report) => delete (report.summary as Partial<Report['summary']>).executed,
      '/summary',
    ],
    [
      'a finding without what was expected',
      (report) => Object.assign(report.results[1]!.findings[0]!, { expected: null }),
      '/results/1/findings/0/expected',
    ],
    [
      'a status that is a string',
      (report) => Object.assign(report.exchanges[0]!.response!, { status: '200' }),
      '/exchanges/0/response',
    ],
    ['another format', (report) => Object.assign(report, { format: 1 }), '/format'],
  ])('refuses %s', (_name, spoil, pointer) => {
    const report = JSON.parse(JSON.stringify(sampleReport())) as Report;
    spoil(report);
    expect(violations('report', report).map((violation) => violation.pointer)).toContainEqual(
      expect.stringContaining(pointer),
    );
  });
});
