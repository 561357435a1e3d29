/** A client that returns bytes, such as curl: its requests are written for it, and what it saves is read by the suite's own reader. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnLines } from './child.js';
import type { Ready } from './prepare.js';
import { type Outcome, type Probe, requestOf } from './probes.js';
import { readReply } from './reply.js';

interface ShellTask {
  model: string;
  apiKey: string;
  headers: Readonly<Record<string, string>>;
  probes: readonly { name: Probe; url: string }[];
}

/** Probes that need no answer of an earlier one. */
const ONE_REQUEST: readonly Probe[] = ['create', 'stream', 'stream-tool', 'text-and-tools', 'rejected'];

export async function shellOutput(
  { command, args, cwd: parent }: Ready,
  { model, apiKey, headers, probes }: ShellTask,
  timeoutMs: number,
): Promise<{ lines: Outcome[]; trouble: string }> {
  const cwd = mkdtempSync(join(parent, 'probes-'));
  try {
    const own = probes.filter(({ name }) => ONE_REQUEST.includes(name));
    for (const { name } of own) writeFileSync(join(cwd, `${name}.json`), JSON.stringify(requestOf(name, model)));
    // Out of the list of processes.
    const lines = Object.entries({ 'x-api-key': apiKey, ...headers }).map(headerLine);
    writeFileSync(join(cwd, 'curl.headers'), lines.join(''), { mode: 0o600, encoding: 'latin1' });
    const input = own.map(({ name, url }) => `${name} ${url}\n`).join('');
    const { lines: printed, trouble } = await spawnLines({ command, args, cwd }, input, timeoutMs);
    return { lines: printed.flatMap((line) => outcomeOf(line, cwd)), trouble };
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

/** A line of a config file of curl. A name with a colon and nothing else would take the header away. */
const headerLine = ([name, value]: [string, string]): string =>
  `header = ${JSON.stringify(value === '' ? `${name};` : `${name}: ${value}`)}\n`;

function outcomeOf(line: Record<string, unknown>, cwd: string): Outcome[] {
  const probe = line.probe as Probe;
  if (!ONE_REQUEST.includes(probe)) return [];
  const status = Number(line.status);
  const body = readFileSync(join(cwd, `${probe}.out`), { flag: 'a+' });
  if (line.exit !== 0) {
    const message = readFileSync(join(cwd, `${probe}.err`), 'utf8').trim();
    return [{ probe, error: { class: `curl ${line.exit}`, message, status: null } }];
  }
  if (status >= 400)
    return [{ probe, error: { class: `HTTP ${status}`, message: body.toString('utf8').slice(0, 300), status } }];
  const message = readReply(body);
  return message === null
    ? [{ probe, error: { class: 'no message', message: 'the body does not yield a message', status } }]
    : [{ probe, message }];
}
