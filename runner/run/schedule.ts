/** In which order conversations start: what much depends on first, long chains early, large prompts last. */

import type { Fixture } from '../../core/fixture.js';
import { get, isObject } from '../../core/json.js';
import { inputLength } from '../plan/cost.js';
import type { Conversation } from '../plan/plan.js';

/** Prompts from this length on, in characters, keep a machine with one slot busy for minutes. */
const LARGE = 8_000;

/** Others wait for these. */
const FIRST = 1_000_000;

/** The conversations of a plan by the phase of the run in which they start. */
export interface Schedule {
  /** One plain request, which shows whether the target can be judged at all; `null` where the plan has none. */
  first: Conversation | null;
  /** Side by side, in this order. */
  small: readonly Conversation[];
  /** With large prompts: after the small ones, and one at a time where the target works on one request at a time. */
  large: readonly Conversation[];
  /** Only where something else falls short. */
  fallbacks: readonly Conversation[];
  /** Groups that start at the same moment, with the target to themselves. */
  groups: readonly (readonly Conversation[])[];
}

export function schedule(planned: readonly Conversation[]): Schedule {
  const first = firstOf(planned);
  const rest = planned.filter((conversation) => conversation !== first && conversation.fixture.startGroup === null);
  const certain = rest.filter(({ fallbackFor }) => fallbackFor === null);
  const users = usersOf(planned);
  const gates = new Set(planned.flatMap((conversation) => conversation.gates ?? []));
  const weight = (conversation: Conversation): number =>
    (gates.has(conversation.fixture.id) ? FIRST : 0) +
    chain(conversation) * 100 +
    (users.get(conversation.fixture.id) ?? 0);
  const byWeight = (a: Conversation, b: Conversation): number => weight(b) - weight(a);
  return {
    first,
    small: certain.filter((one) => !isLarge(one)).sort(byWeight),
    large: certain.filter(isLarge).sort((a, b) => size(a) - size(b)),
    fallbacks: rest.filter(({ fallbackFor }) => fallbackFor !== null),
    groups: groupsOf(planned),
  };
}

/** The shortest plain request for a message; where the plan has none, any other request that nothing else is needed for. */
function firstOf(planned: readonly Conversation[]): Conversation | null {
  const certain = planned.filter(({ fixture, fallbackFor }) => fallbackFor === null && fixture.startGroup === null);
  const plain = certain
    .filter(isPlainMessage)
    .sort((a, b) => size(a) - size(b) || Number(isStream(a)) - Number(isStream(b)));
  const valid = certain.filter(({ fixture }) => fixture.violates === null);
  return plain[0] ?? valid.find(({ fixture }) => fixture.turns.length === 1) ?? valid[0] ?? certain[0] ?? null;
}

const PLAIN_FIELDS = ['model', 'max_tokens', 'messages', 'stream'];

/** A single valid request for a message as any client sends it, of text and nothing else. */
export const isPlainMessage = ({ fixture }: Conversation): boolean =>
  fixture.path === '/v1/messages' &&
  fixture.query === '' &&
  fixture.turns.length === 1 &&
  isPlainBody(fixture.turns[0]?.body) &&
  fixture.violates === null &&
  fixture.client === 'http' &&
  fixture.credential === 'default' &&
  Object.keys(fixture.headers).length === 0;

const isPlainBody = (body: Fixture['turns'][number]['body']): boolean =>
  isObject(body) &&
  Object.keys(body).every((field) => PLAIN_FIELDS.includes(field)) &&
  Array.isArray(body.messages) &&
  body.messages.every((message) => typeof get(message, 'content') === 'string');

const isStream = ({ transport }: Conversation): boolean => transport === 'stream';

/** How many fixtures of the plan have each fixture as their control. */
function usersOf(planned: readonly Conversation[]): ReadonlyMap<string, number> {
  const users = new Map<string, number>();
  for (const { control } of planned.map(({ fixture }): Fixture => fixture))
    if (control !== null) users.set(control, (users.get(control) ?? 0) + 1);
  return users;
}

/** Requests that have to come one after another; a pause counts as one. */
const chain = ({ fixture }: Conversation): number =>
  fixture.turns.reduce(
    (sum, { waitMs, until }) => sum + 1 + (waitMs === undefined ? 0 : 1) + (until === undefined ? 0 : 4),
    0,
  );

/**
 * What a target answers without generating anything, and what waits for nothing: the longest chain first, since a run lasts as long as
 * that one.
 */
export const asides = (conversations: readonly Conversation[]): Conversation[] =>
  conversations.filter(isAside).sort((a, b) => chain(b) - chain(a));

const isAside = ({ fixture, gates = [] }: Conversation): boolean =>
  gates.length === 0 && fixture.turns.every(({ path = fixture.path }) => !/\/messages$/.test(path));

const size = ({ fixture }: Conversation): number => Math.max(...fixture.turns.map(({ body }) => inputLength(body)));

const isLarge = (conversation: Conversation): boolean => size(conversation) >= LARGE;

/** Conversations that start at the same moment, group by group. */
function groupsOf(planned: readonly Conversation[]): Conversation[][] {
  const names = new Set(planned.flatMap(({ fixture }) => fixture.startGroup ?? []));
  return [...names].map((name) => planned.filter(({ fixture }) => fixture.startGroup === name));
}
