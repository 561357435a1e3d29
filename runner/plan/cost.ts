/** What requests cost at most. */

import type { Fixture } from '../../core/fixture.js';
import { isObject, type Json, type JsonObject } from '../../core/json.js';
import type { Conversation } from './plan.js';

/** What may be sent at most, when every model cooperates at once. */
export interface PlannedCost {
  requests: number;
  /** Sum of `max_tokens`, plus a rough estimate of the input at four bytes a token. */
  worstCaseTokens: number;
}

/** Requests and worst-case tokens of conversations that are carried out in any case. */
export function plannedCost(planned: readonly Conversation[]): PlannedCost {
  const certain = planned.filter(({ fallbackFor }) => fallbackFor === null);
  return {
    requests: certain.reduce((sum, { fixture }) => sum + fixture.turns.length * times(fixture), 0),
    worstCaseTokens: certain.reduce(
      (sum, { fixture }) =>
        sum + fixture.turns.reduce((tokens, turn) => tokens + worstCaseTokens(turn.body, fixture), 0) * times(fixture),
      0,
    ),
  };
}

/** How often a conversation takes place at the same moment. */
const times = ({ parallel = 1 }: Fixture): number => parallel;

/**
 * Most tokens that a request can cost: its `max_tokens` and about its input. A negative asks for one word; that it may name a
 * huge `max_tokens` does not make the answer longer.
 */
export function worstCaseTokens(body: JsonObject | undefined, fixture: Pick<Fixture, 'violates'>): number {
  if (body === undefined) return 0;
  const asked = typeof body.max_tokens === 'number' && body.max_tokens > 0 ? body.max_tokens : 0;
  return (fixture.violates === null ? asked : Math.min(asked, NEGATIVE_OUTPUT)) + Math.ceil(inputLength(body) / 4);
}

const NEGATIVE_OUTPUT = 16;

/** Bodies of fixtures are asked for when the run is planned, ordered and announced. */
const lengths = new WeakMap<object, number>();

/** Length of a body as JSON, with the long strings that `$repeat` stands for. */
export function inputLength(value: Json | undefined): number {
  if (typeof value !== 'object' || value === null) return lengthOf(value);
  const length = lengths.get(value) ?? lengthOf(value);
  lengths.set(value, length);
  return length;
}

function lengthOf(value: Json | undefined): number {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)?.length ?? 0;
  if (!isObject(value)) return value.reduce<number>((sum, item) => sum + lengthOf(item) + 1, 2);
  const { $repeat, times, before = '', after = '' } = value;
  if (typeof $repeat === 'string') return $repeat.length * Number(times) + String(before).length + String(after).length;
  let length = 2;
  for (const key of Object.keys(value)) length += key.length + 4 + lengthOf(value[key]);
  return length;
}
