/** Endpoints other than the one that creates messages: whether they exist, and what their responses have in common. */

import { answer, askedToWait, isForbidden, isUnsupported, status, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { get, quote } from '../../core/json.js';
import type { Profile } from '../../core/protocol.js';
import type { Evidence, Finding, Judge, Judgement } from '../../core/requirement.js';
import { whyControlFailed } from './controls.js';
import { noAnswer } from './no-answer.js';
import { finding, inconclusive, satisfied, schemaFindings, violated } from './outcomes.js';
import { described } from './request-findings.js';

/** Expected responses, for findings. */
export const PAGE = 'HTTP 200 {"data":[…],"has_more":…,"first_id":…,"last_id":…}';
export const BATCH = 'HTTP 200 {"type":"message_batch",…}';

/** Why these responses cannot be judged: none arrived, a rejection, a failure; `null` when all of them are 2xx. */
export function whyNotOk(evidence: Evidence, exchanges: readonly Exchange[], expected: string): Judgement | null {
  const asked = exchanges.filter((exchange) => !askedToWait(exchange) || exchange.failure !== null);
  const nothing = noAnswer(asked.length > 0 ? asked : exchanges, evidence);
  if (nothing !== null) return nothing;
  const bad = asked.filter((exchange) => !succeeded(exchange));
  if (bad.length === 0) return null;
  for (const exchange of bad) {
    const trouble =
      whyControlFailed(evidence, evidence.fixture(exchange.fixture), exchange) ??
      credentialRejected(evidence, exchange);
    if (trouble !== null) return inconclusive(trouble);
  }
  const findings = bad.map((exchange) =>
    finding(exchange, `${exchange.request.method} ${pathOf(exchange)} fails.`, expected, answer(exchange)),
  );
  return bad.every((exchange) => isUnsupported(exchange) || isForbidden(exchange))
    ? { outcome: 'rejected', findings }
    : violated(findings);
}

/** When the target rejects a credential everywhere, this endpoint is not at fault. */
function credentialRejected(evidence: Evidence, exchange: Exchange): string | null {
  if (![401, 403].includes(status(exchange))) return null;
  const credentials = ({ request }: Exchange) =>
    ['x-api-key', 'authorization'].map((name) => name in request.headers).join();
  const works = evidence.all.some((other) => succeeded(other) && credentials(other) === credentials(exchange));
  return works ? null : `Not tested: the target rejects the same credential everywhere (${answer(exchange)})`;
}

/** Path of the request without its origin, for findings. */
const pathOf = ({ request }: Exchange): string => request.url.replace(/^https?:\/\/[^/]*/, '').slice(0, 120);

/** The exchanges of the last attempt of a conversation, by turn. */
export function lastAttempt(all: readonly Exchange[]): ReadonlyMap<number, Exchange> {
  const last = Math.max(0, ...all.map(({ attempt }) => attempt));
  const turns = all.filter(({ attempt }) => attempt === last).sort((a, b) => a.turn - b.turn);
  return new Map(turns.map((exchange) => [exchange.turn, exchange]));
}

/** The exchange of a turn, or why the conversation ended before it. */
export function reached(turns: ReadonlyMap<number, Exchange>, turn: number): Exchange | Judgement {
  const last = [...turns.values()].at(-1);
  const why = last?.failure?.message ?? 'it was not sent';
  return turns.get(turn) ?? inconclusive(`The conversation ended before request ${turn}: ${why}`);
}

/**
 * When the target does not claim the profile and rejects the plain request to its endpoint, requirements on invalid requests are
 * declined, because they could never be tested.
 */
export function whereEndpointExists(profile: Profile, base: string, expected: string, judge: Judge): Judge {
  return (evidence) => {
    const judgement = judge(evidence);
    if (judgement.outcome !== 'inconclusive' || evidence.claims.profiles.includes(profile)) return judgement;
    const absent = whyNotOk(evidence, evidence.of(base), expected);
    return absent?.outcome === 'rejected' ? absent : judgement;
  };
}

/** The server answers an unknown id with 404 and accepts the control request. */
export function unknownIsNotFound(fixture: string): Judge {
  return (evidence) => {
    const asked = evidence.of(fixture);
    const nothing = noAnswer(asked, evidence);
    if (nothing !== null) return nothing;
    const findings: Finding[] = [];
    for (const exchange of asked) {
      const trouble = whyControlFailed(evidence, evidence.fixture(fixture), exchange);
      if (trouble !== null) return inconclusive(trouble);
      if (status(exchange) === 404) continue;
      const message = `No HTTP 404 for an invalid request: ${described(evidence, exchange)}.`;
      findings.push(finding(exchange, message, 'HTTP 404', answer(exchange)));
    }
    return findings.length === 0 ? satisfied() : violated(findings, asked.some(succeeded));
  };
}

/** Faults of a page: its four fields, and ids that differ from those of its first and last entry. */
export function pageFaults(exchange: Exchange, evidence: Evidence, schema: 'modelsPage' | 'batchPage'): Finding[] {
  const faults = evidence.violations(schema, exchange.json).filter(({ pointer }) => !pointer.startsWith('/data/'));
  if (faults.length > 0) return schemaFindings(exchange, faults);
  const data = entriesOf(exchange);
  return (['first_id', 'last_id'] as const).flatMap((key) => {
    const entry = data.at(key === 'first_id' ? 0 : -1);
    const expected = entry === undefined ? null : get(entry, 'id');
    const actual = get(exchange.json, key);
    if (actual === expected || typeof expected !== 'string') return [];
    const message = `\`${key}\` is not the \`id\` of that entry; clients that page lose entries or get them twice.`;
    return [finding(exchange, message, quote(expected), quote(actual), { pointer: `/${key}` })];
  });
}

/** Entries of a page; empty when `data` is not an array. */
export function entriesOf(exchange: Exchange | undefined): unknown[] {
  const data = get(exchange?.json, 'data');
  return Array.isArray(data) ? data : [];
}

/** Ids of the entries of a page. */
export const idsOf = (exchange: Exchange | undefined): unknown[] =>
  entriesOf(exchange).map((entry) => get(entry, 'id'));
