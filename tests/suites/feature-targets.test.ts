import { describe, expect, it } from 'vitest';
import type { Profile } from '../../core/protocol.js';
import type { Report } from '../../core/report.js';
import type { EndpointOptions } from '../../reference/options.js';
import type { MessageRequest } from '../../reference/wire.js';
import { loadContract } from '../../runner/contract/contracts.js';
import { judged as judgedEndpoint } from '../support/judged.js';

const FEATURES: Profile[] = ['thinking', 'caching', 'structured-output'];
const FAMILIES: Partial<Record<Profile, string>> = {
  thinking: 'think.*',
  caching: 'cache.*',
  'structured-output': 'so.*',
};

/** Judges an endpoint by what it claims: everything, or everything but the three features. */
async function judged(options: EndpointOptions, claims: boolean, profiles: Profile[] = FEATURES): Promise<Report> {
  const full = await loadContract('anthropic');
  const claimed = full.profiles.claimed.filter((profile) => !FEATURES.includes(profile));
  const contract = claims ? full : { ...full, profiles: { ...full.profiles, claimed } };
  const model = options.models === undefined ? 'reference-1' : 'one';
  // Who names a profile holds the target to it; its ids alone do not.
  const families = profiles.flatMap((profile) => FAMILIES[profile] ?? []);
  const selected = claims || families.length === 0 ? { profiles } : { only: families };
  return judgedEndpoint(options, { model, contract, ...selected });
}

const troubled = (report: Report): Record<string, string> =>
  Object.fromEntries(
    report.results.flatMap(({ id, verdict, silent }) =>
      verdict === 'pass' ? [] : [[id, silent ? `${verdict}, silent` : verdict]],
    ),
  );
const only = (report: Report, family: string): Record<string, string> =>
  Object.fromEntries(Object.entries(troubled(report)).filter(([id]) => id.startsWith(family)));

describe('an endpoint without thinking and structured output that says so', () => {
  const honest: EndpointOptions = { features: { thinking: false, 'structured-output': false } };

  it('has them declined where it does not claim them', async () => {
    const report = await judged(honest, false, ['thinking', 'structured-output']);
    expect(new Set(report.results.map(({ verdict }) => verdict))).toEqual(new Set(['declined', 'skipped', 'pass']));
    expect(report.results.filter(({ verdict }) => verdict === 'pass').map(({ id }) => id)).toEqual([
      'think.disabled',
      'think.unsupported',
      'so.format.unsupported',
      'so.effort',
      'think.redacted.replay',
    ]);
  });

  it('fails by its claim', async () => {
    const report = await judged(honest, true, ['thinking', 'structured-output']);
    const reasons = Object.fromEntries(report.results.map(({ id, reason }) => [id, reason]));
    expect(reasons['think.accepted']).toMatch(/^The profile thinking is claimed but not there: HTTP 400/);
    expect(reasons['so.format.json']).toMatch(/^The profile structured-output is claimed but not there: HTTP 400/);
    expect(report.results.some(({ silent }) => silent)).toBe(false);
  });

  it('is no trouble to agents', async () => {
    const report = await judged(honest, false, ['agent']);
    expect(only(report, 'think.')).toEqual({
      'think.empty-signature': 'skipped',
      'think.foreign-history': 'skipped',
    });
  });
});

describe('an endpoint that swallows', () => {
  const without = (key: keyof MessageRequest): EndpointOptions => ({
    alterations: { prompt: ({ [key]: _, ...request }) => request as MessageRequest },
  });

  it('thinking: warns in silence, because the model may not be able to think', async () => {
    const report = await judged(without('thinking'), true, ['thinking']);
    expect(only(report, 'think.')).toEqual({
      'think.accepted': 'warn, silent',
      'think.block-shape': 'skipped',
      'think.budget.not-ignored': 'skipped',
      'think.omitted.replay': 'skipped',
      'think.omitted.text-beside': 'skipped',
      'think.replay': 'inconclusive',
      'think.replay.order': 'skipped',
      'think.replay.tampered': 'inconclusive',
      'think.display.omitted': 'inconclusive',
      'think.stop-sequence': 'inconclusive',
      'think.usage': 'skipped',
    });
  });

  it('the form of the answer: fails in silence', async () => {
    const report = await judged(without('output_config'), true, ['structured-output']);
    expect(only(report, 'so.')).toEqual({
      'so.format.json': 'fail, silent',
      'so.format.stream': 'skipped',
      'so.format.unsupported': 'skipped',
      'so.required-first': 'skipped',
      'so.truncation': 'skipped',
    });
  });

  it('cache marks: fails in silence', async () => {
    const report = await judged({ features: { caching: false } }, true, ['caching']);
    expect(troubled(report)).toEqual({
      'cache.four-breakpoints': 'warn',
      'cache.write-then-read': 'fail, silent',
      'cache.usage.input-excludes': 'skipped',
      'cache.prewarm': 'fail, silent',
    });
  });
});

describe('a model', () => {
  const model = (thinking: ('enabled' | 'adaptive' | 'disabled')[]): EndpointOptions => ({
    models: [
      {
        id: 'one',
        displayName: 'One',
        createdAt: '2026-10-21T00:00:00Z',
        maxInputTokens: 200_000,
        maxTokens: 64_000,
        thinking,
      },
    ],
  });

  it('of adaptive thinking alone keeps what can be asked of it', async () => {
    const report = await judged(model(['adaptive', 'disabled']), true, ['thinking', 'agent']);
    expect(only(report, 'think.')).toEqual({
      'think.budget.minimum': 'skipped',
      'think.budget.below-max': 'skipped',
      'think.forced-tool': 'skipped',
      'think.empty-signature': 'skipped',
    });
  });

  it('that always thinks may refuse to stop', async () => {
    const report = await judged(model(['enabled']), true, ['thinking']);
    expect(only(report, 'think.')).toEqual({});
  });
});
