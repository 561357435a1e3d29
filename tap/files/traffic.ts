/** What a file of recorded traffic holds, whatever its format. */

import type { RecordPart } from '../../core/exchange.js';
import type { Found } from '../judging/record.js';

export interface Traffic {
  /** Format and writer in one line: `HAR 1.2 by Playwright 1.57`. */
  format: string;
  /** Base URL of the server, without `/v1`; empty when the file does not say it. */
  baseUrl: string;
  startedAt: Date;
  /** In the order of the file. It may be read while it is iterated, and throws `UsageError` for a part that cannot be read. */
  exchanges: Iterable<Found>;
  /** What is peculiar about this file, one sentence each; complete when `exchanges` were read. */
  notices: string[];
}

/** The base URL for a URL of the API. */
export const baseOf = (url: string): string => /^(https?:\/\/.*?)\/v1\//is.exec(url)?.[1] ?? '';

/** Where a request without a known URL is supposed to have gone. */
export const UNKNOWN_URL = '/v1/messages';

/** A response whose request and times the file does not have. */
export function responseOnly(
  number: number,
  response: Pick<NonNullable<Found['response']>, 'status' | 'headers' | 'body'>,
  url: string,
  lacks: readonly RecordPart[],
): Found {
  return {
    id: `exchange-${number}`,
    request: { method: 'POST', url, headers: [], body: null, isWhole: true },
    response: {
      ...response,
      chunks: [{ bytes: response.body.length, atMs: 0 }],
      headersMs: 0,
      endMs: 0,
    },
    failure: null,
    lacks: ['request', 'timing', ...lacks],
  };
}
