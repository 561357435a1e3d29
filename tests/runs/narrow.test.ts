/** Runs of one requirement, as the printed commands start them: its own request may be the very one that the target rejects. */

import { describe, expect, it } from 'vitest';
import type { Report } from '../../core/report.js';
import { startEndpoint } from '../../reference/serve.js';
import { run } from '../../runner/run.js';
import { always, at, error, judged, KEY } from '../support/broken-targets.js';

const verdictOf = ({ results }: Report, id: string) => results.find((result) => result.id === id)?.verdict;

/** Judges the endpoint with one fault: this requirement, or all of them. */
async function atFault(fault: string, only: readonly string[], further: readonly string[] = []) {
  const { url, close } = await startEndpoint({ apiKey: KEY, faults: [fault] });
  try {
    const { report } = await run({
      url,
      apiKey: KEY,
      model: 'reference-1',
      contract: 'anthropic',
      only,
      with: further,
    });
    return report;
  } finally {
    await close();
  }
}

describe('a run of one requirement', () => {
  it.each([
    ['stop-sequences-refused', 'stop.sequence.which'],
    ['models-redirected', 'models.list.shape'],
    ['models-by-bearer-only', 'models.list.shape'],
  ])('%s: judges the rejected request, once a plain one is accepted', async (fault, id) => {
    const report = await atFault(fault, [id]);
    expect(report.diagnosis).toBeNull();
    expect(verdictOf(report, id)).toBe('fail');
    expect(report.exchanges.map(({ fixture }) => fixture)).toContain('minimal');
  });

  it('is diagnosed by a plain request where that is rejected too', async () => {
    const broken = always(() => error(503, 'api_error', 'No upstream.'));
    const { report } = await judged(broken, { only: ['models.list.shape'] });
    expect(report.diagnosis?.kind).toBe('down');
    expect(report.diagnosis?.tried[0]?.what).toMatch(/^POST .*\/v1\/messages$/);
    expect(verdictOf(report, 'models.list.shape')).toBe('skipped');
  });

  it('sends no further request where the first one is accepted', async () => {
    const { report } = await judged(
      at(/^$/, (request) => request),
      { only: ['models.list.shape'] },
    );
    expect(report.exchanges.map(({ fixture }) => fixture)).toEqual(['models-list']);
  });
});

describe('the command of a stored reply', () => {
  it('names the conversation that the reply was stored for, and shows the copy again', {
    timeout: 60_000,
  }, async () => {
    const id = 'resp.cache.not-stale';
    const found = (await atFault('stored-replies', ['resp', 'stop', id])).results.find((result) => result.id === id)!;
    const further = [...found.reproduce.matchAll(/--with (\S+)/g)].map((match) => match[1]!);
    const [{ comparedWith, exchange }] = found.findings as [(typeof found.findings)[0]];
    expect(further).toEqual([comparedWith!.split('/')[0], exchange!.split('/')[0]]);
    expect(verdictOf(await atFault('stored-replies', [id], further), id)).toBe('fail');
  });
});
