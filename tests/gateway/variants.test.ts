import { describe, expect, it } from 'vitest';
import { gatewayProblems, proveGatewayVariants } from '../../mutation/gateway/prove-variants.js';
import type { GatewayVariant } from '../../mutation/gateway/variant.js';
import { GATEWAY_GROUPS } from '../../mutation/gateway/variant-groups.js';
import { GATEWAY_VARIANTS } from '../../mutation/gateway/variants.js';
import { nameOf } from '../../mutation/groups.js';

/** Every so many-th group; `npm run proof -- --check` runs all of them. */
const EVERY = 10;
const named = GATEWAY_GROUPS.filter((_, index) => index % EVERY === 0).map(
  (group) => [group.speaks, nameOf(group.variants), group] as const,
);

describe('gateways that work otherwise than most', () => {
  it.concurrent.each(named)('with %s %s raise no false alarm', async (_speaks, _name, group) => {
    expect(await proveGatewayVariants([group])).toEqual([{ ...group, problems: [] }]);
  });

  it('are told by what they fail, and by changing nothing', async () => {
    const variants: GatewayVariant[] = [
      { id: 'nameless', title: '', alterations: { message: ({ id: _, ...message }) => message } },
      { id: 'idle', title: '', alterations: { outgoing: (body) => body } },
    ];
    const problems = await gatewayProblems({ speaks: 'messages', variants });
    expect(problems).toContainEqual(expect.stringMatching(/^nameless \+ idle with messages: fail /));
    expect(problems.filter((problem) => problem.endsWith('changed nothing'))).toEqual([
      'nameless + idle with messages: idle changed nothing',
    ]);
  });

  it('are each in one group for every API that they make sense with', () => {
    const ids = GATEWAY_VARIANTS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThanOrEqual(25);
    const expected = GATEWAY_VARIANTS.flatMap(({ id, speaks = ['openai-chat', 'openai-responses', 'messages'] }) =>
      speaks.map((name) => `${name} ${id}`),
    );
    const grouped = GATEWAY_GROUPS.flatMap(({ speaks, variants }) => variants.map(({ id }) => `${speaks} ${id}`));
    expect(grouped.sort()).toEqual(expected.sort());
  });
});
