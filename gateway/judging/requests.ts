/** Judges of what reaches the upstream. */

import { answer, rejectedAsInvalid, status } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { Evidence, Finding, Judge, Judgement } from '../../core/requirement.js';
import { noAnswer } from '../../suites/judging/no-answer.js';
import { finding, notObserved, satisfied, verdictOf, violated } from '../../suites/judging/outcomes.js';
import type { Feature } from '../dialects/dialect.js';
import { reasonOf } from './failures.js';
import { dialectIn, type RequestPair, requestPair } from './pairs.js';
import type { Fault } from './texts.js';

export interface ArrivalOptions {
  /** What the API of the upstream may have no place for. It is then rejected by name, or documented as ignored. */
  feature?: Feature;
  /** Words of which a rejection has to have one. */
  names?: readonly string[];
  /** How a contract lists it when it is ignored. */
  documented?: string;
  /** Which request of the conversation is looked at. Default: every one. */
  turn?: number;
}

/** The part of a request that `look` compares reaches the upstream. It is judged on the requirement's own cases. */
export function arrives(look: (pair: RequestPair) => Fault | null, options: ArrivalOptions = {}): Judge {
  return (evidence) => {
    const exchanges = evidence.own.filter(({ turn }) => options.turn === undefined || turn === options.turn);
    const nothing = noAnswer(exchanges.filter(isUnanswered), evidence);
    if (exchanges.length === 0 || (nothing !== null && nothing.outcome === 'unreachable')) return nothing!;
    const cannot = options.feature !== undefined && dialectIn(evidence).cannot.has(options.feature);
    const seen = new Looked();
    for (const exchange of exchanges) {
      const pair = requestPair(exchange, evidence);
      if (pair === null) seen.unsent(exchange, cannot, options);
      else seen.sent(exchange, look(pair), cannot, evidence, options);
    }
    return seen.judgement();
  };
}

const isUnanswered = ({ response, upstream = [] }: Exchange): boolean => response === null && upstream.length === 0;

/** What was seen so far. */
class Looked {
  private readonly lost: Finding[] = [];
  private readonly rejections: Finding[] = [];
  private judged = 0;
  private note: string | undefined;

  sent(exchange: Exchange, fault: Fault | null, cannot: boolean, evidence: Evidence, options: ArrivalOptions): void {
    this.judged += 1;
    if (fault === null) return;
    const { documented } = options;
    if (documented !== undefined && evidence.claims.gateway?.ignores.includes(documented)) {
      this.note = `The contract documents ${documented} as ignored`;
      return;
    }
    const why = cannot ? ' What the API of the upstream has no place for is to be rejected by name.' : '';
    this.lost.push(finding(exchange, `${fault.message}${why}`, fault.expected, fault.actual));
  }

  unsent(exchange: Exchange, cannot: boolean, { names = [] }: ArrivalOptions): void {
    if (status(exchange) === 500) {
      // Its own fault: the upstream was not asked. Any other 5xx may be about an upstream that it has put on hold.
      this.judged += 1;
      this.lost.push(
        finding(
          exchange,
          'The gateway fails on a valid request, and does not ask its upstream.',
          'the request at the upstream',
          answer(exchange),
        ),
      );
    }
    if (!rejectedAsInvalid(exchange)) return;
    this.judged += 1;
    const message = reasonOf(exchange).toLowerCase();
    const isNamed = names.length === 0 || names.some((name) => message.includes(name.toLowerCase()));
    if (cannot && isNamed) return;
    const found = finding(
      exchange,
      cannot
        ? 'A request that cannot be carried over is rejected without saying why.'
        : 'The gateway rejects a valid request.',
      cannot ? `a message with ${names.map((name) => `"${name}"`).join(' or ')}` : 'the request at the upstream',
      answer(exchange),
    );
    (cannot ? this.lost : this.rejections).push(found);
  }

  judgement(): Judgement {
    if (this.lost.length > 0) return violated(this.lost, true);
    if (this.rejections.length > 0) return { outcome: 'rejected', findings: this.rejections };
    if (this.judged > 0) return satisfied(this.note);
    return notObserved('None of its requests reached the upstream, see gw.request.arrives');
  }
}

/** Looks at every request that reached the upstream. */
export function everyRequest(look: (pair: RequestPair, run: readonly RequestPair[]) => Fault | null): Judge {
  return (evidence) => {
    const seen = evidence.all.flatMap((exchange) => requestPair(exchange, evidence) ?? []);
    if (seen.length === 0) return notObserved('No request reached the upstream');
    const findings = seen.flatMap((pair) => {
      const fault = look(pair, seen);
      return fault === null ? [] : [finding(pair.exchange, fault.message, fault.expected, fault.actual)];
    });
    return verdictOf(findings, true);
  };
}
