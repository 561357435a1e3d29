import { describe, expect, it } from 'vitest';
import { DIALECTS } from '../../gateway/dialects/index.js';
import { GATEWAY_VARIANTS } from '../../mutation/gateway/variants.js';
import { judgedGateway, reasons } from './support.js';

/** Large bodies, which take as long as everything else. */
const LARGE = ['gw.answer.long', 'gw.stream.many-deltas', 'gw.stream.bytes', 'gw.request.text.long'];

describe.each(DIALECTS.map(({ name }) => name))('a gateway that works otherwise than most, with %s', (speaks) => {
  const variants = GATEWAY_VARIANTS.filter((variant) => variant.speaks?.includes(speaks) !== false);

  it.each(variants.map((variant) => [variant.id, variant] as const))(
    '%s raises no false alarm',
    async (_id, variant) => {
      const report = await judgedGateway({ speaks, skip: LARGE, embedded: { alterations: variant.alterations } });
      expect(reasons(report)).toEqual([]);
      expect(report.summary.pass).toBeGreaterThan(100);
    },
  );
});

it('has each variant once, and enough of them', () => {
  const ids = GATEWAY_VARIANTS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeGreaterThanOrEqual(25);
});
