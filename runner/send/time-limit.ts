import type { Failure } from '../../core/exchange.js';
import { describe, EndedByUs } from './failures.js';
import type { Bounds, Outgoing } from './network.js';

/** Ends an exchange when its time is up. The head of a stream may have less of it than the whole. */
export class TimeLimit {
  private readonly headMs: number;
  private timer: NodeJS.Timeout;

  constructor(
    private readonly bounds: Bounds,
    { stream }: Outgoing,
    private readonly end: (reason: EndedByUs) => void,
  ) {
    const { timeoutMs, headMs = timeoutMs } = bounds;
    this.headMs = stream ? Math.min(headMs, timeoutMs) : timeoutMs;
    this.timer = this.after(this.headMs);
  }

  /** The head has come: the rest of the time begins. */
  headCame(): void {
    if (this.headMs === this.bounds.timeoutMs) return;
    this.stop();
    this.timer = this.after(this.bounds.timeoutMs - this.headMs);
  }

  /** The failure of an exchange without a head. */
  failure(error: unknown, atMs: number): Failure {
    const { timeoutMs } = this.bounds;
    const failure = describe(error, atMs, { ...this.bounds, timeoutMs: this.headMs });
    return failure.kind === 'timeout-headers' && this.headMs < timeoutMs
      ? {
          ...failure,
          message: `${failure.message}, and to no earlier request for a stream within ${timeoutMs / 1000} s`,
        }
      : failure;
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private after(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.end(new EndedByUs('overtime')), ms);
  }
}
