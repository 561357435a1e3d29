/** Endpoints beside the one that creates messages: whether they are there, and what all their answers have in common. */

import { answer, askedToWait, rejectedAsInvalid, status, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { get, quote } from '../../core/json.js';
import type { Profile } from '../../core/protocol.js';
import type { Evidence, Finding, Judge, Judgement } from '../../core/requirement.js';
import { whyControlFailed } from './controls.js';
import { noAnswer } from './no-answer.js';
import { finding, inconclusive, satisfied, violated } from './outcomes.js';

/** What answers should have been, for findings. */
export const PAGE = 'HTTP 200 {"data":[…],"has_more":…,"first_id":…,"last_id":…}';
export const BATCH = 'HTTP 200 {"type":"message_batch",…}';

/** An honest way to say that something is not there: a client error, or 501. */
export const saysNo = (exchange: Exchange): boolean => rejectedAsInvalid(exchange) || status(exchange) === 501;

/** Why answers cannot be looked at: none came, a refusal, a fault; `null` when all of them are a 2xx. */
export function whyNotOk(evidence: Evidence, exchanges: readonly Exchange[], expected: string): Judgement | null {
  const asked = exchanges.filter((exchange) => !askedToWait(exchange) || exchange.failure !== null);
  const nothing = noAnswer(asked.length > 0 ? asked : exchanges, evidence);
  if (nothing !== null) return nothing;
  const bad = asked.filter((exchange) => !succeeded(exchange));
  if (bad.length === 0) return null;
  for (const exchange of bad) {
    const trouble =
      whyControlFailed(evidence, evidence.fixture(exchange.fixture), exchange) ?? lockedOut(evidence, exchange);
    if (trouble !== null) return inconclusive(trouble);
  }
  const findings = bad.map((exchange) =>
    finding(exchange, `${exchange.request.method} ${pathOf(exchange)} was not served.`, expected, answer(exchange)),
  );
  return bad.every(saysNo) ? { outcome: 'rejected', findings } : violated(findings);
}

/** A credential that opens nothing else either is no matter of this endpoint. */
function lockedOut(evidence: Evidence, exchange: Exchange): string | null {
  if (![401, 403].includes(status(exchange))) return null;
  const credentials = ({ request }: Exchange) =>
    ['x-api-key', 'authorization'].map((name) => name in request.headers).join();
  const opens = evidence.all.some((other) => succeeded(other) && credentials(other) === credentials(exchange));
  return opens ? null : `the same credential is refused everywhere else too (${answer(exchange)})`;
}

/** Path of the request without its origin, for findings. */
const pathOf = ({ request }: Exchange): string => request.url.replace(/^https?:\/\/[^/]*/, '').slice(0, 120);

/** The exchanges of the last time that a conversation was held, by turn. */
export function conversation(evidence: Evidence, fixture: string): ReadonlyMap<number, Exchange> {
  const all = evidence.of(fixture);
  const last = Math.max(0, ...all.map(({ attempt }) => attempt));
  const held = all.filter(({ attempt }) => attempt === last).sort((a, b) => a.turn - b.turn);
  return new Map(held.map((exchange) => [exchange.turn, exchange]));
}

/** The exchange of a turn, or why the conversation did not get so far. */
export function reached(turns: ReadonlyMap<number, Exchange>, turn: number): Exchange | Judgement {
  const last = [...turns.values()].at(-1);
  const why = last?.failure?.message ?? 'it was not carried out';
  return turns.get(turn) ?? inconclusive(`the conversation did not get to its turn ${turn}: ${why}`);
}

/**
 * Where a target that does not claim a profile refuses the request that stands for its endpoint, that refusal is the answer
 * to the negatives too: they would stay undecided for ever otherwise.
 */
export function whereThere(profile: Profile, base: string, expected: string, judge: Judge): Judge {
  return (evidence) => {
    const judgement = judge(evidence);
    if (judgement.outcome !== 'inconclusive' || evidence.claims.profiles.includes(profile)) return judgement;
    const absent = whyNotOk(evidence, evidence.of(base), expected);
    return absent?.outcome === 'rejected' ? absent : judgement;
  };
}

/** An id that nobody has is answered with 404, while the control request is served. */
export function unknownIsNotFound(fixture: string): Judge {
  return (evidence) => {
    const asked = evidence.of(fixture);
    const nothing = noAnswer(asked, evidence);
    if (nothing !== null) return nothing;
    const findings: Finding[] = [];
    for (const exchange of asked) {
      const { title } = evidence.fixture(fixture);
      const trouble = whyControlFailed(evidence, evidence.fixture(fixture), exchange);
      if (trouble !== null) return inconclusive(trouble);
      if (status(exchange) === 404) continue;
      findings.push(finding(exchange, `${title}: not answered with 404.`, 'HTTP 404', answer(exchange)));
    }
    return findings.length === 0 ? satisfied() : violated(findings, asked.some(succeeded));
  };
}

/** Faults of a page itself: its four fields, and ids that are not those of its first and last entry. */
export function pageFaults(exchange: Exchange, evidence: Evidence, schema: 'modelsPage' | 'batchPage'): Finding[] {
  const faults = evidence
    .violations(schema, exchange.json)
    .filter(({ pointer }) => !pointer.startsWith('/data/'))
    .map(({ pointer, expected, actual, message }) => finding(exchange, message, expected, actual, { pointer }));
  if (faults.length > 0) return faults;
  const data = entriesOf(exchange);
  return (['first_id', 'last_id'] as const).flatMap((key) => {
    const entry = data.at(key === 'first_id' ? 0 : -1);
    const expected = entry === undefined ? null : get(entry, 'id');
    const actual = get(exchange.json, key);
    if (actual === expected || typeof expected !== 'string') return [];
    const message = `${key} is not the id of that entry: clients that turn pages lose some or see some twice.`;
    return [finding(exchange, message, quote(expected), quote(actual), { pointer: `/${key}` })];
  });
}

/** Entries of a page; empty when there is no list. */
export function entriesOf(exchange: Exchange | undefined): unknown[] {
  const data = get(exchange?.json, 'data');
  return Array.isArray(data) ? data : [];
}

/** Ids of the entries of a page. */
export const idsOf = (exchange: Exchange | undefined): unknown[] =>
  entriesOf(exchange).map((entry) => get(entry, 'id'));
