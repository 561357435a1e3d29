/** The catalogue of gateways: all families in the order of the report. */

import type { Fixture } from '../../core/fixture.js';
import type { Requirement, Suite } from '../../core/requirement.js';
import type { Speaks } from '../../core/upstream.js';
import { dialectOf } from '../dialects/index.js';
import { answersSuite } from './answers.js';
import { arrival } from './arrival.js';
import { clientSide } from './client-side.js';
import { errors } from './errors.js';
import { operations } from './operations.js';
import { passThrough } from './pass-through.js';
import { requestSettings } from './request-settings.js';
import { requestTexts } from './request-texts.js';
import { requestTools } from './request-tools.js';
import { streams } from './streams.js';
import { usageSuite } from './usage.js';

export const GATEWAY_SUITES: readonly Suite[] = [
  arrival,
  requestTexts,
  requestTools,
  requestSettings,
  answersSuite,
  usageSuite,
  streams,
  errors,
  operations,
  passThrough,
  clientSide,
];

/** Every requirement, whatever the API of the upstream. */
export const GATEWAY_CATALOGUE: readonly Requirement[] = GATEWAY_SUITES.flatMap(({ requirements }) => requirements);

/**
 * The families for an upstream that speaks this API. A requirement has those of its cases that exist for it; one that has none of them,
 * or makes no sense for this API, is left out. What it cites of the API of the upstream is that of this API.
 */
export function gatewaySuites(speaks: Speaks, cases: ReadonlyMap<string, Fixture>): Suite[] {
  return GATEWAY_SUITES.map(({ requirements, ...suite }) => ({
    ...suite,
    requirements: requirements.flatMap((requirement) => {
      const fixtures = requirement.fixtures.filter((id) => cases.has(id));
      const hasNone = fixtures.length === 0 && requirement.fixtures.length > 0;
      if (hasNone || requirement.speaks?.includes(speaks) === false) return [];
      return [{ ...requirement, fixtures, source: sourcesFor(speaks, requirement) }];
    }),
  })).filter(({ requirements }) => requirements.length > 0);
}

function sourcesFor(speaks: Speaks, { source }: Requirement): string[] {
  const { sources } = dialectOf(speaks);
  const own = source.flatMap((tag) => (Object.hasOwn(sources, tag) ? sources[tag as keyof typeof sources] : [tag]));
  return [...new Set(own)];
}
