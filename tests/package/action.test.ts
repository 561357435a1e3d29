import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type RunningEndpoint, startEndpoint } from '../../reference/serve.js';
import { packageFile } from '../../runner/package-files.js';
import { scratch } from '../support/command.js';

interface Step {
  name: string;
  id?: string;
  run?: string;
  uses?: string;
  env?: Record<string, string>;
}
const action = parse(readFileSync(packageFile('action.yml'), 'utf8')) as {
  inputs: Record<string, { default: string; description: string }>;
  outputs: Record<string, { value: string }>;
  runs: { using: string; steps: Step[] };
};
const KEY = 'the-key-of-this-target';

let faulty: RunningEndpoint;
const folders: ReturnType<typeof scratch>[] = [];
beforeAll(async () => {
  faulty = await startEndpoint({ apiKey: KEY, faults: ['message-stop-missing', 'request-id-missing'] });
});
afterAll(async () => {
  await faulty.close();
  for (const { remove } of folders) remove();
});

/** Runs the steps that are scripts as a runner does: inputs replaced in `env`, then bash with the variables that a runner sets. */
async function runAction(inputs: Record<string, string>, environment: Record<string, string> = {}) {
  const place = scratch();
  folders.push(place);
  const cwd = join(place.folder, 'workspace');
  mkdirSync(cwd);
  const [output, summary] = ['output', 'summary'].map((name) => join(place.folder, name)) as [string, string];
  for (const file of [output, summary]) writeFileSync(file, '');
  const given: Record<string, string> = { ...defaults(), ...inputs };
  const filled = (text: string) =>
    text.replace(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_, name: string) => given[name] ?? '');
  let log = '';
  let status = 0;
  for (const step of action.runs.steps) {
    if (step.run === undefined) continue;
    const env = Object.entries(step.env ?? {}).map(([name, value]) => [name, filled(value)]);
    const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run], {
      cwd,
      env: {
        PATH: process.env.PATH ?? '',
        CI: 'true',
        GITHUB_ACTIONS: 'true',
        GITHUB_ACTION_PATH: packageFile(),
        GITHUB_WORKSPACE: cwd,
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: summary,
        ...environment,
        ...Object.fromEntries(env),
      },
    });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (log += text));
    status = await new Promise((resolve) => child.on('close', resolve));
    if (status !== 0) break;
  }
  const read = (file: string) => readFileSync(file, 'utf8');
  return { status, log, cwd, outputs: read(output), summary: read(summary) };
}

const defaults = () => Object.fromEntries(Object.entries(action.inputs).map(([name, input]) => [name, input.default]));

describe('action.yml', () => {
  it('passes inputs through the environment, never into a script', () => {
    for (const { name, run } of action.runs.steps) expect(run ?? '', name).not.toContain('${{');
    for (const { description } of Object.values(action.inputs)) expect(description.length).toBeGreaterThan(10);
  });

  it('judges, annotates, writes the summary, the reports and what the later steps upload', async () => {
    const { status, log, cwd, outputs, summary } = await runAction(
      {
        url: faulty.url,
        model: 'reference-1',
        'key-variable': 'TARGET_KEY',
        profiles: 'core',
        arguments: '--only=stream.order\n--only=resp.id\n',
      },
      { TARGET_KEY: KEY },
    );
    expect(status).toBe(1);
    expect(outputs).toBe('status=1\n');
    expect(log).toMatch(/^::error .*stream\.order\.message-stop-last/m);
    expect(summary).toMatch(/stream\.order\.message-stop-last/);
    expect(readdirSync(join(cwd, 'conformance-report'))).toEqual(
      expect.arrayContaining(['report.json', 'index.html', 'junit.xml', 'report.sarif', 'report.md']),
    );
    expect(log + summary).not.toContain(KEY);
  });

  it.each([
    ['failure', 0],
    ['warning', 1],
    ['never', 0],
  ])('fail-on: %s decides about a warning: status %d', async (failOn, expected) => {
    const inputs = { url: faulty.url, model: 'reference-1', arguments: '--only=hdr.request-id' };
    const { status } = await runAction({ ...inputs, 'fail-on': failOn }, { ANTHROPIC_API_KEY: KEY });
    expect(status).toBe(expected);
  });

  it('takes a baseline and another folder', async () => {
    const place = scratch();
    folders.push(place);
    const baseline = join(place.folder, 'known.json');
    writeFileSync(baseline, JSON.stringify({ known: [{ id: 'stream.order.message-stop-last', reason: 'issue 12' }] }));
    const { status, cwd } = await runAction(
      { url: faulty.url, model: 'reference-1', baseline, out: 'reports', arguments: '--only=stream.order' },
      { ANTHROPIC_API_KEY: KEY },
    );
    expect(status).toBe(0);
    expect(readdirSync(join(cwd, 'reports'))).toContain('report.json');
  });

  it.each([
    ['a violated MUST with fail-on: never', { 'fail-on': 'never', arguments: '--only=stream.order' }, 0, 'status=1\n'],
    ['a wrong profile with fail-on: never', { 'fail-on': 'never', profiles: 'cores' }, 2, 'status=2\n'],
    ['a wrong fail-on', { 'fail-on': 'sometimes' }, 2, 'status=2\n'],
  ])('%s: status %j', async (_what, inputs, status, outputs) => {
    const ended = await runAction({ url: faulty.url, model: 'reference-1', ...inputs }, { ANTHROPIC_API_KEY: KEY });
    expect([ended.status, ended.outputs]).toEqual([status, outputs]);
  });
});

describe('the recipes', () => {
  it('of GitHub uses inputs that the action has', () => {
    const workflow = parse(readFileSync(packageFile('examples', 'github-workflow', 'conformance.yml'), 'utf8'));
    const steps = workflow.jobs.conformance.steps as { uses: string; with?: object }[];
    const ours = steps.find(({ uses }) => uses.includes('messages-conformance@'));
    expect(Object.keys(ours?.with ?? {}).filter((name) => !(name in action.inputs))).toEqual([]);
    const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string };
    expect(ours?.uses).toBe(`OWNER/messages-conformance@v${version}`);
  });

  it('of GitLab is YAML and keeps the JUnit report', () => {
    const { conformance } = parse(readFileSync(packageFile('examples', 'gitlab-ci', '.gitlab-ci.yml'), 'utf8'));
    expect(conformance.artifacts.reports.junit).toBe('conformance-report/junit.xml');
  });

  it('of Docker ends as a user without rights, with the command as its entry', () => {
    const lines = readFileSync(packageFile('Dockerfile'), 'utf8').split('\n');
    const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
    expect(last[0]).toMatch(/-slim$/);
    expect(last).toContain('USER node');
    expect(last).toContain('ENTRYPOINT ["messages-conformance"]');
    expect(last.findIndex((line) => line.startsWith('USER'))).toBeLessThan(
      last.findIndex((line) => line.startsWith('ENTRYPOINT')),
    );
  });
});
