/** Groups failures by what they have in common, so that a report says each cause once. Verdicts stay as they are. */

import { quotedBody } from '../../../core/answers.js';
import type { Exchange } from '../../../core/exchange.js';
import type { Fixture } from '../../../core/fixture.js';
import type { Cause } from '../../../core/report.js';
import { PARTS } from '../../../suites/catalogue/bases.js';
import type { Judged } from '../judge.js';
import { isMissing } from '../rests-on.js';
import { endedConnections, sameAnswers, serverAnswers } from './answers.js';
import { ofGateways } from './gateways.js';
import { nowAndThen, openAiModels, webPages } from './in-its-place.js';
import { authentication, fieldsLost, usage } from './losses.js';
import {
  errorEnvelope,
  errorTypes,
  invalidAccepted,
  rejectedIn200,
  rejectionStatus,
  transportRejected,
} from './rejections.js';
import { stopReasons, streamContent, streamGrammar, streamsStop, truncation } from './replies.js';
import { cause, type Detector, explainedBy, type FoundCause, grouped, type Scene, share } from './scene.js';

const LEAST_BODIES = 3;
/** Files are passed on as they are, so one body may be readable. */
const NEARLY_ALL = 0.9;

/** The first detector that explains a failure has it: the more certain ones come first. */
const DETECTORS: readonly Detector[] = [
  unreadableBodies,
  nowAndThen,
  webPages,
  streamsStop,
  endedConnections,
  serverAnswers,
  absentProfiles,
  authentication,
  storedReplies,
  transportRejected,
  rejectionStatus,
  invalidAccepted,
  rejectedIn200,
  errorEnvelope,
  errorTypes,
  usage,
  stopReasons,
  truncation,
  streamGrammar,
  streamContent,
  fieldsLost,
  openAiModels,
  ...ofGateways,
  sameAnswers,
  sameFindings,
];

/**
 * Causes of the failed and warned requirements, the one that explains most failures first. A requirement has at most one.
 *
 * @param fixture Looks up a fixture by its id.
 */
export function causesOf(
  judged: readonly Judged[],
  exchanges: readonly Exchange[],
  fixture: (id: string) => Fixture,
): Cause[] {
  let open = judged.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn');
  const found: FoundCause[] = [];
  for (const detect of DETECTORS) {
    for (const one of detect({ open, judged, exchanges, fixture })) {
      const requirements = one.requirements.filter((id) => open.some(({ requirement }) => requirement.id === id));
      if (requirements.length === 0 && one.covers === undefined) continue;
      found.push({ ...one, requirements });
      open = open.filter(({ requirement }) => !requirements.includes(requirement.id));
    }
  }
  const causes = withShared(found, open);
  const failures = ({ requirements }: Cause): number =>
    judged.filter(({ requirement, verdict }) => verdict === 'fail' && requirements.includes(requirement.id)).length;
  return causes
    .map((one, index) => ({ one, index, failures: failures(one) }))
    .sort(
      (a, b) => b.failures - a.failures || b.one.requirements.length - a.one.requirements.length || a.index - b.index,
    )
    .map(({ one }) => one);
}

/** What fails for two causes at once, e.g. as JSON for the one and as a stream for the other, goes to that of its first finding. */
function withShared(found: readonly FoundCause[], open: readonly Judged[]): Cause[] {
  const shared = open.flatMap(({ requirement, findings }) => {
    const by = findings.map((finding) => found.find(({ covers }) => covers?.(finding)));
    const [first] = by;
    return first === undefined || by.includes(undefined) ? [] : [{ id: requirement.id, first }];
  });
  return found.flatMap((one) => {
    const { covers, ...cause } = one;
    const more = shared.flatMap(({ id, first }) => (first === one ? [id] : []));
    const requirements = [...cause.requirements, ...more];
    return requirements.length === 0 ? [] : [{ ...cause, requirements }];
  });
}

