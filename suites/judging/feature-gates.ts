/** What requirements of a profile say when the target takes nothing of that profile. */

import { answer, rejectedAsInvalid, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { Profile } from '../../core/protocol.js';
import type { Judge } from '../../core/requirement.js';
import { whyControlFailed } from './controls.js';
import { noAnswer } from './no-answer.js';
import { finding, inconclusive, notObserved } from './outcomes.js';

/**
 * For what builds on something that a target may not take at all, shown by the fixtures of `bases`: while none of these
 * is served, nothing is known. Where the target does not claim the profile, and refuses them because of what they hold,
 * that refusal is the answer: everything behind it would stay undecided for ever.
 */
export function whereTaken(profile: Profile, bases: readonly string[], judge: Judge): Judge {
  return (evidence) => {
    const tried = bases.flatMap((id) => evidence.of(id));
    const first = tried[0];
    if (first === undefined || tried.some(succeeded)) return judge(evidence);
    const honest = (exchange: Exchange): boolean =>
      rejectedAsInvalid(exchange) && whyControlFailed(evidence, evidence.fixture(exchange.fixture), exchange) === null;
    if (evidence.claims.profiles.includes(profile) || !tried.every(honest)) {
      return (
        noAnswer(tried, evidence) ??
        inconclusive(`${first.id}, on which this builds, was not served (${answer(first)}), so nothing is known`)
      );
    }
    return {
      outcome: 'rejected',
      findings: tried.map((exchange) =>
        finding(
          exchange,
          `${evidence.fixture(exchange.fixture).title}: refused as such, so that nothing can be said about what builds on it.`,
          'HTTP 200 with a Message',
          answer(exchange),
        ),
      ),
    };
  };
}

/**
 * For what needs another profile beside its own: a refusal by a target that does not claim that one may be the answer to
 * that part of the request, and says nothing about the rest.
 */
export function besides(other: Profile, judge: Judge): Judge {
  return (evidence) => {
    const judgement = judge(evidence);
    if (judgement.outcome !== 'rejected' || evidence.claims.profiles.includes(other)) return judgement;
    const refusal = judgement.findings[0]?.actual ?? 'refused';
    return notObserved(`it needs ${other} as well, which the contract does not claim: ${refusal}`);
  };
}
