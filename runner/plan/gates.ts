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
  const wanted = new Map<string, Map<string, readonly string[]>>();
  for (const requirement of requirements) {
    const gates = gatesOf(requirement, requirements, fixtures);
    for (const id of neededBy(requirement, fixtures))
      wanted.set(id, (wanted.get(id) ?? new Map()).set(gates.join(' '), gates));
  }
  return conversations.map((conversation) => {
    const ids = [conversation.fixture.id, ...conversation.sharedBy];
    const all = new Map(ids.flatMap((id) => [...(wanted.get(id) ?? NO_GATE)]));
    const [gates = []] = all.values();
    const isGated = all.size === 1 && gates.length > 0 && !ids.some((id) => gates.includes(id));
    return isGated ? { ...conversation, gates } : conversation;
  });
}

const NO_GATE: readonly [string, readonly string[]][] = [['', []]];

/** Fixtures of the first look at the endpoint that a requirement is about; none where it is about none of these. */
function gatesOf(
  requirement: Requirement,
  requirements: readonly Requirement[],
  fixtures: ReadonlyMap<string, Fixture>,
): readonly string[] {
  const base = baseOf(requirement);
  if (base === null || !ENDPOINT_PROFILES.includes(requirement.profile)) return [];
  if (!requirements.some(({ id }) => id === base.requirement)) return [];
  const looks = PROFILE_PROBES[requirement.profile]?.fixtures ?? [];
  // A longer conversation may make the look unnecessary, and looks itself.
  const longer = [...fixtures.values()].filter(({ splitInto }) => splitInto.some((id) => looks.includes(id)));
  return [...looks, ...longer.map(({ id }) => id)];
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
