/** Conversations with endpoints that a target may well do without: sent only where the first look at the endpoint is not rejected. */

import type { Fixture } from '../../core/fixture.js';
import type { Requirement } from '../../core/requirement.js';
import { baseOf, ENDPOINT_PROFILES } from '../../suites/catalogue/bases.js';
import { PROFILE_PROBES } from '../../suites/catalogue/profile-probes.js';
import type { Conversation } from './plan.js';

/** The conversations with their gates. A conversation that anything else needs, or that is the first look itself, has none. */
export function withGates(
  conversations: readonly Conversation[],
  requirements: readonly Requirement[],
  fixtures: ReadonlyMap<string, Fixture>,
): Conversation[] {
  const wanted = new Map<string, Set<readonly string[] | null>>();
  for (const requirement of requirements) {
    const gates = gatesOf(requirement, requirements);
    for (const id of neededBy(requirement, fixtures)) wanted.set(id, (wanted.get(id) ?? new Set()).add(gates));
  }
  return conversations.map((conversation) => {
    const [gates, ...others] = new Set(
      [conversation.fixture.id, ...conversation.sharedBy].flatMap((id) => [...(wanted.get(id) ?? [null])]),
    );
    const isGated = gates && others.length === 0 && !gates.includes(conversation.fixture.id);
    return isGated ? { ...conversation, gates } : conversation;
  });
}

/** Fixtures of the first look at the endpoint that a requirement is about; `null` where it is about none of these. */
function gatesOf(requirement: Requirement, requirements: readonly Requirement[]): readonly string[] | null {
  const base = baseOf(requirement);
  if (base === null || !ENDPOINT_PROFILES.includes(requirement.profile)) return null;
  if (!requirements.some(({ id }) => id === base.requirement)) return null;
  return PROFILE_PROBES[requirement.profile]?.fixtures ?? null;
}

/** All that may be sent for a requirement: its fixtures, their controls, and their parts. */
function neededBy(requirement: Requirement, fixtures: ReadonlyMap<string, Fixture>): ReadonlySet<string> {
  const needed = new Set<string>();
  const add = (id: string): void => {
    const fixture = fixtures.get(id);
    if (fixture === undefined || needed.has(id)) return;
    needed.add(id);
    if (fixture.control !== null) add(fixture.control);
  };
  for (const id of requirement.fixtures) add(id);
  return needed;
}
