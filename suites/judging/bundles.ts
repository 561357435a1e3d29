/** Judges of things that share a request: the whole request decides while it is accepted, otherwise the part of each thing. */

import { answer, isAccepted, succeeded } from '../../core/answers.js';
import type { Share } from '../../core/evidence.js';
import type { Exchange } from '../../core/exchange.js';
import type { Judge } from '../../core/requirement.js';
import { accepted } from './judges.js';
import { noAnswer } from './no-answer.js';
import { inconclusive } from './outcomes.js';

/**
 * Judges permitted things that share a request. A whole that was rejected says nothing about one of its parts: without a request
 * for that part alone the result is inconclusive.
 */
export function bundled(shares: readonly Share[], judge: Judge = accepted()): Judge {
  return (evidence) => {
    const own: Exchange[] = [];
    for (const share of shares) {
      const shown = evidence.resolve(share);
      const first = shown[0];
      const parts = [share.part].flat();
      if (first !== undefined && !parts.includes(first.fixture) && !shown.some(isAccepted)) {
        return (
          noAnswer(shown, evidence) ??
          inconclusive(`${first.id} was rejected (${answer(first)}), and ${parts.join()} was not sent`)
        );
      }
      own.push(...shown);
    }
    return judge({ ...evidence, own: [...new Set(own)] });
  };
}

/** Judges an invalid request of the official client, or the same request without that client where the client itself is rejected. */
export function viaSdkOrRawHttp(judge: Judge, share: Share): Judge {
  return (evidence) => {
    const accepted = [share.whole].flat().flatMap((id) => evidence.of(id).filter(succeeded));
    return judge({ ...evidence, own: [...new Set([...evidence.resolve(share), ...accepted])] });
  };
}
