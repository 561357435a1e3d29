/** Which `error.type` belongs to which status, at the edges of the table. */

import { expect, it } from 'vitest';
import { errors } from '../../suites/errors.js';
import { errorBody, exchange, judgeWith, requirementOf } from '../support/exchange.js';

const outcome = (status: number, type: string) =>
  judgeWith(requirementOf(errors, 'err.envelope.type-enum'), [
    exchange({ fixture: 'cheap', status, json: errorBody(type) }),
  ]).outcome;

it.each([
  [408, 'timeout_error', 'satisfied'],
  [408, 'invalid_request_error', 'satisfied'],
  [418, 'timeout_error', 'violated'],
  [409, 'memory_precondition_failed_error', 'satisfied'],
  [409, 'memory_path_conflict_error', 'satisfied'],
  [499, 'api_error', 'violated'],
  [500, 'overloaded_error', 'satisfied'],
  [501, 'timeout_error', 'satisfied'],
  [501, 'invalid_request_error', 'violated'],
  [400, 'teapot_error', 'violated'],
] as const)('HTTP %i with %s: %s', (status, type, expected) => {
  expect(outcome(status, type)).toBe(expected);
});
