/** How long a target wants to be left alone, and how much patience a run has. */

import { errorBody } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';

/** A target that asks to wait is asked again so often, and waited for at most so long each time, in milliseconds. */
export const MAX_WAITS = 3;
const MAX_WAIT_MS = 60_000;
/** Most time of a run that is spent on waiting for its target. */
export const PATIENCE_MS = 600_000;
/** Without a time nobody knows how long: each guess is twice the one before. */
const GUESSED_WAIT_MS = 500;
/** So many guesses at how long a target turns away what it took before outlast a limit of requests for each minute. */
export const MAX_GUESSES = 7;

/** What a run waits for, for whoever watches it. */
export interface Waiting {
  /** `asked`: the target named the time. `guessed`: it asked to wait and named none. `polling`: something is not done yet. */
  kind: 'asked' | 'guessed' | 'polling';
  /** Milliseconds until the next request. */
  ms: number;
  /** What for, e.g. `batch-life: until the batch has ended, up to 10 min`; empty where the target's wish says it all. */
  what: string;
}

/** How servers say that a 503 is of the moment. KoboldCpp: "Server is busy; please try again later.", llama.cpp: "Loading model". */
const OF_THE_MOMENT = /\b(busy|overloaded|over capacity|loading|no (?:free |available )?slots?|try again)\b/i;

/** A rate limit or an overload: the two statuses that exist for it, or 503 with a time or with words that say so. */
export function isAskedToWait(exchange: Exchange): boolean {
  const { response } = exchange;
  if (response?.status !== 503) return response?.status === 429 || response?.status === 529;
  return askedMs(exchange) !== null || OF_THE_MOMENT.test(response.body.slice(0, 2_000));
}

/** Milliseconds that a target asks to wait, by its headers or by its message alone; `null` where it names no time. */
export function askedMs(exchange: Exchange): number | null {
  return retryAfterMs(exchange) ?? messageMs(errorBody(exchange)?.message ?? '');
}

/** Milliseconds of `retry-after-ms` or `retry-after` (seconds or an HTTP date), `null` without a usable one. */
function retryAfterMs(exchange: Exchange): number | null {
  const milliseconds = Number(exchange.header('retry-after-ms') ?? Number.NaN);
  if (milliseconds > 0) return milliseconds;
  const value = exchange.header('retry-after') ?? '';
  const asked = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return asked > 0 ? asked : null;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };
const NAMED_TIME =
  /\b(?:try again|retry|wait)(?: \w+){0,3} (\d{1,6}(?:\.\d{1,6})?) ?(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?)\b/i;

/** A time that only the text names: "Rate limit reached. Please try again in 5 seconds." */
function messageMs(message: string): number | null {
  const [, number = '', unit = ''] = NAMED_TIME.exec(message.slice(0, 2_000)) ?? [];
  if (number === '') return null;
  const key = /^m(s|illi)/i.test(unit) ? 'ms' : unit.toLowerCase().startsWith('s') ? 's' : 'm';
  return Number(number) * UNITS[key]!;
}

/** How much longer a run waits for its target. */
export class Patience {
  private left: number;
  private readonly total: number;
  /** When everybody goes on, on the clock of the process. */
  private until = 0;

  /** @param ms Most time spent on waiting; default ten minutes. */
  constructor(ms: number = PATIENCE_MS) {
    this.left = ms;
    this.total = ms;
  }

  /**
   * The next wait, drawn from what is left; `null` when there is no more patience, or less altogether than the target asks for, as with a quota
   * for each day. Everybody waits at the same time, which counts once.
   */
  next(exchange: Exchange, attempt: number): Waiting | null {
    const asked = askedMs(exchange);
    if (asked !== null && asked > this.total) return null;
    const ms = Math.min(asked ?? GUESSED_WAIT_MS * 2 ** (attempt - 1), MAX_WAIT_MS);
    const now = performance.now();
    const until = Math.max(this.until, now + ms);
    this.left -= until - Math.max(this.until, now);
    this.until = until;
    return this.left < 0 ? null : { kind: asked === null ? 'guessed' : 'asked', ms, what: '' };
  }
}

/** Resolves after so many milliseconds, or as soon as the run is interrupted. Leaves no listener behind. */
export function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const wake = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal?.addEventListener('abort', wake);
  });
}
