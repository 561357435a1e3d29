/** One cause, said once: what rests on a part of the protocol that is not there is not failed again. */

import { succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { Verdict } from '../../core/protocol.js';
import { type Base, baseOf } from '../../suites/catalogue/bases.js';
import type { Judged } from './judge.js';

/** Verdicts that say something of their own, whatever the base came to. */
const OF_ITS_OWN: readonly Verdict[] = ['pass', 'error'];

export function withBases(all: readonly Judged[], exchanges: readonly Exchange[]): Judged[] {
  const byId = new Map(all.map((judged) => [judged.requirement.id, judged]));
  return all.map((judged) => {
    const base = baseOf(judged.requirement);
    const found = base === null ? undefined : byId.get(base.requirement);
    if (
      base === null ||
      found === undefined ||
      OF_ITS_OWN.includes(judged.verdict) ||
      !isMissing(found, base, exchanges)
    )
      return judged;
    const isDeclined = found.verdict === 'declined';
    return {
      ...judged,
      verdict: isDeclined ? 'declined' : 'skipped',
      silent: false,
      findings: [],
      restsOn: base.requirement,
      reason: isDeclined
        ? `${base.part} not offered, see ${base.requirement}`
        : `rests on ${base.requirement}, which failed`,
    };
  });
}

/** Whether the base shows that its part of the protocol is not there, as opposed to there and faulty. */
export function isMissing(
  base: Pick<Judged, 'outcome' | 'verdict' | 'silent' | 'findings'>,
  { mayBeIgnored }: Pick<Base, 'mayBeIgnored'>,
  exchanges: readonly Exchange[],
): boolean {
  if (base.outcome === 'rejected') return true;
  if (base.verdict !== 'fail') return false;
  const shown = exchanges.filter(({ id }) => base.findings.some(({ exchange }) => exchange === id));
  return (mayBeIgnored && base.silent) || (shown.length > 0 && !shown.some(succeeded));
}
