/** Sends a request to an upstream. Not with `fetch`: what it loads takes 10 MB, for a gateway that lives in the suite's own process. */

import { Agent, type IncomingMessage, request } from 'node:http';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** An answer as it comes. */
export interface UpstreamAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  /** Throws what the connection fails with. */
  body: AsyncIterable<Uint8Array>;
}

/** A connection for each request: one that was kept may be gone when it is needed. */
const agent = new Agent({ keepAlive: false });

/** Rejects with what the connection fails with before the headers, and when the signal is aborted. */
export function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
): Promise<UpstreamAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method: 'POST', agent, signal, headers: { 'accept-encoding': 'gzip', ...headers } },
      (response) => resolve({ status: response.statusCode!, headers: headersOf(response), body: unpacked(response) }),
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

const headersOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]));

const unpacked = (response: IncomingMessage): AsyncIterable<Uint8Array> =>
  response.headers['content-encoding'] === 'gzip' ? pipeline(response, createGunzip(), () => {}) : response;

/** The whole body. Rejects with what the connection fails with. */
export async function textOf({ body }: UpstreamAnswer): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}
