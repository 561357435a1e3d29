/** The form of errors: label, envelope, texts, the type that fits the status, the id. Views and looks for `each`. */

import { answer, status } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { get, isObject, quote } from '../../core/json.js';
import { ERROR_STATUS } from '../../core/protocol.js';
import type { Finding } from '../../core/requirement.js';
import { finding } from './outcomes.js';
import { errorReply } from './views.js';

/** Errors whose form is the target's own: 413 is often given by what stands in front of it. */
export function withBody(exchange: Exchange): Exchange | null {
  if (exchange.request.method === 'HEAD' || exchange.request.method === 'OPTIONS') return null;
  return exchange.response !== null && exchange.failure === null && status(exchange) !== 413
    ? errorReply(exchange)
    : null;
}

const isJsonType = (exchange: Exchange): boolean =>
  /^\s*application\/([\w.-]+\+)?json\s*(;|$)/i.test(exchange.header('content-type') ?? '');

export function isLabelledAsJson(exchange: Exchange): Finding[] {
  if (isJsonType(exchange)) return [];
  const label = exchange.header('content-type');
  return [
    finding(
      exchange,
      'An error is not labelled as JSON: clients see neither its type nor its message.',
      'content-type: application/json',
      `content-type: ${label ?? '(none)'}, ${answer(exchange)}`,
      { header: 'content-type' },
    ),
  ];
}

/** What is not labelled as JSON is the matter of err.content-type alone. */
export const labelledAsJson = (exchange: Exchange): Exchange | null =>
  withBody(exchange) !== null && isJsonType(exchange) ? exchange : null;

export function envelopeType(exchange: Exchange): Finding[] {
  const type = get(exchange.json, 'type');
  if (isObject(exchange.json) && type === 'error') return [];
  return [
    finding(
      exchange,
      isObject(exchange.json)
        ? 'An error body does not have the type "error".'
        : 'An error body is not one JSON object.',
      '{"type":"error","error":{"type":…,"message":…}}',
      quote(exchange.response?.body),
      { pointer: '/type' },
    ),
  ];
}

/** The member `error` of a body that has one, or should have one because it calls itself an error. */
export function errorMember(exchange: Exchange): { error: unknown } | null {
  if (withBody(exchange) === null || !isObject(exchange.json)) return null;
  if (get(exchange.json, 'type') !== 'error' && get(exchange.json, 'error') === undefined) return null;
  return { error: get(exchange.json, 'error') };
}

/** Control characters or replacement characters: bytes that were no text, such as a body that is still compressed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNREADABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f\uFFFD]/;

export function errorTexts({ error }: { error: unknown }, exchange: Exchange): Finding[] {
  return ['type', 'message'].flatMap((key) => {
    const value = get(error, key);
    if (typeof value === 'string' && value.trim() !== '' && !UNREADABLE.test(value)) return [];
    const readable = typeof value !== 'string' || value.trim() === '';
    return [
      finding(
        exchange,
        readable ? `error.${key} is not a text.` : `error.${key} is not readable.`,
        'a text that is not empty',
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

/** Types of other endpoints, which the list of this one shares. */
const UNBOUND_TYPES = ['memory_precondition_failed_error', 'memory_path_conflict_error'];

export function typeFitsStatus({ type }: { type: string }, exchange: Exchange): Finding[] {
  const documented = Object.hasOwn(ERROR_STATUS, type) || UNBOUND_TYPES.includes(type);
  const expected = typesOf(status(exchange));
  if (documented && (expected.includes(type) || UNBOUND_TYPES.includes(type))) return [];
  return [
    finding(
      exchange,
      documented
        ? `error.type "${type}" does not belong to status ${status(exchange)}.`
        : `error.type ${quote(type)} is not a documented value.`,
      expected.join(' or '),
      quote(type),
      { pointer: '/error/type' },
    ),
  ];
}

/** Types that belong to a status: its own; without one, that of the class that it stands in. */
function typesOf(code: number): string[] {
  const own = Object.entries(ERROR_STATUS)
    .filter(([, codes]) => codes.includes(code))
    .map(([type]) => type);
  // Overload may come as 500 as well, as err.overload has it.
  if (code === 500) return [...own, 'overloaded_error'];
  if (own.length > 0) return own;
  if (code === 408) return ['invalid_request_error', 'timeout_error'];
  return code < 500 ? ['invalid_request_error'] : ['api_error', 'overloaded_error', 'timeout_error'];
}

export const envelope = (exchange: Exchange): Exchange | null =>
  withBody(exchange) !== null && get(exchange.json, 'type') === 'error' ? exchange : null;

export function requestIdMatches(exchange: Exchange): Finding[] {
  const inBody = get(exchange.json, 'request_id');
  const inHeader = exchange.header('request-id');
  if (inBody === null || (typeof inBody === 'string' && inBody !== '' && (inHeader === null || inBody === inHeader))) {
    return [];
  }
  return [
    finding(
      exchange,
      inBody === undefined
        ? 'The error body has no request_id.'
        : 'The request_id of the error body is not that of the header.',
      inHeader === null ? 'a request_id' : `request_id ${quote(inHeader)}`,
      quote(inBody),
      { pointer: '/request_id' },
    ),
  ];
}
