/** Small builders for faults: one change, wherever it applies. */

import { get, isObject, type Json, type JsonObject } from '../../../core/json.js';
import type { AnswerDelta, GatewayAlterations, GatewayCall } from '../stages.js';

/** What a fault remembers of one request. */
export type Memory = Map<string, unknown>;

/** Makes a memory for each request. */
export function memories(): (call: GatewayCall) => Memory {
  const all = new WeakMap<GatewayCall, Memory>();
  return (call) => {
    const memory = all.get(call) ?? new Map<string, unknown>();
    all.set(call, memory);
    return memory;
  };
}

/** Changes the pieces of an answer one by one: into others, or into none. */
export function pieces(
  change: (delta: AnswerDelta, call: GatewayCall, memory: Memory) => readonly AnswerDelta[],
): Pick<GatewayAlterations, 'deltas'> {
  const memory = memories();
  return {
    deltas: async function* (deltas, call) {
      for await (const delta of deltas) yield* change(delta, call, memory(call));
    },
  };
}

/** Only for pieces of one kind. */
export const each = <Kind extends AnswerDelta['kind']>(
  kind: Kind,
  change: (
    delta: Extract<AnswerDelta, { kind: Kind }>,
    memory: Memory,
    call: GatewayCall,
  ) => readonly AnswerDelta[] | AnswerDelta,
): Pick<GatewayAlterations, 'deltas'> =>
  pieces((delta, call, memory) =>
    delta.kind === kind ? [change(delta as Extract<AnswerDelta, { kind: Kind }>, memory, call)].flat() : [delta],
  );

/** Changes chunks of a stream, or the body of an answer, before they are read. `undefined` drops one. */
export function chunks(
  change: (chunk: JsonObject, delta: JsonObject, memory: Memory, call: GatewayCall) => Json | undefined,
): Pick<GatewayAlterations, 'received'> {
  const memory = memories();
  return {
    received: (data, call) => {
      if (!isObject(data)) return data;
      const delta = get(data, 'choices', 0, 'delta');
      return change(data, isObject(delta) ? delta : {}, memory(call), call);
    },
  };
}

/** Changes the events that a client gets. */
export function events(
  change: (event: JsonObject, memory: Memory, call: GatewayCall) => readonly JsonObject[],
): Pick<GatewayAlterations, 'events'> {
  const memory = memories();
  return {
    events: async function* (all, call) {
      for await (const event of all) yield* change(event, memory(call), call);
    },
  };
}

/** Changes what each read of the upstream's stream has. */
export const reads = (change: (text: string, bytes: Uint8Array) => string): Pick<GatewayAlterations, 'bytes'> => ({
  bytes: async function* (all) {
    for await (const bytes of all) yield Buffer.from(change(Buffer.from(bytes).toString('latin1'), bytes), 'latin1');
  },
});
