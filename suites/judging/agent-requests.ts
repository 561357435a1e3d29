/**
 * Requests as a coding agent combines them. Each carries many traits; the request for one trait is sent only when the target rejects a
 * request that carries it.
 */

import { answer, askedToWait, isAccepted, rejectedAsInvalid, status } from '../../core/answers.js';
import type { Share } from '../../core/evidence.js';
import type { Exchange } from '../../core/exchange.js';
import { get } from '../../core/json.js';
import type { Evidence, Judge, Judgement } from '../../core/requirement.js';
import { namesLimit } from './agent-load.js';
import { bundled } from './bundles.js';
import { rejectsItsBeta, whyBetaFailed, whyControlFailed } from './controls.js';
import { accepted } from './judges.js';
import { noAnswer } from './no-answer.js';
import { inconclusive, notObserved, verdictOf } from './outcomes.js';
import { notAccepted } from './request-findings.js';

/** What each combined request is split into: `splitInto` of its fixture. */
export const PARTS = {
  'agent-first': [
    'query-beta',
    'credential-both',
    'client-headers',
    'adaptive-short',
    'agent-betas',
    'agent-encodings',
    'agent-description-long',
    'agent-text-layout',
    'agent-schemas',
    'agent-system-long',
    'agent-body-large',
    'agent-system-after-user',
    'effort-high',
    'agent-effort-adaptive',
    'agent-clear-thinking',
    'content-blocks',
    'metadata-user-id',
    'system-array',
    'cache-four-plain',
    'tools-sixty',
  ],
  'agent-late': [
    'query-beta',
    'credential-both',
    'client-headers',
    'adaptive-short',
    'agent-betas',
    'agent-encodings',
    'agent-text-layout',
    'tool-eager',
    'agent-cache-hour',
    'agent-cache-assistant',
    'agent-system-after-user',
    'agent-system-after-result',
    'agent-system-in-history',
    'agent-call-undeclared',
    'agent-call-empty',
    'agent-result-no-error',
    'agent-effort-max',
    'agent-effort-adaptive',
    'agent-clear-thinking',
    'content-blocks',
    'metadata-user-id',
    'agent-schemas',
    'agent-call-after-text',
    'results-swapped',
    'result-text-after',
    'result-blocks',
    'result-error',
    'system-array',
    'cache-four-plain',
  ],
  'agent-sub': [
    'query-beta',
    'credential-both',
    'client-headers',
    'agent-betas',
    'agent-encodings',
    'agent-text-layout',
    'effort-high',
    'agent-thinking-disabled',
    'agent-effort-disabled',
    'agent-result-no-error',
    'agent-system-after-user',
    'agent-system-after-result',
    'agent-system-in-history',
    'content-blocks',
    'metadata-user-id',
    'agent-schemas',
    'agent-call-after-text',
    'system-array',
    'cache-four-plain',
  ],
  'agent-again': [
    'query-beta',
    'credential-both',
    'client-headers',
    'agent-betas',
    'agent-encodings',
    'agent-thinking-disabled',
    'agent-temperature',
    'agent-without-stream',
    'content-blocks',
    'metadata-user-id',
    'agent-schemas',
    'system-array',
    'cache-four-plain',
  ],
  'agent-replay': [
    'query-beta',
    'credential-both',
    'client-headers',
    'adaptive-short',
    'agent-betas',
    'agent-encodings',
    'agent-text-layout',
    'agent-system-after-user',
    'agent-system-after-result',
    'agent-system-in-history',
    'effort-high',
    'agent-effort-adaptive',
    'agent-clear-thinking',
    'agent-replay-short',
    'result-picture',
    'agent-document-beside',
    'content-blocks',
    'metadata-user-id',
    'agent-schemas',
    'system-array',
    'cache-four-plain',
  ],
  'agent-title': [
    'query-beta',
    'client-headers',
    'agent-betas',
    'agent-encodings',
    'agent-thinking-disabled',
    'agent-effort-disabled',
    'metadata-user-id',
    'system-array',
  ],
  'agent-search': [
    'query-beta',
    'client-headers',
    'agent-betas',
    'agent-encodings',
    'agent-thinking-disabled',
    'agent-effort-disabled',
    'metadata-user-id',
    'system-array',
  ],
  'agent-betas': [
    'beta-value-claude-code',
    'beta-value-interleaved-thinking',
    'beta-value-thinking-token-count',
    'beta-value-context-management',
    'beta-value-prompt-caching-scope',
    'beta-value-mid-conversation-system',
    'beta-value-effort',
    'beta-value-context-1m',
    'beta-value-advanced-tool-use',
    'beta-value-extended-cache-ttl',
    'beta-value-structured-outputs',
  ],
  'agent-schemas': [
    'schema-keyword-schema-dialect',
    'schema-keyword-description',
    'schema-keyword-format',
    'schema-keyword-pattern',
    'schema-keyword-min-length',
    'schema-keyword-max-length',
    'schema-keyword-enum',
    'schema-keyword-const',
    'schema-keyword-default',
    'schema-keyword-minimum',
    'schema-keyword-maximum',
    'schema-keyword-exclusive-minimum',
    'schema-keyword-max-items',
    'schema-keyword-property-names',
    'schema-keyword-additional-schema',
    'schema-keyword-any-of',
    'schema-keyword-closed',
    'schema-keyword-free-value',
    'schema-keyword-title',
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type Combined = keyof typeof PARTS;

/** The combined requests that have this part, the likeliest to be accepted last: the first accepted one decides. */
export const carriersOf = (part: string): Combined[] =>
  (Object.keys(PARTS) as Combined[]).filter((whole) => (PARTS[whole] as readonly string[]).includes(part));

/** The fixtures of a trait: the combined requests that carry it, then the request that carries only it. */
export const carrying = (...parts: readonly string[]): string[] => [...new Set(parts.flatMap(carriersOf)), ...parts];

/** The fixtures of a combined request, its parts and their parts. */
export const splitting = (whole: Combined): string[] => {
  const parts: readonly string[] = PARTS[whole];
  return [whole, ...parts, ...parts.flatMap((part) => (isCombined(part) ? PARTS[part] : []))];
};

const isCombined = (id: string): id is Combined => Object.hasOwn(PARTS, id);

/** A stream that the suite itself broke off is no reply. */
const acceptedWhole: Judge = (evidence) =>
  accepted()({ ...evidence, own: evidence.own.filter(({ failure }) => failure?.kind !== 'abandoned') });

const shareOf = (part: string): Share => ({ whole: carriersOf(part), part });

/** Controls with a feature that a target may do without, and the feature. */
const OPTIONAL: ReadonlyMap<string, string> = new Map([
  ['adaptive-short', 'adaptive thinking'],
  ['agent-thinking-disabled', 'disabled thinking'],
]);

/** Why nothing beside such a feature can be tried: the target rejects the feature itself as a client error, which is allowed. */
function whyNotOffered(parts: readonly string[], evidence: Evidence): Judgement | null {
  const controls = parts.flatMap((part) => evidence.fixture(part).control ?? []);
  for (const control of controls.filter((id) => OPTIONAL.has(id))) {
    const [first, ...others] = evidence.of(control);
    if (first === undefined || ![first, ...others].every(rejectedAsInvalid)) continue;
    if (whyControlFailed(evidence, evidence.fixture(control), first) === null)
      return notObserved(`The server does not accept ${OPTIONAL.get(control)}, which is allowed: ${answer(first)}`);
  }
  return null;
}

/** The header `anthropic-beta` was rejected by itself: then these rejections say nothing about the rest of their requests. */
function whyHeaderFailed(exchanges: readonly Exchange[], evidence: Evidence): Judgement | null {
  const sendsHeader = ({ request }: Exchange): boolean => request.headers['anthropic-beta'] !== undefined;
  const header = exchanges.filter((exchange) => !isAccepted(exchange)).some(sendsHeader)
    ? whyBetaFailed(evidence)
    : null;
  return header === null ? null : inconclusive(header);
}

const isFault = ({ outcome }: Judgement): boolean => outcome === 'rejected' || outcome === 'violated';

/** The server accepts requests with these traits. */
export const acceptsTrait =
  (...parts: readonly string[]): Judge =>
  (evidence) => {
    const judgement = bundled(parts.map(shareOf), acceptedWhole)(evidence);
    if (judgement.outcome === 'inconclusive') return whyNotOffered(parts, evidence) ?? judgement;
    if (!isFault(judgement)) return judgement;
    return (
      whyHeaderFailed(
        parts.flatMap((part) => evidence.resolve(shareOf(part))),
        evidence,
      ) ?? judgement
    );
  };

/** Rejected, or answered without a message, and not for a reason of the moment. */
const isRefused = (exchange: Exchange): boolean =>
  !isAccepted(exchange) && !askedToWait(exchange) && exchange.failure?.kind !== 'abandoned';

const rejectedParts = (whole: Combined, evidence: Evidence): Exchange[] =>
  PARTS[whole].flatMap((part) => evidence.of(part).filter(isRefused));

/** The server accepts a request with a whole list of things. Where it does not, those that it rejects one by one are blamed. */
export const acceptsEachOf =
  (list: Combined): Judge =>
  (evidence) => {
    const bad = rejectedParts(list, evidence);
    if (evidence.of(list).some(isAccepted) || bad.length === 0) return acceptsTrait(list)(evidence);
    const judgement = acceptedWhole({ ...evidence, own: bad });
    // Client errors stay a finding of this requirement: beta.header.tolerated permits them.
    return judgement.outcome === 'violated' ? (whyHeaderFailed(bad, evidence) ?? judgement) : judgement;
  };

/** The server accepts a combined request. Where it also rejects a part of it, the requirement of that part says so, and this one nothing. */
export const acceptsCombination =
  (whole: Combined): Judge =>
  (evidence) => {
    const own = evidence.of(whole);
    const part = own.some(isRefused) ? rejectedParts(whole, evidence)[0] : undefined;
    if (part !== undefined)
      return notObserved(`${whole} was rejected, and so was a part of it: ${part.id} (${answer(part)})`);
    return acceptedWhole({ ...evidence, own });
  };

/** The server accepts a large `max_tokens`. A rejection that names the maximum of the model shows nothing. */
export const acceptsLimit =
  (part: string): Judge =>
  (evidence) => {
    const judgement = acceptsTrait(part)(evidence);
    const refused = evidence.resolve(shareOf(part)).filter(isRefused);
    if (judgement.outcome !== 'rejected' || !refused.every(namesLimit)) return judgement;
    return notObserved(`The maximum of this model is lower: ${answer(refused[0]!)}`);
  };

/** The four token counts that agents ask for at once. */
export const COUNTS = ['agent-count-word', 'agent-count-text', 'agent-count-tools', 'agent-count-history'] as const;

/** The count with tools, and the request that shows whether the server accepts a tool at all. */
const WITH_TOOLS = 'agent-count-tools';
export const TOOL = 'cheap-tool';

/** What servers answer where an endpoint does not exist. */
const NOT_THERE = [404, 405, 501];

/** Whether one client error answers all counts, that of the shortest prompt included: it is about the endpoint. */
function isRejectedAnyhow(exchanges: readonly Exchange[], evidence: Evidence): boolean {
  const plain = evidence.of('count-short');
  const all = [...exchanges, ...plain];
  const areClean = all.every((exchange) => rejectedAsInvalid(exchange) || status(exchange) === 403);
  return plain.length > 0 && areClean && new Set(all.map(answer)).size === 1;
}

/** All are answered with a count; an endpoint that is not there is no fault. */
export function countsAtOnce(evidence: Evidence): Judgement {
  const last = COUNTS.flatMap((id) => evidence.of(id).at(-1) ?? []);
  const nothing = noAnswer(last, evidence);
  if (nothing !== null) return nothing;
  if (!evidence.of('minimal').some(isAccepted))
    return inconclusive('Not tested: the control request minimal was rejected');
  if (last.every((exchange) => NOT_THERE.includes(status(exchange))) || isRejectedAnyhow(last, evidence))
    return notObserved(`The server does not count tokens: ${answer(last[0]!)}`);
  const header = whyHeaderFailed(last, evidence);
  if (header !== null) return header;
  const uncounted = last.filter((exchange) => !Number.isSafeInteger(get(exchange.json, 'input_tokens')));
  const beta = uncounted.find(rejectsItsBeta);
  if (beta !== undefined)
    return notObserved(`Not tested: the server rejects a value of \`anthropic-beta\`, which it may (${answer(beta)})`);
  const onlyTools = uncounted.every((exchange) => exchange.fixture === WITH_TOOLS && rejectedAsInvalid(exchange));
  if (uncounted.length > 0 && onlyTools && !evidence.of(TOOL).some(isAccepted))
    return notObserved(
      `Not tested: the server does not accept ${TOOL} either, see tu.accepted (${answer(uncounted[0]!)})`,
    );
  return verdictOf(uncounted.map((exchange) => notAccepted(evidence, exchange, 'HTTP 200 with input_tokens')));
}
