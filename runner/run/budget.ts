/** What a run may cost, and why it ended early. */

import { type Allowance, isSpent, RUN_ALLOWANCE, SPENT } from '../send/bounded-body.js';

/** Bounds of a whole run; `null` for none. */
export interface Limits {
  maxRequests: number | null;
  /** Worst case of all requests together, in tokens. */
  maxTokensTotal: number | null;
  signal?: AbortSignal;
}

export class Budget {
  /** Drawn from by everything that is read. */
  readonly allowance: Allowance = { ...RUN_ALLOWANCE };
  private why: string | null = null;
  private reserved = 0;

  constructor(private readonly limits: Limits) {}

  /** Why nothing more is sent; `null` while the run goes on. */
  get stopped(): string | null {
    return this.why;
  }

  /** Ends the run; the first reason stays. */
  stop(why: string): void {
    this.why ??= why;
  }

  /** Whether nothing more may be sent, whatever it costs. */
  isOver(requests: number): boolean {
    const { maxRequests, signal } = this.limits;
    if (signal?.aborted) this.stop(interruption(signal));
    if (isSpent(this.allowance)) this.stop(SPENT);
    if (maxRequests !== null && requests >= maxRequests) this.stop(`--max-requests ${maxRequests} was reached`);
    return this.why !== null;
  }

  /** Reserves the worst case of one more request; false when it may not be sent. */
  affords(tokens: number, requests: number): boolean {
    const { maxTokensTotal } = this.limits;
    if (this.isOver(requests)) return false;
    if (maxTokensTotal !== null && this.reserved + tokens > maxTokensTotal)
      this.stop(`--max-tokens-total ${maxTokensTotal} would have been exceeded`);
    if (this.why !== null) return false;
    this.reserved += tokens;
    return true;
  }
}

/** What interrupted a run: whoever aborts may give a reason as text. */
const interruption = ({ reason }: AbortSignal): string =>
  typeof reason === 'string' ? reason : 'the run was interrupted';
