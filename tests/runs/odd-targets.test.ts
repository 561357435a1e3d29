/** Conformant targets that once failed: limits of their models, names, and ways to answer that nobody here had thought of. */

import { describe, expect, it } from 'vitest';
import type { Report } from '../../core/report.js';
import type { EndpointOptions } from '../../reference/options.js';
import { judged } from '../support/broken-targets.js';

const failing = ({ results }: Report): string[] =>
  results.filter(({ verdict }) => ['fail', 'warn', 'error'].includes(verdict)).map(({ id }) => id);

const verdict = ({ results }: Report, id: string) => results.find((result) => result.id === id)?.verdict;

/** One model that writes so many tokens at most. */
const writing = (maxTokens: number): EndpointOptions => ({
  models: [
    {
      id: 'reference-1',
      displayName: 'Reference 1',
      createdAt: '2026-10-21T00:00:00Z',
      maxInputTokens: 200_000,
      maxTokens,
    },
  ],
});

describe('a model that writes at most', () => {
  it.each([512, 1_024])('%i tokens fails nothing, and what needs more is not judged', async (maxTokens) => {
    const { report, exitCode } = await judged({}, { endpoint: writing(maxTokens) });
    expect(failing(report)).toEqual([]);
    expect(exitCode).toBe(0);
    expect(report.results.find(({ id }) => id === 'agent.session.first')).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('does not write as many tokens'),
    });
  });
});

describe('a model that writes at most 256 tokens', () => {
  it('fails nothing, and no profile is called declined for that', async () => {
    const { report } = await judged({}, { endpoint: writing(256) });
    expect(failing(report)).toEqual([]);
    expect(report.results.filter(({ verdict }) => verdict === 'declined').map(({ id }) => id)).toEqual([]);
    expect(verdict(report, 'doc.pdf.invalid')).toBe('inconclusive');
  });
});

describe('a gateway that reports one name for all of its models', () => {
  it('fails nothing', async () => {
    const { report, exitCode } = await judged({
      message: (message) => ({ ...message, model: 'house-model' }),
    });
    expect(failing(report)).toEqual([]);
    expect(exitCode).toBe(0);
    expect(verdict(report, 'agent.fallbacks')).toBe('inconclusive');
  });
});
