/** An exchange that is under way, as the upstream knows it. */

import type { Transport } from '../../core/protocol.js';
import type { Script, UpstreamCall } from '../../core/upstream.js';
import { Watcher } from './watcher.js';

/** Time, so that tests can let it jump. */
export interface Clock {
  /** Milliseconds. */
  now(): number;
  /** Ends early when the signal is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** Whether this happens within so many milliseconds. No timer is left behind. */
export async function within(clock: Clock, milliseconds: number, ...happens: Promise<boolean>[]): Promise<boolean> {
  const over = new AbortController();
  try {
    return await Promise.race([...happens, clock.sleep(milliseconds, over.signal).then(() => false)]);
  } finally {
    over.abort();
  }
}

export const REAL_CLOCK: Clock = {
  now: () => performance.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      signal?.addEventListener('abort', end, { once: true });
    }),
};

/**
 * The exchanges of a parallel case wait for each other here. One that waited in vain shows that the gateway asks for one after the
 * other: nobody waits any more, as twenty waits would only make a slow gateway look like one that loses answers.
 */
export class Gathering {
  private here = new Set<string>();
  private open: (() => void) | null = null;
  readonly all: Promise<void>;

  constructor(private readonly expected: number) {
    this.all = new Promise((resolve) => {
      this.open = resolve;
    });
  }

  arrives(exchange: string): void {
    this.here.add(exchange);
    if (this.here.size >= this.expected) this.release();
  }

  release(): void {
    this.open?.();
  }
}

export interface Live {
  /** Id of the exchange. */
  id: string;
  script: Script;
  /** A request with nothing in it that a gateway could get wrong: what is wrong with it is wrong with all. */
  isPlainest: boolean;
  transport: Transport;
  /** When the client sent its request, on the clock of the run. */
  startedAt: number;
  /** What the upstream saw so far. A request that comes late is added here too. */
  calls: UpstreamCall[];
  watcher: Watcher;
  gathering: Gathering | null;
  /** Called when a request for it has arrived. */
  onArrival: () => void;
  /** Resolves when no call is under way. */
  settled: () => Promise<void>;
  underWay: Set<Promise<void>>;
}

export function newLive(options: Pick<Live, 'id' | 'script' | 'transport' | 'startedAt'> & Partial<Live>): Live {
  const underWay = new Set<Promise<void>>();
  return {
    calls: [],
    watcher: new Watcher(),
    gathering: null,
    isPlainest: false,
    onArrival: () => {},
    underWay,
    settled: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    ...options,
  };
}
