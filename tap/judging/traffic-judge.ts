/** Judges recorded traffic: every exchange when it is over, and all that are kept for a report. */

import { isMessagesCall } from '../../core/answers.js';
import type { Exchange, RecordedExchange } from '../../core/exchange.js';
import { asString, get } from '../../core/json.js';
import { totalInput } from '../../core/message.js';
import { EXECUTED, type Verdict } from '../../core/protocol.js';
import type { Finding, Requirement } from '../../core/requirement.js';
import type { Contract } from '../../runner/contract/contracts.js';
import { benchOf } from '../../runner/judge/bench.js';
import { type Judged, judgeAll } from '../../runner/judge/judge.js';
import { isOfTheApi, OBSERVED } from '../../runner/plan/observed.js';
import { readExchange } from '../../runner/read/read.js';
import { OBSERVED_REQUIREMENTS } from '../../suites/catalogue/observed.js';
import { NONE_SENT } from '../../suites/judging/no-answer.js';
import { KeptExchanges, type Past } from './kept.js';

/** One fault of one exchange. */
export interface Fault {
  id: string;
  verdict: Verdict;
  silent: boolean;
  finding: Finding;
}

/** What an exchange shows by itself. */
export interface ExchangeVerdict {
  exchange: Exchange;
  /** Whether it belongs to the Messages API; all others are not judged. */
  isJudged: boolean;
  model: string | null;
  inputTokens: number | null;
  outputTokens: number | null;
  /** Requirements that it satisfies. */
  passed: number;
  /** The gravest first. */
  faults: readonly Fault[];
}

/** Exchanges before this one that are looked at with it: what compares several needs them. */
const WINDOW = 16;
/** Characters of the bodies in that window; a longer exchange is judged without it. */
const WINDOW_CHARACTERS = 1_000_000;

const FIXTURES = new Map([[OBSERVED.id, OBSERVED]]);

export class TrafficJudge {
  readonly kept = new KeptExchanges();
  readonly requirements: readonly Requirement[];
  private readonly models = new Map<string, number>();
  private window: Exchange[] = [];
  /** `asked`: requests for a message; `unserved`: those that the server did not answer, or could not. */
  private seen = { judged: 0, others: 0, asked: 0, unserved: 0, input: 0, output: 0 };

  constructor(readonly contract: Contract) {
    const { disclaimed = [] } = contract.profiles;
    this.requirements = OBSERVED_REQUIREMENTS.filter(({ profile }) => !disclaimed.includes(profile));
  }

  /** The model that most requests name; empty before the first one. */
  get model(): string {
    return [...this.models].sort(([, a], [, b]) => b - a)[0]?.[0] ?? '';
  }

  get counts(): Readonly<typeof this.seen> {
    return this.seen;
  }

  /** Judges an exchange and keeps it for the report. */
  take(recorded: RecordedExchange): ExchangeVerdict {
    const exchange = readExchange(recorded);
    const model = modelOf(exchange, recorded);
    const usage = get(exchange.message, 'usage');
    const tokens = { inputTokens: totalInput(usage), outputTokens: numberOf(get(usage, 'output_tokens')) };
    const base = { exchange, model, ...tokens };
    if (!isOfTheApi(recorded)) {
      this.seen.others += 1;
      return { ...base, isJudged: false, passed: 0, faults: [] };
    }
    if (model !== null && model !== '' && (this.models.has(model) || this.models.size < 100))
      this.models.set(model, (this.models.get(model) ?? 0) + 1);
    this.seen.judged += 1;
    if (isMessagesCall(exchange)) {
      this.seen.asked += 1;
      this.seen.unserved += isUnserved(recorded) ? 1 : 0;
    }
    this.seen.input += tokens.inputTokens ?? 0;
    this.seen.output += tokens.outputTokens ?? 0;
    const alone = this.judge([exchange]);
    const together = this.window.length === 0 ? alone : this.judge([...this.window, exchange]);
    this.kept.add(recorded, alone);
    this.remember(exchange);
    return {
      ...base,
      isJudged: true,
      passed: alone.filter(({ verdict }) => verdict === 'pass').length,
      faults: together.flatMap((judged) => faultsOf(judged, exchange.id)).sort((a, b) => rank(a) - rank(b)),
    };
  }

  /** The verdicts over everything that was taken. */
  verdicts(): Judged[] {
    const { past } = this.kept;
    return this.judge(this.kept.exchanges.map(readExchange)).map((one) => withPast(one, past.get(one.requirement.id)));
  }

  private judge(exchanges: readonly Exchange[]): Judged[] {
    return judgeAll(this.requirements, benchOf(this.contract, FIXTURES, exchanges, this.model)).map((one) =>
      one.reason === NONE_SENT ? { ...one, reason: 'Nothing in this traffic exercised it' } : one,
    );
  }

  private remember(exchange: Exchange): void {
    this.window.push(exchange);
    const size = (): number => this.window.reduce((sum, { response }) => sum + (response?.body.length ?? 0), 0);
    while (this.window.length > WINDOW || (this.window.length > 0 && size() > WINDOW_CHARACTERS)) this.window.shift();
  }
}

/** No response, or one of a server that is down or out of capacity. */
const isUnserved = ({ response }: RecordedExchange): boolean =>
  response === null || response.status >= 500 || response.status === 429;

const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** The model that the request names; the one of the reply where the record lacks the request. */
function modelOf(exchange: Exchange, { lacks = [] }: RecordedExchange): string | null {
  if (!isMessagesCall(exchange)) return null;
  const model = asString(lacks.includes('request') ? get(exchange.message, 'model') : get(exchange.sent, 'model'));
  return model === '' ? null : model;
}

const faultsOf = ({ requirement, verdict, silent, findings }: Judged, exchange: string): Fault[] =>
  findings
    .filter((finding) => finding.exchange === exchange)
    .slice(0, 1)
    .map((finding) => ({ id: requirement.id, verdict, silent, finding }));

const rank = ({ verdict, silent }: Fault): number => (verdict === 'fail' ? 0 : 2) + (silent ? 0 : 1);

/** What earlier exchanges showed still counts, although the report no longer holds them. */
function withPast(judged: Judged, past: Past | undefined): Judged {
  if (past === undefined || judged.findings.length > 0) return judged;
  if (past.violated !== null) {
    const findings = past.violated.findings.map((finding) => ({ ...finding, exchange: null }));
    return { ...past.violated, findings, exchanges: [] };
  }
  if (EXECUTED.includes(judged.verdict) || past.satisfied === 0) return judged;
  const reason = `Seen in ${past.satisfied} exchanges that this report no longer holds`;
  return { ...judged, outcome: 'satisfied', verdict: 'pass', reason };
}
