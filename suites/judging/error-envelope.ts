/** The form of errors: content type, envelope, texts, the type for the status, the request id. Views and looks for `each`. */

import { answer, isMessagesCall, quotedBody, status, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { get, isObject, quote } from '../../core/json.js';
import { ERROR_STATUS } from '../../core/protocol.js';
import type { Evidence, Finding, Judge } from '../../core/requirement.js';
import { deviates, finding } from './outcomes.js';
import { errorReply } from './views.js';

/** What proxies and HTTP libraries send in front of an API: no length, too large, no `100 Continue`. */
const NOT_OF_THE_API = [411, 413, 417];

/** Errors with a body of the target itself. HEAD and OPTIONS have no body. */
export function withBody(exchange: Exchange): Exchange | null {
  if (exchange.request.method === 'HEAD' || exchange.request.method === 'OPTIONS') return null;
  return exchange.response !== null && exchange.failure === null && !NOT_OF_THE_API.includes(status(exchange))
    ? errorReply(exchange)
    : null;
}

/**
 * Puts the findings about the endpoint that creates messages first. Where only paths that the server does not have are wrong, the result
 * is a warning: no client sends requests there on purpose.
 */
export function mostlyOfMessages(judge: Judge): Judge {
  return (evidence) => {
    const judgement = judge(evidence);
    if (judgement.outcome !== 'violated') return judgement;
    const places = new Map(evidence.all.map((exchange) => [exchange.id, placeOf(exchange, evidence)]));
    const at = ({ exchange }: Finding) => places.get(exchange ?? '') ?? 'messages';
    const findings = ['messages', 'other', 'nowhere'].flatMap((place) =>
      judgement.findings.filter((one) => at(one) === place),
    );
    return findings.every((one) => at(one) === 'nowhere') ? deviates(findings) : { ...judgement, findings };
  };
}

/** `nowhere`: a path that the server does not have, or not for this method. */
function placeOf(exchange: Exchange, evidence: Evidence): 'messages' | 'other' | 'nowhere' {
  if (isMessagesCall(exchange)) return 'messages';
  const isMissing = [404, 405].includes(status(exchange)) && !hasAnswered(exchange, evidence);
  return isMissing ? 'nowhere' : 'other';
}

/** Whether the server accepted another request to the same place of the API: then the path exists, and 404 is about an id in it. */
const hasAnswered = (exchange: Exchange, { all }: Evidence): boolean =>
  all.some((other) => succeeded(other) && endpointOf(other) === endpointOf(exchange));

/** The first two names of the path after the version: `/messages/batches`, `/models`. */
function endpointOf({ request }: Exchange): string {
  const [path = ''] = request.url.replace(/^https?:\/\/[^/]*/, '').split('?');
  return /\/v1\/(messages\/)?[^/]*/.exec(path)?.[0] ?? path;
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
      quotedBody(exchange),
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
  if (!isObject(error)) {
    const fault = '`error` of an error body is not an object; clients see neither `error.type` nor `error.message`.';
    return [finding(exchange, fault, '{"type":…,"message":…}', quote(error), { pointer: '/error' })];
  }
  return ['type', 'message'].flatMap((key) => {
    const value = get(error, key);
    if (typeof value === 'string' && value.trim() !== '' && !UNREADABLE.test(value)) return [];
    const isEmpty = typeof value !== 'string' || value.trim() === '';
    return [
      finding(
        exchange,
        isEmpty ? `\`error.${key}\` is not a non-empty string.` : `\`error.${key}\` is not readable text.`,
        'a non-empty string',
        quote(value),
        { pointer: `/error/${key}` },
      ),
    ];
  });
}

/** `error.details` of an error body; `null` is the same as none. */
export function errorDetails(exchange: Exchange): { details: unknown } | null {
  const details = withBody(exchange) === null ? undefined : get(exchange.json, 'error', 'details');
  return details === undefined || details === null ? null : { details };
}

export function detailFaults({ details }: { details: unknown }, exchange: Exchange): Finding[] {
  const code = get(details, 'error_code');
  if (isObject(details) && typeof code === 'string' && code !== '') return [];
  return [
    finding(
      exchange,
      '`error.details` has no `error_code`; official clients choose their error class by it.',
      'an object with a string error_code',
      quote(details),
      { pointer: isObject(details) ? '/error/details/error_code' : '/error/details' },
    ),
  ];
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

/** Older answers of the official API have the id only in the header, where clients read it first. Source: F. */
export function requestIdFaults(exchange: Exchange): Finding[] {
  const inBody = get(exchange.json, 'request_id');
  const inHeader = exchange.header('request-id') || null;
  if (inBody === null || (inBody === undefined && inHeader !== null)) return [];
  if (typeof inBody === 'string' && inBody !== '' && (inHeader === null || inBody === inHeader)) return [];
  return [
    finding(
      exchange,
      inBody === undefined
        ? 'An error has no request id, neither in the body nor in a header.'
        : '`request_id` differs between the error body and the header.',
      inHeader === null ? 'a request_id' : `request_id ${quote(inHeader)}`,
      quote(inBody),
      { pointer: '/request_id' },
    ),
  ];
}
