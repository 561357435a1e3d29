/** Requests fired at a server over kept connections. */

import { Agent, request } from 'node:http';

/**
 * Sends so many requests, 50 at a time by default, and resolves when all replies were read to their end.
 * @param {string} url
 * @param {(index: number) => { method?: string, path: string, headers?: Record<string, string>, body?: string | Buffer }} make
 * @param {number} count
 * @param {{ connections?: number, onReply?: (text: string, index: number) => void }} [options] `onReply` has the replies kept as text.
 */
export async function load(url, make, count, { connections = 50, onReply } = {}) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  let next = 0;
  const work = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      await send(url, make(index), agent, onReply && ((text) => onReply(text, index)));
    }
  };
  await Promise.all(Array.from({ length: Math.min(connections, count) }, work));
  agent.destroy();
}

function send(url, { method = 'POST', path, headers = {}, body = '' }, agent, onReply) {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${url}${path}`,
      {
        method,
        agent,
        headers: {
          'content-type': 'application/json',
          'x-api-key': 'key-for-the-bench',
          'anthropic-version': '2023-06-01',
          ...(body !== '' && { 'content-length': Buffer.byteLength(body) }),
          ...headers,
        },
      },
      (reply) => {
        if (reply.statusCode >= 400) reject(new Error(`${method} ${path}: HTTP ${reply.statusCode}`));
        let text = '';
        if (onReply) reply.setEncoding('utf8').on('data', (piece) => (text += piece));
        else reply.resume();
        reply.on('end', () => {
          onReply?.(text);
          resolve();
        });
        reply.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
