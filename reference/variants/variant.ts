import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EndpointOptions } from '../options.js';
import type { Alterations } from '../stages.js';

/** One way to be unusual and right: nothing that a run may hold against a server. */
export interface Variant {
  /** Readable words with hyphens: a promise, like the ids of requirements. */
  id: string;
  /** What the endpoint does, one sentence. */
  title: string;
  /** Where it is allowed: tags of the suite's sources, or addresses. */
  source: readonly string[];
  options?: Pick<EndpointOptions, 'dialect' | 'features' | 'models' | 'paceMs' | 'batchDelayMs'>;
  alters?: Alterations;
  /** Why nothing of it is left without a socket; for those that have a `connection` that is the reason. */
  socket?: string;
  /** Changes how Node writes an answer: what the endpoint itself never sees. */
  connection?: (request: IncomingMessage, response: ServerResponse) => void;
  /**
   * What its documentation says: a built-in contract as it is, or `own` (the default), Anthropic's with the choices of
   * `options` and without the profiles of `declines`.
   */
  documents?: 'own' | 'anthropic' | 'relax-ai' | 'claude-code';
  /** Profiles that its documentation does not claim: what belongs to them is put to it all the same, and refused. */
  declines?: readonly string[];
  /** Profiles that its documentation does not claim and that have no refusal: nobody asks for what belongs to them. */
  lacks?: readonly string[];
  /** Headers that a client has to send to see it. */
  clientSends?: Readonly<Record<string, string>>;
  /** Ids of the requirements that advise against it, each with the reason. */
  warns?: Readonly<Record<string, string>>;
}

/** Variants of one kind: one file. */
export interface VariantFamily {
  name: string;
  /** What is unusual, in half a sentence. */
  title: string;
  variants: readonly Variant[];
}
