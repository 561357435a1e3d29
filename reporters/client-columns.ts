/** Reports with their clients as targets of a matrix: a column for each client, a row for each probe. */

import { VERDICTS, type Verdict } from '../core/protocol.js';
import type { ClientProbe, ClientStanding, Report, Result } from '../core/report.js';
import { clientName } from './clients.js';

const VERDICT_OF: Readonly<Record<ClientProbe['kind'], Verdict>> = {
  same: 'pass',
  differs: 'fail',
  throws: 'fail',
  'falls back': 'warn',
  'times out': 'fail',
  'not observed': 'inconclusive',
};

/** One column for each client that ran; empty for a report without any. */
export const clientColumns = (report: Report): { name: string; report: Report }[] =>
  (report.clients ?? [])
    .filter(({ skipped }) => skipped === undefined)
    .map((standing) => ({ name: clientName(standing), report: asReport(report, standing) }));

function asReport(report: Report, { client, probes }: ClientStanding): Report {
  const results = probes.map((probe) => rowOf(probe, client));
  const counts = Object.fromEntries(
    VERDICTS.map((verdict) => [verdict, results.filter((result) => result.verdict === verdict).length]),
  ) as Report['profiles'][number]['counts'];
  return {
    ...report,
    causes: [],
    results,
    profiles: [{ profile: 'core', claimed: true, counts }],
    summary: {
      ...report.summary,
      ...counts,
      executed: counts.pass + counts.fail + counts.warn,
      silent: results.filter(({ silent }) => silent).length,
      known: 0,
      must: { judged: 0, total: 0 },
    },
  };
}

function rowOf({ probe, title, kind, line, violated, exchanges }: ClientProbe, client: string): Result {
  const verdict = VERDICT_OF[kind];
  return {
    id: `client.${probe}`,
    level: 'MUST',
    profile: 'core',
    suite: 'clients',
    statement: `The client gets what the bytes say: ${title}.`,
    source: [],
    verdict,
    silent: kind === 'differs',
    reason: [line, ...(violated.length === 0 ? [] : [`violated here: ${violated.join(', ')}`])]
      .filter((text) => text !== '')
      .join('; '),
    tries: 1,
    findings:
      verdict === 'fail' || verdict === 'warn'
        ? [
            {
              message: line,
              expected: 'what the bytes say',
              actual: kind,
              at: null,
              exchange: exchanges.at(-1) ?? null,
            },
          ]
        : [],
    exchanges,
    reproduce: `messages-conformance clients --client ${client}`,
  };
}
