/** The process that runs one command after another is no other place for them than a process of their own. */

import { expect, it } from 'vitest';
import { command } from './command.js';

it.each([[['--help']], [['rnu']], [['run', '--dry-run']], [['judge', '/dev/null']]])(
  '%j prints and ends as in a process of its own',
  async (args) => {
    expect(await command(args)).toEqual(await command(args, { ownProcess: true }));
  },
);

it('a command knows neither the environment nor the secrets of the one before', async () => {
  const secret = 'key-of-the-first-4711';
  const env = { ANTHROPIC_API_KEY: secret, ANTHROPIC_BASE_URL: 'http://127.0.0.1:1' };
  const first = await command(['run', '--dry-run', '--model', 'm', '--only', secret], { env });
  expect(first.code).toBe(2);
  expect(first.out + first.err).not.toContain(secret);
  const second = await command([secret]);
  expect(second.err).toContain(secret);
  expect((await command(['run', '--dry-run'], { env })).err).toContain('ANTHROPIC_API_KEY');
  expect((await command(['run', '--dry-run'])).err).toBe('');
});
