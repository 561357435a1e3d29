import type { Verdict } from '../../core/protocol.js';
import type { Report } from '../../core/report.js';
import { type GatewayRunOptions, runGateway } from '../../gateway/run.js';
import { REAL_CLOCK } from '../../gateway/upstream/live.js';

/** A run against the embedded gateway. One that recovers from nothing is not waited for. */
export const judgedGateway = async (options: GatewayRunOptions = {}): Promise<Report> =>
  (await runGateway({ recoverySeconds: 0, timeoutSeconds: 10, ...options })).report;

/** Time that goes eight times as fast, for cases that wait long. */
export function fastTime() {
  const sleep = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
    REAL_CLOCK.sleep(milliseconds / 8, signal);
  return {
    clock: { now: () => performance.now() * 8, sleep },
    embedded: { sleep: (milliseconds: number) => sleep(milliseconds) },
  };
}

/** Ids of results with one of these verdicts. */
export const idsWith = ({ results }: Report, ...verdicts: Verdict[]): string[] =>
  results.filter(({ verdict }) => verdicts.includes(verdict)).map(({ id }) => id);

/** What failed and why, for the message of an assertion. */
export const reasons = ({ results }: Report): string[] =>
  results
    .filter(({ verdict }) => ['fail', 'warn', 'error', 'inconclusive'].includes(verdict))
    .map(({ id, verdict, reason, findings: [first] }) =>
      [id, verdict, reason, first && `${first.exchange}: expected ${first.expected}, got ${first.actual}`].join(' | '),
    );
