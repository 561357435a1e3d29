import { basename, extname } from 'node:path';
import type { Report } from '../../core/report.js';
import { REPORTERS, type ReporterName } from '../../reporters/index.js';
import { terminal } from '../../reporters/terminal.js';
import { readTraffic } from '../../tap/files/read-traffic.js';
import { loadContract } from '../contract/contracts.js';
import { exitCode } from '../exit-code.js';
import { rejudge } from '../judge/rejudge.js';
import { UsageError } from '../usage-error.js';
import { basisOf } from './basis.js';
import { beShort } from './be-short.js';
import { readReport, STANDARD_OUTPUT, useColor, writeAll } from './files.js';
import { programOf } from './invocation.js';
import { print, tell } from './output.js';

interface JudgeOptions {
  out?: string;
  contract?: string;
  strict?: boolean;
  color?: boolean;
  verbose?: boolean;
  quiet?: boolean;
}

/**
 * `messages-conformance judge FILE`: judges recorded traffic, and takes every verdict of a report, or of an exported requirement, again.
 * Without the network.
 */
export async function judgeCommand(file: string, options: JudgeOptions): Promise<number> {
  beShort();
  const traffic = readTraffic(file);
  if (traffic !== null) {
    // The embedded endpoint says what is wrong with recorded requests; a report has no use for it.
    const { judgeTraffic } = await import('../../tap/files/judge-traffic.js');
    const contract = await loadContract(options.contract ?? 'default');
    const report = judgeTraffic(traffic, {
      contract,
      strict: options.strict ?? false,
      name: basename(file),
      program: programOf(process.argv, process.cwd()),
    });
    return show(report, options);
  }
  for (const name of ['contract', 'strict'] as const)
    if (options[name] !== undefined)
      throw new UsageError(`--${name}: a report has its own; the option is for recorded traffic`);
  const before = readReport(file);
  const report = rejudge(before, await basisOf(before));
  const code = await show(report, options);
  const changed = report.results.filter(({ id, verdict }) =>
    before.results.some((result) => result.id === id && result.verdict !== verdict),
  );
  for (const { id, verdict } of changed) {
    tell(
      options.out,
      `${id}: ${before.results.find((result) => result.id === id)?.verdict} in the file, ${verdict} by this version\n`,
    );
  }
  return code;
}

async function show(report: Report, options: JudgeOptions): Promise<number> {
  // With --out - the report is on standard output, and nothing else.
  if (options.out !== STANDARD_OUTPUT)
    print(
      terminal(report, {
        color: useColor(options.color),
        width: process.stdout.columns ?? 100,
        verbose: options.verbose,
        quiet: options.quiet,
      }),
      true,
    );
  if (options.out !== undefined) await write(options.out, report);
  return exitCode(report);
}

/** Formats by the end of the file's name; every other name, and standard output, get JSON. */
const FORMATS: Readonly<Record<string, ReporterName>> = {
  '.html': 'html',
  '.md': 'markdown',
  '.xml': 'junit',
  '.sarif': 'sarif',
};

async function write(file: string, report: Report): Promise<void> {
  const view = REPORTERS[FORMATS[extname(file).toLowerCase()] ?? 'json'];
  const pieces = view.pieces === undefined ? [await view.render(report)] : await view.pieces(report);
  writeAll(file, pieces, { private: view.holdsBodies });
}
