/** From the fault of a server to the mark in its report. */

import { describe, expect, it } from 'vitest';
import { startEndpoint } from '../../reference/serve.js';
import { html } from '../../reporters/html.js';
import { run } from '../../runner/run.js';
import { faults } from '../support/faulty-target.js';
import { pages, violations, visibleIds } from '../support/page.js';

const browser = pages();

async function reportOfFaultyTarget() {
  const endpoint = await startEndpoint({ apiKey: 'some-key', alterations: faults() });
  try {
    const { report } = await run({
      url: endpoint.url,
      model: 'reference-1',
      apiKey: 'some-key',
      only: ['stream.order.*', 'req.system.array', 'http.body.not-json'],
    });
    return report;
  } finally {
    await endpoint.close();
  }
}

describe('the report of a run against a faulty target', () => {
  it('leads from the headline to the offending event and back to the request', async () => {
    const report = await reportOfFaultyTarget();
    const page = await browser.open(html(report));
    const ids = await visibleIds(page, '.silent .result, .failures .result');
    expect(ids).toContain('req.system.array');
    expect(ids).toContain('stream.order.index-consecutive');
    expect(ids).toContain('http.body.not-json');
    const id = 'stream.order.index-consecutive';
    await page.locator(`[id="${id}"] h3 button`).first().click();
    const marked = page.locator(`[id="${id}"] tr.marked`).first();
    expect(await marked.textContent()).toContain('content_block_start');
    expect(await page.locator(`[id="${id}"] .flag`).first().isVisible()).toBe(true);
    expect(await page.locator(`[id="${id}"] .command`).nth(1).textContent()).toContain(
      '"x-api-key: $ANTHROPIC_API_KEY"',
    );
    expect(await page.content()).not.toContain('some-key');
    expect(await violations(page)).toEqual([]);
  });
});
