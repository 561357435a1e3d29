/** A HAR that a real browser wrote: a page that talks to an endpoint of another origin, as chat front ends do. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startEndpoint } from '../../reference/serve.js';
import { loadContract } from '../../runner/contract/contracts.js';
import { judgeTraffic } from '../../tap/files/judge-traffic.js';
import { readTraffic } from '../../tap/files/read-traffic.js';
import { sharedBrowser } from '../support/browser.js';
import { scratch } from '../support/command.js';

const KEY = 'sk-typed-into-a-page-01';

it.each([
  ['without a fault', [], []],
  ['of a fault', ['message-stop-missing'], ['stream.order.message-stop-last']],
])('is judged in both directions, %s', async (_, faults, expected) => {
  const { folder, remove } = scratch();
  const endpoint = await startEndpoint({
    apiKey: KEY,
    faults,
    connection: (request, response) => {
      response.setHeader('access-control-allow-origin', '*');
      response.setHeader('access-control-allow-headers', '*');
      if (request.method === 'OPTIONS') response.writeHead(204).end();
    },
  });
  const browser = await sharedBrowser();
  const path = join(folder, 'page.har');
  const context = await browser.newContext({ recordHar: { path, content: 'embed' } });
  try {
    const page = await context.newPage();
    await page.goto(`${endpoint.url}/`);
    for (const stream of [false, true]) {
      await page.evaluate(
        async ([url, key, isStream]) => {
          const answer = await fetch(`${url}/v1/messages`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'x-api-key': key! },
            body: JSON.stringify({
              model: 'reference-1',
              max_tokens: 50,
              stream: isStream === 'true',
              messages: [{ role: 'user', content: 'Say hello.' }],
            }),
          });
          await answer.text();
        },
        [endpoint.url, KEY, String(stream)],
      );
    }
    await context.close();
    expect(readFileSync(path, 'utf8')).toContain(KEY);
    const report = judgeTraffic(readTraffic(path)!, {
      contract: await loadContract('default'),
      strict: false,
      name: 'page.har',
    });
    const failed = report.results.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id);
    expect(failed).toEqual(expected);
    expect(report.target).toMatchObject({ baseUrl: endpoint.url, model: 'reference-1' });
    expect(report.notices[0]).toMatch(/^Read as HAR 1\.2 by \S+ \S+, \d+ entries\.$/);
    const verdicts = new Map(report.results.map(({ id, verdict }) => [id, verdict]));
    for (const id of ['resp.type-role', 'stream.order.message-start-first', 'client.request.schema'])
      expect([id, verdicts.get(id)]).toEqual([id, 'pass']);
    expect(JSON.stringify(report)).not.toContain(KEY);
  } finally {
    await context.close();
    await endpoint.close();
    remove();
  }
});
