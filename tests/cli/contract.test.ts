import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEndpoint } from '../../reference/serve.js';
import { initContract } from '../../runner/cli/contract-init.js';
import { type Contract, loadContract } from '../../runner/contract/contracts.js';
import { endpointOptions } from '../../runner/run/embedded.js';
import { run } from '../../runner/run.js';
import { violations } from '../../validation/index.js';
import { command, scratch } from '../support/command.js';
import { failure, httpServer, json } from '../support/http-server.js';

const { folder, remove } = scratch();
afterAll(remove);

const apiKey = 'key-of-this-test';

/** What `contract init` makes of an endpoint that speaks a contract's dialect. */
async function observe(contract: Contract) {
  const endpoint = await startEndpoint({ ...endpointOptions(contract), apiKey });
  try {
    return await initContract({ url: endpoint.url, apiKey, apiKeyVariable: 'TEST_KEY', model: 'reference-1' });
  } finally {
    await endpoint.close();
  }
}

describe('contract init without an address', () => {
  it('writes a contract of the embedded endpoint, which loads, and under which it passes', async () => {
    const file = join(folder, 'embedded.json');
    const { code, out, err } = await command(['contract', 'init', '--out', file], { cwd: folder });
    expect(err).toMatch(/Read it, edit it, then: node \S*cli\.js run --contract \S+embedded\.json\n/);
    expect(err).toContain(`run --contract ${file}`);
    expect([code, out]).toEqual([0, '']);
    const contract = await loadContract(file);
    expect(contract.name).toBe('reference-endpoint');
    expect(contract.profiles.claimed).toEqual(expect.arrayContaining(['core', 'tools', 'vision', 'documents']));
    expect(contract.dialect).toMatchObject({
      consecutiveRoles: 'merge',
      prefill: 'continue',
      stopSequenceLimit: null,
      sampling: 'classic',
      systemRole: 'honour',
      unknownFields: 'refuse',
      credentials: ['x-api-key', 'bearer'],
      authentication: true,
      doubledPath: false,
      versions: ['2023-06-01', '2026-10-21'],
    });
    const again = await command(
      ['run', '--quiet', '--contract', file, '--profile', 'core', '--out', join(folder, 'report')],
      {
        cwd: folder,
      },
    );
    expect(again.code, again.out + again.err).toBe(0);
  });

  it('prints it without --out', async () => {
    const { code, out } = await command(['contract', 'init', '--quiet'], { cwd: folder });
    expect(code).toBe(0);
    expect(violations('contract', JSON.parse(out))).toEqual([]);
  });

  it('does not write over a file that someone may have edited', async () => {
    const file = join(folder, 'mine.json');
    writeFileSync(file, 'mine');
    const { code, err } = await command(['contract', 'init', '--out', file], { cwd: folder });
    expect(code).toBe(2);
    expect(err).toContain('this file exists, and someone may have edited it; name another, or remove it');
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });
});

describe('contract init of a target with another dialect', () => {
  let observed: Awaited<ReturnType<typeof initContract>>;
  beforeAll(async () => {
    observed = await observe(await loadContract('relax-ai'));
  });

  it('says what was seen of each choice', async () => {
    const { dialect } = observed;
    expect(dialect).toMatchObject({
      consecutiveRoles: 'strict',
      stopSequenceLimit: 5,
      systemRole: 'refuse',
      doubledPath: true,
    });
    expect(dialect.comment).toContainEqual(
      'consecutiveRoles (merge, strict): two user messages in a row: answered HTTP 400 (msg.same-role.consecutive).',
    );
    for (const key of Object.keys(dialect).filter((name) => name !== 'comment'))
      expect(
        dialect.comment.filter((line) => line.startsWith(`${key} (`)),
        key,
      ).toHaveLength(1);
  });

  it('has a line for each profile', () => {
    for (const profile of observed.profiles.claimed)
      expect(
        observed.profiles.comment.some((line) => line.startsWith(`${profile}: `)),
        profile,
      ).toBe(true);
  });

  it('fits the schema, names the host, and holds no key', () => {
    expect(violations('contract', observed)).toEqual([]);
    expect(observed.name).toMatch(/^127-0-0-1-\d+$/);
    expect(JSON.stringify(observed)).not.toContain(apiKey);
  });

  it('is a contract that the same target keeps', async () => {
    const endpoint = await startEndpoint({ ...endpointOptions(observed), apiKey });
    const { report, exitCode } = await run({
      url: endpoint.url,
      apiKey,
      model: 'reference-1',
      contract: observed,
      profiles: ['core'],
    });
    await endpoint.close();
    const bad = report.results.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn');
    expect(bad.map(({ id, verdict, reason }) => `${id} ${verdict} ${reason}`)).toEqual([]);
    expect(exitCode).toBe(0);
  });
});

