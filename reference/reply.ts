import { toBody } from './sse.js';

/** What an endpoint answers, before it is written by Node or becomes a web standard `Response`, which costs as much as the answer. */
export interface Reply {
  status: number;
  /** By names in lower case. */
  headers: Record<string, string>;
  /** The text of a whole body; the pieces of a stream, each one a write; `null` without a body. */
  body: string | AsyncIterable<Uint8Array> | null;
}

/** The reply for msw, for tests, and for faults that change responses. */
export function toResponse({ status, headers, body }: Reply): Response {
  return new Response(typeof body === 'string' || body === null ? body : toBody(body), { status, headers });
}
