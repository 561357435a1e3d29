/** Fields and headers that only some providers support: a server may apply, ignore or reject them, but has to name what it rejects. */

import { answer, errorBody, rejectedAsInvalid, succeeded } from '../../core/answers.js';
import type { Evidence, Finding, Judgement } from '../../core/requirement.js';
import { whyControlFailed } from './controls.js';
import { onlyEmpty } from './empty-replies.js';
import { noAnswer } from './no-answer.js';
import { finding, inconclusive, satisfied, violated } from './outcomes.js';
import { described } from './request-findings.js';

/** The request with most of these fields, and two requests of a thorough run. */
const WHOLE = 'provider-fields';
const THOROUGH = ['service-tier-standard', 'container-unused'];

/** The words of which a rejection of each request has to contain one. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'service-tier-auto': ['service_tier'],
  'service-tier-standard': ['service_tier'],
  'inference-geo-global': ['inference_geo'],
  'speed-standard': ['speed'],
  'diagnostics-first': ['diagnostics'],
  'container-unused': ['container'],
  'workspace-headers': ['profile', 'workspace', 'header'],
};

/** The server accepts each field or rejects it by name. */
export function acceptedOrNamed(evidence: Evidence): Judgement {
  const parts = evidence.fixture(WHOLE).splitInto;
  const asked = [...evidence.resolve({ whole: WHOLE, part: parts }), ...THOROUGH.flatMap((id) => evidence.of(id))];
  const nothing = noAnswer(asked, evidence);
  if (nothing !== null) return nothing;
  const findings: Finding[] = [];
  for (const exchange of asked) {
    if (succeeded(exchange)) continue;
    const trouble = whyControlFailed(evidence, evidence.fixture(exchange.fixture), exchange);
    if (trouble !== null) return inconclusive(trouble);
    const names = [exchange.fixture, ...evidence.fixture(exchange.fixture).splitInto].flatMap((id) => NAMES[id] ?? []);
    // The requirements on errors judge the envelope; here the name may be anywhere in the body.
    const message = (errorBody(exchange)?.message || (exchange.response?.body ?? '')).toLowerCase();
    if (rejectedAsInvalid(exchange) && names.some((name) => message.includes(name))) continue;
    // A workspace that does not exist looks like one that the key may not use.
    if (exchange.fixture === 'workspace-headers' && exchange.response !== null && exchange.response.status < 500)
      continue;
    findings.push(
      finding(
        exchange,
        `Neither accepted nor rejected by name: ${described(evidence, exchange)}.`,
        `HTTP 200, or HTTP 400 that names ${names.join(', ')}`,
        answer(exchange),
      ),
    );
  }
  return findings.length > 0 ? violated(findings) : (onlyEmpty(asked, evidence) ?? satisfied());
}
