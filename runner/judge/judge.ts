/** Runs every judge on its evidence and turns judgements into verdicts. Pure: the same exchanges give the same verdicts. */

import { isHtml, isMessagesCall, isPartial, isWhole, showsFailure, status, succeeded } from '../../core/answers.js';
import { type LookUp, resolve } from '../../core/evidence.js';
import { type Exchange, NotRecorded, RECORD_PARTS } from '../../core/exchange.js';
import type { Fixture } from '../../core/fixture.js';
import type { Level, Verdict } from '../../core/protocol.js';
import type {
  Claims,
  Copy,
  Evidence,
  Finding,
  Judgement,
  Requirement,
  SchemaViolation,
} from '../../core/requirement.js';
import { copiesIn } from './copies.js';
import { withBases } from './rests-on.js';

/** The result of one requirement. */
export interface Judged {
  requirement: Requirement;
  /** Level after the contract's overrides. */
  level: Level;
  /** Outcome of the judge; `null` when it threw. */
  outcome: Judgement['outcome'] | null;
  verdict: Verdict;
  silent: boolean;
  reason: string;
  tries: number;
  findings: readonly Finding[];
  exchanges: readonly string[];
  /** Exchanges of all findings of a violation, also of those that are not kept. */
  cited?: ReadonlySet<string | null>;
  /** Id of the requirement that failed and on which this one rests. */
  restsOn?: string;
}

/** What all judges of a run share. */
export interface Bench {
  fixtures: ReadonlyMap<string, Fixture>;
  exchanges: readonly Exchange[];
  claims: Claims;
  model: string;
  violations(schema: string, value: unknown): SchemaViolation[];
  /** Level of a requirement under the contract. */
  level(requirement: Requirement): Level;
  /** What the contract documents about a requirement's subject, in one line. */
  documented?(id: string): string | undefined;
  /** `false`: every requirement by itself, whatever it rests on. */
  restOnBases?: boolean;
}

/** Every requirement with its verdict; what rests on something that is not there is skipped, or declined with it. */
export function judgeAll(requirements: readonly Requirement[], bench: Bench): Judged[] {
  const copies = copiesIn(bench.exchanges);
  const originals = withoutCopies(bench.exchanges, copies);
  const lookUp = index(originals);
  const all = originals.filter(seen);
  const judged = requirements.map((requirement) => {
    const evidence = evidenceFor(requirement, { ...bench, exchanges: all }, lookUp, copies);
    return withoutEvidence(judgeOne(requirement, evidence, bench), copies);
  });
  return bench.restOnBases === false ? judged : withBases(judged, all);
}

function withoutCopies(exchanges: readonly Exchange[], copies: readonly Copy[]): readonly Exchange[] {
  if (copies.length === 0) return exchanges;
  const copied = new Set(copies.map(({ exchange }) => exchange));
  return exchanges.filter((exchange) => !copied.has(exchange));
}

/** A copy shows nothing about its own request. What needed it and did not fail without it is not tested. */
function withoutEvidence(judged: Judged, copies: readonly Copy[]): Judged {
  const { fixtures } = judged.requirement;
  if (copies.length === 0 || judged.verdict === 'fail' || judged.verdict === 'warn') return judged;
  const missed = copies.find(({ exchange }) =>
    [exchange.fixture, ...(exchange.sharedBy ?? [])].some((id) => fixtures.includes(id)),
  );
  if (missed === undefined) return judged;
  const { exchange, original } = missed;
  return {
    ...judged,
    verdict: 'inconclusive',
    findings: [],
    reason: `Not tested: the reply ${exchange.id} is a copy of ${original.id}, with the same id and \`request-id\``,
  };
}

