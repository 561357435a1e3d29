import { shellWord } from '../../core/shell.js';
import { json } from '../../reporters/json.js';
import { exportResult } from '../judge/rejudge.js';
import { nearest, UsageError } from '../usage-error.js';
import { basisOf } from './basis.js';
import { readReport, writeText } from './files.js';
import { programOf } from './invocation.js';
import { tell } from './output.js';

/** `messages-conformance report export ID`: one requirement with its conversations and their raw answers, to attach to a bug report. */
export async function exportCommand(id: string, options: { from: string; out?: string }): Promise<number> {
  const report = readReport(options.from);
  const exported = exportResult(report, id, await basisOf(report));
  if (exported === null) {
    throw new UsageError(
      `${id}: ${options.from} holds no such requirement; ${nearest(
        id,
        report.results.map((result) => result.id),
      )}`,
    );
  }
  const file = options.out ?? `${id}.json`;
  writeText(file, json(exported), { private: true });
  const judge = `${programOf(process.argv, process.cwd())} judge ${shellWord(file)}`;
  tell(file, `${file}: ${exported.exchanges.length} exchanges; ${judge} judges them again\n`);
  return 0;
}
