import { closest } from 'fastest-levenshtein';
import type { EndpointOptions } from '../options.js';
import { chunking } from './chunking.js';
import { compression } from './compression.js';
import { deltaFamily } from './deltas.js';
import { dialects } from './dialects.js';
import { framing } from './framing.js';
import { http } from './http.js';
import { model } from './model.js';
import type { Oddity, OddityFamily } from './oddity.js';
import { optionalFields } from './optional-fields.js';
import { pings } from './pings.js';
import { refusing } from './refusing.js';
import { spelling } from './spelling.js';
import { unknown } from './unknown.js';
import { waiting } from './waiting.js';

export type { Oddity, OddityFamily } from './oddity.js';

/** Every family of oddities, one file each. */
export const ODDITY_FAMILIES: readonly OddityFamily[] = [
  framing,
  chunking,
  compression,
  pings,
  unknown,
  optionalFields,
  spelling,
  deltaFamily,
  model,
  dialects,
  refusing,
  waiting,
  http,
];

/** Every oddity, family by family. */
export const ODDITIES: readonly Oddity[] = ODDITY_FAMILIES.flatMap(({ oddities }) => oddities);

/** An endpoint that has the oddity. */
export function oddOptions({ options, alters }: Oddity): EndpointOptions {
  return { ...options, ...(alters && { alterations: alters }) };
}

/** Throws a `TypeError` that names the nearest oddity for an id that is none. */
export function findOddity(id: string): Oddity {
  const oddity = ODDITIES.find((known) => known.id === id);
  if (oddity) return oddity;
  const near = closest(
    id,
    ODDITIES.map((known) => known.id),
  );
  throw new TypeError(`oddities: there is no oddity "${id}"; the nearest is "${near}"`);
}
