/** Recipes for CI systems are what their systems read, and call commands and options that exist. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { packageFile } from '../../runner/package-files.js';

const CI = readFileSync(packageFile('docs', 'ci.md'), 'utf8');
const GITLAB = readFileSync(packageFile('examples', 'gitlab-ci', '.gitlab-ci.yml'), 'utf8');
const blocks = (language: string): string[] =>
  [...CI.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map(([, text]) => text!);
const yaml = blocks('yaml').map((text) => parse(text));
const help = (command: string): string =>
  execFileSync(process.execPath, [packageFile('dist', 'runner', 'cli.js'), command, '--help'], { encoding: 'utf8' });

it('every command of docs/ci.md and of the GitLab example has options that exist', () => {
  const lines = [...blocks('sh'), ...blocks('yaml'), GITLAB].join('\n').replaceAll('\\\n', ' ').split('\n');
  const calls = lines.flatMap((line) => {
    const [, command, options] = /messages-conformance(?: \\)? +(run|matrix|history)\b(.*)/.exec(line) ?? [];
    return command === undefined ? [] : [{ command, options: options!.match(/--[a-z-]+/g) ?? [] }];
  });
  expect(calls.length).toBeGreaterThan(5);
  const known = new Map(['run', 'matrix', 'history'].map((command) => [command, help(command)]));
  for (const { command, options } of calls)
    for (const option of options)
      expect(known.get(command), `${command} ${option}`).toMatch(new RegExp(`${option}\\b`));
});

it('the Kubernetes recipe is an indexed Job whose shards are as many as its pods', () => {
  const job = yaml.find((one) => one?.kind === 'Job');
  const { completionMode, completions, parallelism, template } = job.spec;
  expect(job.apiVersion).toBe('batch/v1');
  expect(completionMode).toBe('Indexed');
  expect(parallelism).toBeLessThanOrEqual(completions);
  const { containers, volumes, restartPolicy } = template.spec;
  expect(restartPolicy).toBe('Never');
  const [{ args, command, volumeMounts }] = containers;
  // `sh -c`, as the index is a variable; the entry point of the image is the command itself.
  expect(command).toEqual(['sh', '-c']);
  expect(args[0]).toContain(`--shard $((JOB_COMPLETION_INDEX + 1))/${completions} `);
  const named = (list: { name: string }[]): string[] => list.map(({ name }) => name).sort();
  expect(named(volumeMounts)).toEqual(named(volumes));
});

it('the GitHub recipe has as many shards as it names, and the GitLab job keeps its reports when it fails', () => {
  const { strategy, steps } = yaml.find((one) => one?.strategy !== undefined);
  expect(steps[0].run).toContain(`/${strategy.matrix.shard.length}`);
  const { conformance } = parse(GITLAB);
  expect(conformance.artifacts).toMatchObject({ when: 'always', reports: { junit: 'conformance-report/junit.xml' } });
});
