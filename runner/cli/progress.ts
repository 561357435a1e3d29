import type { Exchange } from '../../core/exchange.js';
import type { PlannedCost } from '../plan/cost.js';
import type { Progress } from '../run/fire.js';

export interface ProgressView {
  planned(cost: PlannedCost): void;
  exchange(exchange: Exchange, progress: Progress): void;
  /** Clears the line. May be called twice. */
  done(): void;
}

const EVERY_MS = 10_000;

/** One line that is rewritten on a terminal; elsewhere a plain line at the start and every ten seconds. */
export function showProgress(options: { quiet: boolean; verbose: boolean; stream: NodeJS.WriteStream }): ProgressView {
  const { stream } = options;
  const terminal = stream.isTTY === true && !process.env.CI;
  const started = Date.now();
  let total = 0;
  let said = started;
  let drawn = false;
  const status = ({ requests, inputTokens, outputTokens }: Progress) =>
    `${requests} of ${total} requests, ${(inputTokens + outputTokens).toLocaleString('en')} tokens, ${((Date.now() - started) / 1000).toFixed(1)} s`;
  const clear = () => {
    if (drawn) stream.write('\r\u001b[2K');
    drawn = false;
  };
  return {
    planned(cost) {
      total = cost.requests;
      if (!options.quiet && !terminal)
        stream.write(`${total} requests planned, at most ${cost.worstCaseTokens.toLocaleString('en')} tokens\n`);
    },
    exchange(exchange, progress) {
      if (options.quiet) return;
      if (options.verbose) {
        clear();
        stream.write(`${exchange.id} ${exchange.response?.status ?? exchange.failure?.kind ?? ''}\n`);
      }
      if (terminal) {
        stream.write(`\r\u001b[2K${status(progress)}`);
        drawn = true;
      } else if (Date.now() - said >= EVERY_MS) {
        said = Date.now();
        stream.write(`${status(progress)}\n`);
      }
    },
    done: clear,
  };
}
