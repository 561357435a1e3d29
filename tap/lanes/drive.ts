/** Runs the probes of one lane against a target, each through a tap of its own. */

import type { Exchange } from '../../core/exchange.js';
import { readExchange } from '../../runner/read/read.js';
import { foundIn } from '../judging/found.js';
import { type Recording, recordOf } from '../judging/record.js';
import type { OwnHeaders } from '../judging/secrets.js';
import { startPassThrough } from '../pass-through.js';
import type { RawExchange } from '../raw-exchange.js';
import { spawnLines } from './child.js';
import { codeOutput } from './claude-code.js';
import type { Lane } from './lanes.js';
import type { Ready } from './prepare.js';
import { type Outcome, PROBES, type Probe, TASK } from './probes.js';
import { shellOutput } from './shell-client.js';

export interface Driven {
  probe: Probe;
  /** `null` when the client printed none within the time. */
  outcome: Outcome | null;
  /** What passed through the tap. */
  exchanges: Exchange[];
}

export interface LaneTarget extends OwnHeaders {
  /** Base URL without `/v1`. */
  url: string;
  model: string;
  apiKey: string;
}

export interface LaneRun {
  driven: Driven[];
  /** What the client wrote to standard error last, when it did not finish. */
  trouble: string;
}

/** @param timeoutMs For all probes of the lane together. */
export async function drive(
  lane: Lane,
  ready: Ready,
  target: LaneTarget,
  { recording, timeoutMs }: { recording: Recording; timeoutMs: number },
): Promise<LaneRun> {
  const raws = new Map<Probe, RawExchange[]>(PROBES.map((probe) => [probe, []]));
  const taps = await Promise.all(
    PROBES.map((probe) =>
      startPassThrough({
        upstream: target.url,
        host: '127.0.0.1',
        port: 0,
        onExchange: (raw) => raws.get(probe)!.push(raw),
      }),
    ),
  );
  try {
    const task = {
      ...TASK,
      model: target.model,
      apiKey: target.apiKey,
      headers: target.headers,
      probes: PROBES.map((name, index) => ({ name, url: taps[index]!.url + lane.basePath })),
    };
    const { lines, trouble } = await outputOf(lane, ready, task, timeoutMs);
    const outcomes = new Map(lines.map((outcome) => [outcome.probe, outcome]));
    const driven: Driven[] = [];
    for (const probe of PROBES) {
      const exchanges: Exchange[] = [];
      for (const raw of raws.get(probe)!) {
        const found = await foundIn(raw);
        exchanges.push(readExchange(recordOf({ ...found, id: `${lane.id}/${probe}/${raw.number}` }, recording)));
      }
      driven.push({ probe, outcome: outcomes.get(probe) ?? null, exchanges });
    }
    return { driven, trouble };
  } finally {
    await Promise.all(taps.map((tap) => tap.close()));
  }
}

/** Lines of probes that exist. */
const outcomesIn = (lines: Record<string, unknown>[]): Outcome[] =>
  lines.filter(({ probe }) => PROBES.includes(probe as Probe)) as unknown as Outcome[];

function outputOf(lane: Lane, ready: Ready, task: Task, timeoutMs: number): Promise<Output> {
  if (lane.kind === 'sh') return shellOutput(ready, task, timeoutMs);
  if (lane.kind === 'claude-code') return codeOutput(lane, ready, task, timeoutMs);
  return clientOutput(ready, JSON.stringify(task), timeoutMs);
}

type Output = { lines: Outcome[]; trouble: string };

/** What a probe script reads from standard input. */
type Task = typeof TASK & {
  model: string;
  apiKey: string;
  headers: Readonly<Record<string, string>>;
  probes: { name: Probe; url: string }[];
};

async function clientOutput(ready: Ready, task: string, timeoutMs: number): Promise<Output> {
  const { lines, trouble } = await spawnLines(ready, task, timeoutMs);
  return { lines: outcomesIn(lines), trouble };
}
