import type { Failure } from '../../core/exchange.js';
import type { RawExchange } from '../raw-exchange.js';
import { decoded } from './decode.js';
import type { Found } from './record.js';

/** Id of an exchange of the tap in records and reports. */
export const exchangeId = (number: number): string => `exchange-${number}`;

/** What passed through the tap, with the content-encoding of the response undone. */
export async function foundIn(raw: RawExchange): Promise<Found> {
  const { number, startedMs, request, response } = raw;
  const body = response === null ? null : await decoded(response);
  return {
    id: exchangeId(number),
    startedMs,
    request: {
      method: request.method,
      url: request.url,
      headers: request.headers,
      body: request.body.length === 0 ? null : request.body.bytes,
      isWhole: request.body.length === request.body.bytes.length,
    },
    response:
      response === null || body === null
        ? null
        : {
            status: response.status,
            headers: response.headers,
            body: body.bytes,
            chunks: body.chunks,
            headersMs: response.headersMs,
            endMs: response.endMs,
          },
    failure: failureOf(raw, body?.bytes ?? null) ?? body?.failure ?? null,
    lacks: [],
  };
}

function failureOf({ ending, message, response }: RawExchange, body: Uint8Array | null): Failure | null {
  switch (ending) {
    case 'complete':
      return null;
    case 'replaced':
      return response === null ? { kind: 'unsound', message } : null;
    case 'unreachable':
      return { kind: 'unreachable', message };
    case 'server-aborted':
      return { kind: 'reset', message };
    case 'client-aborted':
      // Some clients hang up as soon as they have the last event: they have everything.
      return body !== null && Buffer.from(body.subarray(-200)).includes('"message_stop"')
        ? null
        : { kind: 'abandoned', message };
  }
}
