/** Who names the destination names the credential: files that nobody named decide neither. */

import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { command, scratch } from '../support/command.js';
import { httpServer, json, reply, type TestServer } from '../support/http-server.js';

const SECRET = 'aws-secret-of-the-machine-0123';
let server: TestServer;
let cwd: string;
let remove: () => void;

beforeEach(async () => {
  server = await httpServer((_request, response) => json(response, 200, reply('ok')));
  const made = scratch();
  remove = made.remove;
  cwd = join(made.folder, 'checkout');
  mkdirSync(cwd);
});
afterEach(async () => {
  await server.close();
  remove();
});

const write = (name: string, content: unknown): void => writeFileSync(join(cwd, name), JSON.stringify(content));
const run = (...args: string[]) =>
  command(['run', '--quiet', '--only', 'http.post.messages', ...args], {
    cwd,
    env: { AWS_SECRET_ACCESS_KEY: SECRET, ANTHROPIC_API_KEY: 'key-of-the-target-9876' },
  });

describe('a config file that is found, not named', () => {
  it('sends no secret to an address of its choice, and writes nothing outside', async () => {
    write('conformance.config.json', {
      url: server.url,
      model: 'm',
      apiKeyEnv: 'AWS_SECRET_ACCESS_KEY',
      out: '../outside',
    });
    const { code, err, out } = await run();
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('conformance.config.json sets url, apiKeyEnv and out.');
    expect(err).toContain('--config conformance.config.json');
    expect(server.received).toEqual([]);
    expect(existsSync(join(cwd, '..', 'outside'))).toBe(false);
  });

  it.each([
    ['url', 'http://127.0.0.1:1'],
    ['apiKeyEnv', 'AWS_SECRET_ACCESS_KEY'],
    ['header', { 'x-one': 'two' }],
    ['out', 'elsewhere'],
  ])('may not set %s, even where the command line names the target', async (name, value) => {
    write('conformance.config.json', { [name]: value });
    const { code, err } = await run('--url', server.url, '--model', 'm');
    expect(code).toBe(2);
    expect(err).toContain(`conformance.config.json sets ${name}.`);
    expect(server.received).toEqual([]);
  });

  it.each([
    ['contract', '../contract.json'],
    ['baseline', '/tmp/baseline.json'],
    ['baseline', 'sub/../../baseline.json'],
  ])('names no %s outside its folder: %s', async (name, value) => {
    write('conformance.config.json', { [name]: value });
    const { code, err } = await run('--update-baseline');
    expect(code).toBe(2);
    expect(err).toContain('outside this folder');
  });

  it('names no file outside its folder through a link', async () => {
    symlinkSync('/etc/passwd', join(cwd, 'contract.json'));
    write('conformance.config.json', { contract: './contract.json' });
    const { code, err } = await run();
    expect(code).toBe(2);
    expect(err).toContain('outside this folder');
    expect(err).not.toContain('root:');
  });

  it('may set everything else, and is named', async () => {
    write('conformance.config.json', { model: 'from-file', timeout: 20, strict: true });
    const { err } = await run('--url', server.url);
    expect(err).toContain('settings from conformance.config.json\n');
    expect(server.received[0]?.body).toContain('"model":"from-file"');
  });
});

describe('a config file that is named', () => {
  it('may set the target, the key and the folder, and each is said', async () => {
    write('mine.json', { url: server.url, model: 'm', apiKeyEnv: 'AWS_SECRET_ACCESS_KEY', out: 'reports' });
    const { err } = await run('--config', 'mine.json');
    expect(err).toContain('settings from mine.json\n');
    expect(err).toContain(`AWS_SECRET_ACCESS_KEY goes to ${server.url} (from mine.json)\n`);
    expect(existsSync(join(cwd, 'reports', 'report.json'))).toBe(true);
    expect(server.received[0]?.headers['x-api-key']).toBe(SECRET);
  });
});

describe('every run says which secret goes where', () => {
  it('with an option', async () => {
    const { err } = await run('--url', server.url, '--model', 'm');
    expect(err).toContain(`ANTHROPIC_API_KEY goes to ${server.url} (from --url)\n`);
  });

  it('with a variable', async () => {
    const { err } = await command(['run', '--quiet', '--model', 'm', '--only', 'http.post.messages'], {
      cwd,
      env: { ANTHROPIC_BASE_URL: server.url, ANTHROPIC_API_KEY: 'key-of-the-target-9876', TOKEN: SECRET },
    });
    expect(err).toContain(`ANTHROPIC_API_KEY goes to ${server.url} (from ANTHROPIC_BASE_URL)\n`);
  });
});

describe('files that say what is expected', () => {
  it('a contract names no destination', async () => {
    write('contract.json', {
      name: 'mine',
      title: 'Mine',
      url: server.url,
      profiles: { claimed: ['core'] },
      dialect: {},
    });
    const { code, err } = await run('--contract', './contract.json');
    expect(code).toBe(2);
    expect(err).toContain('/url');
    expect(server.received).toEqual([]);
  });

  it('a baseline names no destination', async () => {
    write('baseline.json', { url: server.url, known: [] });
    const { code, err } = await run('--baseline', 'baseline.json', '--url', server.url, '--model', 'm');
    expect(code).toBe(2);
    expect(err).toContain('/url');
    expect(server.received).toEqual([]);
  });
});

describe('a folder for the reports that cannot be created', () => {
  // Below `/proc` the system reports a missing parent that is there: Node's `mkdirSync` with `recursive` never returns.
  it.each(process.platform === 'linux' ? ['/proc/x', '/proc/x/y', '/dev/null/x'] : ['/dev/null/x'])(
    'ends the run before anything is sent: %s',
    async (folder) => {
      const { code, err, out } = await run('--url', server.url, '--model', 'm', '--out', folder);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toContain(`--out ${folder}: cannot be written: `);
      expect(server.received).toEqual([]);
    },
  );
});
