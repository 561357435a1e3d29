/** Notices a target that stops serving in the middle of a run, so that what comes after is not held against it. */

import { errorBody, isAccepted, isHtml, isOwnDoing, isUnanswered, neverEnds, status } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { clip } from '../../core/json.js';

/** So many answers of one kind in a row, on requests whose like was accepted before, and one probe decides. */
const SUSPICIOUS = 8;
/** Answers that do not come at all cost the time limit each, so fewer of them are waited for. */
const SUSPICIOUS_SILENCE = 6;

/** Rejections that are about the sender: a key withdrawn, an account used up, a firewall in front of the server. */
const OF_THE_SENDER = [401, 402, 403];

/** The server's own trouble as a clause, as opposed to a verdict on the request; `null` for an answer. */
export function serverTrouble(exchange: Exchange): string | null {
  const { response, failure } = exchange;
  if (isOwnDoing(exchange)) return null;
  if (response === null) return `no request got an answer (${failure?.message ?? 'nothing came'})`;
  if (neverEnds(exchange)) return `no answer came to its end (${failure?.message ?? ''})`;
  const code = response.status;
  if (code < 500 && code !== 429 && !OF_THE_SENDER.includes(code)) return null;
  return `every answer was ${isHtml(exchange) ? 'a web page with ' : ''}HTTP ${code}`;
}

/** Requests are alike when they go the same way: method, path without ids, transport. */
const likeOf = ({ request, transport }: Exchange): string => {
  const path = URL.canParse(request.url) ? new URL(request.url).pathname : request.url;
  return `${request.method} ${path.split('/').slice(0, 4).join('/')} ${transport}`;
};

const kindOf = (exchange: Exchange): string => {
  if (isUnanswered(exchange)) return 'silence';
  const code = status(exchange);
  return code < 500 || code === 529 ? String(code) : '5xx';
};

export class Health {
  private readonly accepted = new Set<string>();
  private streak = { kind: '', length: 0, since: 0 };
  /** Each probe that finds the target well makes the next one need more reason: a server may fail on every invalid request. */
  private patience = 1;

  /** Takes the next exchange; true when the target may have stopped serving. */
  takes(exchange: Exchange): boolean {
    const trouble = serverTrouble(exchange);
    const { startedMs = 0 } = exchange;
    if (trouble === null) {
      if (isAccepted(exchange)) this.accepted.add(likeOf(exchange));
      // What began before the trouble says nothing about now.
      if (exchange.response !== null && startedMs >= this.streak.since) this.clear();
      return false;
    }
    const kind = kindOf(exchange);
    if (kind !== 'silence' && !this.accepted.has(likeOf(exchange))) return false;
    if (this.streak.kind !== kind) this.streak = { kind, length: 0, since: startedMs };
    this.streak.length += 1;
    return this.streak.length >= (kind === 'silence' ? SUSPICIOUS_SILENCE : SUSPICIOUS * this.patience);
  }

  /** The target is there after all. */
  recovers(): void {
    this.patience *= 2;
    this.clear();
  }

  private clear(): void {
    this.streak = { kind: '', length: 0, since: 0 };
  }
}

/** The exchanges at the end of a run in which the target served nothing any more, and that in words. */
export function lastTroubles(exchanges: readonly Exchange[]): { troubled: readonly Exchange[]; line: string } {
  const answered = exchanges.filter((exchange) => exchange.response !== null && serverTrouble(exchange) === null);
  const alive = Math.max(-1, ...answered.map(({ startedMs = 0 }) => startedMs));
  const troubled = exchanges.filter(
    (exchange) => (exchange.startedMs ?? 0) > alive && serverTrouble(exchange) !== null,
  );
  const before = exchanges.filter(({ startedMs = 0 }) => startedMs <= alive).length;
  const last = troubled.findLast(({ replaced }) => replaced === undefined) ?? troubled.at(-1);
  const words = last === undefined ? null : errorBody(last);
  const reason = words === null ? '' : ` (${words.type}: ${clip(JSON.stringify(words.message))})`;
  return {
    troubled,
    line: `from request ${before + 1} on, ${last ? serverTrouble(last) : 'no request got an answer'}${reason}`,
  };
}
