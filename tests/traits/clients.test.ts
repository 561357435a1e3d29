/** What other clients send: their traits, recorded once with the tap, beside what a run sends. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageFile } from '../../runner/package-files.js';
import { scratch } from '../support/command.js';
import { carriedRequests } from './carried.js';
import type { Trait } from './kinds.js';
import { readRequests } from './read.js';
import { traitsOfAll } from './traits.js';

/**
 * Traits by client: a reply, streams, a tool loop, structured output, a beta, a count, a request again after a 529. Recorded in November
 * 2026 with the tap in front of the reference endpoint; `npm run traits -- --list FILE` prints such a list.
 */
const RECORDED = JSON.parse(readFileSync(packageFile('tests', 'traits', 'clients.json'), 'utf8')) as Record<
  string,
  Trait[]
>;

/** Who a client is: a request has one name only, and those of the fixtures are others. */
const NAMES = /^header (user-agent|x-stainless-lang)=/;

/** Sent with --thorough only. */
const THOROUGH = ['value stream=false'];

it('a run of all profiles sends every trait of the Python, Go and TypeScript clients and the AI SDK but their names', async () => {
  const carried = traitsOfAll(await carriedRequests({ contract: 'anthropic', profiles: 'all' }));
  for (const [client, traits] of Object.entries(RECORDED)) {
    expect(traits.length, client).toBeGreaterThan(60);
    expect(
      traits.filter((trait) => !carried.has(trait) && !NAMES.test(trait) && !THOROUGH.includes(trait)),
      client,
    ).toEqual([]);
  }
});

it('the record of a tap is read, but for its first line', () => {
  const { folder, remove } = scratch();
  const request = { method: 'POST', url: 'http://t/v1/messages', headers: { 'x-app': 'cli' }, body: '{"model":"m"}' };
  const file = join(folder, 'traffic.ndjson');
  try {
    writeFileSync(
      file,
      `${JSON.stringify({ format: 'messages-conformance/traffic-1', upstream: 'http://t' })}\n${JSON.stringify({ id: 'exchange-1', request, response: null })}\n`,
    );
    const requests = readRequests([file]);
    expect(requests.map(({ target, headers, body }) => ({ target, headers, body }))).toEqual([
      { target: '/v1/messages', headers: [['x-app', 'cli']], body: { model: 'm' } },
    ]);
  } finally {
    remove();
  }
});
