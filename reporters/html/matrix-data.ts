/** Data for the matrix page: a row for each requirement, a cell for each target, evidence for what did not pass. */

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
  /** Exchanges of results that did not pass. */
  exchanges: readonly PageExchange[];
}

/** What differs between targets. Passed requirements have no evidence. */
export type MatrixCell = Pick<PageResult, 'verdict' | 'silent' | 'reason'> &
  Partial<
    Pick<
      PageResult,
      'level' | 'tries' | 'findings' | 'moreFindings' | 'exchanges' | 'reproduce' | 'known' | 'override' | 'incidents'
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
}

/** Rows are in the order of the first report that has them. */
export function matrixData(entries: readonly MatrixEntry[]): MatrixData {
  const rows = new Map<string, MatrixRow>();
  const targets = entries.map((entry, column) => {
    const { page, data } = evidenceOf(entry, MAX_BODIES / entries.length);
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

function evidenceOf({ name, report, page }: MatrixEntry, room: number) {
  const wanted = new Set(
    report.results
      .filter(({ verdict }) => verdict !== 'pass' && verdict !== 'skipped')
      .flatMap(({ findings, exchanges }) => {
        const cited = findings.flatMap(({ exchange }) => exchange ?? []);
        return cited.length > 0 ? cited : exchanges.slice(-1);
      }),
  );
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

function cellOf(result: PageResult, row: MatrixRow): MatrixCell {
  const { verdict, silent, reason, level } = result;
  const levelOf = level === row.level ? {} : { level };
  if (verdict === 'pass') return { verdict, silent, reason, ...levelOf };
  const { tries, findings, moreFindings, reproduce, known, override, incidents } = result;
  const exchanges = result.exchanges.filter((exchange) => typeof exchange === 'number');
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
