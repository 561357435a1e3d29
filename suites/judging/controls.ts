/** Control requests: a rejection counts only while the valid request that it differs from is accepted. */

import {
  answer,
  errorWords,
  isAccepted,
  isBrokenStream,
  rejectedAsInvalid,
  rejectsSender,
  succeeded,
} from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { Fixture } from '../../core/fixture.js';
import type { Evidence, Judgement } from '../../core/requirement.js';
import { inconclusive } from './outcomes.js';

/** Why the control of this exchange proves nothing; `null` when it was accepted, or when the fixture has no control. */
export function whyControlFailed(evidence: Evidence, fixture: Fixture, exchange: Exchange): string | null {
  if (fixture.control === null) return null;
  const isValid = fixture.violates === null;
  const byClient = isValid || exchange.client === undefined ? null : sdkWasAccepted(evidence, fixture);
  if (byClient === true) return null;
  if (byClient === false && rejectsSender(exchange, fixture.credential))
    return 'Not tested: the target rejects every valid request of the official client too';
  if (
    isValid &&
    isBrokenStream(exchange) &&
    !evidence.all.some((one) => one.transport === 'stream' && one.message !== null)
  ) {
    return 'Not tested: no stream of this run yields a message, see the stream requirements';
  }
  const same = evidence.of(fixture.control, exchange.transport);
  const controls = same.length > 0 ? same : evidence.of(fixture.control);
  if (controls.some(isAccepted)) return null;
  const first = controls[0];
  return first === undefined
    ? `Not tested: the control request ${fixture.control} was not sent`
    : `Not tested: the control request ${first.id} ${succeeded(first) ? 'failed' : 'was rejected'} too (${answer(first)})`;
}

/** Inconclusive where the control of one of these exchanges proves nothing; `null` where all of them count. */
export function controlTrouble(evidence: Evidence, exchanges: readonly Exchange[]): Judgement | null {
  for (const exchange of exchanges) {
    const trouble = whyControlFailed(evidence, evidence.fixture(exchange.fixture), exchange);
    if (trouble !== null) return inconclusive(trouble);
  }
  return null;
}

/**
 * Whether the target accepts valid requests of the official client, which sends its own credential header and API version. `null` when
 * the run does not show it.
 */
function sdkWasAccepted(evidence: Evidence, { splitInto }: Fixture): boolean | null {
  const valid = evidence.all.filter(
    ({ client, turn, fixture }) => client !== undefined && turn === 1 && evidence.fixture(fixture).violates === null,
  );
  if (valid.some(isAccepted)) return true;
  return valid.length > 0 || splitInto.some((part) => evidence.of(part).length > 0) ? false : null;
}

/** The requests that show whether the target accepts `anthropic-beta` at all. */
const BETA_HEADERS = ['beta-header', 'beta-header-list', 'beta-header-twice'];

/** Why a rejected request with `anthropic-beta` proves nothing about its feature; `null` where the header is accepted, or was not sent by itself. */
export function whyBetaFailed(evidence: Pick<Evidence, 'of'>): string | null {
  const sent = BETA_HEADERS.flatMap((fixture) => evidence.of(fixture));
  if (sent.length === 0 || sent.some(isAccepted)) return null;
  return `Not tested: the target rejects the header anthropic-beta itself, see beta.header.tolerated (${answer(sent[0]!)})`;
}

/**
 * Whether the server rejected a value of `anthropic-beta` that it names. The official API rejects values that it does not know, so the
 * rejection says nothing about the rest of the request. Source: D:beta.
 */
export function rejectsItsBeta(exchange: Exchange): boolean {
  if (!rejectedAsInvalid(exchange)) return false;
  const words = errorWords(exchange);
  const values = (exchange.request.headers['anthropic-beta'] ?? '').split(',').map((value) => value.trim());
  return values.some((value) => value !== '' && words.includes(value));
}

/** Whether the official client sent this request and none of its requests was accepted: the target may reject the client itself. */
export const sdkMayBeBlocked = (evidence: Evidence, { client }: Exchange): boolean =>
  client !== undefined && !evidence.all.some((one) => one.client !== undefined && isAccepted(one));
