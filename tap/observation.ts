/** What the tap notes of one exchange while it passes: bounded copies, counts and times. The hot path: no parsing, no decoding. */

import type { IncomingMessage } from 'node:http';
import { ArrivedBytes } from '../runner/send/arrived-bytes.js';
import { MAX_BODY_BYTES } from '../runner/send/bounded-body.js';
import { pairs } from './header-lines.js';
import type { Ending, RawExchange, RawResponse } from './raw-exchange.js';

/** Longest request body that is kept, in bytes. Clients send up to 32 MB; longer ones pass and are not judged. */
const MAX_REQUEST_BYTES = 32 * 1024 * 1024;

const round = (milliseconds: number): number => Math.round(milliseconds * 100) / 100;

export class Observation {
  private readonly asked = new ArrivedBytes(MAX_REQUEST_BYTES);
  private askedBytes = 0;
  private readonly answered = new ArrivedBytes(MAX_BODY_BYTES);
  private answeredBytes = 0;
  private head: Pick<RawResponse, 'status' | 'headers' | 'headersMs'> | null = null;
  private firstByteMs: number | null = null;
  private lastMs = 0;
  private longestSilenceMs = 0;
  private isOver = false;

  /**
   * @param started When the request arrived, by `performance.now()`.
   * @param startedMs The same after the start of the tap.
   */
  constructor(
    private readonly number: number,
    private readonly request: IncomingMessage,
    private readonly url: string,
    private readonly started: number,
    private readonly startedMs: number,
    private readonly done: (exchange: RawExchange) => void,
  ) {}

  /** A piece of the request's body. */
  sends(chunk: Buffer): void {
    this.askedBytes += chunk.length;
    if (!this.asked.isFull) this.asked.take(chunk, 0);
  }

  /** The head of the response. */
  answers(answer: IncomingMessage): void {
    this.lastMs = this.elapsed();
    this.head = { status: answer.statusCode ?? 0, headers: pairs(answer.rawHeaders), headersMs: round(this.lastMs) };
  }

  /** A piece of the response's body. */
  receives(chunk: Buffer): void {
    const atMs = this.elapsed();
    this.firstByteMs ??= round(atMs);
    this.longestSilenceMs = Math.max(this.longestSilenceMs, atMs - this.lastMs);
    this.lastMs = atMs;
    this.answeredBytes += chunk.length;
    if (!this.answered.isFull) this.answered.take(chunk, round(atMs));
  }

  /** The request's body, as far as it is kept. */
  get sent(): Uint8Array<ArrayBuffer> {
    return this.asked.bytes();
  }

  /** Whether bytes of a body passed that are not kept. */
  get isPartial(): boolean {
    return this.askedBytes > this.asked.bytes().length || this.answeredBytes > this.answered.bytes().length;
  }

  /** Hands the exchange out; later calls do nothing. */
  ends(ending: Ending, message = '', trailers: readonly string[] = []): void {
    if (this.isOver) return;
    this.isOver = true;
    this.done(this.exchange(ending, message, trailers));
  }

  /** The exchange so far. */
  exchange(ending: Ending, message = '', trailers: readonly string[] = []): RawExchange {
    const endMs = this.elapsed();
    const silence = this.firstByteMs === null ? 0 : Math.max(this.longestSilenceMs, endMs - this.lastMs);
    return {
      number: this.number,
      startedMs: round(this.startedMs),
      request: {
        method: this.request.method ?? '',
        url: this.url,
        headers: pairs(this.request.rawHeaders),
        body: { bytes: this.asked.bytes(), length: this.askedBytes },
      },
      response: this.head && {
        ...this.head,
        trailers: pairs(trailers),
        body: { bytes: this.answered.bytes(), length: this.answeredBytes },
        chunks: this.answered.chunks,
        firstByteMs: this.firstByteMs,
        endMs: round(endMs),
        longestSilenceMs: round(silence),
      },
      ending,
      message,
    };
  }

  /** Milliseconds since the request arrived. */
  elapsed(): number {
    return performance.now() - this.started;
  }
}
