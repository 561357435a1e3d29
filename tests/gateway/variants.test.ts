import { describe, expect, it } from 'vitest';
import { DIALECTS } from '../../gateway/dialects/index.js';
import type { GatewayVariant } from '../../mutation/gateway/variant.js';
import { GATEWAY_VARIANTS } from '../../mutation/gateway/variants.js';
import { composed } from '../../reference/gateway/stages.js';
import { judgedGateway, reasons } from './support.js';
import { inGroups, watched } from './variant-groups.js';

/** Large bodies, which take as long as everything else. */
const LARGE = ['gw.answer.long', 'gw.stream.many-deltas', 'gw.stream.bytes', 'gw.request.text.long'];

describe.each(DIALECTS.map(({ name }) => name))('gateways that work otherwise than most, with %s', (speaks) => {
  const variants = GATEWAY_VARIANTS.filter((variant) => variant.speaks?.includes(speaks) !== false);
  const groups = inGroups(variants).map((group) => [group.map(({ id }) => id).join(' + '), group] as const);

  async function check(group: readonly GatewayVariant[]): Promise<void> {
    const effective = new Set<string>();
    const alterations = composed(group.map((variant) => watched(variant, effective)));
    const report = await judgedGateway({ speaks, skip: LARGE, embedded: { alterations } });
    expect(reasons(report)).toEqual([]);
    expect(report.summary.pass).toBeGreaterThan(100);
    expect([...effective].sort(), 'variants that changed something').toEqual(group.map(({ id }) => id).sort());
  }

  it.each(groups)('%s raise no false alarm', async (_ids, group) => {
    try {
      await check(group);
    } catch (error) {
      // Which of them it is; if it is none of them alone, it is what they do together.
      for (const variant of group) await check([variant]);
      throw error;
    }
  });
});

it('has each variant once, and enough of them', () => {
  const ids = GATEWAY_VARIANTS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeGreaterThanOrEqual(25);
});
