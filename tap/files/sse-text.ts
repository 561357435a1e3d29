import { responseOnly, type Traffic, UNKNOWN_URL } from './traffic.js';

/** The beginning of an event stream, after a byte order mark and empty lines. */
const BEGINS = /^\uFEFF?[\r\n]*(event|data|id|retry)?:/;

export const isSseText = (head: string): boolean => BEGINS.test(head);

/** The body of one streamed response, as `curl -N URL > reply.sse` writes it. */
export function readSseText(bytes: Uint8Array): Traffic {
  return {
    format: 'the text of an event stream',
    baseUrl: '',
    startedAt: new Date(),
    exchanges: [
      responseOnly(1, { status: 200, headers: [['content-type', 'text/event-stream']], body: bytes }, UNKNOWN_URL, [
        'head',
        'framing',
      ]),
    ],
    notices: ['Taken for the body of a response with status 200.'],
  };
}
