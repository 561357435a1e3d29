/**
 * Picks the requirements of a run and from them the smallest set of conversations; says what it will cost before
 * anything is sent.
 */

import picomatch from 'picomatch';
import type { Fixture } from '../../core/fixture.js';
import type { ApiVersion, Profile, Transport } from '../../core/protocol.js';
import { NOT_QUICK } from '../../core/report.js';
import type { Claims, Probe, Requirement } from '../../core/requirement.js';
import { withoutEnd } from '../../core/text.js';
import { EXCUSED } from '../../suites/catalogue/untestable.js';
import { nearest, UsageError } from '../usage-error.js';
import { withGates } from './gates.js';

/** One fixture over one transport. */
export interface Conversation {
  fixture: Fixture;
  transport: Transport;
  /** Carried out only when one of these fell short: it tries a part of what they try at once, or is their control. */
  fallbackFor: readonly string[] | null;
  /** Fixtures of a single turn that come to the same request as the first of this one, and get its exchange. */
  sharedBy: readonly string[];
  /**
   * Fixtures that show whether the endpoint is there for which alone this is sent: not sent where they are rejected. Absent where it is
   * needed in any case.
   */
  gates?: readonly string[];
}

export interface Plan {
  requirements: readonly Requirement[];
  /** One requirement for each profile that is not part of the run: whether it is there all the same. Judged, never counted. */
  probes: readonly Requirement[];
  /** Requirements of the catalogue that this run leaves out, with the reason. */
  leftOut: ReadonlyMap<string, string>;
  /** Those of them that were selected, and that nothing can be said about here. */
  impossible: ReadonlySet<string>;
  conversations: readonly Conversation[];
}

export interface Selection {
  profiles: readonly Profile[];
  /** Ids or globs; empty for all. */
  only: readonly string[];
  skip: readonly string[];
  thorough: boolean;
  /** Leaves out what does not hold in this edition; `null`: both are judged where they differ. */
  edition: ApiVersion | null;
  /** Requirements that show whether an unclaimed profile is there; empty: nobody asks. */
  probes: readonly Probe[];
  /** Fixtures that are sent whatever needs them. */
  further?: readonly string[];
  /** Requirements of the run that are asked with these of their fixtures alone. */
  cheaply: readonly Probe[];
  /** Only these conversations, as `fixture/transport`; `null` for all that are needed. */
  conversations: readonly string[] | null;
  /** The target is a function in this process: what needs a socket is left out. */
  inProcess?: boolean;
  /** `false`: the official client is not installed. What is about it is left out, the rest is asked without it. */
  officialClient?: boolean;
  claims: Claims;
  /** What `default` stands for in fixtures. */
  defaults: { credential: 'x-api-key' | 'bearer'; apiVersion: string };
}

export function plan(
  catalogue: readonly Requirement[],
  fixtures: ReadonlyMap<string, Fixture>,
  selection: Selection,
): Plan {
  const ids = catalogue.map(({ id }) => id);
  const only = matcher(selection.only, ids, '--only');
  const skip = matcher(selection.skip, ids, '--skip');
  const leftOut = new Map<string, string>();
  const impossible = new Set<string>();
  const requirements = catalogue.filter((requirement) => {
    const unwanted = whyNot(requirement, fixtures, selection, only, skip);
    const reason = unwanted ?? whyImpossible(requirement, selection);
    if (reason !== null) leftOut.set(requirement.id, reason);
    if (reason !== null && unwanted === null) impossible.add(requirement.id);
    return reason === null;
  });
  const probes = catalogue.filter(
    (requirement) => withFixtures(requirement, selection.probes) !== null && !requirements.includes(requirement),
  );
  const asked = [
    ...requirements.map((requirement) => withFixtures(requirement, selection.cheaply) ?? requirement),
    ...probes.map((requirement) => withFixtures(requirement, selection.probes) ?? requirement),
  ];
  const { certain, partial } = conversations(asked, fixtures, selection);
  const whole = {
    requirements,
    probes,
    leftOut,
    impossible,
    conversations: withGates([...shared(certain, selection.defaults), ...partial], asked, fixtures),
  };
  return selection.conversations === null ? whole : restricted(whole, certain, selection);
}

/** The requirement with the fixtures of its probe alone; `null` when it is none of these. */
function withFixtures(requirement: Requirement, probes: readonly Probe[]): Requirement | null {
  const probe = probes.find((one) => one.requirement === requirement.id);
  return probe === undefined ? null : { ...requirement, fixtures: probe.fixtures };
}

