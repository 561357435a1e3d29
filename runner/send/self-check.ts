import type { Fixture } from '../../core/fixture.js';
import type { JsonObject } from '../../core/json.js';
import { type SchemaName, type Violation, violations } from '../../validation/index.js';
import { type Built, restsOnAnswers } from './requests.js';

const REQUEST_SCHEMAS: readonly (readonly [path: RegExp, schema: SchemaName])[] = [
  [/\/v1\/messages$/, 'request'],
  [/\/v1\/messages\/count_tokens$/, 'countTokensRequest'],
  [/\/v1\/messages\/batches$/, 'batchCreateEnvelope'],
];

/**
 * The suite's check of itself: a request leaves only if it fits the request schema, or, for a negative of layer `schema`, breaks
 * it. Returns why it may not leave, or `null`.
 */
export function requestSelfCheck(
  defaultVersion: string,
): (fixture: Fixture, body: JsonObject | undefined, built: Built) => string | null {
  return (fixture, body, built) => {
    if (body === undefined) return null;
    const path = new URL(built.sent.url).pathname;
    const schema = REQUEST_SCHEMAS.find(([pattern]) => pattern.test(path))?.[1];
    if (schema === undefined) return null;
    const version = built.sent.headers['anthropic-version'] ?? defaultVersion;
    const edition = schema === 'request' && version === '2026-10-21' ? 'request@2026-10-21' : schema;
    const exact = schema === 'request' && 'anthropic-beta' in built.sent.headers ? 'requestBeta' : edition;
    const faults = violations(exact, body).filter((fault) => !isReplayedExtra(fault, body, fixture));
    if (fixture.violates?.layer === 'schema') {
      return faults.length > 0
        ? null
        : `the negative "${fixture.id}" does not break the request schema, though it says so; it was not sent`;
    }
    return faults.length === 0
      ? null
      : `the request of "${fixture.id}" does not fit the request schema (${faults[0]?.message}); it was not sent`;
  };
}

/** What the schema says of a text that is empty or only white space. */
const EMPTY = ['minLength', 'pattern'];

const EXTRA = ['additionalProperties', 'unevaluatedProperties', 'false schema'];

/**
 * A field that nobody knows, thinking without its signature, or an empty text, in an answer that goes back unchanged: the target wrote
 * it, clients send it back, and the target has to know what to do with it.
 */
function isReplayedExtra({ keyword, pointer }: Violation, body: JsonObject, { turns }: Fixture): boolean {
  const place = /^\/messages\/(\d+)\/content\//.exec(pointer)?.[1];
  const isUnsigned = keyword === 'required' && pointer.endsWith('/signature');
  const isEmpty = EMPTY.includes(keyword) && pointer.endsWith('/text');
  if (place === undefined || !(EXTRA.includes(keyword) || isUnsigned || isEmpty) || !turns.some(restsOnAnswers))
    return false;
  return (body.messages as JsonObject[])[Number(place)]?.role === 'assistant';
}
