import type { Alterations } from '../stages.js';

/** One named way in which the endpoint can be made to misbehave. */
export interface Fault {
  /** Readable words with hyphens: a promise, like the ids of requirements. */
  id: string;
  /** What the endpoint does wrong, one sentence. */
  title: string;
  /** `MUST`: a run fails. `SHOULD`: it warns at least. `MAY`: nothing is held against a server that does this. */
  level: 'MUST' | 'SHOULD' | 'MAY';
  /** Its letter in the list of faults of the field, for those that were taken from it. */
  mutant?: string;
  /** Public reports of it: ids of the project's incidents, or addresses. */
  reports?: readonly string[];
  /** Ids of the requirements that have to catch it. */
  caughtBy: readonly string[];
  /** Ids of requirements that it breaks besides, each with the reason why it cannot be otherwise. */
  alsoFails?: Readonly<Record<string, string>>;
  /** Why no requirement has to catch it; `kills` is empty then. */
  undetectable?: string;
  /** The contract under which it shows, where the usual one does not ask for it. */
  contract?: string;
  /** It plays with time: a proof asks one request after another, and puts its clock forward where minutes should pass. */
  sequential?: boolean;
  /** Why nothing of it is left without a socket, for those of which nothing is. */
  socket?: string;
  alters: Alterations;
}

/** Faults of one kind: one file. */
export interface FaultFamily {
  name: string;
  /** What goes wrong, in half a sentence. */
  title: string;
  faults: readonly Fault[];
}
