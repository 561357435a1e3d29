import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../core/protocol.js';
import { startEndpoint } from '../../reference/serve.js';
import { run } from '../../runner/run.js';

const FAULTS = ['max-tokens-ignored', 'message-stop-missing', 'error-message-vague'];
const CAUGHT_BY = ['req.max-tokens.enforced', 'stream.order.message-stop-last', 'err.message-names-field'];

async function verdicts(faults: readonly string[]): Promise<Verdict[]> {
  const endpoint = await startEndpoint({ apiKey: 'some-key', faults });
  try {
    const { report } = await run({
      url: endpoint.url,
      model: 'reference-1',
      apiKey: 'some-key',
      only: CAUGHT_BY,
    });
    return CAUGHT_BY.map((id) => report.results.find((result) => result.id === id)!.verdict);
  } finally {
    await endpoint.close();
  }
}

describe('several faults together', () => {
  it('are each caught', async () => {
    expect(await verdicts([])).toEqual(['pass', 'pass', 'pass']);
    expect(await verdicts(FAULTS.slice(0, 1))).toEqual(['fail', 'pass', 'pass']);
    expect(await verdicts(FAULTS)).toEqual(['fail', 'fail', 'warn']);
  });
});
