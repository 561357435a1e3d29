import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Report } from '../../core/report.js';
import { command, type Outcome, scratch } from '../support/command.js';

const { folder, remove } = scratch();
afterAll(remove);

/** What `npm install --omit=optional` leaves: no package of this name. */
const HOOKS = `export async function resolve(specifier, context, next) {
  if (specifier.startsWith('@anthropic-ai/sdk'))
    throw Object.assign(new Error('Cannot find package ' + specifier), { code: 'ERR_MODULE_NOT_FOUND' });
  return next(specifier, context);
}`;
const script = (text: string) => `data:text/javascript,${encodeURIComponent(text)}`;
const WITHOUT = script(`import { register } from 'node:module'; register(${JSON.stringify(script(HOOKS))});`);

async function judged(name: string, env: Record<string, string>, args: string[] = []) {
  const out = join(folder, name);
  const outcome: Outcome = await command(['run', '--out', out, ...args], { env });
  const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as Report;
  return { ...outcome, report };
}

describe('without the official client, which is an optional dependency', () => {
  const env = { NODE_OPTIONS: `--import=${WITHOUT}` };

  it('what is about the client is skipped with the reason, and everything else is judged as with it', async () => {
    const [without, with_] = await Promise.all([judged('without', env), judged('with', {})]);
    const verdicts = ({ report }: { report: Report }) => report.results.map(({ id, verdict }) => [id, verdict]);
    const aboutClient = without.report.results.filter(({ reason }) => reason.includes('npm install @anthropic-ai/sdk'));
    expect(aboutClient.map(({ id }) => id)).toEqual([
      'sdk.ts.create',
      'stream.sdk.ts',
      'sdk.ts.content-block-events',
      'err.sdk-class',
      'sdk.replay-history',
    ]);
    const expected = verdicts(with_).map(([id, verdict]) => [
      id,
      aboutClient.some((result) => result.id === id) ? 'skipped' : verdict,
    ]);
    expect(verdicts(without)).toEqual(expected);
    expect([without.code, with_.code]).toEqual([0, 0]);
    expect(without.report.exchanges.filter(({ client }) => client !== undefined)).toEqual([]);
    expect(without.err).not.toContain('Cannot find package');
  });

  it('what is selected of it is skipped with the reason, and nothing was judged', async () => {
    const { report, code } = await judged('selected', env, ['--only', 'sdk.ts.*']);
    const why = 'The official client is not installed: npm install @anthropic-ai/sdk';
    expect(report.results.map(({ id, verdict, reason }) => [id, verdict, reason])).toEqual([
      ['sdk.ts.create', 'skipped', why],
      ['sdk.ts.content-block-events', 'skipped', why],
    ]);
    expect(code).toBe(3);
  });
});
