/** `run --client`: drives real clients against the target of a run and works what they showed into its report. */

import { redactor, SHORTEST_SECRET } from '../../core/redact.js';
import { byUrgency, type Report, type ReportExchange, type Result } from '../../core/report.js';
import type { Judgement, Requirement } from '../../core/requirement.js';
import { shellWord } from '../../core/shell.js';
import { isUnusable } from '../../reporters/outcome.js';
import { EXCUSED, REAL_CLIENTS } from '../../suites/catalogue/untestable.js';
import { CATALOGUE } from '../../suites/index.js';
import { writesBrokenText } from '../../suites/judging/views.js';
import type { Lane } from '../../tap/lanes/lanes.js';
import { prepare } from '../../tap/lanes/prepare.js';
import { type LaneReport, runLane } from '../../tap/lanes/run-lane.js';
import { recordedOf, recordedTable, standingOf } from '../../tap/lanes/standing.js';
import { judgeByClient } from '../../tap/lanes/verdicts.js';
import { levelOverride } from '../contract/contracts.js';
import { withRows } from '../judge/coverage.js';
import type { Judged } from '../judge/judge.js';
import { readExchange } from '../read/read.js';
import { forReport, resultOf } from '../report/report-of.js';
import type { Invocation } from '../report/reproduce.js';
import { countOf, summaryOf } from '../report/summary.js';
import { openTarget, type TargetOptions } from '../run/target.js';
import { UsageError } from '../usage-error.js';
import { chooseLanes } from './choose-lanes.js';
import { invocation } from './invocation.js';
import { keepSecret } from './output.js';
import type { Settings } from './settings.js';

/** Longest time of all probes of a client, in milliseconds. */
const PROBES_MS = 120_000;

export interface ClientsOfRun {
  lanes: readonly Lane[];
  install: boolean;
  /** `--strict-clients`. */
  strict: boolean;
  target: Pick<TargetOptions, 'url' | 'model' | 'apiKey' | 'apiKeyVariable' | 'headers' | 'headerVariables'>;
  invocation: Invocation;
}

/** Throws `UsageError` for a client that does not exist. */
export const clientsOf = (settings: Settings): ClientsOfRun => ({
  lanes: chooseLanes(settings.clients, settings.requiredClients),
  install: settings.installClients,
  strict: settings.strictClients,
  target: settings,
  invocation: invocation(settings),
});

/** Before anything is sent: throws `UsageError` where a client that the run requires cannot run. */
export async function requireClients(settings: Settings): Promise<void> {
  const { lanes, install } = clientsOf(settings);
  for (const lane of lanes.filter(({ id }) => settings.requiredClients.includes(id))) {
    const ready = await prepare(lane, install);
    if ('reason' in ready) throw new UsageError(`--require-client ${lane.id}: it cannot run: ${ready.reason}`);
  }
}

/** Drives the clients one after another. A target that cannot be judged meets none. */
export async function withClients(report: Report, run: ClientsOfRun): Promise<Report> {
  if (isUnusable(report) || report.run.interrupted !== null) return report;
  const { contract } = report;
  const opened = await openTarget(run.target, contract);
  const { baseUrl, model, apiKey, headers, headerVariables } = opened.target;
  if (apiKey !== null && apiKey.length >= SHORTEST_SECRET) keepSecret(redactor([apiKey]), 'clients');
  try {
    const lanes: LaneReport[] = [];
    for (const lane of run.lanes)
      lanes.push(
        await runLane(
          lane,
          { url: baseUrl, model, apiKey: apiKey ?? 'none', headers, ...(headerVariables && { headerVariables }) },
          { contract, install: run.install, timeoutMs: PROBES_MS },
        ),
      );
    return reportWithLanes(report, lanes, run);
  } finally {
    await opened.close();
  }
}

/** The report with the standing of each client, their traffic, and the verdicts that they decide. */
export function reportWithLanes(
  report: Report,
  lanes: readonly LaneReport[],
  { strict, invocation }: Pick<ClientsOfRun, 'strict' | 'invocation'>,
): Report {
  const violated = byUrgency(report.results)
    .filter(({ verdict }) => verdict === 'fail' || verdict === 'warn')
    .map(({ id }) => id);
  const rows = lanes.flatMap((lane) => decidedBy(lane, report, violated, invocation));
  const fresh = rows.filter(({ id }) => !report.results.some((result) => result.id === id));
  const results = inserted(report.results, rows, fresh);
  return {
    ...report,
    run: { ...report.run, ...(strict ? { strictClients: true as const } : {}) },
    results,
    clients: lanes.map((lane) => standingOf(lane, violated)),
    exchanges: [
      ...report.exchanges,
      ...lanes.flatMap(({ client, probes }) =>
        // A fixture of this name does not exist: no requirement of the suite is judged by this traffic again.
        probes.flatMap(({ exchanges }) =>
          exchanges.map((exchange) => forReport({ ...exchange, fixture: `client-${client}` })),
        ),
      ),
    ],
    summary: {
      ...report.summary,
      ...summaryOf(results),
      must: withRows(report.summary.must, fresh, report.contract.profiles.claimed),
    },
    profiles: report.profiles.map((entry) => ({ ...entry, counts: countOf(results, entry.profile) })),
  };
}

