/** What is particular about a client's requests, as a set of short lines of a closed form (`kinds.ts`). */

import { isObject, type JsonObject } from '../../core/json.js';
import { bodyTraits } from './body-traits.js';
import type { Trait } from './kinds.js';
import type { ClientRequest } from './request.js';
import { classes } from './text-traits.js';

/** Least sizes of bodies, in bytes. */
const BODIES = [1_000, 4_000, 16_000, 50_000, 75_000, 100_000, 120_000];

/** Headers of HTTP itself: what a client library adds to every request whatever it is for. */
const OF_HTTP = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'keep-alive', 'te']);
/** Headers whose value is a closed set. */
const CLOSED = new Set([
  'accept',
  'content-type',
  'anthropic-version',
  'x-app',
  'x-stainless-lang',
  'x-stainless-retry-count',
  'x-stainless-helper-method',
]);

export function traitsOf(request: ClientRequest): Set<Trait> {
  const { method, target, headers, body, bytes } = request;
  return new Set<Trait>([
    `request ${method} ${target}`,
    ...credentialTraits(headers),
    ...headers.flatMap(headerTraits),
    ...classes('body', bytes, BODIES),
    ...(isObject(body) ? bodyTraits(body) : []),
  ]);
}

/** The traits of requests in the order in which a client sent them, each with the place of the first request that has it. */
export function traitsOfAll(requests: readonly ClientRequest[]): Map<Trait, string> {
  const found = new Map<Trait, string>();
  const add = (trait: Trait, at: string): void => {
    if (!found.has(trait)) found.set(trait, at);
  };
  for (const request of requests) for (const trait of traitsOf(request)) add(trait, request.at);
  for (const [trait, at] of seriesTraits(requests)) add(trait, at);
  return found;
}

function credentialTraits(headers: ClientRequest['headers']): Trait[] {
  const has = (name: string): boolean => headers.some(([one]) => one.toLowerCase() === name);
  const key = has('x-api-key');
  const bearer = has('authorization');
  return [`credential ${key && bearer ? 'both' : key ? 'x-api-key' : bearer ? 'bearer' : 'none'}`];
}

function headerTraits([written, value]: readonly [string, string]): Trait[] {
  const name = written.toLowerCase();
  if (OF_HTTP.has(name) || name === 'x-api-key' || name === 'authorization') return [];
  const parts = value.split(',').map((part) => part.trim());
  if (name === 'anthropic-beta') return parts.map((part): Trait => `beta ${part}`);
  if (name === 'accept-encoding') return parts.map((part): Trait => `encoding ${part.split(';')[0]}`);
  if (name === 'user-agent') return [`header user-agent=${value.split('/')[0]}`];
  return [CLOSED.has(name) ? `header ${name}=${value}` : `header ${name}`];
}

/** So many requests of one operation after one another are what clients send side by side. */
const BURST = 4;

function* seriesTraits(requests: readonly ClientRequest[]): Iterable<[Trait, string]> {
  let run = 0;
  for (const [index, request] of requests.entries()) {
    const before = requests[index - 1];
    const same = before !== undefined && before.method === request.method && before.target === request.target;
    run = same ? run + 1 : 1;
    if (run === BURST && request.target.includes('count_tokens'))
      yield [`series ${request.method} ${request.target}`, request.at];
    if (before !== undefined && same && isAgainWithoutStream(before.body, request.body))
      yield ['series again without stream', request.at];
  }
}

/** `max_tokens` may differ: some clients ask for less without a stream. */
function isAgainWithoutStream(before: unknown, after: unknown): boolean {
  if (!isObject(before) || !isObject(after) || before.stream !== true || after.stream === true) return false;
  const rest = ({ stream: _stream, max_tokens: _limit, ...others }: JsonObject) => JSON.stringify(others);
  return rest(before) === rest(after);
}
