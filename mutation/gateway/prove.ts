/** Runs the gateway suite against the reference gateway once for each of its faults, to see whether they are caught. */

import pLimit from 'p-limit';
import type { Verdict } from '../../core/protocol.js';
import type { Report } from '../../core/report.js';
import type { Speaks } from '../../core/upstream.js';
import { type GatewayRunOptions, runGateway } from '../../gateway/run.js';
import { REAL_CLOCK } from '../../gateway/upstream/live.js';
import { isRed } from '../red.js';
import type { GatewaySubject } from './subjects.js';

/** What came of one fault with one API. */
export interface GatewayTrial {
  speaks: Speaks;
  fault: string;
  /** Ids of the requirements that should have caught it, and did not. */
  missed: readonly string[];
}

/** It waits for 16 seconds. */
const SLOW = 'gw.stream.silence';

/** Time that goes eight times as fast, for cases that wait long. */
export function fastTime(): Pick<GatewayRunOptions, 'clock' | 'embedded'> {
  const sleep = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
    REAL_CLOCK.sleep(milliseconds / 8, signal);
  return {
    clock: { now: () => performance.now() * 8, sleep },
    embedded: { sleep: (milliseconds: number) => sleep(milliseconds) },
  };
}

/** A run against the embedded gateway with this fault, of the requirements that have to catch it. */
export async function judgeGatewayFault({ speaks, fault, caughtBy }: GatewaySubject): Promise<Report> {
  const time = caughtBy.includes(SLOW) ? fastTime() : undefined;
  const { report } = await runGateway({
    speaks,
    only: caughtBy,
    with: fault.cases ?? [],
    thorough: true,
    recoverySeconds: 0,
    timeoutSeconds: 60,
    ...time,
    embedded: { ...time?.embedded, faults: [fault.id] },
  });
  return report;
}

/** Ids of the results that failed or warned. */
export const redIn = ({ results }: Report): string[] =>
  results.filter(({ verdict }) => isRed(verdict as Verdict)).map(({ id }) => id);

export const missedIn = (report: Report, { caughtBy }: GatewaySubject): string[] => {
  const red = new Set(redIn(report));
  return caughtBy.filter((id) => !red.has(id));
};

/** Runs side by side: most of them compute, some wait. */
const CONCURRENCY = 3;

/** One trial for each subject, in their order. */
export async function proveGateway(subjects: readonly GatewaySubject[]): Promise<GatewayTrial[]> {
  const limit = pLimit(CONCURRENCY);
  return Promise.all(
    subjects.map((subject) =>
      limit(async () => {
        let missed = missedIn(await judgeGatewayFault(subject), subject);
        // A few verdicts are about time, and the machine may be busy.
        if (missed.length > 0) missed = missedIn(await judgeGatewayFault(subject), subject);
        return { speaks: subject.speaks, fault: subject.fault.id, missed };
      }),
    ),
  );
}

/** The gateway without faults: nothing of it may fail. */
export async function cleanGateway(speaks: Speaks): Promise<Report> {
  const { report } = await runGateway({ speaks, thorough: true, skip: [SLOW], recoverySeconds: 0 });
  return report;
}
