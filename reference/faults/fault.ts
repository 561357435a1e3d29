import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Alterations } from '../stages.js';

/** One named way to make the endpoint misbehave. */
export interface Fault {
  /** Readable words with hyphens; never renamed, like the ids of requirements. */
  id: string;
  /** What the server does wrong, one sentence. */
  title: string;
  /** `MUST`: a run fails. `SHOULD`: a run warns at least. `MAY`: no verdict is required. */
  level: 'MUST' | 'SHOULD' | 'MAY';
  /** Its number in the list of known faults of Messages API servers, for faults taken from that list. */
  mutant?: string;
  /** Public reports of it: ids of `suites/catalogue/incidents.ts`, or URLs. */
  reports?: readonly string[];
  /** Ids of the requirements that have to catch it. Empty only for an `undetectable` fault. */
  caughtBy: readonly string[];
  /** Ids of requirements that fail too, each with the reason why they cannot pass. */
  alsoFails?: Readonly<Record<string, string>>;
  /** Why no requirement can catch it. */
  undetectable?: string;
  /** The contract to run under; the default is `anthropic`. */
  contract?: string;
  /** It depends on time: a proof runs its requests one after another and moves the clock of the endpoint. */
  sequential?: boolean;
  /** Why it has no effect without a socket. */
  socket?: string;
  /** Gets each request and response of a server before the endpoint: what a fault does to its connection. */
  connection?: (request: IncomingMessage, response: ServerResponse) => void;
  alters: Alterations;
}

/** The faults of one suite: one file. */
export interface FaultFamily {
  /** The name of the suite. */
  name: string;
  /** What goes wrong, half a sentence. */
  title: string;
  faults: readonly Fault[];
}
