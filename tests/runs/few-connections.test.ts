/** Targets that take few connections at a time: idle connections of the suite itself must not stand in the way of its requests. */

import { describe, expect, it } from 'vitest';
import { startEndpoint } from '../../reference/serve.js';
import { run } from '../../runner/run.js';
import { judged, KEY } from '../support/broken-targets.js';
import { fewConnections } from '../support/few-connections.js';

const failing = (results: readonly { id: string; verdict: string }[]): string[] =>
  results.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id);

describe('a target that ends every connection beyond', () => {
  it.each([1, 2, 3])('%i fails nothing', async (most) => {
    const endpoint = await startEndpoint({ apiKey: KEY });
    const front = await fewConnections(endpoint.url, most);
    const profiles = ['core', 'documents', 'batches'] as const;
    const { report, exitCode } = await run({ url: front.url, apiKey: KEY, model: 'reference-1', profiles });
    await front.close();
    await endpoint.close();
    expect(front.turnedAway()).toBeGreaterThan(0);
    expect(failing(report.results)).toEqual([]);
    expect(exitCode).toBe(0);
    expect(report.results.find(({ id }) => id === 'files.list-get-delete')?.verdict).toBe('pass');
  });
});

describe('a target that ends the connection of every deletion', () => {
  it('fails files.list-get-delete', async () => {
    const { report } = await judged(
      {},
      {
        profiles: ['documents'],
        endpoint: { connection: ({ method }, response) => void (method === 'DELETE' && response.destroy()) },
      },
    );
    expect(failing(report.results)).toEqual(['files.list-get-delete']);
  });
});
