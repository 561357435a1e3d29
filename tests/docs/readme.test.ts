import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startEndpoint } from '../../reference/serve.js';
import { REPORTERS } from '../../reporters/index.js';
import { builtInContracts } from '../../runner/contract/contracts.js';
import { packageFile } from '../../runner/package-files.js';
import { command, scratch } from '../support/command.js';

const read = (...path: string[]) => readFileSync(packageFile(...path), 'utf8');
const README = read('README.md');
const section = (title: string) => README.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';

describe('the README', () => {
  it('lists exactly the options that run has', async () => {
    const { out } = await command(['run', '--help']);
    const real = [...out.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option);
    const rows = section('Options of `run`')
      .split('\n')
      .filter((line) => line.startsWith('| `--'));
    const listed = rows.flatMap((row) =>
      [...(row.split(' | ')[0] ?? '').matchAll(/`(--[a-z-]+)/g)].map(([, option]) => option),
    );
    expect(listed.sort()).toEqual(real.filter((option) => option !== '--help').sort());
  });

  it('lists exactly the commands that there are', async () => {
    const { out } = await command(['--help']);
    const real = [
      ...out
        .split('Commands:')[1]!
        .split('Exit status')[0]!
        .matchAll(/^ {2}([a-z]+) /gm),
    ].map(([, name]) => name);
    const listed = [...section('The other commands').matchAll(/^\| `([a-z]+)/gm)].map(([, name]) => name);
    expect(['run', ...listed].sort()).toEqual(real.sort());
  });

  it('names every reporter that is not always written, and every contract', () => {
    const always = ['terminal', 'json', 'html', 'junit'];
    const row = README.split('\n').find((line) => line.startsWith('| `--reporter LIST`')) ?? '';
    for (const name of Object.keys(REPORTERS)) expect(row.includes(`\`${name}\``), name).toBe(!always.includes(name));
    for (const name of builtInContracts()) expect(section('Contracts'), name).toContain(`\`${name}\``);
  });

  it('shows a failure as the terminal prints it', async () => {
    const [block = ''] = [...README.matchAll(/```\n( {2}✗ [\s\S]*?)```/g)].map(([, text]) => text!);
    const { url, close } = await startEndpoint({ faults: ['tool-last-fragment-lost'] });
    const { folder, remove } = scratch();
    try {
      const args = ['--url', url, '--model', 'reference-1', '--only', 'stream.tool.concat-json', '--out', folder];
      const { code, out } = await command(['run', ...args], { env: { ANTHROPIC_API_KEY: 'any-key' } });
      expect(code).toBe(1);
      const printed = out.slice(out.indexOf('  ✗ stream.tool.concat-json'));
      const shown = printed
        .slice(0, printed.search(/^ {4}or {9}/m))
        .replace(url, 'http://127.0.0.1:8787')
        .replace(/node \S+cli\.js/, 'npx messages-conformance');
      expect(shown).toBe(block);
    } finally {
      remove();
      await close();
    }
  });

  it('says what the exit status means in the words of --help', async () => {
    const { out } = await command(['--help']);
    for (const status of ['0', '1', '2', '3']) {
      expect(out).toMatch(new RegExp(`^ {2}${status} {2}\\S`, 'm'));
      expect(section('Exit status')).toContain(`| ${status} |`);
    }
  });
});

it('SECURITY.md names tests that exist', () => {
  const named = [...read('SECURITY.md').matchAll(/`((?:tests|scripts)\/[^`]+)`/g)].map(([, file]) => file!);
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((file) => !existsSync(packageFile(file)))).toEqual([]);
});

describe('links between pages', () => {
  const pages = [
    ...readdirSync(packageFile()).filter((name) => name.endsWith('.md')),
    ...readdirSync(packageFile('docs'))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join('docs', name)),
    'examples/README.md',
  ];
  it.each(pages)('%s leads to files that exist', (page) => {
    const text = read(page).replace(/```[\s\S]*?```/g, '');
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
    const local = targets.filter((target) => !/^(https?:|mailto:|#)/.test(target));
    const missing = local.filter((target) => !existsSync(packageFile(dirname(page), target.replace(/#.*/, ''))));
    expect(missing).toEqual([]);
  });
});
