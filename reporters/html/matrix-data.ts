/** Data for the matrix page: a row for each requirement, a cell for each target, and the evidence of the cells. */

import type { Level, Profile } from '../../core/protocol.js';
import type { Report, ReportSummary } from '../../core/report.js';
import type { Source } from '../../core/requirement.js';
import { MAX_BODIES, type PageExchange, type PageResult, pageData, shortTexts } from './data.js';

/** One target of a matrix. */
export interface MatrixEntry {
  /** Column title; unique in the matrix. */
  name: string;
  report: Report;
  /** URL of its report page relative to the matrix; `null` if there is none. */
  page: string | null;
}

export interface MatrixTarget {
  name: string;
  page: string | null;
  baseUrl: string;
  model: string;
  contract: string;
  startedAt: string;
  suite: string;
  interrupted: string | null;
  claimed: readonly Profile[];
  summary: ReportSummary;
  /** Exchanges of results that did not pass, and as many of those that passed as the page has room for. */
  exchanges: readonly PageExchange[];
}

/** What differs between targets. A passed requirement has the exchanges that the page has. */
export type MatrixCell = Pick<PageResult, 'verdict' | 'silent' | 'reason'> &
  Partial<
    Pick<
      PageResult,
      | 'level'
      | 'tries'
      | 'findings'
      | 'moreFindings'
      | 'exchanges'
      | 'reproduce'
      | 'known'
      | 'override'
      | 'documented'
      | 'incidents'
    >
  >;

export interface MatrixRow {
  id: string;
  level: Level;
  profile: Profile;
  suite: string;
  statement: string;
  source: readonly Source[];
  /** In the order of the targets; `null` if a report does not have the requirement. */
  cells: (MatrixCell | null)[];
}

export interface MatrixData {
  targets: MatrixTarget[];
  rows: MatrixRow[];
  /** What a column is; absent: a target. */
  column?: 'target' | 'client';
}

/** Rows are in the order of the first report that has them. */
export function matrixData(entries: readonly MatrixEntry[]): MatrixData {
  const rows = new Map<string, MatrixRow>();
  const targets = entries.map((entry, column) => {
    const { page, data } = evidenceOf(entry, entries.length);
    for (const result of data.results) {
      const { id, level, profile, suite, statement, source } = result;
      let row = rows.get(id);
      if (row === undefined) {
        row = { id, level, profile, suite, statement, source, cells: entries.map(() => null) };
        rows.set(id, row);
      }
      row.cells[column] = cellOf(result, row);
    }
    return page;
  });
  return { targets, rows: [...rows.values()] };
}

/** Room for the exchanges of passed requirements, all targets together, and what one takes: headers, and the begin of its bodies. */
const PASSED_ROOM = 2_000_000;
const EXCHANGE_LENGTH = 2_300;

function evidenceOf({ name, report, page }: MatrixEntry, targets: number) {
  const room = MAX_BODIES / targets;
  const wanted = new Set(
    report.results
      .filter(({ verdict }) => verdict !== 'pass' && verdict !== 'skipped')
      .flatMap(({ findings, exchanges }) => {
        const cited = findings.flatMap(({ exchange }) => exchange ?? []);
        return cited.length > 0 ? cited : exchanges.slice(-1);
      }),
  );
  for (const id of exchangesOfPasses(report, wanted, PASSED_ROOM / targets / EXCHANGE_LENGTH)) wanted.add(id);
  const data = pageData({ ...report, exchanges: report.exchanges.filter(({ id }) => wanted.has(id)) }, room);
  const { target, run, suite, summary, profiles, exchanges } = data;
  return {
    data,
    page: {
      name: shortTexts(name),
      page,
      baseUrl: target.baseUrl,
      model: target.model,
      contract: target.contract,
      startedAt: run.startedAt,
      suite: `${suite.name} ${suite.version}`,
      interrupted: run.interrupted,
      claimed: profiles.filter(({ claimed }) => claimed).map(({ profile }) => profile),
      summary,
      exchanges,
    },
  };
}

/** Exchanges that show most passed requirements, those of most requirements first. */
function exchangesOfPasses({ results }: Report, given: ReadonlySet<string>, most: number): string[] {
  const open = results.filter(({ verdict, exchanges }) => verdict === 'pass' && !exchanges.some((id) => given.has(id)));
  const uses = new Map<string, number>();
  for (const id of open.flatMap(({ exchanges }) => exchanges)) uses.set(id, (uses.get(id) ?? 0) + 1);
  const chosen = new Set<string>();
  for (const { exchanges } of open) {
    if (chosen.size >= most || exchanges.some((id) => chosen.has(id))) continue;
    const [best] = [...exchanges].sort((a, b) => uses.get(b)! - uses.get(a)!);
    if (best !== undefined) chosen.add(best);
  }
  return [...chosen];
}

function cellOf(result: PageResult, row: MatrixRow): MatrixCell {
  const { verdict, silent, reason, level } = result;
  const levelOf = level === row.level ? {} : { level };
  const exchanges = result.exchanges.filter((exchange) => typeof exchange === 'number');
  if (verdict === 'pass') return { verdict, silent, reason, ...levelOf, exchanges };
  const { tries, findings, moreFindings, reproduce, known, override, documented, incidents } = result;
  return {
    verdict,
    silent,
    reason,
    ...levelOf,
    tries,
    findings,
    exchanges,
    reproduce,
    ...(moreFindings ? { moreFindings } : {}),
    ...(known ? { known } : {}),
    ...(override ? { override } : {}),
    ...(documented ? { documented } : {}),
    ...(incidents ? { incidents } : {}),
  };
}

/** A cell combined with its row. */
export const resultOf = ({ cells: _cells, ...row }: MatrixRow, cell: MatrixCell): PageResult => ({
  tries: 1,
  findings: [],
  exchanges: [],
  reproduce: '',
  ...row,
  ...cell,
});
