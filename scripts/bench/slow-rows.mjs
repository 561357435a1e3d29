/** A target that takes two seconds for every request, whatever else it is doing: how close a run comes to the ideal. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cli, once, scratch, script, serving } from './processes.mjs';

const SECONDS = 2;

/** The reference endpoint behind a delay. */
async function serveSlowly() {
  const { startEndpoint } = await import('../../dist/reference/serve.js');
  const endpoint = await startEndpoint({
    apiKey: process.env.ANTHROPIC_API_KEY,
    alterations: {
      request: async (request) => {
        await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
        return request;
      },
    },
  });
  console.log(endpoint.url);
}

/** The longest chain of requests that have to come one after another, or the work of all shared out: no run can be faster. */
function idealOf({ exchanges, summary }, concurrency) {
  const chains = new Map();
  for (const { fixture, transport, attempt } of exchanges) {
    const key = `${fixture} ${transport === 'stream'} ${attempt}`;
    chains.set(key, (chains.get(key) ?? 0) + 1);
  }
  return SECONDS * Math.max(Math.max(...chains.values()), summary.requests / concurrency);
}

const slow = (concurrency, goal) => ({
  id: `run, ${SECONDS} s a request, ${concurrency} at a time / ideal`,
  goal,
  async measure() {
    const target = await serving([script('slow-rows.mjs'), 'serve']);
    const out = join(scratch, `slow-${concurrency}`);
    try {
      const selection = ['--url', target.url, '--concurrency', String(concurrency)];
      once([cli, 'run', '--quiet', '--out', out, '--model', 'reference-1', ...selection]);
    } finally {
      await target.stop();
    }
    const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'));
    const ideal = idealOf(report, concurrency);
    const taken = report.summary.durationMs / 1000;
    return { ratio: taken / ideal, note: `${taken.toFixed(1)} s against ${ideal.toFixed(1)} s` };
  },
});

export const slowRows = [slow(4, 1.05), slow(16, 1.1), slow(64, 1.12)];

if (process.argv[2] === 'serve' && process.argv[1] === script('slow-rows.mjs')) await serveSlowly();
