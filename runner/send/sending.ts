/** How a request travels where that is what it tests: in chunks, after `100 Continue`, with other header names, with white space. */

import type { ClientRequest } from 'node:http';
import type { Sending } from '../../core/fixture.js';
import type { Outgoing } from './network.js';

/** How long a client waits for `100 Continue` before it sends the body all the same: as long as curl does. */
const CONTINUE_MS = 1_000;

/** Bytes of a chunk: so few that every request of the suite takes several. */
const CHUNK = 64;

/** Most chunks of a body; a large one is not cut into thousands. */
const MOST_CHUNKS = 16;

/** The header lines of a request, as they leave. */
export function headersToSend({ headers, body, sending = {} }: Outgoing): Record<string, string | string[]> {
  // Node would send the body in chunks, as it does not know it yet when the headers leave.
  const length = sending.expectContinue && !sending.chunked && typeof body === 'string';
  const own = length ? { 'content-length': String(Buffer.byteLength(body)) } : {};
  const lines = Object.entries({ ...headers, ...transferHeaders(sending), ...own }) as [string, string | string[]][];
  return Object.fromEntries(lines.map(([name, value]) => [sending.upperCaseNames ? name.toUpperCase() : name, value]));
}

/** The headers that say how the body travels. */
export const transferHeaders = ({ chunked, expectContinue }: Sending): Record<string, string> => ({
  ...(chunked && { 'transfer-encoding': 'chunked' }),
  ...(expectContinue && { expect: '100-continue' }),
});

/** A JSON body with white space after its first brace, up to a number of bytes. */
export function padded(body: string, { padTo = 0 }: Sending): string {
  const missing = padTo - Buffer.byteLength(body);
  return missing <= 0 || !body.startsWith('{') ? body : `{${' '.repeat(missing)}${body.slice(1)}`;
}

/** Writes the body and ends the request. */
export function sendBody(request: ClientRequest, body: string | Uint8Array | null, sending: Sending): void {
  const write = (): void => {
    if (request.destroyed || request.writableEnded) return;
    if (!sending.chunked || body === null) {
      request.end(body ?? undefined);
      return;
    }
    const bytes = Buffer.from(body as string);
    const size = Math.max(CHUNK, Math.ceil(bytes.length / MOST_CHUNKS));
    for (let at = 0; at < bytes.length; at += size) request.write(bytes.subarray(at, at + size));
    request.end();
  };
  if (!sending.expectContinue) {
    write();
    return;
  }
  const waiting = setTimeout(write, CONTINUE_MS);
  const go = (): void => {
    clearTimeout(waiting);
    write();
  };
  request.once('continue', go);
  // A final answer before the body: the server does not want it.
  request.once('response', () => clearTimeout(waiting));
  request.once('close', () => clearTimeout(waiting));
  request.flushHeaders();
}
