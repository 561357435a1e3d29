/** What ended an exchange early, in one line that says what the network layer saw. */

import type { Failure, FailureKind } from '../../core/exchange.js';
import type { Bounds } from './network.js';

const NO_CONNECTION = /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/;
const TLS = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO|HOSTNAME_MISMATCH|ERR_OSSL)/;

/** Why the suite itself ended a request. */
export type Ended = 'overtime' | 'interrupted' | 'linger' | 'enough';

/** The suite's own reason to destroy a request; it reaches `describe` as the error of that request. */
export class EndedByUs extends Error {
  constructor(readonly why: Ended) {
    super(why);
  }
}

/** The failure for an error of the network layer. `atMs` counts from the moment the request was sent. */
export function describe(error: unknown, atMs: number, bounds: Bounds): Failure {
  const failure = (kind: FailureKind, message: string): Failure => ({ kind, message });
  if (error instanceof EndedByUs) {
    return error.why === 'interrupted'
      ? failure('unreachable', 'the run was interrupted')
      : { ...failure('timeout-headers', `no answer within ${bounds.timeoutMs / 1000} s`), limitMs: bounds.timeoutMs };
  }
  const code = codeOf(error);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return failure('unreachable', `the host name cannot be resolved (${code})`);
  if (code === 'ECONNREFUSED') return failure('unreachable', 'the connection was refused (ECONNREFUSED)');
  if (NO_CONNECTION.test(code)) return failure('unreachable', `no connection: ${oneLine(error)} (${code})`);
  if (TLS.test(code)) return failure('unreachable', `TLS: ${opensslReason(oneLine(error))} (${code})`);
  if (code === 'HPE_HEADER_OVERFLOW') return failure('protocol', 'the header block is longer than 64 KiB');
  if (code.startsWith('HPE_')) return failure('protocol', `not HTTP: ${oneLine(error)}`);
  return failure(
    'reset',
    `the connection ended early after ${Math.round(atMs)} ms: ${oneLine(error)}${code === '' ? '' : ` (${code})`}`,
  );
}

/** What OpenSSL says, without its number, function and line: `wrong version number`. */
const opensslReason = (message: string): string => /:SSL routines:[^:]*:([^:]+)/.exec(message)?.[1] ?? message;

/** The code of an error or of what caused it; empty without one. */
export function codeOf(error: unknown): string {
  let current = error as { code?: unknown; cause?: unknown; errors?: unknown[] } | undefined;
  for (let depth = 0; depth < 5 && current !== undefined && current !== null; depth += 1) {
    if (typeof current.code === 'string') return current.code;
    current = (current.errors?.[0] ?? current.cause) as typeof current;
  }
  return '';
}

export function oneLine(error: unknown): string {
  const nested = (error as { errors?: Error[]; cause?: Error; message?: string }) ?? {};
  const message = nested.errors?.[0]?.message ?? nested.message ?? String(error);
  return printable(message.split('\n')[0] ?? '');
}

/** A text on one line, without control characters, at most 200 characters. */
export function printable(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  return value.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').slice(0, 200);
}