/** A short run: the conversations that are named, each tried once, and the requirements that these are enough for. */
function restricted(full: Plan, certain: readonly Conversation[], { conversations: names, defaults }: Selection): Plan {
  const named = (names ?? [])
    .flatMap((name) => certain.find(({ fixture, transport }) => `${fixture.id}/${transport}` === name) ?? [])
    .map((conversation) => ({ ...conversation, fixture: { ...conversation.fixture, attempts: 1 } }));
  const held = new Set(named.map(({ fixture }) => fixture.id));
  const planned = new Set(certain.map(({ fixture }) => fixture.id));
  const leftOut = new Map(full.leftOut);
  const requirements = full.requirements.filter(({ id, fixtures }) => {
    const enough = fixtures.every((fixture) => held.has(fixture) || !planned.has(fixture));
    if (!enough) leftOut.set(id, NOT_QUICK);
    return enough;
  });
  return { ...full, requirements, probes: [], leftOut, conversations: shared(named, defaults) };
}

/** Why nothing can be said about a requirement here, `null` where something can. */
function whyImpossible(requirement: Requirement, { inProcess, officialClient = true }: Selection): string | null {
  if (inProcess && requirement.socket !== undefined)
    return `Judged in process, without a socket: ${requirement.socket}`;
  if (!officialClient && requirement.officialClient)
    return 'The official client is not installed: npm install @anthropic-ai/sdk';
  return null;
}

function whyNot(
  requirement: Requirement,
  fixtures: ReadonlyMap<string, Fixture>,
  selection: Selection,
  only: (id: string) => boolean,
  skip: (id: string) => boolean,
): string | null {
  const named = selection.only.includes(requirement.id);
  if (selection.only.length > 0 && !only(requirement.id)) return 'Not selected (--only)';
  if (selection.skip.length > 0 && skip(requirement.id)) return 'Not selected (--skip)';
  if (selection.only.length === 0 && !selection.profiles.includes(requirement.profile)) {
    return `The profile ${requirement.profile} is not part of this run`;
  }
  if (selection.edition !== null && requirement.editions?.includes(selection.edition) === false) {
    return `Only holds under ${requirement.editions.join(' and ')}`;
  }
  const pointless = requirement.pointless?.(selection.claims) ?? null;
  if (pointless !== null && !named) return pointless;
  if (requirement.onRequest !== undefined && !named)
    return `Only on request: ${requirement.onRequest} (--only ${requirement.id})`;
  // What provokes it is named first, then its controls.
  const thorough = fixtures.get(requirement.fixtures[0] ?? '')?.cost === 'thorough';
  return thorough && !selection.thorough ? 'Only tested with --thorough' : null;
}

/** A glob that matches nothing is mostly a family misspelt. */
function noMatch(pattern: string, ids: readonly string[]): string {
  const excused = EXCUSED.find(({ id }) => id === pattern);
  if (excused !== undefined) return `no request of the suite tests it. ${excused.reason}`;
  if (!pattern.includes('*')) return `no requirement has this id; ${nearest(pattern, ids)}`;
  const families = [...new Set(ids.map((id) => `${id.split('.')[0]}.*`))];
  return `no requirement matches; ${nearest(pattern, families)}`;
}

/** No glob: made of what ids are made of. Picomatch takes 2 ms for the first pattern. */
const isPlain = (pattern: string): boolean => /^[\w.-]+$/.test(pattern);

/** `stream.order` and `stream.order.` stand for all ids that begin with it. */
const beginsWith = (pattern: string): ((id: string) => boolean) => {
  const beginning = withoutEnd(pattern, '.');
  return (id) => id === pattern || id.startsWith(`${beginning}.`);
};

