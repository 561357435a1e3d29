/** Sampling parameters: some models accept them with any value, others only with their defaults. */

import { rejectedAsInvalid } from '../../core/answers.js';
import type { Share } from '../../core/evidence.js';
import type { Evidence, Judge } from '../../core/requirement.js';
import { notObserved } from './outcomes.js';

/** Requests with a `temperature` other than the default. */
export const TEMPERATURE = { whole: 'permitted-zero', part: 'temperature-zero' } as const satisfies Share;
/** Requests with a `top_p` and a `top_k` other than the defaults. */
export const NUCLEUS = { whole: 'permitted-nucleus', part: ['top-p-inside', 'top-k-integer'] } as const satisfies Share;

/** For requirements that do not apply to models which accept only the defaults of the sampling parameters. */
export function whereSampling(judge: Judge): Judge {
  return (evidence) => {
    const { sampling } = evidence.claims.dialect;
    if (sampling === 'fixed')
      return notObserved('By the contract the models accept only the defaults of sampling parameters');
    const judgement = judge(evidence);
    if (judgement.outcome !== 'rejected') return judgement;
    if (sampling === 'either' && fixesSampling(evidence)) {
      const rejection = judgement.findings[0]?.actual ?? '';
      return notObserved(
        `This model accepts only the defaults of sampling parameters, as newer models do: ${rejection}`,
      );
    }
    const expected = 'HTTP 200 with a Message, or a contract whose dialect.sampling is "fixed"';
    return { ...judgement, findings: judgement.findings.map((one) => ({ ...one, expected })) };
  };
}

/** Whether the target rejects `temperature`, `top_p` and `top_k` alike. Rejecting only one of them would be a fault. */
const fixesSampling = (evidence: Evidence): boolean =>
  [TEMPERATURE, NUCLEUS].every((share) => {
    const tried = evidence.resolve(share);
    return tried.length > 0 && tried.every(rejectedAsInvalid);
  });
