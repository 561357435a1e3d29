import type { Verdict } from '../../core/protocol.js';
import type { Report } from '../../core/report.js';
import { type GatewayRunOptions, runGateway } from '../../gateway/run.js';

/** A run against the embedded gateway. One that recovers from nothing is not waited for. */
export const judgedGateway = async (options: GatewayRunOptions = {}): Promise<Report> =>
  (await runGateway({ recoverySeconds: 0, timeoutSeconds: 10, ...options })).report;

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
