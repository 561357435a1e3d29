/** Streams that never begin, on a target that answers the same requests without `stream` at once. */

import { isAccepted, isMessagesCall, STALLED_MS, silenceAtEnd, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { Evidence, Judgement } from '../../core/requirement.js';
import { finding, violated } from '../judging/outcomes.js';

/** So many streams of a run, and so many answers while they were waited for, are no chance. */
const ENOUGH = 4;
/** A stream begins sooner than a whole answer ends. One that has not after so many times as long as the slowest of them never does. */
const MUCH_LONGER = 4;

/** How long the suite waited in vain for the head or the first event of a stream, in milliseconds; `null` where it began, or was rejected. */
function waitedInVain(exchange: Exchange): number | null {
  const { failure, stream } = exchange;
  if (failure?.kind === 'timeout-headers') return failure.limitMs ?? null;
  const isMute = succeeded(exchange) && failure?.kind === 'timeout-body' && stream?.events.length === 0;
  return isMute ? silenceAtEnd(exchange) : null;
}

/**
 * The server accepts requests without `stream`, all of them sooner than a quarter of the time that the suite waited for a stream, while none
 * of the streams of the run began. The plain request is among both, so it is the same size; answers to requests that began while streams were
 * waited for show that there is no queue. Anything less may be a slow model, and is inconclusive: `null`.
 */
export function neverBegins(evidence: Evidence): Judgement | null {
  const own = evidence.of('minimal', 'stream');
  const plain = evidence.of('minimal', 'json');
  if (own.length === 0 || !plain.some(isAccepted)) return null;
  const messages = evidence.all.filter((exchange) => isMessagesCall(exchange) && exchange.replaced === undefined);
  const streams = messages.filter(({ transport }) => transport === 'stream');
  const waits = streams.flatMap((exchange) => waitedInVain(exchange) ?? []);
  if (waits.length < ENOUGH || own.some((exchange) => waitedInVain(exchange) === null)) return null;
  if (streams.some((exchange) => succeeded(exchange) && waitedInVain(exchange) === null)) return null;
  const answers = messages.filter((exchange) => exchange.transport === 'json' && isAccepted(exchange));
  const slowest = Math.max(...answers.map(({ response }) => response?.endMs ?? Number.POSITIVE_INFINITY));
  const least = Math.min(...waits);
  if (least < Math.max(STALLED_MS, slowest * MUCH_LONGER)) return null;
  const first = Math.min(...streams.map(({ startedMs }) => startedMs ?? Number.POSITIVE_INFINITY));
  const meanwhile = answers.filter(({ startedMs }) => (startedMs ?? 0) > first);
  if (meanwhile.length < ENOUGH) return null;
  return violated(
    finding(
      own.at(-1)!,
      'No stream begins: the server answers requests without `stream`, and none with it; every streaming client hangs.',
      `an event stream that begins sooner than a whole answer ends, here after ${seconds(slowest)} at most`,
      `nothing within ${seconds(least)} for all ${waits.length} streams; ${meanwhile.length} requests without \`stream\` were answered meanwhile`,
    ),
  );
}

const seconds = (ms: number): string => `${Math.max(0.1, Math.round(ms / 100) / 10)} s`;
