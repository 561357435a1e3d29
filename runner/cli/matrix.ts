import { existsSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { clientColumns } from '../../reporters/client-columns.js';
import { type MatrixEntry, matrixHtml } from '../../reporters/html-matrix.js';
import { UsageError } from '../usage-error.js';
import { readReport, writeText } from './files.js';
import { tell } from './output.js';

/** `messages-conformance matrix *.json`: many targets side by side in one HTML file, or the clients that met them. */
export function matrixCommand(files: readonly string[], options: { out: string; clients?: boolean }): number {
  const reports = files.map((file) => ({ file, report: readReport(file) }));
  const names = reports.map(
    ({ file, report }) => (report.target.embedded ? 'reference' : host(report.target.baseUrl)) || basename(file),
  );
  const entries = reports.map(({ file, report }, index) => ({
    name: unique(names, index),
    report,
    page: pageOf(file, options.out),
  }));
  if (options.clients) return clientMatrix(entries, options.out);
  writeText(options.out, matrixHtml(entries), { private: true });
  tell(options.out, `${entries.length} targets in ${options.out}\n`);
  return 0;
}

/** `--clients`: a column for each client of each report, a row for each probe. */
function clientMatrix(entries: readonly MatrixEntry[], out: string): number {
  const columns = entries.flatMap(({ name: target, report, page }) =>
    clientColumns(report).map(({ name, report: own }) => ({
      name: entries.length === 1 ? name : `${name} · ${target}`,
      report: own,
      page,
    })),
  );
  if (columns.length === 0)
    throw new UsageError('matrix --clients: no report has clients that ran; run --client LIST adds them');
  writeText(out, matrixHtml(columns, 'client'), { private: true });
  tell(out, `${columns.length} clients in ${out}\n`);
  return 0;
}

const host = (url: string): string => (URL.canParse(url) ? new URL(url).host : url);

/** Several runs of one target are told apart by their number. */
function unique(names: readonly string[], index: number): string {
  const name = names[index]!;
  const same = names.filter((other) => other === name).length;
  return same === 1 ? name : `${name} (${names.slice(0, index + 1).filter((other) => other === name).length})`;
}

/** Encodes a path for a link, so that a folder name cannot act as a scheme, a query or a fragment. */
const addressOf = (path: string): string =>
  path
    .split(sep)
    .map((segment) => encodeURIComponent(segment))
    .join('/');

/** The target's own page lies beside its report.json. */
function pageOf(file: string, out: string): string | null {
  const page = join(dirname(file), 'index.html');
  return existsSync(page) ? addressOf(relative(dirname(out), page)) : null;
}