/** Exchanges by fixture, without the attempts that a later one replaces. */
function index(exchanges: readonly Exchange[]): LookUp {
  const byFixture = new Map<string, Exchange[]>();
  for (const exchange of exchanges) {
    if (exchange.replaced !== undefined) continue;
    for (const fixture of [exchange.fixture, ...(exchange.sharedBy ?? [])]) {
      const list = byFixture.get(fixture);
      if (list === undefined) byFixture.set(fixture, [exchange]);
      else list.push(exchange);
    }
  }
  for (const list of byFixture.values()) {
    list.sort((a, b) =>
      a.transport < b.transport ? -1 : a.transport > b.transport ? 1 : a.attempt - b.attempt || a.turn - b.turn,
    );
  }
  return (fixture, transport) => {
    const list = byFixture.get(fixture) ?? [];
    return transport === undefined ? list : list.filter((exchange) => exchange.transport === transport);
  };
}

/**
 * What judges over the whole run see: a replaced attempt shows what an error looks like, but not that anything failed. The web page of a
 * proxy, for a trouble of the moment or after the target had stopped serving, shows no error of the API.
 */
const seen = (exchange: Exchange): boolean =>
  exchange.replaced === undefined ||
  (exchange.failure === null && status(exchange) >= 400 && (status(exchange) === 429 || !isHtml(exchange)));

function evidenceFor(requirement: Requirement, bench: Bench, of: LookUp, copies: readonly Copy[]): Evidence {
  const own = [...new Set(requirement.fixtures.flatMap((id) => of(id)))];
  const meant = meantBy(requirement, own);
  return {
    own,
    all: bench.exchanges,
    copies,
    of,
    resolve: (asked, transport) => resolve(asked, of, transport),
    fixture: (id) => {
      const fixture = bench.fixtures.get(meant.get(id) ?? id);
      if (fixture === undefined) throw new Error(`fixture "${id}" does not exist`);
      return fixture;
    },
    claims: bench.claims,
    model: bench.model,
    violations: bench.violations,
  };
}

/**
 * The fixture that a shared exchange stands for: the one that the requirement lists, not the one that was sent instead. Their controls
 * differ, and one of them may be the control of the other.
 */
function meantBy({ fixtures }: Requirement, own: readonly Exchange[]): ReadonlyMap<string, string> {
  const foreign = own.filter(({ fixture }) => !fixtures.includes(fixture));
  return new Map(
    foreign.map(({ fixture, sharedBy = [] }) => [fixture, fixtures.find((id) => sharedBy.includes(id)) ?? fixture]),
  );
}

/**
 * Silent means that the client got a success: one of the exchanges that show the fault was answered with a 2xx. A connection that breaks off
 * or an error event at the end is an error in every client.
 */
const isSilent = (silent: boolean | undefined, findings: readonly Finding[], evidence: Evidence): boolean =>
  silent === true &&
  findings.some(
    ({ exchange: id }) =>
      id === null ||
      [...evidence.all, ...evidence.copies.map(({ exchange }) => exchange)].some(
        (exchange) => exchange.id === id && succeeded(exchange) && !showsFailure(exchange),
      ),
  );

