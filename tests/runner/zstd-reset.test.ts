/** The decoder of zstd is loaded for the first response that needs it, and the target may leave meanwhile. */

import { expect, it, vi } from 'vitest';
import type { Network } from '../../runner/send/network.js';
import { rawServer } from '../support/raw-server.js';

it('a target that resets its first zstd response has ended', async () => {
  vi.resetModules();
  const { openNetwork } = (await import('../../runner/send/network.js')) as { openNetwork(slots: number): Network };
  const server = await rawServer((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-encoding: zstd\r\ncontent-length: 90\r\n\r\n');
    socket.resetAndDestroy();
  });
  const network = openNetwork(1);
  const outgoing = { method: 'POST', url: `${server.url}/v1/messages`, headers: {}, body: '{}', stream: false };
  const bounds = { timeoutMs: 60_000, maxBytes: 200_000, lingerMs: 60_000 };
  try {
    const { failure } = await network.send({ ...outgoing, abortAfter: undefined }, bounds);
    expect(failure?.kind).toBe('reset');
  } finally {
    await network.close();
    await server.close();
  }
});