function matcher(patterns: readonly string[], ids: readonly string[], option: string): (id: string) => boolean {
  const tests = patterns.map((pattern) => {
    const test = isPlain(pattern)
      ? beginsWith(pattern)
      : picomatch(/[*?{[]/.test(pattern) ? pattern : [pattern, `${pattern}.*`]);
    if (!ids.some((id) => test(id))) throw new UsageError(`${option} ${pattern}: ${noMatch(pattern, ids)}`);
    return test;
  });
  return (id) => tests.some((test) => test(id));
}

/** What is carried out in any case, and what only if something of that falls short. */
function conversations(
  requirements: readonly Requirement[],
  fixtures: ReadonlyMap<string, Fixture>,
  selection: Selection,
): { certain: Conversation[]; partial: Conversation[] } {
  const fixtureOf = (id: string): Fixture => {
    const fixture = fixtures.get(id);
    if (fixture === undefined) throw new Error(`fixture "${id}" does not exist`);
    return fixture;
  };
  const wanted = new Set<string>();
  const want = (fixture: Fixture, asked: boolean, thorough = selection.thorough): void => {
    if (wanted.has(fixture.id)) return;
    if (fixture.cost === 'thorough' && !thorough) return;
    if (fixture.cost === 'expensive' && !asked) return;
    if (fixture.client !== 'http' && selection.officialClient === false) {
      for (const part of fixture.splitInto) if (named.has(part)) want(fixtureOf(part), asked, thorough);
      return;
    }
    wanted.add(fixture.id);
    if (fixture.control !== null) want(fixtureOf(fixture.control), asked);
  };
  const named = new Set(requirements.flatMap(({ fixtures: ids }) => ids));
  for (const { fixtures: ids, onRequest } of requirements) {
    const parts = new Set(ids.flatMap((id) => fixtureOf(id).splitInto));
    for (const id of ids) if (!parts.has(id)) want(fixtureOf(id), onRequest !== undefined);
  }
  for (const id of selection.further ?? []) {
    if (!fixtures.has(id))
      throw new UsageError(`--with ${id}: there is no such fixture; ${nearest(id, [...fixtures.keys()])}`);
    named.add(id);
    want(fixtureOf(id), true, true);
  }
  const partOf = partsOf(wanted, named, fixtureOf);
  const order = [...fixtures.values()];
  const certain = order.filter(({ id }) => wanted.has(id)).flatMap((fixture) => each(fixture, null));
  const partial = order.flatMap((fixture) => {
    const parents = partOf.get(fixture.id);
    return parents === undefined ? [] : each(fixture, [...parents]);
  });
  return { certain, partial };
}

/**
 * What is sent only when something else falls short, and what that is: the parts that a requirement of this run names, their
 * own parts, and the controls without which a refusal of a part would prove nothing.
 */
function partsOf(
  wanted: ReadonlySet<string>,
  named: ReadonlySet<string>,
  fixtureOf: (id: string) => Fixture,
): ReadonlyMap<string, ReadonlySet<string>> {
  const partOf = new Map<string, Set<string>>();
  const visit = (part: Fixture, whole: string): void => {
    if (wanted.has(part.id)) return;
    const known = partOf.get(part.id);
    if (known?.has(whole)) return;
    partOf.set(part.id, new Set([...(known ?? []), whole]));
    if (part.control !== null) visit(fixtureOf(part.control), whole);
    split(part);
  };
  const split = ({ id, splitInto }: Fixture): void => {
    for (const part of splitInto) if (named.has(part)) visit(fixtureOf(part), id);
  };
  for (const id of wanted) split(fixtureOf(id));
  return partOf;
}

/**
 * One exchange for all conversations of a single turn that come to the same request; a longer conversation that begins with
 * this request is held in their place.
 */
function shared(conversations: readonly Conversation[], defaults: Selection['defaults']): Conversation[] {
  const first = new Map<string, { conversation: Conversation; others: string[] }>();
  const longer = conversations.filter(({ fixture }) => fixture.turns.length > 1);
  for (const conversation of [...longer, ...conversations.filter((one) => !longer.includes(one))]) {
    const request = sameRequest(conversation, defaults);
    const held = first.get(request);
    if (held === undefined) first.set(request, { conversation, others: [] });
    else if (conversation.fixture.turns.length === 1) held.others.push(conversation.fixture.id);
    else first.set(`${request} ${conversation.fixture.id}`, { conversation, others: [] });
  }
  const order = new Map(conversations.map((conversation, index) => [conversation, index]));
  return [...first.values()]
    .sort((a, b) => order.get(a.conversation)! - order.get(b.conversation)!)
    .map(({ conversation, others }) => ({ ...conversation, sharedBy: others }));
}

/** What two conversations have in common when the first request of one is the only one of the other. */
function sameRequest({ fixture, transport }: Conversation, defaults: Selection['defaults']): string {
  const { id, again, turns, method, path, query, headers, client, startGroup } = fixture;
  if (again || client !== 'http' || startGroup !== null) return `${id}/${transport}`;
  const wanted = turns[0]?.credential ?? fixture.credential;
  const credential = wanted === 'default' ? defaults.credential : wanted;
  const apiVersion = fixture.apiVersion === 'default' ? defaults.apiVersion : fixture.apiVersion;
  const turn = { method, path, query, ...turns[0], credential: undefined };
  return JSON.stringify([transport, headers, credential, apiVersion, Object.entries(turn).sort()]);
}

const each = (fixture: Fixture, fallbackFor: readonly string[] | null): Conversation[] =>
  fixture.transports.map((transport) => ({ fixture, transport, fallbackFor, sharedBy: [] }));
