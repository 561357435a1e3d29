/** What requirements of a profile report when the target supports nothing of that profile. */

import { answer, rejectedAsInvalid, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { Profile } from '../../core/protocol.js';
import type { Judge } from '../../core/requirement.js';
import { whyControlFailed } from './controls.js';
import { noAnswer } from './no-answer.js';
import { finding, inconclusive, notObserved } from './outcomes.js';
import { described } from './request-findings.js';

/**
 * For requirements that build on a feature which the fixtures of `bases` use. While the target accepts none of them, the result is
 * inconclusive. When the target does not claim the profile and rejects them as invalid requests, the requirement is declined, because
 * it could never be tested.
 */
export function whereAccepted(profile: Profile, bases: readonly string[], judge: Judge): Judge {
  return (evidence) => {
    const tried = bases.flatMap((id) => evidence.of(id));
    const first = tried[0];
    if (first === undefined || tried.some(succeeded)) return judge(evidence);
    const honest = (exchange: Exchange): boolean =>
      rejectedAsInvalid(exchange) && whyControlFailed(evidence, evidence.fixture(exchange.fixture), exchange) === null;
    const nothing = noAnswer(tried, evidence);
    if (nothing !== null) return nothing;
    if (evidence.claims.profiles.includes(profile) || !tried.every(honest))
      return inconclusive(`Not tested: ${first.id}, which it builds on, was not accepted (${answer(first)})`);
    return {
      outcome: 'rejected',
      findings: tried.map((exchange) =>
        finding(
          exchange,
          `The server rejects what this requirement builds on: ${described(evidence, exchange)}.`,
          'HTTP 200 with a Message',
          answer(exchange),
        ),
      ),
    };
  };
}

/**
 * For requirements that also need another profile. When the target does not claim that profile, its rejection may be about that part
 * of the request and says nothing about the rest.
 */
export function needsProfile(other: Profile, judge: Judge): Judge {
  return (evidence) => {
    const judgement = judge(evidence);
    if (judgement.outcome !== 'rejected' || evidence.claims.profiles.includes(other)) return judgement;
    const rejection = judgement.findings[0]?.actual ?? 'rejected';
    return notObserved(`It also needs the profile ${other}, which the contract does not claim: ${rejection}`);
  };
}
