/** Writes an answer to a connection and keeps what was written, with its times. */

import type { ServerResponse } from 'node:http';
import { constants, createGzip, type Gzip } from 'node:zlib';
import type { Chunk, ReceivedResponse } from '../../core/exchange.js';
import type { UpstreamCall, UpstreamWait } from '../../core/upstream.js';
import { type Clock, type Live, within } from './live.js';

/** One answer on its way. */
export class Wire {
  private readonly chunks: Chunk[] = [];
  private readonly texts: string[] = [];
  private head: { status: number; headers: [string, string][]; headersMs: number } | null = null;
  readonly waits: UpstreamWait[] = [];
  private gone: (() => void) | null = null;
  /** Resolves when the gateway has closed its connection. */
  readonly left: Promise<void>;
  private leftAt: number | null = null;
  private done = false;
  /** One compressed stream for the whole body: many clients read only the first of several. */
  private readonly gzip: Gzip | null;

  constructor(
    private readonly response: ServerResponse,
    private readonly live: Pick<Live, 'startedAt'>,
    private readonly clock: Clock,
    compresses: boolean,
  ) {
    this.gzip = compresses ? createGzip() : null;
    this.gzip?.on('data', (bytes: Buffer) => response.write(bytes));
    this.left = new Promise((resolve) => {
      this.gone = resolve;
    });
    response.once('close', () => {
      if (!this.done) this.leftAt = this.sinceStart();
      this.gone?.();
    });
    response.on('error', () => {});
  }

  get isLeft(): boolean {
    return this.leftAt !== null;
  }

  begin(status: number, headers: Readonly<Record<string, string>>): void {
    const whole = { ...headers, ...(this.gzip !== null && { 'content-encoding': 'gzip' }) };
    this.head = { status, headers: Object.entries(whole), headersMs: this.sinceStart() };
    this.response.writeHead(status, whole);
  }

  /** Sends the head alone. */
  flush(): void {
    this.response.flushHeaders();
  }

  async write(text: string, bytes: Uint8Array = Buffer.from(text)): Promise<void> {
    if (this.isLeft) return;
    this.texts.push(text);
    this.note(bytes.length);
    const { gzip } = this;
    if (gzip !== null) {
      gzip.write(bytes);
      return new Promise((resolve) => gzip.flush(constants.Z_SYNC_FLUSH, resolve));
    }
    await new Promise<void>((resolve) => {
      // A connection that is gone calls back with an error.
      this.response.write(bytes, () => resolve());
    });
  }

  /** Writes of the same millisecond are one chunk: a stream of 10,000 small events would have as many. */
  private note(bytes: number): void {
    const atMs = this.sinceStart();
    const last = this.chunks.at(-1);
    if (last !== undefined && atMs - last.atMs < 1) last.bytes += bytes;
    else this.chunks.push({ bytes, atMs });
  }

  /** The text in pieces of so many bytes, each a write of its own: a character may be split. */
  async writeIn(size: number, text: string): Promise<void> {
    const bytes = Buffer.from(text);
    for (let start = 0; start < bytes.length && !this.isLeft; start += size) {
      await this.write(start === 0 ? text : '', bytes.subarray(start, start + size));
      await new Promise(setImmediate);
    }
  }

  end(): void {
    this.finish();
    if (this.gzip === null) this.response.end();
    else this.gzip.once('end', () => this.response.end()).end();
  }

  /** Closes the connection in an orderly way; the body is not complete. */
  cut(): void {
    this.finish();
    this.response.socket?.destroySoon();
  }

  /** Breaks the connection off. */
  reset(): void {
    this.finish();
    this.response.socket?.resetAndDestroy();
  }

  /** Half a header block, then the connection breaks off. */
  async resetInHead(): Promise<void> {
    const { socket } = this.response;
    await new Promise<void>((resolve) => {
      if (socket === null) resolve();
      else socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/ev', () => resolve());
    });
    this.reset();
  }

  async wait(what: UpstreamWait['for'], happens: Promise<void>, atMostMs: number): Promise<void> {
    const started = this.clock.now();
    const came = await within(
      this.clock,
      atMostMs,
      happens.then(() => true),
      ...(what === 'hang-up' ? [] : [this.left.then(() => false)]),
    );
    this.waits.push({ for: what, ms: round(this.clock.now() - started), came });
  }

  /** What came of it. */
  outcome(): Pick<UpstreamCall, 'response' | 'waits' | 'end' | 'endMs'> {
    const endMs = this.leftAt ?? this.sinceStart();
    const response: ReceivedResponse | null =
      this.head === null
        ? null
        : { ...this.head, body: this.texts.join(''), bodyEncoding: 'utf8', chunks: this.chunks, endMs };
    return { response, waits: this.waits, end: this.isLeft ? 'left' : 'finished', endMs };
  }

  private finish(): void {
    if (!this.isLeft) this.done = true;
  }

  private sinceStart(): number {
    return round(this.clock.now() - this.live.startedAt);
  }
}

export const round = (milliseconds: number): number => Math.round(milliseconds * 100) / 100;
