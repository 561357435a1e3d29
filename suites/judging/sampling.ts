/** Sampling parameters: some models accept them with any value, others only with their defaults. */

import { rejectedAsInvalid } from '../../core/answers.js';
import type { Share } from '../../core/evidence.js';
import { get } from '../../core/json.js';
import type { Evidence, Judge, TemperatureRange } from '../../core/requirement.js';
import { bundled } from './bundles.js';
import { rejected } from './judges.js';
import { notObserved } from './outcomes.js';

/** Requests with a `temperature` other than the default. */
export const TEMPERATURE = { whole: 'permitted-zero', part: 'temperature-zero' } as const satisfies Share;
/** Requests with a `top_p` and a `top_k` other than the defaults. */
export const NUCLEUS = { whole: 'permitted-nucleus', part: ['top-p-inside', 'top-k-integer'] } as const satisfies Share;

/** The range of the protocol, where the contract documents no other. */
const USUAL: TemperatureRange = { minimum: 0, maximum: 1 };

function lies(value: unknown, { minimum, exclusiveMinimum, maximum, exclusiveMaximum }: TemperatureRange): boolean {
  if (typeof value !== 'number') return false;
  const isAbove = exclusiveMinimum ? value > minimum : value >= minimum;
  return isAbove && (exclusiveMaximum ? value < maximum : value <= maximum);
}

/** Accepts 0 and 1, as far as they lie in the range that the contract documents. */
export const acceptsBounds: Judge = (evidence) => {
  const range = evidence.claims.dialect.temperature ?? USUAL;
  const shares = [
    { value: 0, share: TEMPERATURE },
    { value: 1, share: { whole: 'permitted-nulls', part: 'temperature-one' } },
  ].flatMap(({ value, share }) => (lies(value, range) ? [share] : []));
  return shares.length === 0
    ? notObserved('By the contract neither 0 nor 1 is a temperature')
    : bundled(shares)(evidence);
};

/** Rejects what lies outside the range that the contract documents. */
export const rejectsOutside: Judge = (evidence) => {
  const { temperature } = evidence.claims.dialect;
  if (temperature === undefined) return rejected()(evidence);
  const own = evidence.own.filter(({ sent }) => !lies(get(sent, 'temperature'), temperature));
  return rejected()({ ...evidence, own });
};

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