type Headers = Record<string, string>;

/** What the reference endpoint makes of requests whose headers `pass` changes, or refuses with a status and a message. */
async function behindGate(pass: (headers: Headers) => Headers | [status: number, type: string, message: string]) {
  const endpoint = await startEndpoint({ ...endpointOptions(await loadContract('anthropic')), apiKey });
  const gate = await httpServer(async ({ method, url, headers: received, body }, response) => {
    const own = Object.entries(received).filter(([name]) => !HOP_BY_HOP.includes(name));
    const headers = pass(Object.fromEntries(own) as Headers);
    if (Array.isArray(headers)) return json(response, headers[0], failure(headers[1], headers[2]));
    const answer = await fetch(`${endpoint.url}${url}`, { method, headers, body: body === '' ? undefined : body });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  return { url: gate.url, close: () => Promise.all([gate.close(), endpoint.close()]) };
}

/** Headers that belong to one connection. */
const HOP_BY_HOP = ['connection', 'content-length', 'host', 'transfer-encoding'];

describe('contract init finds the way in by itself', () => {
  it('a target that asks for no key', async () => {
    const gate = await behindGate((headers) => ({ ...headers, 'x-api-key': apiKey }));
    const { dialect } = await initContract({ url: gate.url, model: 'reference-1' });
    await gate.close();
    expect(dialect).toMatchObject({ credentials: ['x-api-key'], authentication: false, unknownFields: 'refuse' });
    expect(dialect.comment.join()).toContain('no key was given');
  });

  it('a target that takes bearer tokens and the newer version alone', async () => {
    const gate = await behindGate((headers) => {
      if (headers['x-api-key'] !== undefined) return [401, 'authentication_error', 'send a bearer token'];
      if (headers['anthropic-version'] === '2023-06-01') return [400, 'invalid_request_error', 'too old'];
      return headers;
    });
    const { dialect } = await initContract({ url: gate.url, apiKey, model: 'reference-1' });
    await gate.close();
    expect(dialect).toMatchObject({ credentials: ['bearer'], versions: ['2026-10-21'], prefill: 'continue' });
  });
});

describe('contract init of a target', () => {
  it('prints the command that judges this target by the contract', async () => {
    const endpoint = await startEndpoint({ apiKey: 'a-key-of-this-test' });
    const { err } = await command(
      ['contract', 'init', '--url', endpoint.url, '--model', 'reference-1', '--out', 'its.json'],
      { cwd: folder, env: { ANTHROPIC_API_KEY: 'a-key-of-this-test' } },
    );
    await endpoint.close();
    expect(err).toContain(`cli.js run --url ${endpoint.url} --model reference-1 --contract ./its.json\n`);
  });
});

describe('contract init of a target that serves nothing', () => {
  it('a key that is refused: status 3, the answer, and what to look at', async () => {
    const server = await httpServer((_request, response) =>
      json(response, 401, failure('authentication_error', 'invalid key')),
    );
    const file = join(folder, 'nothing.json');
    const { code, err } = await command(['contract', 'init', '--url', server.url, '--model', 'm', '--out', file], {
      cwd: folder,
      env: { ANTHROPIC_API_KEY: 'wrong' },
    });
    await server.close();
    expect(code).toBe(3);
    expect(err).toMatch(
      /does not serve a simple request with the key in x-api-key or as a bearer token: .*401.*does ANTHROPIC_API_KEY hold/,
    );
    expect(existsSync(file)).toBe(false);
  });

  it('nobody there: status 3', async () => {
    const { code, err } = await command(
      ['contract', 'init', '--url', 'http://127.0.0.1:9', '--model', 'm', '--out', join(folder, 'nobody.json')],
      { cwd: folder, env: { ANTHROPIC_API_KEY: 'k' } },
    );
    expect(code).toBe(3);
    expect(err).toContain('cannot be reached');
  });

  it('no model named: status 2', async () => {
    const { code, err } = await command(['contract', 'init', '--url', 'http://127.0.0.1:9'], { cwd: folder });
    expect(code).toBe(2);
    expect(err).toContain('--model is missing');
  });
});
