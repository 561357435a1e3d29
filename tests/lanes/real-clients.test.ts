/** Clients of other languages, where they are installed. */

import { mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startEndpoint } from '../../reference/serve.js';
import { loadContract } from '../../runner/contract/contracts.js';
import { packageFile } from '../../runner/package-files.js';
import { type LaneReport, runLane } from '../../tap/lanes/run-lane.js';
import { command, scratch } from '../support/command.js';
import { isInstalled, laneOf } from './installed.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const KEY = 'sk-of-a-target-with-clients';

async function kinds(client: string, fault: string): Promise<string[]> {
  const endpoint = await startEndpoint({ apiKey: KEY, faults: [fault] });
  closing.push(() => endpoint.close());
  const report = await runLane(
    laneOf(client),
    { url: endpoint.url, model: 'reference-1', apiKey: KEY, headers: {} },
    { contract: await loadContract('default'), install: false, timeoutMs: 60_000 },
  );
  return kindsIn(report);
}

const kindsIn = ({ probes }: LaneReport): string[] =>
  probes.map(({ probe, result }) => `${probe}: ${result.kind}${result.kind === 'differs' ? ` ${result.field}` : ''}`);

const WORKS = ['create', 'stream', 'stream-tool', 'text-and-tools', 'tool-loop', 'rejected'].map(
  (probe) => `${probe}: same`,
);

/** A fault that each of them takes in its own way, and what it makes of it. */
const FAULTS = [
  ['go', 'tool-input-at-start-and-after', 'stream-tool: differs input of a tool call'],
  ['python', 'index-always-zero', 'text-and-tools: differs input of a tool call'],
  ['ai-sdk', 'block-stop-missing', 'stream-tool: differs number of tool calls'],
] as const;

for (const [client, fault, effect] of FAULTS)
  describe.skipIf(!isInstalled(client))(laneOf(client).title, () => {
    it('gets what the bytes of the reference endpoint say, and sends the headers of the user, which the record shows by their variables', async () => {
      const endpoint = await startEndpoint({ apiKey: KEY });
      closing.push(() => endpoint.close());
      const headers = { 'x-team': 'team-of-the-lanes', 'x-gate': 'pass-of-the-lanes', 'accept-language': 'de' };
      const report = await runLane(
        laneOf(client),
        { url: endpoint.url, model: 'reference-1', apiKey: KEY, headers, headerVariables: { 'x-gate': 'GATE_PASS' } },
        { contract: await loadContract('default'), install: false, timeoutMs: 60_000 },
      );
      expect(kindsIn(report)).toEqual(WORKS);
      const sent = report.probes.flatMap(({ exchanges }) => exchanges.map(({ request }) => request.headers));
      expect(sent.length).toBeGreaterThan(5);
      for (const one of sent)
        expect(one).toMatchObject({ 'x-team': '$X_TEAM', 'x-gate': '$GATE_PASS', 'accept-language': 'de' });
      expect(JSON.stringify(report)).not.toMatch(/(team|pass)-of-the-lanes/);
    });

    it(`gets something else with ${fault}`, async () => {
      expect(await kinds(client, fault)).toContain(effect);
    });
  });

describe('the Go client', () => {
  it('is skipped where there is no Go', async () => {
    const made = scratch();
    closing.push(made.remove);
    const bin = mkdtempSync(join(made.folder, 'bin-'));
    symlinkSync(process.execPath, join(bin, 'node'));
    const { out } = await command(['clients', '--client', 'go', '--install'], {
      env: { PATH: bin, XDG_CACHE_HOME: made.folder },
    });
    expect(out).toMatch(/Go 2\.15\.0 {2}skipped: go is not found/);
  });

  it('is pinned by its module file', () => {
    const { version, install } = laneOf('go');
    const text = readFileSync(packageFile('clients', 'go', 'go.mod'), 'utf8');
    expect(install).toEqual([`github.com/anthropics/anthropic-sdk-go/v2@v${version}`]);
    expect(text).toContain(`require github.com/anthropics/anthropic-sdk-go/v2 v${version}\n`);
  });
});
