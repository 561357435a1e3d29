import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { scratch } from '../support/command.js';
import { tapCommand } from '../support/tap-command.js';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl) console.log('skipped: the TLS test makes its certificate with openssl, which is not here');

it.skipIf(!hasOpenssl)(
  'speaks TLS to the server, verifies its certificate, and passes compressed bodies on as they are',
  async () => {
    const { folder, remove } = scratch();
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    execFileSync(
      'openssl',
      `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout ${key} -out ${cert}`.split(
        ' ',
      ),
      { stdio: 'ignore' },
    );
    const gzipped = gzipSync('{"a":1}');
    const asked: (string | undefined)[] = [];
    const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
      asked.push(request.headers['accept-encoding']);
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end(gzipped);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const upstream = `https://localhost:${(server.address() as AddressInfo).port}`;
    const ask = (url: string): Promise<Response> =>
      fetch(`${url}/v1/messages`, { method: 'POST', headers: { 'accept-encoding': 'gzip, zstd' }, body: '{}' });
    const trusting = await tapCommand(['--upstream', upstream], folder, { NODE_EXTRA_CA_CERTS: cert });
    try {
      const answer = await ask(trusting.url);
      expect(answer.headers.get('content-encoding')).toBe('gzip');
      expect([answer.status, await answer.json()]).toEqual([200, { a: 1 }]);
      expect(asked).toEqual(['gzip, zstd']);
      await trusting.until(/^#1 200/m);
    } finally {
      await trusting.interrupt();
    }
    const careful = await tapCommand(['--upstream', upstream], folder);
    try {
      const answer = await ask(careful.url);
      expect([answer.status, await answer.text()]).toEqual([502, expect.stringMatching(/self-signed certificate/)]);
    } finally {
      await careful.interrupt();
      server.close();
      server.closeAllConnections();
      remove();
    }
  },
);
