import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EndpointOptions } from '../options.js';
import type { Alterations } from '../stages.js';

/** One unusual way to answer that the protocol allows: a run may not fail it. */
export interface Variant {
  /** Readable words with hyphens; never renamed, like the ids of requirements. */
  id: string;
  /** What the server does, one sentence. */
  title: string;
  /** Where it is allowed: tags of `suites/catalogue/sources.ts`, or URLs. */
  source: readonly string[];
  options?: Pick<EndpointOptions, 'dialect' | 'features' | 'models' | 'serverTools' | 'paceMs' | 'batchDelayMs'>;
  alters?: Alterations;
  /** Why it has no effect without a socket; a variant with a `connection` needs no further reason. */
  socket?: string;
  /** Changes how Node writes a response, below the endpoint. */
  connection?: (request: IncomingMessage, response: ServerResponse) => void;
  /**
   * The contract that documents it: a built-in one, or `own` (the default), which is `anthropic` with the dialect of
   * `options` and without the profiles of `declines`.
   */
  documents?: 'own' | 'anthropic' | 'relax-ai' | 'claude-code';
  /** Profiles that its contract does not claim. A run tests them all the same: the server rejects their requests, or has no cache. */
  declines?: readonly string[];
  /** Headers that a client has to send to trigger it. */
  clientSends?: Readonly<Record<string, string>>;
  /** Ids of the requirements that advise against it, each with the reason. */
  warns?: Readonly<Record<string, string>>;
}

/** Variants of one kind: one file. */
export interface VariantFamily {
  name: string;
  /** What is unusual, half a sentence. */
  title: string;
  variants: readonly Variant[];
}
