/** A gateway that passes every byte on is a transparent gateway: nothing that its upstream does is its fault. */

import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { relay } from '../support/relay.js';
import { idsWith, judgedGateway } from './support.js';

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

it('a relay of bytes fails nothing that its upstream answered, and is told what only a gateway could mend', async () => {
  const upstreamPort = await freePort();
  const gateway = await relay(`http://127.0.0.1:${upstreamPort}`);
  const report = await judgedGateway({
    speaks: 'messages',
    url: gateway.url,
    upstreamPort,
    model: 'm',
    apiKey: 'key-of-the-client-0123',
    timeoutSeconds: 5,
  });
  await gateway.close();
  expect(report.diagnosis).toBeNull();
  // Where the upstream gives no answer, a gateway that speaks HTTP has one of its own.
  expect(idsWith(report, 'fail', 'error')).toEqual(['gw.errors.refused', 'gw.errors.reset']);
  expect(report.results.find(({ id }) => id === 'gw.errors.html')).toMatchObject({
    verdict: 'warn',
    reason: expect.stringContaining('passed on as the upstream sent it'),
  });
});
