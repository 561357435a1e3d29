/** How much time a gateway adds. It is reported and never judged: it depends on the machine. */

import type { Exchange } from '../core/exchange.js';
import { wasPlayed } from './judging/pairs.js';

/** One sentence for the report; `null` when too little was answered to say anything. */
export function addedLatency(exchanges: readonly Exchange[]): string | null {
  const there: number[] = [];
  const back: number[] = [];
  for (const exchange of exchanges) {
    const [call] = exchange.upstream ?? [];
    const first = call?.response?.chunks[0];
    const got = exchange.response?.chunks[0];
    if (call === undefined || first === undefined || got === undefined || !wasPlayed(exchange)) continue;
    there.push(call.arrivedMs);
    back.push(Math.max(0, got.atMs - first.atMs));
  }
  if (there.length < LEAST) return null;
  const shown = (all: readonly number[]): string => `${median(all).toFixed(1)} ms`;
  return `Added by the gateway, not judged: ${shown(there)} until the upstream had a request, ${shown(back)} until the client had the first byte of its answer (medians of ${there.length} requests)`;
}

/** Fewer say nothing. */
const LEAST = 5;

function median(all: readonly number[]): number {
  const sorted = [...all].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
