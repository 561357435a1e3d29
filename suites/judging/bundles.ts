/** Permitted things that share a request: judged by the whole request while it is served, otherwise by their own part. */

import { answer, isAccepted, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { Evidence, Judge } from '../../core/requirement.js';
import { accepted } from './judges.js';
import { noAnswer } from './no-answer.js';
import { inconclusive } from './outcomes.js';

/** Fixtures that try several permitted things at once, the larger ones first, and the one that tries the thing in question alone. */
export interface Share {
  among: string | readonly string[];
  alone: string;
}

/**
 * What shows one of several things that share a request: the request that carries it alone, where that was needed; otherwise
 * the first that carries it among others and is served; otherwise the first that was tried.
 */
export function carrierOf(evidence: Evidence, { among, alone }: Share): readonly Exchange[] {
  const single = evidence.of(alone);
  if (single.length > 0) return single;
  const shared = [among].flat().map((id) => evidence.of(id));
  return shared.find((exchanges) => exchanges.some(isAccepted)) ?? shared.find(({ length }) => length > 0) ?? [];
}

/**
 * Judges permitted things that share a request: by the request that carries them all while it is served, otherwise by
 * the one that carries the thing alone, so that no requirement answers for what its neighbours tried.
 */
export function bundled(shares: readonly Share[], judge: Judge = accepted()): Judge {
  return (evidence) => {
    const own: Exchange[] = [];
    for (const share of shares) {
      const shown = carrierOf(evidence, share);
      const first = shown[0];
      if (first !== undefined && first.fixture !== share.alone && !shown.some(isAccepted)) {
        return (
          noAnswer(shown, evidence) ??
          inconclusive(`${first.id} was answered ${answer(first)}, and ${share.alone} was not tried by itself`)
        );
      }
      own.push(...shown);
    }
    return judge({ ...evidence, own: [...new Set(own)] });
  };
}

/** Judges an invalid request of the official client, or the same without it where the client itself is not served. */
export function viaSdkOrRawHttp(judge: Judge, share: Share): Judge {
  return (evidence) => {
    const accepted = [share.among].flat().flatMap((id) => evidence.of(id).filter(succeeded));
    return judge({ ...evidence, own: [...new Set([...carrierOf(evidence, share), ...accepted])] });
  };
}
