/** What the tap and its judging thread say to each other. */

import type { Report } from '../../core/report.js';
import type { RawExchange } from '../raw-exchange.js';
import type { SessionOptions } from './session.js';

export interface ThreadOptions extends SessionOptions {
  color: boolean;
  quiet: boolean;
}

export type Order =
  | { kind: 'take'; raw: RawExchange }
  /** Judges an exchange that is not over; answered with `looked`. */
  | { kind: 'look'; raw: RawExchange; number: number }
  | { kind: 'report'; unjudged: number; number: number }
  | { kind: 'close'; number: number };

export type Notice =
  | { kind: 'ready' }
  /** The record cannot be created. */
  | { kind: 'refused'; message: string }
  | { kind: 'taken'; text: string }
  /** What is wrong, as ids with one sentence each; empty when nothing is. */
  | { kind: 'looked'; number: number; faults: string[] }
  | { kind: 'reported'; number: number; report: Report }
  | { kind: 'closed'; number: number };
