/** The judging thread as the tap sees it. The tap hands exchanges over and goes on; traffic never waits for a verdict. */

import { Worker } from 'node:worker_threads';
import type { Report } from '../../core/report.js';
import { UsageError } from '../../runner/usage-error.js';
import type { RawExchange } from '../raw-exchange.js';
import type { Notice, Order, ThreadOptions } from './messages.js';

/** Exchanges that wait to be judged. Further ones pass unjudged, and the report says how many. */
const MAX_WAITING = 1_000;
const MAX_WAITING_BYTES = 96 * 1024 * 1024;

export interface ThreadEvents {
  /** Gets the text for each exchange. */
  onText: (text: string) => void;
  /** The thread ended with an error: traffic still passes, and nothing is judged any more. */
  onEnd: (error: Error) => void;
}

export class JudgingThread {
  private readonly answers = new Map<number, (notice: Notice) => void>();
  private readonly sizes: number[] = [];
  private asked = 0;
  private waitingBytes = 0;
  private skipped = 0;
  private broken: Error | null = null;

  private constructor(
    private readonly worker: Worker,
    private readonly events: ThreadEvents,
  ) {
    worker.on('message', (notice: Notice) => this.hear(notice));
    worker.on('error', (error) => this.end(error));
  }

  /** Throws `UsageError` when the record cannot be created. */
  static async start(options: ThreadOptions, events: ThreadEvents): Promise<JudgingThread> {
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: options });
    const first = await new Promise<Notice>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    if (first.kind === 'refused') {
      await worker.terminate();
      throw new UsageError(`--out ${options.out}: cannot be created: ${first.message}`);
    }
    return new JudgingThread(worker, events);
  }

  /** Exchanges that passed unjudged. */
  get unjudged(): number {
    return this.skipped;
  }

  /** Hands an exchange over; its bytes now belong to the thread. */
  take(raw: RawExchange): void {
    const size = sizeOf(raw);
    if (this.broken !== null || this.sizes.length >= MAX_WAITING || this.waitingBytes + size > MAX_WAITING_BYTES) {
      this.skipped += 1;
      return;
    }
    this.sizes.push(size);
    this.waitingBytes += size;
    this.post({ kind: 'take', raw }, buffersOf(raw));
  }

  /** What is wrong with an exchange that is not over; the caller keeps its bytes. Empty when the thread has ended. */
  async look(raw: RawExchange): Promise<string[]> {
    const notice = await this.ask((number) => ({ kind: 'look', raw, number }));
    return notice?.kind === 'looked' ? notice.faults : [];
  }

  /** A report on everything that was handed over; `null` when the thread has ended. */
  async report(): Promise<Report | null> {
    const notice = await this.ask((number) => ({ kind: 'report', unjudged: this.skipped, number }));
    return notice?.kind === 'reported' ? notice.report : null;
  }

  /** Judges what is still waiting, completes the record and ends the thread. */
  async close(): Promise<void> {
    await this.ask((number) => ({ kind: 'close', number }));
    await this.worker.terminate();
  }

  private ask(order: (number: number) => Order): Promise<Notice | null> {
    if (this.broken !== null) return Promise.resolve(null);
    this.asked += 1;
    const number = this.asked;
    return new Promise((resolve) => {
      this.answers.set(number, resolve);
      this.post(order(number), []);
    });
  }

  private post(order: Order, transfer: ArrayBuffer[]): void {
    this.worker.postMessage(order, transfer);
  }

  private hear(notice: Notice): void {
    if (notice.kind === 'taken') {
      this.waitingBytes -= this.sizes.shift() ?? 0;
      if (notice.text !== '') this.events.onText(notice.text);
    } else if ('number' in notice) {
      this.answers.get(notice.number)?.(notice);
      this.answers.delete(notice.number);
    }
  }

  private end(error: Error): void {
    this.broken = error;
    this.skipped += this.sizes.length;
    this.sizes.length = 0;
    for (const answer of this.answers.values()) answer({ kind: 'ready' });
    this.answers.clear();
    this.events.onEnd(error);
  }
}

const sizeOf = ({ request, response }: RawExchange): number =>
  request.body.bytes.length + (response?.body.bytes.length ?? 0);

const buffersOf = ({ request, response }: RawExchange): ArrayBuffer[] => [
  request.body.bytes.buffer,
  ...(response === null ? [] : [response.body.bytes.buffer]),
];
