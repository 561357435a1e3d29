/** The tap: traffic passes through, and a thread beside it records and judges. */

import type { Report } from '../core/report.js';
import { held } from './held.js';
import type { ThreadOptions } from './judging/messages.js';
import { JudgingThread, type ThreadEvents } from './judging/thread.js';
import { type Documents, localAnswers } from './local.js';
import { startPassThrough } from './pass-through.js';
import type { RawExchange } from './raw-exchange.js';

export interface TapOptions extends ThreadOptions, ThreadEvents {
  port: number;
  host: string;
  /** Answer a violation with an error instead of passing it on. */
  fail: boolean;
  /** What `/.conformance/…` answers, made of a report. */
  documents: (name: string, report: Report) => ReturnType<Documents>;
  /** Also gets every exchange, before it is judged; it must not keep the bytes. */
  onExchange?: (exchange: RawExchange) => void;
}

export interface Tap {
  /** Base URL for clients. */
  url: string;
  /** A report on everything that has passed; `null` when judging has ended with an error. */
  report(): Promise<Report | null>;
  /** Stops the traffic, judges what is still waiting and returns the last report. */
  close(): Promise<Report | null>;
}

/** Rejects with `UsageError` when the record cannot be created, with the system's error when the port is not available. */
export async function startTap(options: TapOptions): Promise<Tap> {
  const { upstream, port, host, fail, documents, onText, onEnd } = options;
  const { contract, out, strict, program, color, quiet } = options;
  const judging = await JudgingThread.start(
    { contract, upstream, out, strict, ...(program !== undefined && { program }), color, quiet },
    { onText, onEnd },
  );
  const passing = await startPassThrough({
    upstream,
    port,
    host,
    onExchange: (exchange) => {
      options.onExchange?.(exchange);
      judging.take(exchange);
    },
    local: localAnswers(async (name) => {
      const report = await judging.report();
      return report === null ? null : documents(name, report);
    }),
    ...(fail && { carry: held((raw) => judging.look(raw)) }),
  }).catch(async (error: unknown) => {
    await judging.close();
    throw error;
  });
  return {
    url: passing.url,
    report: () => judging.report(),
    close: async () => {
      await passing.close();
      const report = await judging.report();
      await judging.close();
      return report;
    },
  };
}
