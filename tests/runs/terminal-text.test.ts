/**
 * What the operators of ten broken targets read in their terminal, as a whole. A text that changes is to be read again as they would:
 * is the cause there, once, in plain words, and does the command show it again? `vitest run tests/runs/terminal-text.test.ts -u` takes it.
 * What else is to hold of these runs is asked of the same ones.
 */

import { describe, expect, it } from 'vitest';
import type { Alterations } from '../../reference/stages.js';
import { terminal } from '../../reporters/terminal.js';
import type { RunOptions } from '../../runner/run.js';
import {
  after,
  always,
  at,
  error,
  expectSilence,
  foreignErrors,
  hiding,
  judged,
  onlyBearer,
  withoutOptionalEndpoints,
  withoutUsage,
} from '../support/broken-targets.js';

/** Each is made anew for each attempt: some count what they are asked. */
const TARGETS: Readonly<Record<string, () => { target: Alterations; options?: RunOptions }>> = {
  'wrong-key': () => ({ target: {}, options: { apiKey: 'a-wrong-key-0123' } }),
  'wrong-base-url': () => ({ target: at(/./, () => Response.json({ detail: 'Not Found' }, { status: 404 })) }),
  'asks-to-wait': () => ({ target: always(() => error(429, 'rate_limit_error', 'Slow down.')) }),
  // Of these profiles nothing is sent beside the rest, so that the first thirty requests are always the same.
  'stops-serving': () => ({
    target: after(30, () => error(503, 'api_error', 'No upstream.')),
    options: { profiles: ['core', 'tools', 'errors'] },
  }),
  'bearer-only': () => ({ target: onlyBearer }),
  'errors-as-502': () => ({ target: hiding(502) }),
  'foreign-errors': () => ({ target: foreignErrors }),
  'no-usage': () => ({ target: withoutUsage }),
  'no-optional-endpoints': () => ({ target: withoutOptionalEndpoints, options: { contract: 'anthropic' } }),
  'drops-tool-choice': () => ({
    target: { prompt: ({ tool_choice: _, ...request }) => request as never },
    options: { profiles: ['tools'] },
  }),
};

type Judged = Awaited<ReturnType<typeof judged>>;

/** The last run of each target. */
const runs = new Map<string, Judged>();

async function judgeNow(name: string): Promise<Judged> {
  const { target, options } = TARGETS[name]!();
  const invocation = {
    program: 'npx messages-conformance',
    options: [
      ['url', 'https://gateway.test'],
      ['model', 'reference-1'],
    ],
  } as const;
  const result = await judged(target, { concurrency: 1, invocation, ...options });
  runs.set(name, result);
  return result;
}

/** A test that runs by itself has no earlier run. */
const judgedOnce = async (name: string): Promise<Judged> => runs.get(name) ?? (await judgeNow(name));

// A few verdicts are about time, and a busy machine may leave one open: the text is taken again then.
it.each(Object.keys(TARGETS))('%s', { retry: 2 }, async (name) => {
  const { report } = await judgeNow(name);
  await expect(settled(terminal(report, { width: 100 }))).toMatchFileSnapshot(`texts/${name}.txt`);
});

describe('one cause', () => {
  it('of a proxy that turns every 4xx into 502 is said first, and explains nearly all of it', async () => {
    const { report, exitCode } = await judgedOnce('errors-as-502');
    expect(exitCode).toBe(1);
    const [first] = report.causes;
    expect(first).toMatchObject({
      kind: 'rejection-status',
      title: expect.stringMatching(/status 502, whatever is wrong/),
    });
    const wrong = report.results.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn').length;
    expect(first!.requirements.length).toBeGreaterThan(wrong * 0.9);
  });

  it('of a foreign error envelope', async () => {
    const { report } = await judgedOnce('foreign-errors');
    expect(report.causes[0]).toMatchObject({ kind: 'error-envelope', title: expect.stringContaining('{"detail":…}') });
    expect(report.causes.length).toBeLessThanOrEqual(3);
  });

  it('of replies without usage is not told by what rests on it', async () => {
    const { report } = await judgedOnce('no-usage');
    expect(report.causes[0]).toMatchObject({
      kind: 'usage',
      title: expect.stringMatching(/usage is missing in \d+ of \d+ replies/),
    });
    const explained = new Set(report.causes.flatMap(({ requirements }) => requirements));
    expect(
      report.results.filter(({ id, verdict }) => verdict === 'fail' && !explained.has(id)).length,
    ).toBeLessThanOrEqual(2);
  });

  it('of optional endpoints that are claimed is one failure each, and what rests on it is skipped with its id', async () => {
    const { report, exitCode } = await judgedOnce('no-optional-endpoints');
    expect(exitCode).toBe(1);
    expect(report.results.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id)).toEqual([
      'files.upload',
      'models.list.shape',
      'batch.list',
    ]);
    expect(report.results.find(({ id }) => id === 'batch.cancel')).toMatchObject({
      verdict: 'skipped',
      restsOn: 'batch.list',
    });
    // Neither is asked for again and again.
    expect(report.exchanges.filter(({ request }) => request.url.includes('/batches')).length).toBeLessThanOrEqual(3);
  });
});

describe('a target that takes one credential header only', () => {
  it('is judged with that one, and fails for the other and for nothing else', async () => {
    const { report, exitCode } = await judgedOnce('bearer-only');
    expect(exitCode).toBe(1);
    expect(report.diagnosis).toMatchObject({
      kind: 'other-credential',
      line: expect.stringMatching(/takes the key as a bearer token/),
    });
    expect(report.results.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id)).toEqual(['auth.x-api-key']);
    expect(report.results.filter(({ verdict }) => verdict === 'inconclusive')).toEqual([]);
    expect(report.causes).toMatchObject([
      { kind: 'authentication', requirements: expect.arrayContaining(['auth.x-api-key']) },
    ]);
    expect(report.notices.join()).toMatch(/This run goes on with the key as a bearer token/);
  });
});

describe('silent', () => {
  it.each(Object.keys(TARGETS))('is a failure under a 2xx, never one under a rejection: %s', async (name) => {
    expectSilence((await judgedOnce(name)).report);
  });
});

/** Without what differs from run to run: ports, ids, times, and counts that depend on these. */
const settled = (text: string): string =>
  text
    .replace(/http:\/\/127\.0\.0\.1:\d+/g, 'https://gateway.test')
    .replace(/\b(msg|req|toolu|msgbatch|file)_\w+/g, '$1_…')
    .replace(/^\d+ requests · [\d,]+ tokens in, [\d,]+ out · .*$/m, '… requests · … tokens in, … out · … s')
    .replace(/ {20,}messages-conformance .*$/m, ' messages-conformance')
    .replace(/\d+ bytes?\b|byte [\d,]+/g, 'byte …')
    .replace(/from request \d+ on/g, 'from request … on');
