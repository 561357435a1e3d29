import { terminal } from '../../reporters/terminal.js';
import { rejudge } from '../judge/rejudge.js';
import { exitCode } from '../run.js';
import { readReport, useColor, writeText } from './files.js';
import { print } from './output.js';

interface JudgeOptions {
  out?: string;
  color?: boolean;
  verbose?: boolean;
  quiet?: boolean;
}

/** `messages-conformance judge FILE`: takes every verdict of a report, or of an exported requirement, again, without the network. */
export async function judgeCommand(file: string, options: JudgeOptions): Promise<number> {
  const before = readReport(file);
  const report = rejudge(before);
  print(
    terminal(report, {
      color: useColor(options.color),
      width: process.stdout.columns ?? 100,
      verbose: options.verbose,
      quiet: options.quiet,
    }),
    true,
  );
  const changed = report.results.filter(({ id, verdict }) =>
    before.results.some((result) => result.id === id && result.verdict !== verdict),
  );
  for (const { id, verdict } of changed) {
    print(
      `${id}: ${before.results.find((result) => result.id === id)?.verdict} in the file, ${verdict} by this version\n`,
    );
  }
  if (options.out !== undefined) {
    const { json } = await import('../../reporters/json.js');
    writeText(options.out, json(report), { private: true });
  }
  return exitCode(report);
}
