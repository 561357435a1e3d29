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

/**
 * The longest chain of requests that have to come one after another, or the work of all shared out: no run can be faster. With the times
 * that the requests took, which on a busy machine are more than the delay.
 */
function idealOf({ exchanges }, concurrency) {
  const chains = new Map();
  let work = 0;
  for (const { id, response } of exchanges) {
    const taken = (response?.endMs ?? 0) / 1000;
    const conversation = id.replace(/\.\d+(?=#|$)/, '');
    chains.set(conversation, (chains.get(conversation) ?? 0) + taken);
    work += taken;
  }
  return Math.max(Math.max(...chains.values()), work / concurrency);
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
