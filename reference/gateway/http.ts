/** What the gateway needs of HTTP. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Json } from '../../core/json.js';

/** Largest request, in bytes. */
const MAX_REQUEST = 32 * 1024 * 1024;

/** The body as text; empty when the client leaves before its end. */
export async function readText(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      length += part.length;
      if (length <= MAX_REQUEST) parts.push(part);
    }
  } catch {
    return '';
  }
  return Buffer.concat(parts).toString('utf8');
}

/** `undefined` for a text that is not JSON. */
export function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Rejects a request before anything is asked of the upstream. */
export function reject(
  response: ServerResponse,
  requestId: string,
  status: number,
  type: string,
  message: string,
): void {
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': requestId });
  response.end(JSON.stringify({ type: 'error', error: { type, message }, request_id: requestId }));
}
