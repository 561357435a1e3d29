/** Everything that happens to an exchange off the hot path: decoding, masking, judging, recording. */

import type { Report } from '../../core/report.js';
import type { Contract } from '../../runner/contract/contracts.js';
import type { RawExchange } from '../raw-exchange.js';
import { foundIn } from './found.js';
import { dialectOf, recordOf } from './record.js';
import { RecordFile } from './record-file.js';
import { PassingSecrets } from './secrets.js';
import { type ExchangeVerdict, TrafficJudge } from './traffic-judge.js';
import { trafficReport } from './traffic-report.js';

export interface SessionOptions {
  contract: Contract;
  /** Base URL of the server. */
  upstream: string;
  /** Where the record goes; `null` for none. */
  out: string | null;
  strict: boolean;
  /** What the user typed to start the suite. */
  program?: string;
}

export class Session {
  private readonly startedAt = new Date();
  private readonly started = performance.now();
  private readonly secrets: PassingSecrets;
  private readonly judge: TrafficJudge;
  private readonly file: RecordFile | null;
  private readonly dialect: ReturnType<typeof dialectOf>;

  /** Throws the system's error when the record cannot be created. */
  constructor(private readonly options: SessionOptions) {
    const { contract, upstream, out } = options;
    this.secrets = new PassingSecrets(upstream);
    this.judge = new TrafficJudge(contract);
    this.dialect = dialectOf(contract);
    this.file = out === null ? null : new RecordFile(out, upstream, this.startedAt);
  }

  /** Records and judges an exchange. */
  async take(raw: RawExchange): Promise<ExchangeVerdict> {
    const recorded = recordOf(await foundIn(raw), { secrets: this.secrets, dialect: this.dialect });
    this.file?.add(recorded);
    return this.judge.take(recorded);
  }

  /** Judges an exchange that is not over yet, and keeps nothing of it. */
  async look(raw: RawExchange): Promise<ExchangeVerdict> {
    const recorded = recordOf(await foundIn(raw), { secrets: this.secrets, dialect: this.dialect });
    return new TrafficJudge(this.options.contract).take(recorded);
  }

  /** @param unjudged Exchanges that passed while judging was too far behind. */
  report(unjudged: number): Report {
    const { upstream, strict, program } = this.options;
    const left = this.file?.leftOut ?? 0;
    return trafficReport(this.judge, {
      baseUrl: upstream,
      ...(program !== undefined && { program }),
      startedAt: this.startedAt,
      durationMs: performance.now() - this.started,
      strict,
      notices: [
        'Live traffic, recorded by the tap.',
        ...(unjudged === 0
          ? []
          : [`${unjudged} exchanges passed unjudged: they arrived faster than they could be judged.`]),
        ...(left === 0 ? [] : [`${left} exchanges are not in the record, which is as long as it may be.`]),
      ],
    });
  }

  /** Masks the credentials that were seen. */
  redact(text: string): string {
    return this.secrets.redact(text);
  }

  close(): void {
    this.file?.close();
  }
}
