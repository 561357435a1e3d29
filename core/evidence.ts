/**
 * Which exchanges stand for one thing that a requirement tests. One request may try several things at once; the requests that try
 * one of them alone are sent only when that request was rejected or did not show its effect. No judge makes this choice itself.
 */

import { isAccepted } from './answers.js';
import type { Exchange } from './exchange.js';
import type { Transport } from './protocol.js';

/** One of several things that a request tries at once. */
export interface Share {
  /** Ids of the fixtures that try it together with other things, the preferred one first. */
  whole: string | readonly string[];
  /** Ids of the fixtures that try only this. */
  part: string | readonly string[];
}

/** Several ways to ask for the same thing, of which a target has to accept one. */
export interface Forms {
  /** Ids of the fixtures, the preferred one first. */
  forms: readonly string[];
  /** Whether an exchange shows what they ask for. */
  shows: (exchange: Exchange) => boolean;
}

/** Finds exchanges by fixture, optionally of one transport only. */
export type LookUp = (fixture: string, transport?: Transport) => readonly Exchange[];

/**
 * The exchanges that decide:
 *
 * - of a share: those of its own fixtures when they were sent; otherwise those of the first whole that was accepted, or else of the
 *   first that was sent.
 * - of forms: those of the first form that shows what is asked for; otherwise of the first that was accepted; otherwise of all.
 *
 * Empty when nothing was sent.
 */
export function resolve(asked: Share | Forms, of: LookUp, transport?: Transport): readonly Exchange[] {
  if ('forms' in asked) {
    const forms = asked.forms.map((id) => of(id, transport));
    return (
      forms.find((exchanges) => exchanges.some(asked.shows)) ??
      forms.find((exchanges) => exchanges.some(isAccepted)) ??
      forms.flat()
    );
  }
  const parts = [asked.part].flat().flatMap((id) => of(id, transport));
  if (parts.length > 0) return parts;
  const wholes = [asked.whole].flat().map((id) => of(id, transport));
  return wholes.find((exchanges) => exchanges.some(isAccepted)) ?? wholes.find(({ length }) => length > 0) ?? [];
}
