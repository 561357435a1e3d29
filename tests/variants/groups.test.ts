import { expect, it } from 'vitest';
import { GROUPS } from '../../mutation/variants/groups.js';
import { nameOf, proveVariants } from '../../mutation/variants/prove.js';
import type { Variant } from '../../reference/variants/index.js';

/** Every so many-th group; `npm run proof -- --check` runs all of them. */
const EVERY = 12;

const named = GROUPS.filter((_, index) => index % EVERY === 0).map((group) => [nameOf(group), group] as const);

it.concurrent.each(named)('%s raise no false alarm', async (_name, group) => {
  expect(await proveVariants([group])).toEqual([{ group, problems: [] }]);
});

it('names a variant that raises a false alarm, and a step of it that does nothing', async () => {
  const numbered: Variant = {
    id: 'numbered',
    title: '',
    source: [],
    alters: { message: (message) => ({ ...message, model: 7 as never }), json: (body) => body },
  };
  const [{ problems } = { problems: [] }] = await proveVariants([[numbered]]);
  expect(problems).toContainEqual(expect.stringMatching(/^numbered: fail resp/));
  expect(problems).toContainEqual('numbered: its step json changed nothing');
});
