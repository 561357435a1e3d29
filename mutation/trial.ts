/** One trial: the suite against the reference endpoint with one fault, over sockets or in process. */

import type { Verdict } from '../core/protocol.js';
import type { Requirement } from '../core/requirement.js';
import { createEndpoint } from '../reference/create-endpoint.js';
import type { Fault } from '../reference/faults/index.js';
import { startEndpoint } from '../reference/serve.js';
import { benchOf } from '../runner/judge/bench.js';
import { judgeAll } from '../runner/judge/judge.js';
import { furtherFixtures } from '../runner/report/reproduce.js';
import { diagnose } from '../runner/run/diagnose.js';
import { endpointOptions } from '../runner/run/embedded.js';
import { fire } from '../runner/run/fire.js';
import { defaultsOf } from '../runner/run/target.js';
import { PLAIN, type Prepared } from '../runner/run.js';
import { inProcessNetwork } from '../runner/send/in-process.js';
import type { Network } from '../runner/send/network.js';
import { requestSelfCheck } from '../runner/send/self-check.js';
import { jumpingClock } from './clock.js';

/** What a run reports about the endpoint with one fault. */
export interface Trial {
  /** `null`: the endpoint without any fault. */
  fault: Fault | null;
  contract: string;
  requests: number;
  /** Verdict and reason by requirement id. */
  verdicts: ReadonlyMap<string, Reported>;
  /** Requirements of level MUST that failed, with what the printed command of each adds to the run. */
  commands?: readonly Command[];
  /** Requirements whose command, run by itself, does not fail again. Only a proof over sockets fills it. */
  notShownAgain?: readonly string[];
}

/** What the command of a failure asks for: one requirement, and the fixtures that show the failure where its own do not. */
export interface Command {
  requirement: string;
  with: readonly string[];
}

export interface Reported {
  verdict: Verdict;
  reason: string;
}

/** How a trial runs. */
export interface Conditions {
  /** `in-process`: no socket; requirements that need one are left out of the verdicts. */
  over: 'sockets' | 'in-process';
  /**
   * Longest time of an exchange, and longest time that a connection may stay open after message_stop, in milliseconds. Enough
   * for an endpoint in the same process, short enough for the faults that keep a client waiting.
   */
  timeoutMs: number;
  lingerMs: number;
  /** As the command line does it: the first request decides whether the target can be judged, and parts rest on their base. */
  asCommand?: boolean;
}

const POLLING_MS = 1_500;
/** No word of the protocol: what may hold the key is looked at closely, which takes as long as the rest of a trial. */
const API_KEY = 'sk-trial-6f1b0c9d27';
const MODEL = 'reference-1';

/** Sends the requests of a plan to an endpoint with this fault and judges the answers. */
export async function tryFault(fault: Fault | null, prepared: Prepared, conditions: Conditions): Promise<Trial> {
  const { contract, fixtures, plan } = prepared;
  const clock = jumpingClock();
  const open = conditions.over === 'sockets' ? overSockets : inProcess;
  const { baseUrl, network, close } = await open({
    ...endpointOptions(contract),
    apiKey: API_KEY,
    faults: fault === null ? [] : [fault.id],
    ...(fault?.sequential && { sleep: clock.sleep }),
  });
  try {
    const target = {
      ...defaultsOf({}, contract),
      baseUrl,
      apiKey: API_KEY,
      apiKeyVariable: 'ANTHROPIC_API_KEY',
      model: MODEL,
      headers: {},
    };
    const conversations = plan.conversations.map(({ gates: _, ...conversation }) => conversation);
    const fired = await fire(conversations, target, {
      concurrency: fault?.sequential ? 1 : 8,
      timeoutMs: conditions.timeoutMs,
      lingerMs: conditions.lingerMs,
      patienceMs: 0,
      pollingMs: POLLING_MS,
      maxRequests: null,
      maxTokensTotal: null,
      unsound: requestSelfCheck(target.apiVersion),
      now: clock.now,
      network,
      ...(conditions.asCommand && { diagnose, plain: fixtures.get(PLAIN) }),
    });
    const isUnusable = fired.diagnosis !== null && 'unusable' in fired.diagnosis;
    const judged = judgeAll(isUnusable ? [] : plan.requirements.filter(canBeJudged(conditions)), {
      ...benchOf(contract, fixtures, fired.exchanges, MODEL),
      // Each requirement has to show the fault by itself.
      restOnBases: conditions.asCommand === true,
    });
    const exchanges = new Map(fired.exchanges.map((exchange) => [exchange.id, exchange]));
    return {
      fault,
      contract: contract.name,
      requests: fired.progress.requests,
      verdicts: new Map(judged.map(({ requirement, verdict, reason }) => [requirement.id, { verdict, reason }])),
      commands: judged
        .filter(({ requirement, verdict }) => verdict === 'fail' && requirement.level === 'MUST')
        .map(({ requirement, findings }) => ({
          requirement: requirement.id,
          with: furtherFixtures(requirement, findings, exchanges, fixtures),
        })),
    };
  } finally {
    await close();
  }
}

const canBeJudged =
  ({ over }: Conditions) =>
  ({ socket }: Requirement): boolean =>
    over === 'sockets' || socket === undefined;

interface Opened {
  baseUrl: string;
  network?: Network;
  close(): Promise<void>;
}

async function overSockets(options: Parameters<typeof startEndpoint>[0]): Promise<Opened> {
  const { url, close } = await startEndpoint(options);
  return { baseUrl: url, close };
}

async function inProcess(options: Parameters<typeof createEndpoint>[0]): Promise<Opened> {
  const network = inProcessNetwork(createEndpoint(options).fetch);
  return { baseUrl: 'http://localhost', network, close: network.close };
}
