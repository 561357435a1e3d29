/** Runs one lane against a target, compares, and lists what its traffic violates. */

import type { Exchange } from '../../core/exchange.js';
import type { Contract } from '../../runner/contract/contracts.js';
import { dialectOf } from '../judging/record.js';
import { PassingSecrets } from '../judging/secrets.js';
import { TrafficJudge } from '../judging/traffic-judge.js';
import { compare, type Result } from './compare.js';
import { drive, type LaneTarget } from './drive.js';
import type { Lane } from './lanes.js';
import { prepare } from './prepare.js';
import type { ClientMessage, Probe } from './probes.js';

/** What one probe of a client showed. */
export interface ProbeResult {
  probe: Probe;
  result: Result;
  /** What the client returned; absent when it returned nothing. */
  message?: ClientMessage;
  /** Requirements that the exchanges of this probe violate. */
  violated: readonly string[];
  /** What passed through the tap. */
  exchanges: readonly Exchange[];
}

export interface LaneReport {
  client: string;
  title: string;
  package: string;
  version: string;
  /** Why the client did not run; absent when it did. */
  skipped?: string;
  probes: readonly ProbeResult[];
}

/**
 * @param install Install the client where it is missing.
 * @param timeoutMs For all probes together; the installation has its own limit.
 */
export async function runLane(
  lane: Lane,
  target: LaneTarget,
  { contract, install, timeoutMs }: { contract: Contract; install: boolean; timeoutMs: number },
): Promise<LaneReport> {
  const about = { client: lane.id, title: lane.title, package: lane.package, version: lane.version };
  const ready = await prepare(lane, install);
  if ('reason' in ready) return { ...about, skipped: ready.reason, probes: [] };
  const recording = { secrets: new PassingSecrets(target.url, target), dialect: dialectOf(contract) };
  const { driven, trouble } = await drive(lane, ready, target, { recording, timeoutMs });
  const probes = driven.map((one): ProbeResult => {
    const judge = new TrafficJudge(contract);
    const violated = new Set(one.exchanges.flatMap((exchange) => judge.take(exchange).faults.map(({ id }) => id)));
    const { message } = one.outcome ?? {};
    return {
      probe: one.probe,
      result:
        one.outcome === null && trouble !== ''
          ? { kind: 'throws', class: 'the client ended', message: recording.secrets.redact(trouble) }
          : compare(one, lane),
      ...(message === undefined ? {} : { message }),
      violated: [...violated],
      exchanges: one.exchanges,
    };
  });
  return { ...about, probes };
}
