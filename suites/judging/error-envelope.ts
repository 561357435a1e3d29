/** The form of errors: content type, envelope, texts, the type for the status, the request id. Views and looks for `each`. */

import { answer, status } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { get, isObject, quote } from '../../core/json.js';
import { ERROR_STATUS } from '../../core/protocol.js';
import type { Finding } from '../../core/requirement.js';
import { finding } from './outcomes.js';
import { errorReply } from './views.js';

/** Errors with a body of the target itself. A proxy in front of it often sends 413, and HEAD and OPTIONS have no body. */
export function withBody(exchange: Exchange): Exchange | null {
  if (exchange.request.method === 'HEAD' || exchange.request.method === 'OPTIONS') return null;
  return exchange.response !== null && exchange.failure === null && status(exchange) !== 413
    ? errorReply(exchange)
    : null;
}

const isJsonType = (exchange: Exchange): boolean =>
  /^\s*application\/([\w.-]+\+)?json\s*(;|$)/i.test(exchange.header('content-type') ?? '');

export function contentTypeFaults(exchange: Exchange): Finding[] {
  if (isJsonType(exchange)) return [];
  const label = exchange.header('content-type');
  return [
    finding(
      exchange,
      '`content-type` of an error is not JSON; clients see neither `error.type` nor `error.message`.',
      'content-type: application/json',
      `content-type: ${label ?? '(none)'}, ${answer(exchange)}`,
      { header: 'content-type' },
    ),
  ];
}

/** Errors with a JSON content type. The requirement err.content-type judges all others. */
export const jsonError = (exchange: Exchange): Exchange | null =>
  withBody(exchange) !== null && isJsonType(exchange) ? exchange : null;

export function envelopeType(exchange: Exchange): Finding[] {
  const type = get(exchange.json, 'type');
  if (isObject(exchange.json) && type === 'error') return [];
  return [
    finding(
      exchange,
      isObject(exchange.json) ? '`type` of an error body is not "error".' : 'An error body is not a JSON object.',
      '{"type":"error","error":{"type":…,"message":…}}',
      quote(exchange.response?.body),
      { pointer: '/type' },
    ),
  ];
}

/** `error` of a body that has this field or the type "error". */
export function errorObject(exchange: Exchange): { error: unknown } | null {
  if (withBody(exchange) === null || !isObject(exchange.json)) return null;
  if (get(exchange.json, 'type') !== 'error' && get(exchange.json, 'error') === undefined) return null;
  return { error: get(exchange.json, 'error') };
}

/** Control or replacement characters: the message was made from bytes that are not text, for example compressed ones. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for them
const UNREADABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f\uFFFD]/;

export function errorTextFaults({ error }: { error: unknown }, exchange: Exchange): Finding[] {
  return ['type', 'message'].flatMap((key) => {
    const value = get(error, key);
    if (typeof value === 'string' && value.trim() !== '' && !UNREADABLE.test(value)) return [];
    const isEmpty = typeof value !== 'string' || value.trim() === '';
    return [
      finding(
        exchange,
        isEmpty ? `\`error.${key}\` is not a non-empty string.` : `\`error.${key}\` is not readable text.`,
        'a non-empty string',
        quote(isObject(error) ? value : error),
        { pointer: isObject(error) ? `/error/${key}` : '/error' },
      ),
    ];
  });
}

export function errorType(exchange: Exchange): { type: string } | null {
  const type = withBody(exchange) === null ? undefined : get(exchange.json, 'error', 'type');
  return typeof type === 'string' && type !== '' ? { type } : null;
}

/** Documented types of other endpoints. */
const UNBOUND_TYPES = ['memory_precondition_failed_error', 'memory_path_conflict_error'];

export function typeFaults({ type }: { type: string }, exchange: Exchange): Finding[] {
  const documented = Object.hasOwn(ERROR_STATUS, type) || UNBOUND_TYPES.includes(type);
  const expected = typesOf(status(exchange));
  if (documented && (expected.includes(type) || UNBOUND_TYPES.includes(type))) return [];
  return [
    finding(
      exchange,
      documented
        ? `\`error.type\` "${type}" does not belong to HTTP ${status(exchange)}.`
        : `\`error.type\` ${quote(type)} is not a documented value.`,
      expected.join(' or '),
      quote(type),
      { pointer: '/error/type' },
    ),
  ];
}

/** Types that belong to a status; for an undocumented status those of its class. */
function typesOf(code: number): string[] {
  const own = Object.entries(ERROR_STATUS)
    .filter(([, codes]) => codes.includes(code))
    .map(([type]) => type);
  // Overload may also have status 500, see err.overload.
  if (code === 500) return [...own, 'overloaded_error'];
  if (own.length > 0) return own;
  if (code === 408) return ['invalid_request_error', 'timeout_error'];
  return code < 500 ? ['invalid_request_error'] : ['api_error', 'overloaded_error', 'timeout_error'];
}

export const envelope = (exchange: Exchange): Exchange | null =>
  withBody(exchange) !== null && get(exchange.json, 'type') === 'error' ? exchange : null;

export function requestIdFaults(exchange: Exchange): Finding[] {
  const inBody = get(exchange.json, 'request_id');
  const inHeader = exchange.header('request-id');
  if (inBody === null || (typeof inBody === 'string' && inBody !== '' && (inHeader === null || inBody === inHeader))) {
    return [];
  }
  return [
    finding(
      exchange,
      inBody === undefined
        ? '`request_id` is missing in the error body.'
        : '`request_id` differs between the error body and the header.',
      inHeader === null ? 'a request_id' : `request_id ${quote(inHeader)}`,
      quote(inBody),
      { pointer: '/request_id' },
    ),
  ];
}
