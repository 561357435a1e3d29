/** Whether the valid request beside the one that is judged shows that only the difference is at fault. */

import { answer, isAccepted, isBrokenStream, rejectsSender } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { Fixture } from '../../core/fixture.js';
import type { Evidence } from '../../core/requirement.js';

/** Why a control cannot serve as control for this exchange; `null` when it was served, or when there is none. */
export function whyControlFailed(evidence: Evidence, fixture: Fixture, exchange: Exchange): string | null {
  if (fixture.control === null) return null;
  const isValid = fixture.violates === null;
  const byClient = isValid || exchange.client === undefined ? null : sdkWasAccepted(evidence, fixture);
  if (byClient === true) return null;
  if (byClient === false && rejectsSender(exchange, fixture.credential))
    return 'no valid request of the official client is served, so this proves nothing about the difference';
  if (
    isValid &&
    isBrokenStream(exchange) &&
    !evidence.all.some((one) => one.transport === 'stream' && one.message !== null)
  ) {
    return 'no stream of this run adds up to a message, which the requirements on streams see to';
  }
  const same = evidence.of(fixture.control, exchange.transport);
  const controls = same.length > 0 ? same : evidence.of(fixture.control);
  if (controls.some(isAccepted)) return null;
  const first = controls[0];
  return first === undefined
    ? `its control request ${fixture.control} was not carried out`
    : `its control request ${first.id} was not served either (${answer(first)}), so this proves nothing about the difference`;
}

/**
 * Whether the official client, which has a credential header and a version of its own, is served where its requests are valid;
 * `null` when the run shows nothing of it.
 */
function sdkWasAccepted(evidence: Evidence, { splitInto }: Fixture): boolean | null {
  const valid = evidence.all.filter(
    ({ client, turn, fixture }) => client !== undefined && turn === 1 && evidence.fixture(fixture).violates === null,
  );
  if (valid.some(isAccepted)) return true;
  return valid.length > 0 || splitInto.some((part) => evidence.of(part).length > 0) ? false : null;
}

/** Whether the official client sent this request, and none that it sent in this run was served: anything of it may be refused. */
export const sdkMayBeBlocked = (evidence: Evidence, { client }: Exchange): boolean =>
  client !== undefined && !evidence.all.some((one) => one.client !== undefined && isAccepted(one));
