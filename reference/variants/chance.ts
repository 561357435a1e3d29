/** Chance that is the same in every run, for variants of models. */

import type { Call } from '../stages.js';
import type { MessageRequest } from '../wire.js';

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A seed from a prompt and the number of times that it was sent: the order of other requests does not matter. */
export function seedOf(request: MessageRequest, { state }: Call): number {
  const prompt = JSON.stringify(request);
  const times = Number(state.notes.get(prompt) ?? 0) + 1;
  state.notes.set(prompt, times);
  let seed = times;
  for (let at = 0; at < prompt.length; at += 1) seed = (Math.imul(seed, 31) + prompt.charCodeAt(at)) | 0;
  return seed;
}
