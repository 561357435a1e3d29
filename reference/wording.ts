import { keysOf } from '../core/pointer.js';
import type { Violation } from '../validation/index.js';

/** JSON Schema types in the words of the API's error messages. */
const NAMES: Readonly<Record<string, string>> = {
  'a string': 'a valid string',
  'a number': 'a valid number',
  'an integer': 'a valid integer',
  'true or false': 'a valid boolean',
  'an object': 'an object',
  'an array': 'a valid array',
};

/**
 * A violation in the style of the real API: the path with dots, a colon, and what is wrong, as in
 * `messages.0.role: Field required`. The wording is for people: clients must not rely on it.
 */
export function wording({ pointer, expected, actual, keyword }: Violation): string {
  const path = keysOf(pointer).join('.');
  return path === ''
    ? sentence(path, expected, actual, keyword)
    : `${path}: ${sentence(path, expected, actual, keyword)}`;
}

function sentence(path: string, expected: string, actual: string, keyword: string): string {
  switch (keyword) {
    case 'required':
      return 'Field required';
    case 'additionalProperties':
    case 'unevaluatedProperties':
    case 'false schema':
      return 'Extra inputs are not permitted';
    case 'minItems':
      return path === 'messages' ? 'at least one message is required' : `List should have ${expected}`;
    case 'minLength':
      return `String should have ${expected}`;
    case 'maxLength':
      return `String should have ${expected}`;
    case 'type':
      return `Input should be ${NAMES[expected] ?? expected}`;
    case 'minimum':
    case 'exclusiveMinimum':
    case 'maximum':
    case 'exclusiveMaximum':
      return `Input should be ${expected.replace('>=', 'greater than or equal to').replace('<=', 'less than or equal to')}`;
    default:
      if (/^messages\.\d+\.role$/.test(path))
        return `Unexpected role ${actual.replace(/^the string /, '')}. Allowed roles are "user" and "assistant".`;
      return `Input should be ${expected}, got ${actual}`;
  }
}

/**
 * The order in which the real API reports errors of different fields, as measured; unknown fields come last. Informative:
 * clients must not rely on it.
 */
const FIELD_ORDER = [
  'model',
  'tool_choice',
  'tools',
  'messages',
  'system',
  'thinking',
  'output_config',
  'cache_control',
  'max_tokens',
  'metadata',
  'stop_sequences',
  'temperature',
  'service_tier',
  'top_k',
  'top_p',
  'stream',
  'container',
  'inference_geo',
];

/** Violations in the order of the real API. */
export function inOrder(violations: readonly Violation[]): Violation[] {
  const rank = ({ pointer, keyword }: Violation): number => {
    const segments = pointer.split('/');
    const known = FIELD_ORDER.indexOf(segments[1] ?? '');
    const unknown = segments.length === 2 && isExtra(keyword);
    return unknown ? FIELD_ORDER.length + 1 : known < 0 ? FIELD_ORDER.length : known;
  };
  return [...violations].sort((left, right) => rank(left) - rank(right));
}

/** Whether a violation is about a field that the schema does not have. */
export function isExtra(keyword: string): boolean {
  return keyword === 'additionalProperties' || keyword === 'unevaluatedProperties' || keyword === 'false schema';
}
