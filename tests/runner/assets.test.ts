import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Fixture, Turn } from '../../core/fixture.js';
import { loadFixtures } from '../../runner/plan/fixtures.js';
import { readAsset, requireAssets } from '../../runner/send/assets.js';
import { buildRequest } from '../../runner/send/requests.js';
import { UsageError } from '../../runner/usage-error.js';
import { scratch } from '../support/command.js';

const { folder, remove } = scratch();
afterAll(remove);

const minimal = loadFixtures().get('minimal')!;
const sending = (...turns: Turn[]): Fixture => ({ ...minimal, turns });
const inBody = sending({ body: { messages: [{ content: [{ source: { data: { $asset: 'square.png' } } }] }] } });
const inUpload = sending({}, { multipart: { file: { filename: 'a', type: 'text/plain', asset: 'square.png' } } });
const target = {
  baseUrl: 'https://api.example.com',
  apiKey: null,
  apiKeyVariable: 'KEY',
  model: 'm',
  headers: {},
  credential: 'x-api-key' as const,
  apiVersion: '2023-06-01',
};

describe('assets', () => {
  it('of the package can all be read', () => {
    expect(() => requireAssets(loadFixtures().values())).not.toThrow();
  });

  it.each([
    ['a body', inBody],
    ['an upload', inUpload],
  ])('that %s needs are missed before anything is sent, by their path', (_where, fixture) => {
    expect(() => requireAssets([fixture], folder)).toThrow(UsageError);
    expect(() => requireAssets([fixture], folder)).toThrow(`${folder}/square.png cannot be read (ENOENT)`);
  });

  it('are missed while a request is built too', () => {
    expect(() => buildRequest(target, inBody, inBody.turns[0]!, 'json', [])).toThrow(UsageError);
    expect(() => buildRequest(target, inUpload, inUpload.turns[1]!, 'json', [])).toThrow(/square\.png cannot be read/);
  });

  it('that are no files cannot be read', () => {
    expect(() => readAsset('.', folder)).toThrow(UsageError);
  });

  it('lie in their own folder', () => {
    writeFileSync(join(folder, 'square.png'), 'x');
    expect(readAsset('square.png', folder).toString()).toBe('x');
    expect(() => readAsset('../square.png', folder)).toThrow(/a file of fixtures\/assets itself/);
  });

  it('go into bodies as base64 and into uploads as they are', async () => {
    const body = sending({ body: { data: { $asset: 'code-words.txt' } } });
    const upload = sending({ multipart: { file: { filename: 'a', type: 'text/plain', asset: 'code-words.txt' } } });
    const text = 'The first code word is PINEAPPLE. The second code word is MANGO.\n';
    expect(buildRequest(target, body, body.turns[0]!, 'json', []).body).toEqual({
      data: Buffer.from(text).toString('base64'),
    });
    const { outgoing } = buildRequest(target, upload, upload.turns[0]!, 'json', []);
    expect(await ((outgoing.body as FormData).get('file') as File).text()).toBe(text);
  });
});
