import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { gatewayBasis } from '../../gateway/basis.js';
import { loadCases } from '../../gateway/cases.js';
import { DIALECTS } from '../../gateway/dialects/index.js';
import { readMessagesRequest } from '../../gateway/dialects/messages/read.js';
import { GATEWAY_CATALOGUE, GATEWAY_SUITES } from '../../gateway/suites/index.js';
import { GATEWAY_SUBJECTS } from '../../mutation/gateway/subjects.js';
import { GATEWAY_FAULTS } from '../../reference/gateway/faults/index.js';
import { packageFile } from '../../runner/package-files.js';
import { source } from '../../suites/catalogue/sources.js';
import { CATALOGUE } from '../../suites/index.js';
import { violations } from '../../validation/index.js';

const folder = packageFile('fixtures', 'gateway');
const files = readdirSync(folder);
const own = GATEWAY_CATALOGUE.filter(({ id }) => id.startsWith('gw.'));
const cases = new Map(DIALECTS.flatMap(({ name }) => [...loadCases(name)]));

describe('the catalogue of gateways', () => {
  it('keeps its ids and levels: reports, baselines and documentation rely on them', () => {
    expect(own.map(({ id, level, profile }) => `${id} ${level} ${profile}`).sort()).toMatchSnapshot();
  });

  it('has each id and each suite once', () => {
    const ids = GATEWAY_CATALOGUE.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    expect(new Set(GATEWAY_SUITES.map(({ name }) => name)).size).toBe(GATEWAY_SUITES.length);
  });

  it('shares with the catalogue of run only what is judged on every response', () => {
    const usual = new Set(CATALOGUE.map(({ id }) => id));
    const others = GATEWAY_CATALOGUE.filter(({ id }) => !id.startsWith('gw.'));
    expect(others.filter(({ id, fixtures }) => !usual.has(id) || fixtures.length > 0)).toEqual([]);
  });

  it.each(own.map((requirement) => [requirement.id, requirement] as const))('%s is well described', (_id, one) => {
    expect(one.statement).toMatch(/^[A-Z0-9`].{15,}\.$/);
    expect(one.statement.length).toBeLessThan(240);
    for (const tag of one.source) expect(source(tag).title).not.toBe('');
    expect(one.fixtures.length).toBeGreaterThan(0);
    for (const id of one.fixtures) expect(cases.has(id), `case ${id}`).toBe(true);
  });

  it('uses every case', () => {
    const used = new Set(own.flatMap(({ fixtures }) => fixtures));
    expect([...cases.keys()].filter((id) => !used.has(id))).toEqual([]);
  });

  it.each(DIALECTS.map(({ name }) => name))('proves every requirement of its own with a fault, with %s', (speaks) => {
    const caught = new Set(GATEWAY_SUBJECTS.flatMap((subject) => (subject.speaks === speaks ? subject.caughtBy : [])));
    const here = gatewayBasis(speaks).catalogue.map(({ id }) => id);
    expect(here.filter((id) => id.startsWith('gw.') && !caught.has(id))).toEqual([]);
  });

  it('has each fault once, and only faults that a known requirement catches', () => {
    const ids = new Set(GATEWAY_CATALOGUE.map(({ id }) => id));
    const names = GATEWAY_FAULTS.map(({ id }) => id);
    expect(names.filter((id, index) => names.indexOf(id) !== index)).toEqual([]);
    for (const { id, caughtBy } of GATEWAY_FAULTS) {
      expect(caughtBy.length, id).toBeGreaterThan(0);
      expect(
        caughtBy.filter((one) => !ids.has(one)),
        id,
      ).toEqual([]);
    }
  });
});

describe.each(files)('fixtures/gateway/%s', (file) => {
  const content = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'));

  it('fits the schema of cases', () => {
    expect(violations('gatewayCases', content)).toEqual([]);
  });
});

describe('what a case expects', () => {
  const turns = [...cases.values()].flatMap(({ id, turns }) =>
    turns.flatMap(({ body, upstream }, index) =>
      upstream?.expects === undefined || body === undefined
        ? []
        : [[`${id} ${index + 1}`, body, upstream.expects] as const],
    ),
  );

  it.each(turns)('%s is what its request says', (_name, body, expects) => {
    const read = readMessagesRequest(body);
    for (const [part, value] of Object.entries(expects)) expect(read[part as keyof typeof read], part).toEqual(value);
  });
});
