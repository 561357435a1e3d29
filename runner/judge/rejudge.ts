/** Judges the exchanges of a report again, without the network: the same bytes give the same verdicts. */

import type { Fixture } from '../../core/fixture.js';
import type { Report, ReportExchange, Result } from '../../core/report.js';
import type { Requirement } from '../../core/requirement.js';
import { isUnusable } from '../../reporters/outcome.js';
import { REAL_CLIENTS } from '../../suites/catalogue/untestable.js';
import { clientRequests } from '../../suites/client-requests.js';
import { CATALOGUE } from '../../suites/index.js';
import { loadFixtures } from '../plan/fixtures.js';
import { OBSERVED } from '../plan/observed.js';
import { readExchange } from '../read/read.js';
import { count, countOf, summaryOf } from '../report/summary.js';
import { benchOf } from './bench.js';
import { causesOf } from './causes/causes.js';
import { coverageOf, withRows } from './coverage.js';
import { type Judged, judgeAll } from './judge.js';

/** What a command judges with. */
export interface Basis {
  catalogue: readonly Requirement[];
  fixtures: ReadonlyMap<string, Fixture>;
}

const usualBasis = (): Basis => ({
  catalogue: [...CATALOGUE, ...clientRequests.requirements],
  fixtures: loadFixtures().set(OBSERVED.id, OBSERVED),
});

/**
 * The report with every verdict taken again by the requirements of this version. What was left out stays left out, and what a real client
 * decided stays as it was.
 */
export function rejudge(report: Report, { catalogue, fixtures }: Basis = usualBasis()): Report {
  // Of a target that could not be judged the report holds what was tried, and that was no evidence in the run either.
  if (isUnusable(report)) return report;
  const { contract } = report;
  const decided = new Set(
    (report.clients ?? [])
      .filter(({ skipped }) => skipped === undefined)
      .flatMap(({ client }) => REAL_CLIENTS.filter((one) => one.client === client).map(({ id }) => id)),
  );
  const wanted = new Set(report.results.filter(({ id, tries }) => tries > 0 && !decided.has(id)).map(({ id }) => id));
  const exchanges = report.exchanges
    .filter(({ fixture }) => fixtures.has(fixture))
    .map(asKept)
    .map(readExchange);
  const judged = judgeAll(
    catalogue.filter(({ id }) => wanted.has(id)),
    benchOf(contract, fixtures, exchanges, report.target.model),
  );
  const shortened = new Set<string | null>(exchanges.filter(isShortened).map(({ id }) => id));
  // A report holds what its findings need. What only a shortened body shows is no finding: the verdict stays as it was.
  const kept = judged.filter(
    ({ findings }) => findings.length === 0 || findings.some(({ exchange }) => !shortened.has(exchange)),
  );
  const byId = new Map(kept.map((entry) => [entry.requirement.id, entry]));
  const must = withRows(
    coverageOf(judged, contract.profiles.claimed),
    report.results.filter(({ id }) => decided.has(id)),
    contract.profiles.claimed,
  );
  const results = report.results.map((result) => again(result, byId.get(result.id)));
  return {
    ...report,
    results,
    causes: report.exchanges.some(({ lacks }) => lacks !== undefined)
      ? report.causes
      : causesOf(kept, exchanges, (id) => fixtures.get(id)!),
    summary: { ...report.summary, ...summaryOf(results), must },
    profiles: report.profiles.map((entry) => ({ ...entry, counts: countOf(results, entry.profile) })),
  };
}

/** `--timeout` of a run that did not choose one, in the versions whose reports do not say after how long they gave up. */
const USUAL_LIMIT_MS = 120_000;

const SHORTENED = 'the report does not hold the whole body';
const isShortened = ({ failure }: Pick<ReportExchange, 'failure'>): boolean => failure?.message === SHORTENED;

/** What a report of an older version leaves out: that a body was shortened, and after how long the suite gave up. */
function asKept(exchange: ReportExchange): ReportExchange {
  const { failure, response, truncatedBytes } = exchange;
  if (failure === null) {
    if (!truncatedBytes) return exchange;
    return { ...exchange, failure: { kind: 'too-large', message: SHORTENED } };
  }
  if (failure.limitMs !== undefined || (failure.kind !== 'timeout-headers' && failure.kind !== 'timeout-body')) {
    return exchange;
  }
  // A connection that stays open after message_stop, or the stop reason, is cut without a limit.
  if (/"message_stop"|"stop_reason" ?: ?"/.test(response?.body ?? '')) return exchange;
  return { ...exchange, failure: { ...failure, limitMs: response?.endMs ?? USUAL_LIMIT_MS } };
}

function again(result: Result, judged: Judged | undefined): Result {
  if (judged === undefined) return result;
  const { level, verdict, silent, reason, tries, findings, exchanges, restsOn } = judged;
  const { restsOn: _earlier, ...rest } = result;
  return {
    ...rest,
    level,
    verdict,
    silent,
    reason,
    tries,
    findings,
    exchanges,
    ...(restsOn === undefined ? {} : { restsOn }),
  };
}

/**
 * One requirement with everything that shows it, as a report of its own: its conversations as fixtures, their raw answers, and
 * those of their controls. `null` when the report does not hold the requirement.
 */
export function exportResult(report: Report, id: string, basis: Basis = usualBasis()): Report | null {
  const result = report.results.find((entry) => entry.id === id);
  if (result === undefined) return null;
  const { fixtures } = basis;
  const shown = new Set([...result.exchanges, ...result.findings.flatMap(({ exchange }) => exchange ?? [])]);
  const conversations = new Set(
    report.exchanges.filter((exchange) => shown.has(exchange.id)).map(({ fixture }) => fixture),
  );
  for (const conversation of [...conversations])
    for (const control of controls(fixtures, conversation)) conversations.add(control);
  const restricted = (held: (fixture: string) => boolean): Report => ({
    ...report,
    results: [result],
    exchanges: report.exchanges.filter(({ fixture }) => held(fixture)),
    fixtures: [...conversations].flatMap((name) => asData(fixtures.get(name))),
    profiles: report.profiles
      .filter(({ profile }) => profile === result.profile)
      .map((entry) => ({ ...entry, counts: count([result]) })),
    summary: {
      ...report.summary,
      ...summaryOf([result]),
    },
  });
  const small = restricted((fixture) => conversations.has(fixture));
  return rejudge(small, basis).results[0]?.verdict === result.verdict ? small : restricted(() => true);
}

function controls(fixtures: ReadonlyMap<string, Fixture>, name: string): string[] {
  const control = fixtures.get(name)?.control;
  return control === undefined || control === null ? [] : [control, ...controls(fixtures, control)];
}

/** A fixture as a file of `fixtures/` would write it, on its own feet. */
function asData(fixture: Fixture | undefined): unknown[] {
  if (fixture === undefined) return [];
  const { id, title, transports, method, path, query, headers, credential, apiVersion, client, turns } = fixture;
  const [turn] = turns;
  const body =
    turns.length > 1
      ? { turns }
      : turn?.rawBody !== undefined
        ? { rawBody: turn.rawBody }
        : turn?.body !== undefined
          ? { body: turn.body }
          : {};
  return [
    {
      id,
      title,
      transports,
      ...(method === 'POST' ? {} : { method }),
      path,
      ...(query === '' ? {} : { query }),
      ...(Object.keys(headers).length === 0 ? {} : { headers }),
      credential,
      apiVersion,
      client,
      ...body,
    },
  ];
}
