import { describe, expect, it } from 'vitest';
import type { Fixture } from '../../core/fixture.js';
import { PROFILES } from '../../core/protocol.js';
import type { Probe, Requirement } from '../../core/requirement.js';
import { plannedCost } from '../../runner/plan/cost.js';
import { loadFixtures } from '../../runner/plan/fixtures.js';
import { plan, type Selection } from '../../runner/plan/plan.js';
import { PROFILE_PROBES } from '../../suites/catalogue/profile-probes.js';
import { CATALOGUE } from '../../suites/index.js';
import { satisfied } from '../../suites/judging/outcomes.js';
import { claims } from '../support/exchange.js';

const packaged = loadFixtures();
const minimal = packaged.get('minimal')!;

/** Fixtures of one request each, by what they are split into and what they differ from. */
const fixturesOf = (parts: Record<string, { splitInto?: string[]; control?: string; text?: string }>) =>
  new Map<string, Fixture>(
    Object.entries(parts).map(([id, { splitInto = [], control = null, text = id }]) => [
      id,
      {
        ...minimal,
        id,
        transports: ['json'],
        turns: [{ body: { messages: [{ role: 'user', content: text }] } }],
        splitInto,
        control,
      },
    ]),
  );

const requirement = (id: string, fixtures: string[], profile: Requirement['profile'] = 'core'): Requirement => ({
  id,
  level: 'MUST',
  profile,
  statement: 'It is kept.',
  source: ['S1'],
  fixtures,
  judge: () => satisfied(),
});

const EVERYTHING: Selection = {
  profiles: PROFILES,
  only: [],
  skip: [],
  thorough: false,
  edition: null,
  probes: [],
  cheaply: [],
  conversations: null,
  claims: claims({ profiles: [...PROFILES] }),
  defaults: { credential: 'x-api-key', apiVersion: '2023-06-01' },
};

/** What is sent in any case, and what only if something else falls short. */
function planned(
  requirements: readonly Requirement[],
  fixtures: ReadonlyMap<string, Fixture>,
  changes: Partial<Selection> = {},
) {
  const { conversations } = plan(requirements, fixtures, { ...EVERYTHING, ...changes });
  return {
    certain: conversations.filter(({ fallbackFor }) => fallbackFor === null).map(({ fixture }) => fixture.id),
    parts: Object.fromEntries(
      conversations.flatMap(({ fixture, fallbackFor }) => (fallbackFor === null ? [] : [[fixture.id, fallbackFor]])),
    ),
  };
}

describe('parts of a combined request', () => {
  const fixtures = fixturesOf({
    plain: {},
    other: {},
    whole: { splitInto: ['half', 'left', 'unasked'], control: 'plain' },
    half: { splitInto: ['right'] },
    left: { control: 'other' },
    right: {},
    unasked: {},
  });

  it('are planned for the case that it falls short, with their own parts and the controls that they need', () => {
    expect(planned([requirement('a', ['whole', 'half', 'left', 'right'])], fixtures)).toEqual({
      certain: ['plain', 'whole'],
      parts: { other: ['whole'], half: ['whole'], left: ['whole'], right: ['half'] },
    });
  });

  it('are left out where no requirement of the run names them', () => {
    expect(planned([requirement('a', ['whole', 'left'])], fixtures).parts).toEqual({
      other: ['whole'],
      left: ['whole'],
    });
  });

  it('are sent in any case where something else needs them', () => {
    const both = [requirement('a', ['whole', 'left']), requirement('b', ['left'])];
    expect(planned(both, fixtures)).toEqual({ certain: ['plain', 'other', 'whole', 'left'], parts: {} });
  });
});

describe('a profile that is not part of the run', () => {
  const fixtures = fixturesOf({ whole: { splitInto: ['part'] }, part: {}, core: {} });
  const catalogue = [requirement('core', ['core']), requirement('probe', ['whole', 'part'], 'agent')];
  const probe: Probe = { requirement: 'probe', fixtures: ['part'] };

  it('is asked with as much as its probe names', () => {
    expect(planned(catalogue, fixtures, { profiles: ['core'], probes: [probe] }).certain).toEqual(['part', 'core']);
  });

  it('is asked like any other where it is part of the run, unless that is to be cheap', () => {
    expect(planned(catalogue, fixtures, { probes: [probe] }).certain).toEqual(['whole', 'core']);
    expect(planned(catalogue, fixtures, { cheaply: [probe] }).certain).toEqual(['part', 'core']);
  });
});

describe('the probes of the package', () => {
  it.each(Object.entries(PROFILE_PROBES))(
    'ask for %s with few requests and tokens, and leave nothing behind',
    (profile, probe) => {
      const { conversations, probes } = plan(CATALOGUE, packaged, { ...EVERYTHING, profiles: [], probes: [probe] });
      expect(probes.map((one) => one.profile)).toEqual([profile]);
      const cost = plannedCost(conversations);
      expect(cost.requests).toBeLessThanOrEqual(4);
      expect(cost.worstCaseTokens).toBeLessThan(4_500);
      const writing = conversations.filter(
        ({ fixture }) => fixture.method !== 'GET' && /\/(batches|files)\b/.test(fixture.path),
      );
      expect(writing).toEqual([]);
    },
  );

  it('name fixtures of their requirements alone', () => {
    for (const { requirement: id, fixtures } of Object.values(PROFILE_PROBES)) {
      expect(CATALOGUE.find((one) => one.id === id)?.fixtures).toEqual(expect.arrayContaining([...fixtures]));
    }
  });
});
