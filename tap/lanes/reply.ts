import { OBSERVED } from '../../runner/plan/observed.js';
import { readExchange } from '../../runner/read/read.js';
import { encode } from '../../runner/send/network.js';
import { readingOf } from './compare.js';
import type { ClientMessage } from './probes.js';

/** The message in the body of a response, by the suite's own reader; `null` when it yields none. */
export function readReply(body: Uint8Array): ClientMessage | null {
  const isStream = /^\s*(event|data|:|id|retry)/.test(Buffer.from(body.subarray(0, 64)).toString('latin1'));
  const { message } = readExchange({
    id: 'reply',
    fixture: OBSERVED.id,
    transport: isStream ? 'stream' : 'json',
    turn: 1,
    attempt: 1,
    apiVersion: null,
    request: { method: 'POST', url: '/v1/messages', headers: {}, body: null },
    response: {
      status: 200,
      headers: [['content-type', isStream ? 'text/event-stream' : 'application/json']],
      ...encode(body),
      chunks: [{ bytes: body.length, atMs: 0 }],
      headersMs: 0,
      endMs: 0,
    },
    failure: null,
  });
  return message === null ? null : readingOf(message, {});
}
