/** The invalid requests of a run, and the documented status for each. */

import type { Exchange } from '../../core/exchange.js';
import type { Fixture } from '../../core/fixture.js';
import type { Evidence } from '../../core/requirement.js';
import { whyBetaFailed, whyControlFailed } from './controls.js';

/** Exchanges of invalid requests that got a response, were not sent once more, and whose control request was accepted. */
export function invalidRequests(evidence: Evidence): Exchange[] {
  return evidence.all.filter((exchange) => {
    const fixture = evidence.fixture(exchange.fixture);
    if (fixture.violates === null || exchange.response === null || exchange.replaced !== undefined) return false;
    if (exchange.request.headers['anthropic-beta'] !== undefined && whyBetaFailed(evidence) !== null) return false;
    return exchange.turn === fixture.turns.length && whyControlFailed(evidence, fixture, exchange) === null;
  });
}

/** Whether 400, or the given status, is documented for what is wrong with the request. */
export function isDocumentedStatus(evidence: Evidence, exchange: Exchange, status = 400): boolean {
  return documentedStatuses(evidence, evidence.fixture(exchange.fixture)).includes(status);
}

function documentedStatuses(evidence: Evidence, fixture: Fixture): readonly number[] {
  if (fixture.credential === 'none' || fixture.credential === 'invalid') return [401];
  const control = fixture.control === null ? null : evidence.fixture(fixture.control);
  if (control !== null && fixture.path !== control.path) return [404];
  const { layer, pointer } = fixture.violates ?? { layer: 'wire', pointer: '' };
  if (layer !== 'wire') return [400];
  // The body names something that does not exist, or is too large.
  if (/\/(model|id|file_id|container|previous_message_id)$/.test(pointer)) return [400, 404];
  return pointer.startsWith('/messages') ? [400, 413] : [400];
}
