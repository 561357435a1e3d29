/** The exchanges of a long recording that a report is made of: bounded, those with findings for longest. */

import type { RecordedExchange } from '../../core/exchange.js';
import type { Judged } from '../../runner/judge/judge.js';
import { RUN_ALLOWANCE } from '../../runner/send/bounded-body.js';

/** What is known of a requirement from exchanges that are no longer kept. */
export interface Past {
  satisfied: number;
  /** The last one that violated it. */
  violated: Judged | null;
}

interface Entry {
  exchange: RecordedExchange;
  judged: readonly Judged[];
  characters: number;
}

/** Exchanges with findings that are kept whatever came later, so that a fault of the first minute still has its evidence. */
const CITED = 100;

export class KeptExchanges {
  private readonly entries = new Map<string, Entry>();
  private characters = 0;
  private cited = 0;
  private gone = 0;
  readonly past = new Map<string, Past>();

  /** @param room Characters of all bodies together. */
  constructor(private readonly room: number = RUN_ALLOWANCE.characters) {}

  /** In the order in which they ended. */
  get exchanges(): RecordedExchange[] {
    return [...this.entries.values()].map(({ exchange }) => exchange);
  }

  /** How many exchanges were left out since. */
  get dropped(): number {
    return this.gone;
  }

  /** @param judged What the requirements say about this exchange. */
  add(exchange: RecordedExchange, judged: readonly Judged[]): void {
    const characters = (exchange.request.body?.length ?? 0) + (exchange.response?.body.length ?? 0) + 1_000;
    this.entries.set(exchange.id, { exchange, judged, characters });
    this.characters += characters;
    if (isCited({ judged })) this.cited += 1;
    while (this.characters > this.room && this.entries.size > 1) this.dropOne();
  }

  private dropOne(): void {
    const oldest = [...this.entries.values()].slice(0, -1);
    const plain = this.cited > CITED ? undefined : oldest.find((entry) => !isCited(entry));
    const { exchange, judged, characters } = plain ?? oldest[0]!;
    this.entries.delete(exchange.id);
    this.characters -= characters;
    this.gone += 1;
    if (isCited({ judged })) this.cited -= 1;
    for (const one of judged) this.remember(one);
  }

  private remember(judged: Judged): void {
    const { id } = judged.requirement;
    const past = this.past.get(id) ?? { satisfied: 0, violated: null };
    if (judged.outcome === 'satisfied') past.satisfied += 1;
    if (judged.findings.length > 0) past.violated = judged;
    this.past.set(id, past);
  }
}

const isCited = ({ judged }: Pick<Entry, 'judged'>): boolean => judged.some(({ findings }) => findings.length > 0);