function judgeOne(requirement: Requirement, evidence: Evidence, bench: Bench): Judged {
  const level = bench.level(requirement);
  let outcome: Judgement['outcome'] | null = null;
  const judged = (verdict: Verdict, rest: Partial<Judged> = {}): Judged => ({
    requirement,
    level,
    outcome,
    verdict,
    silent: false,
    reason: '',
    tries: Math.max(1, ...evidence.own.map(({ attempt }) => attempt)),
    findings: [],
    exchanges: [
      ...new Set([
        ...evidence.own.map(({ id }) => id),
        ...(rest.findings ?? []).flatMap(({ exchange }) => exchange ?? []),
      ]),
    ],
    ...rest,
  });
  let judgement: Judgement;
  try {
    judgement = requirement.judge(evidence);
    outcome = judgement.outcome;
  } catch (error) {
    if (error instanceof NotRecorded) {
      outcome = 'not-observed';
      return judged('skipped', { reason: `Not judged: this record does not have ${RECORD_PARTS[error.part]}` });
    }
    return judged('error', {
      reason: `The judge itself failed: ${error instanceof Error ? error.message : String(error)}`,
    });
  }
  switch (judgement.outcome) {
    case 'satisfied': {
      const partial = requirement.onIncomplete ? undefined : partOf(evidence);
      if (partial === undefined) return judged('pass', { reason: judgement.note ?? '' });
      return judged('inconclusive', {
        reason: `Not tested: ${partial.id} is incomplete (${partial.failure?.message ?? ''})`,
      });
    }
    case 'violated': {
      const findings = worstFirst(judgement.findings, evidence);
      return judged(level === 'SHOULD' ? 'warn' : 'fail', {
        findings,
        cited: new Set(judgement.findings.map(({ exchange }) => exchange)),
        silent: isSilent(judgement.silent, findings, evidence),
        reason: findings[0]?.message ?? '',
      });
    }
    case 'deviates':
      // A contract that raises an option to MUST allows only its own choice.
      return judged(level === 'MUST' && requirement.level !== 'MUST' ? 'fail' : 'warn', {
        findings: judgement.findings,
        silent: isSilent(judgement.silent, judgement.findings, evidence),
        reason: judgement.findings[0]?.message ?? '',
      });
    case 'rejected': {
      const { findings } = judgement;
      if (!bench.claims.profiles.includes(requirement.profile)) {
        return judged('declined', {
          findings,
          reason: `Not claimed, and cleanly rejected: ${findings[0]?.actual ?? ''}`,
        });
      }
      const documented = bench.documented?.(requirement.id);
      if (documented !== undefined)
        return judged('declined', { findings, reason: `Documented (${documented}), and cleanly rejected` });
      if (level === 'MAY')
        return judged('declined', { findings, reason: `Optional, and cleanly rejected: ${findings[0]?.actual ?? ''}` });
      return judged(level === 'SHOULD' ? 'warn' : 'fail', { findings, reason: findings[0]?.message ?? '' });
    }
    case 'inconclusive':
      return judged('inconclusive', { reason: judgement.reason, tries: Math.max(judgement.tries, 1) });
    case 'not-observed':
      return judged('skipped', { reason: judgement.reason });
    case 'unreachable':
      return judged('error', { reason: judgement.reason });
  }
}

/** An incomplete successful response to a request that never got a complete one. */
function partOf({ own, all }: Evidence): Exchange | undefined {
  // A requirement without exchanges of its own is judged on all of them.
  if (own.length === 0) return all.some(isWhole) ? undefined : all.find(isPartial);
  const same = (one: Exchange, other: Exchange): boolean =>
    one.fixture === other.fixture && one.transport === other.transport && one.turn === other.turn;
  return own.find((exchange) => isPartial(exchange) && !own.some((other) => same(exchange, other) && isWhole(other)));
}

/**
 * The first finding of each exchange, then all others: many faults of one exchange must not hide those of others. First come the
 * requirement's own requests, which the command that shows it again sends; of others requests for a message before those to other
 * endpoints, and plain HTTP before a client, whose requests hold much that has nothing to do with the fault.
 */
function worstFirst(findings: readonly Finding[], { own, all }: Evidence): Finding[] {
  const byId = new Map(all.map((exchange) => [exchange.id, exchange]));
  const ownIds = new Set(own.map(({ id }) => id));
  const rank = (exchange: Exchange | undefined): number => {
    if (exchange === undefined) return 1;
    if (exchange.client !== undefined) return 3;
    if (!isMessagesCall(exchange)) return 2;
    return ownIds.has(exchange.id) ? 0 : 1;
  };
  const seen = new Set<string | null>();
  const groups: Finding[][] = [[], [], [], [], []];
  for (const finding of findings) {
    groups[seen.has(finding.exchange) ? 4 : rank(byId.get(finding.exchange ?? ''))]!.push(finding);
    seen.add(finding.exchange);
  }
  return groups.flat().slice(0, MAX_FINDINGS);
}

const MAX_FINDINGS = 20;
