import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ODDITIES, ODDITY_FAMILIES } from '../../reference/oddities/index.js';
import { oddityPage } from '../../reference/oddities/page.js';
import { packageFile } from '../../runner/package-files.js';
import { CATALOGUE } from '../../suites/index.js';
import { source } from '../../suites/sources.js';
import { PROFILES } from '../../suites/vocabulary.js';
import { GROUPS } from './groups.js';

describe('the oddities', () => {
  it('have ids of their own', () => {
    const ids = ODDITIES.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
    for (const id of ids) expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  it('are at least sixty', () => {
    expect(ODDITIES.length).toBeGreaterThanOrEqual(60);
  });

  it('name requirements and profiles that exist', () => {
    const ids = CATALOGUE.map(({ id }) => id);
    for (const { warns = {}, declines = [], lacks = [] } of ODDITIES) {
      expect(ids).toEqual(expect.arrayContaining(Object.keys(warns)));
      expect(PROFILES).toEqual(expect.arrayContaining([...declines, ...lacks]));
    }
  });

  it('are all run by one of the files beside this one', () => {
    expect(Object.values(GROUPS).flat().sort()).toEqual(ODDITY_FAMILIES.map(({ name }) => name).sort());
  });

  it('stand in docs/oddities.md; `npm run oddities` writes it anew', () => {
    expect(readFileSync(packageFile('docs', 'oddities.md'), 'utf8')).toBe(oddityPage(source));
  });
});
