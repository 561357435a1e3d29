/** Settings that both APIs of OpenAI refuse alike. */

import { asString, get, isObject, type Json } from '../../core/json.js';
import { numberIn } from './reading.js';

/** Most faults of one request that are worth telling. */
export const MOST_FAULTS = 5;

/** Longest id of a user, and of a key for the cache. */
const LONGEST_USER = 64;

/** `tokens`: the least value of each field that limits the output. `ids`: fields with an id of limited length. */
export function settingFaults(
  body: Json,
  { tokens, ids }: { tokens: Readonly<Record<string, number>>; ids: readonly string[] },
): string[] {
  const faults: string[] = [];
  const between = (name: string, least: number, most: number): void => {
    const value = numberIn(body, name);
    if (value !== null && (value < least || value > most))
      faults.push(`${name}: ${value} is not between ${least} and ${most}.`);
  };
  between('temperature', 0, 2);
  between('top_p', 0, 1);
  for (const [name, least] of Object.entries(tokens)) between(name, least, Number.MAX_SAFE_INTEGER);
  if (isObject(get(body, 'stream_options')) && get(body, 'stream') !== true)
    faults.push("'stream_options' is only allowed when 'stream' is true.");
  for (const name of ids)
    if (asString(get(body, name)).length > LONGEST_USER)
      faults.push(`${name}: a string of at most ${LONGEST_USER} characters is expected.`);
  return faults;
}
