/** `messages-conformance/vitest`: one test for each requirement, in the test files of a server. */

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { afterAll, beforeAll, describe, it, type TestContext } from 'vitest';
import type { Report } from '../../core/report.js';
import { isUnusable, whyIncomplete } from '../../reporters/outcome.js';
import { violations } from '../../validation/index.js';
import { applyBaseline, parseBaseline } from '../report/baseline.js';
import { prepare, type RunOptions, run } from '../run.js';
import { RUN_DEFAULTS } from '../run-defaults.js';
import { UsageError } from '../usage-error.js';
import { type App, fetchOf, listening } from './app.js';
import { outcomeOf } from './outcome-of.js';

export type { App } from './app.js';

/** What to judge and how: a target, and the options of `run`. */
export interface ConformanceOptions extends Omit<RunOptions, 'fetch' | 'embedded' | 'invocation' | 'signal'> {
  /** The server under test, in this process; or `url` for one that listens elsewhere. */
  app?: App;
  /** Name of the model that requests ask for. */
  model: string;
  /** Title of the group of tests. Default: `Messages API`, with the contract where one is named. */
  title?: string;
  /** File of known failures: their tests are skipped with the reason of their line. A line that does not fit any more fails. */
  baseline?: string;
  /** Gets the report when the run is over, for instance to write it with one of `REPORTERS`. */
  onReport?: (report: Report) => void | Promise<void>;
}

/**
 * Registers the tests; call it at the top of a test file or in a `describe`. One run judges the server before the first of them. A
 * failed requirement fails its test with the finding; a warning passes with an annotation, and fails with `strict`; what was not
 * judged is skipped with the reason. One more test fails when too little could be judged, so that a dead server is never green.
 *
 * Throws `UsageError` for options that make no sense.
 */
export function conformance({ app, title, baseline, onReport, ...options }: ConformanceOptions): void {
  const fetch = app === undefined ? null : fetchOf(app);
  if (app === undefined && options.url === undefined)
    throw new UsageError(
      'conformance: neither app nor url says what to judge; is a variable of the environment unset?',
    );
  if (app !== undefined && fetch === null && options.url !== undefined)
    throw new UsageError('conformance: app and url name two servers; give one of them');
  const known = baseline === undefined ? null : readBaseline(baseline);
  const judging: RunOptions = { ...options, ...(fetch !== null && { fetch }) };

  describe(title ?? titleOf(options), async () => {
    const { plan } = await prepare(judging);
    let report: Report;

    beforeAll(
      async () => {
        const server = app !== undefined && fetch === null ? await listening(app) : null;
        try {
          const result = await run({ ...judging, ...(server !== null && { url: server.url }) });
          report =
            known === null
              ? result.report
              : applyBaseline(result.report, known, new Date().toISOString().slice(0, 10), baseline);
        } finally {
          await server?.close();
        }
      },
      // A run ends by itself after this time, with a report.
      ((options.maxDurationMinutes ?? RUN_DEFAULTS.maxDurationMinutes) + 1) * 60_000,
    );
    if (onReport !== undefined) afterAll(async () => report && (await onReport(report)));

    it('enough was judged', () => {
      const why = whyIncomplete(report);
      if (why === null) return;
      throw new NotConformant(
        isUnusable(report) ? [why, report.diagnosis!.advice, ...triedLines(report)].join('\n') : why,
      );
    });
    if (known !== null)
      it(`${basename(baseline!)} lists what still fails`, () => {
        const problems = report.baseline?.problems ?? [];
        if (problems.length > 0) throw new NotConformant(problems.map(({ message }) => message).join('\n'));
      });
    const ids = [...plan.requirements.map(({ id }) => id), ...plan.impossible];
    for (const id of ids) it(id, (context) => settle(id, report, context));
  });
}

/** The text is the message; a stack trace into this package would say nothing. */
class NotConformant extends Error {
  override name = 'NotConformant';
  constructor(message: string) {
    super(message);
    this.stack = `${this.name}: ${message}`;
  }
}

async function settle(id: string, report: Report, context: TestContext): Promise<void> {
  const result = report.results.find((one) => one.id === id);
  if (result === undefined) return context.skip('skipped: not part of this run');
  const settled = outcomeOf(result, report);
  if (settled.kind === 'skip') context.skip(settled.reason);
  if (settled.kind === 'fail') throw new NotConformant(settled.message);
  if (settled.kind === 'pass' && settled.remark !== undefined) await context.annotate(settled.remark, 'warning');
}

const triedLines = ({ diagnosis }: Report): string[] =>
  (diagnosis?.tried ?? []).map(({ what, answer }) => `  tried: ${what}: ${answer}`);

const titleOf = ({ contract }: Pick<RunOptions, 'contract'>): string => {
  const name = typeof contract === 'object' ? contract.name : contract;
  return name === undefined ? 'Messages API' : `Messages API, contract ${name}`;
};

function readBaseline(file: string) {
  const { baseline, problem } = parseBaseline(readFileSync(file, 'utf8'), violations);
  if (baseline === undefined) throw new UsageError(`baseline ${file}: ${problem}`);
  return baseline;
}
