import { describe, expect, it } from 'vitest';
import { loadFixtures } from '../../runner/plan/fixtures.js';
import { source } from '../../suites/catalogue/sources.js';
import { EXCUSED } from '../../suites/catalogue/untestable.js';
import { CATALOGUE, SUITES } from '../../suites/index.js';

const fixtures = loadFixtures();

describe('the catalogue', () => {
  it('keeps its ids and levels: reports, baselines and documentation rely on them', () => {
    expect(CATALOGUE.map(({ id, level, profile }) => `${id} ${level} ${profile}`).sort()).toMatchSnapshot();
  });

  it('has each id once, excused ones included', () => {
    const ids = [...CATALOGUE, ...EXCUSED].map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  it('has no suite of another name twice', () => {
    const names = SUITES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(CATALOGUE.map((requirement) => [requirement.id, requirement] as const))(
    '%s is well described',
    (_id, requirement) => {
      expect(requirement.statement).toMatch(/^[A-Z0-9`].{15,}\.$/);
      expect(requirement.statement.length).toBeLessThan(240);
      expect(requirement.source.length).toBeGreaterThan(0);
      for (const tag of requirement.source) expect(source(tag).title).not.toBe('');
      for (const id of requirement.fixtures) expect(fixtures.has(id), `fixture ${id}`).toBe(true);
    },
  );

  it('uses every fixture, as a provocation, a control or a part of one', () => {
    const used = new Set(CATALOGUE.flatMap((requirement) => requirement.fixtures));
    for (const fixture of fixtures.values()) {
      if (!used.has(fixture.id)) continue;
      for (let control = fixture.control; control !== null; control = fixtures.get(control)!.control) used.add(control);
      for (const part of fixture.splitInto) used.add(part);
    }
    expect([...fixtures.keys()].filter((id) => !used.has(id))).toEqual([]);
  });
});
