/** What a run is doing, on standard error while it goes on. */

import type { Exchange } from '../../core/exchange.js';
import type { PlannedCost } from '../plan/cost.js';
import type { Progress } from '../run/fire.js';
import type { Waiting } from '../run/waiting.js';

export interface ProgressView {
  planned(cost: PlannedCost): void;
  /** So many requests more than planned. */
  further(requests: number): void;
  exchange(exchange: Exchange, progress: Progress): void;
  waiting(waiting: Waiting): void;
  /** Clears the line. May be called twice. */
  done(): void;
}

const EVERY_MS = 10_000;
/** Shorter pauses are not worth a word. */
const WORTH_SAYING_MS = 1_000;

/** One line that is rewritten on a terminal; elsewhere a plain line at the start, every ten seconds, and for every new wait. */
export function showProgress(options: { quiet: boolean; verbose: boolean; stream: NodeJS.WriteStream }): ProgressView {
  const { stream, quiet } = options;
  const terminal = stream.isTTY === true && !process.env.CI;
  const started = Date.now();
  let total = 0;
  let last: Progress = { requests: 0, inputTokens: 0, outputTokens: 0 };
  let said = started;
  let saidWaiting = '';
  let drawn = false;
  const status = (): string => {
    const { requests, inputTokens, outputTokens } = last;
    // Repetitions that nobody foresaw count towards the total as they happen.
    total = Math.max(total, requests);
    return `${requests} of ${total} requests, ${(inputTokens + outputTokens).toLocaleString('en')} tokens, ${((Date.now() - started) / 1000).toFixed(1)} s`;
  };
  const clear = (): void => {
    if (drawn) stream.write('\r\u001b[2K');
    drawn = false;
  };
  const draw = (text: string): void => {
    stream.write(`\r\u001b[2K${text}`);
    drawn = true;
  };
  return {
    planned(cost) {
      total = cost.requests;
      if (quiet || terminal) return;
      const tokens = cost.worstCaseTokens.toLocaleString('en');
      const most = cost.worstCaseTokens === 0 ? '' : `, at most ${tokens} tokens if none is repeated`;
      stream.write(`${total} requests planned${most}\n`);
    },
    further(requests) {
      total += requests;
    },
    exchange(exchange, progress) {
      last = progress;
      if (quiet) return;
      if (options.verbose) {
        clear();
        stream.write(`${exchange.id} ${exchange.response?.status ?? exchange.failure?.kind ?? ''}\n`);
      }
      if (terminal) draw(status());
      else if (Date.now() - said >= EVERY_MS) {
        said = Date.now();
        stream.write(`${status()}\n`);
      }
    },
    waiting(waiting) {
      if (quiet || waiting.ms < WORTH_SAYING_MS) return;
      const text = waitingLine(waiting);
      if (terminal) draw(`${status()}, ${text}`);
      else if (waiting.kind !== 'polling' || waiting.what !== saidWaiting) stream.write(`${text}\n`);
      saidWaiting = waiting.what;
    },
    done: clear,
  };
}

/** `waiting 60 s, as the target asked`. */
export function waitingLine({ kind, ms, what }: Waiting): string {
  const seconds = `${Math.max(1, Math.round(ms / 1000))} s`;
  if (kind === 'polling') return `waiting for ${what}`;
  return kind === 'asked'
    ? `waiting ${seconds}, as the target asked`
    : `waiting ${seconds}: the target asked to wait and named no time`;
}
