import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../core/report.js';
import { type HistoryRun, historyHtml, historyRun } from '../../reporters/html-history.js';
import { UsageError, unread } from '../usage-error.js';
import { readReport, writeText } from './files.js';
import { say, tell } from './output.js';

/** `messages-conformance history DIR`: every report in the folder and below it, over time. A report that cannot be read is left out, and named. */
export function historyCommand(folder: string, options: { out: string }): number {
  const runs: HistoryRun[] = [];
  for (const file of reportsIn(folder)) {
    const report = readable(file);
    // A long history does not fit into memory with its exchanges.
    if (report !== null) runs.push(historyRun(report));
  }
  if (runs.length === 0) throw new UsageError(`${folder}: there is no report.json in it or below it`);
  writeText(options.out, historyHtml(runs));
  tell(options.out, `${runs.length} runs in ${options.out}\n`);
  return 0;
}

/** JSON files, whatever they are called: histories keep them by date. A fleet's summary is none of them. */
function reportsIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.json') && !/node_modules|(^|[/\\])summary\.json$/.test(name))
      .map((name) => join(folder, name))
      .sort();
  } catch (error) {
    throw new UsageError(`${folder}: ${unread(error)}`);
  }
}

function readable(file: string): Report | null {
  try {
    return readReport(file);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    say(`left out: ${error.message}`);
    return null;
  }
}