/** A claimed part of the protocol that is not there: one failure, and the rest rests on it. */
function absentProfiles({ open, judged, exchanges }: Scene): Cause[] {
  return open.flatMap((base): Cause[] => {
    const { id, profile } = base.requirement;
    const part = PARTS.get(id);
    if (part === undefined || !isMissing(base, { mayBeIgnored: true }, exchanges)) return [];
    const resting = judged.filter(({ restsOn }) => restsOn === id).length;
    if (resting === 0 && base.outcome !== 'rejected') return [];
    const actual = base.findings[0]?.actual ?? base.reason;
    // A server that fails at a path has it.
    const isFailing = /^HTTP 5(?!01)\d\d /.test(actual);
    const what = base.silent ? 'accepted and ignored' : `${isFailing ? 'failing' : 'not there'}: ${actual}`;
    const rest = resting === 0 ? '' : ` ${resting} requirements rest on it.`;
    const subject = part === profile ? `The profile ${part}` : `The ${part} endpoint`;
    return [cause('profile-absent', `${subject} is ${what}.${rest}`, [base, ...atSamePath(base, open, exchanges)])];
  });
}

/** What fails at the same path of its own, as `/v1/messages/count_tokens`, and nowhere else. */
function atSamePath(base: Judged, open: readonly Judged[], exchanges: readonly Exchange[]): Judged[] {
  const paths = new Map(exchanges.map(({ id, request }) => [id, request.url.replace(/\?.*/, '')]));
  const pathsOf = ({ findings }: Judged) => findings.map(({ exchange }) => paths.get(exchange ?? '') ?? '');
  const [path = ''] = pathsOf(base);
  if (path === '' || path.endsWith('/messages')) return [];
  return open.filter((one) => one !== base && one.findings.length > 0 && pathsOf(one).every((at) => at === path));
}

/** One stored reply for different requests. */
function storedReplies({ open, exchanges }: Scene): Cause[] {
  const found = open.filter(({ requirement }) => requirement.id === 'resp.cache.not-stale');
  if (found.length > 0) return [cause('stored-replies', 'Different requests get one stored reply.', found)];
  const hits = exchanges.flatMap((exchange) => {
    const mark = hitOf(exchange);
    return mark === null ? [] : [{ exchange, mark }];
  });
  const explained = explainedBy(
    open,
    hits.map(({ exchange }) => exchange),
  );
  const [first] = hits.filter(({ exchange }) => exchange.message !== null);
  if (first === undefined || explained.length < 2) return [];
  const title = `Equal requests get one stored reply: ${share(hits.length, exchanges.length, 'responses')} say \`${first.mark}\`.`;
  return [cause('stored-replies', title, explained, first.exchange.id)];
}

/** The header with which a cache says that it had the response, such as `x-cache: HIT`. */
function hitOf({ response }: Exchange): string | null {
  const hit = response?.headers.find(([name, value]) => /cache/i.test(name) && /^hit\b/i.test(value));
  return hit === undefined ? null : hit.join(': ');
}

/** Bodies that are no text, such as compressed ones without a header that says so. */
function unreadableBodies({ open, exchanges }: Scene): Cause[] {
  const bodies = exchanges.filter(({ response }) => response !== null && response.body !== '');
  const unreadable = bodies.filter(({ response }) => response?.bodyEncoding === 'base64');
  if (unreadable.length < LEAST_BODIES || unreadable.length < bodies.length * NEARLY_ALL) return [];
  const explained = explainedBy(open, unreadable);
  if (explained.length === 0) return [];
  const [first] = unreadable;
  const title = `Bodies are not text, in ${share(unreadable.length, bodies.length, 'answers')}: ${quotedBody(first!)}.`;
  return [cause('same-fault', title, explained, first!.id)];
}

/** The same complaint about the same place, by several requirements. */
function sameFindings({ open }: Scene): Cause[] {
  return grouped(
    open,
    ({ findings: [first] }) =>
      first === undefined || first.at?.pointer === undefined
        ? null
        : [pointerIn(first.at.pointer), first.expected, first.actual].join('\n'),
    (key) => {
      const [pointer, expected, actual] = key.split('\n');
      if (pointer === '' && actual === 'nothing') return `The body is not JSON, expected ${expected}.`;
      return `${pointer || 'The body'} is ${actual}, expected ${expected}.`;
    },
  );
}

/** The same for all items of an array, and for a message wherever it stands: in an event, in the result of a batch. */
const pointerIn = (pointer: string): string =>
  pointer.replace(/^(\/result)?\/message(?=\/)/, '').replace(/\/\d+(?=\/|$)/g, '/*');
