/** `--watch FILES…`: judges again whenever one of them changes, and prints what is different from the run before. */

import { existsSync, statSync, watch } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Report, Result } from '../../core/report.js';
import { OUTCOME_WORDS, outcome, whyIncomplete } from '../../reporters/outcome.js';
import { grouped, oneLine } from '../../reporters/text.js';
import { UsageError } from '../usage-error.js';
import { print, say } from './output.js';
import type { Settings } from './settings.js';

/** Editors write a file in several steps. */
const SETTLE_MS = 200;

type RunOnce = (stop: AbortSignal) => Promise<{ report: Report; status: number }>;

/** Runs until it is interrupted; the status is that of the last whole run. */
export async function watchAndRun({ watch: paths }: Settings, runOnce: RunOnce): Promise<number> {
  for (const path of paths)
    if (!existsSync(path)) throw new UsageError(`--watch ${path}: there is no such file or folder`);
  const changes = watched(paths);
  let before: Report | null = null;
  let status = 3;
  try {
    for (;;) {
      changes.reset();
      const { report, status: reached } = await runOnce(changes.stop);
      if (changes.stop.aborted || report.run.interrupted === 'the run was interrupted') return status;
      status = reached;
      print(`${changedLines(before, report).join('\n')}\n`);
      before = report;
      say(`watching ${paths.join(', ')}; Ctrl-C ends`);
      if ((await changes.next()) === 'ended') return status;
    }
  } finally {
    changes.close();
  }
}

/** What is different, a line each, and where the run stands. */
export function changedLines(before: Report | null, after: Report): string[] {
  const earlier = new Map((before?.results ?? []).map((result) => [result.id, result]));
  const changed = after.results.filter((result) =>
    before === null ? isWrong(result) : earlier.get(result.id)?.verdict !== result.verdict,
  );
  const line = (result: Result): string => {
    const was = earlier.get(result.id)?.verdict;
    const mark = result.verdict === 'pass' ? '✓' : isWrong(result) ? '✗' : '·';
    const reason = result.verdict === 'pass' ? '' : `  ${oneLine(result.reason, 160)}`;
    return `  ${mark} ${result.id}  ${was === undefined ? '' : `${was} → `}${result.verdict}${reason}`;
  };
  const why = whyIncomplete(after);
  const { fail, warn, pass } = after.summary;
  const head = `${OUTCOME_WORDS[outcome(after)].toUpperCase()}  ${grouped(fail)} failed · ${grouped(warn)} warnings · ${grouped(pass)} passed`;
  return [
    ...(before !== null && changed.length === 0 ? ['  nothing changed'] : changed.map(line)),
    why === null ? head : `${head} · ${oneLine(why, 300)}`,
  ];
}

const isWrong = ({ verdict }: Result): boolean => verdict === 'fail' || verdict === 'warn' || verdict === 'error';

function watched(paths: readonly string[]) {
  const ended = new AbortController();
  let wake: (() => void) | null = null;
  let isChanged = false;
  const onChange = (): void => {
    isChanged = true;
    wake?.();
  };
  const watchers = paths.map((path) => watch(path, { recursive: statSync(path).isDirectory() }, onChange));
  const onSignal = (): void => {
    ended.abort('the run was interrupted');
    wake?.();
  };
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, onSignal);
  return {
    stop: ended.signal,
    /** Changes until now are part of the run that begins. */
    reset(): void {
      isChanged = false;
    },
    async next(): Promise<'changed' | 'ended'> {
      while (!isChanged && !ended.signal.aborted)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      await pause(SETTLE_MS);
      return ended.signal.aborted ? 'ended' : 'changed';
    },
    close(): void {
      for (const watcher of watchers) watcher.close();
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, onSignal);
    },
  };
}