/** A result for each requirement that the client decides and the run selected. */
function decidedBy(lane: LaneReport, report: Report, violated: readonly string[], invocation: Invocation): Result[] {
  return REAL_CLIENTS.filter(({ client }) => client === lane.client).flatMap(({ id, probes }): Result[] => {
    const isListed = report.results.some((result) => result.id === id);
    const requirement = requirementOf(id);
    const isSelected = report.run.only.length === 0 && report.run.profiles.includes(requirement.profile);
    if (!isListed && (!isSelected || report.run.skip.some((skip) => id.startsWith(skip)))) return [];
    // What is simulated where the client is missing stays as it was judged.
    if (isListed && lane.skipped !== undefined) return [];
    const shown = {
      suite: 'official-clients',
      reproduce: reproduceOf(invocation, lane.client),
      reason: lane.skipped === undefined ? '' : absence(lane, violated),
    };
    const entry = lane.skipped === undefined ? judgedBy(requirement, lane, probes, report) : undefined;
    return [resultOf(requirement, entry, report.contract, shown)];
  });
}

function absence({ client, skipped }: LaneReport, violated: readonly string[]): string {
  const recorded = recordedOf(client, violated, recordedTable()).map(
    ({ requirement, line }) => `${requirement}: ${line}`,
  );
  return [skipped, ...recorded].join('. ');
}

/** The requirement as the catalogue has it; those that only a real client decides have no judge of their own. */
function requirementOf(id: string): Requirement {
  const known = CATALOGUE.find((requirement) => requirement.id === id);
  if (known !== undefined) return known;
  const { level, profile, statement, source } = EXCUSED.find((excused) => excused.id === id)!;
  return {
    id,
    level,
    profile,
    statement,
    source,
    fixtures: [],
    judge: () => ({ outcome: 'not-observed', reason: 'A real client decides it' }),
  };
}

function judgedBy(requirement: Requirement, lane: LaneReport, probes: readonly string[], report: Report): Judged {
  const level = levelOverride(report.contract, requirement)?.level ?? requirement.level;
  const judgement = judgeByClient(lane, probes, {
    contract: report.contract,
    acceptsMessages: report.exchanges.some(
      ({ request, response }) => response?.status === 200 && /\/v1\/messages(\?|$)/.test(request.url),
    ),
    writesBrokenText: writesBrokenText({ all: report.exchanges.filter(mayBeBroken).map(readExchange) }),
  });
  const exchanges = lane.probes.filter(({ probe }) => probes.includes(probe)).flatMap((probe) => probe.exchanges);
  return {
    requirement,
    level,
    outcome: judgement.outcome,
    tries: 1,
    findings: [],
    silent: false,
    exchanges: exchanges.map(({ id }) => id),
    ...verdictOf(judgement, level),
  };
}

/** Few responses are read again for it. */
const mayBeBroken = ({ transport, response }: ReportExchange): boolean =>
  transport === 'json' && (response?.bodyEncoding === 'base64' || response?.body.includes('\uFFFD') === true);

function verdictOf(judgement: Judgement, level: Result['level']): Pick<Judged, 'verdict' | 'reason'> & Partial<Judged> {
  switch (judgement.outcome) {
    case 'violated':
      return {
        verdict: level === 'SHOULD' ? 'warn' : 'fail',
        reason: judgement.findings[0]!.message,
        findings: judgement.findings,
        silent: judgement.silent ?? false,
      };
    case 'satisfied':
      return { verdict: 'pass', reason: judgement.note ?? '' };
    default:
      return { verdict: 'inconclusive', reason: 'reason' in judgement ? judgement.reason : '' };
  }
}

const reproduceOf = ({ program, options }: Invocation, client: string): string =>
  [
    program,
    'run',
    ...options.flatMap(([name, value]) => (value === true ? [`--${name}`] : [`--${name}`, shellWord(value)])),
    '--client',
    client,
  ].join(' ');

/** Rows in the place of those with the same id, new ones after the last of their family. */
function inserted(results: readonly Result[], rows: readonly Result[], fresh: readonly Result[]): Result[] {
  const kept = results.map((result) => rows.find(({ id }) => id === result.id) ?? result);
  const at = kept.findLastIndex(({ suite }) => suite === 'official-clients') + 1 || kept.length;
  return [...kept.slice(0, at), ...fresh, ...kept.slice(at)];
}
