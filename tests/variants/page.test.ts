import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PROFILES } from '../../core/protocol.js';
import { GROUPS } from '../../mutation/variants/groups.js';
import { variantPage } from '../../mutation/variants/page.js';
import { VARIANTS } from '../../reference/variants/index.js';
import { packageFile } from '../../runner/package-files.js';
import { source } from '../../suites/catalogue/sources.js';
import { CATALOGUE } from '../../suites/index.js';

describe('the variants', () => {
  it('have ids of their own', () => {
    const ids = VARIANTS.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
    for (const id of ids) expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  it('are at least sixty', () => {
    expect(VARIANTS.length).toBeGreaterThanOrEqual(60);
  });

  it('name requirements and profiles that exist', () => {
    const ids = CATALOGUE.map(({ id }) => id);
    for (const { warns = {}, declines = [] } of VARIANTS) {
      expect(ids).toEqual(expect.arrayContaining(Object.keys(warns)));
      expect(PROFILES).toEqual(expect.arrayContaining([...declines]));
    }
  });

  it('are all run once, and mostly together', () => {
    expect(
      GROUPS.flat()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(VARIANTS.map(({ id }) => id).sort());
    expect(VARIANTS.length).toBeGreaterThan(2 * GROUPS.length);
  });

  it('stand in docs/conformant-variants.md; `npm run variants` writes it anew', () => {
    expect(readFileSync(packageFile('docs', 'conformant-variants.md'), 'utf8')).toBe(variantPage(source));
  });
});
