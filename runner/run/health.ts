/** Notices a target that stops serving in the middle of a run, so that what comes after is not held against it. */

import { isAccepted, isPartial } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { Fixture } from '../../core/fixture.js';

/** So many answers of one kind in a row, on requests whose like was accepted before, and one probe decides. */
const SUSPICIOUS = 8;
/** Answers that do not come at all cost the time limit each, so fewer of them are waited for. */
const SUSPICIOUS_SILENCE = 6;

/** The server's own trouble, as opposed to a verdict on the request; `null` for an answer. */
export function serverTrouble(exchange: Exchange): string | null {
  const { response, failure } = exchange;
  if (
    failure?.kind === 'unsound' ||
    failure?.kind === 'not-set-up' ||
    failure?.kind === 'abandoned' ||
    failure?.kind === 'foreign'
  )
    return null;
  if (response === null) return `got no answer (${failure?.message ?? 'nothing came'})`;
  if (neverEnds(exchange)) return `never came to its end (${failure?.message ?? ''})`;
  return response.status >= 500 || response.status === 429 ? `was HTTP ${response.status}` : null;
}

/** Whether the time of an exchange ran out in its body. */
const neverEnds = (exchange: Exchange): boolean => exchange.failure?.kind === 'timeout-body' && isPartial(exchange);

/** Requests are alike when they go the same way: method, path without ids, transport. */
const likeOf = ({ request, transport }: Exchange): string => {
  const path = URL.canParse(request.url) ? new URL(request.url).pathname : request.url;
  return `${request.method} ${path.split('/').slice(0, 4).join('/')} ${transport}`;
};

const kindOf = (exchange: Exchange): string =>
  exchange.response === null || neverEnds(exchange)
    ? 'silence'
    : exchange.response.status === 429 || exchange.response.status === 529
      ? String(exchange.response.status)
      : '5xx';

export class Health {
  private readonly accepted = new Set<string>();
  private streak = { kind: '', length: 0 };

  /** Takes the next exchange; true when the target may have stopped serving. Invalid requests may fail in any way, and say nothing. */
  takes(exchange: Exchange, { violates }: Pick<Fixture, 'violates'>): boolean {
    const trouble = serverTrouble(exchange);
    if (trouble === null) {
      if (exchange.response !== null) this.recovers();
      if (isAccepted(exchange)) this.accepted.add(likeOf(exchange));
      return false;
    }
    const kind = kindOf(exchange);
    if (violates !== null || (kind !== 'silence' && !this.accepted.has(likeOf(exchange)))) return false;
    this.streak = { kind, length: this.streak.kind === kind ? this.streak.length + 1 : 1 };
    return this.streak.length >= (kind === 'silence' ? SUSPICIOUS_SILENCE : SUSPICIOUS);
  }

  /** The target is there after all. */
  recovers(): void {
    this.streak = { kind: '', length: 0 };
  }
}

/** The exchanges at the end of a run in which the target served nothing any more, and that in words. */
export function lastTroubles(exchanges: readonly Exchange[]): { troubled: readonly Exchange[]; line: string } {
  const alive = exchanges.findLastIndex((exchange) => serverTrouble(exchange) === null);
  const troubled = exchanges.slice(alive + 1);
  const last = troubled.findLast(({ replaced }) => replaced === undefined) ?? troubled.at(-1);
  return { troubled, line: `from request ${alive + 2} on every answer ${last ? serverTrouble(last) : 'was missing'}` };
}
