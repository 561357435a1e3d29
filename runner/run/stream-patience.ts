/** What a run learns about streams that never end: the others are waited for less, since waiting shows nothing new. */

import { endsNormally, neverEnds, STALLED_MS, silenceAtEnd, staysOpen, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { Bounds } from '../send/network.js';

/** How long a stream may stay open after message_stop, in milliseconds. */
const LINGER_MS = 5_000;
/** So many streams of one kind tell of all. Half the time is enough for the others: `stream.frame.close` needs 2 s. */
const ENOUGH = 5;
/** So many streams that stop in the middle, or never begin, which cost the whole time limit each. */
const ENOUGH_STALLED = 4;
/** Where only some stop, they are few: the whole limit shows that they do not go on. */
const LEAST_STALLED = 0.2;
/** Or for so many times as long as any reply, or any stream that went on. */
const MUCH_LONGER = 4;

export class StreamPatience {
  private leftOpen = 0;
  private withoutStop = 0;
  private stalled = 0;
  private whole = 0;
  /** Requests for a stream without any answer; `null` once one had an answer. */
  private mute: number | null = 0;
  private longestPause = 0;

  /** `stalledMs`: how long a stream says nothing that has stopped. */
  constructor(
    private readonly lingerMs = LINGER_MS,
    private readonly stalledMs = STALLED_MS,
  ) {}

  learn(exchange: Exchange): void {
    if (exchange.transport === 'stream' && this.mute !== null) {
      if (exchange.response !== null) this.mute = null;
      else if (exchange.failure?.kind === 'timeout-headers') this.mute += 1;
    }
    if (!succeeded(exchange)) return;
    if (exchange.stream === null) this.goesOn(exchange.response?.headersMs ?? 0);
    else if (staysOpen(exchange)) {
      if (endsNormally(exchange)) this.leftOpen += 1;
      else this.withoutStop += 1;
    } else if (neverEnds(exchange)) {
      if (silenceAtEnd(exchange) >= this.stalledMs) this.stalled += 1;
    } else if (exchange.failure === null) {
      this.whole += 1;
      this.goesOn(longestPause(exchange));
    }
  }

  private goesOn(afterMs: number): void {
    this.longestPause = Math.max(this.longestPause, afterMs);
  }

  get bounds(): Pick<Bounds, 'lingerMs' | 'stopMs' | 'headMs' | 'silenceMs'> {
    const less = this.lingerMs / 2;
    const most = Math.max(this.stalledMs, this.longestPause * MUCH_LONGER);
    return {
      lingerMs: this.leftOpen >= ENOUGH ? less : this.lingerMs,
      ...(this.withoutStop >= ENOUGH && { stopMs: less }),
      ...((this.mute ?? 0) >= ENOUGH_STALLED && { headMs: most }),
      ...(this.stalled >= Math.max(ENOUGH_STALLED, this.whole * LEAST_STALLED) && { silenceMs: most }),
    };
  }
}

function longestPause({ response }: Exchange): number {
  const times = [0, response?.headersMs ?? 0, ...(response?.chunks ?? []).map(({ atMs }) => atMs)];
  return Math.max(0, ...times.slice(1).map((atMs, index) => atMs - times[index]!));
}
