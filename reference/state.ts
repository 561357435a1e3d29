import type { ApiVersion } from './options.js';
import type { Json } from './wire.js';

/** An uploaded file. */
export interface FileEntry {
  id: string;
  filename: string;
  mimeType: string;
  bytes: Uint8Array;
  /** Milliseconds since the epoch. */
  createdAt: number;
  expiresAt: number | null;
}

/** A batch as it was created and what has happened to it since. */
export interface BatchEntry {
  id: string;
  requests: readonly { custom_id: string; params: Json }[];
  version: ApiVersion;
  betas: readonly string[];
  /** Milliseconds since the epoch. */
  createdAt: number;
  cancelAt: number | null;
  /** Whether a client has seen it in progress. */
  seen: boolean;
  /** Result lines and the time of the end, once it has ended. */
  ended: { at: number; results: readonly BatchResult[] } | null;
}

export interface BatchResult {
  custom_id: string;
  result: { type: 'succeeded' | 'errored' | 'canceled' | 'expired'; [key: string]: unknown };
}

/** What an endpoint remembers between requests. Each endpoint has its own; nothing is shared between endpoints. */
export interface State {
  /** Requests received so far. */
  requests: number;
  files: Map<string, FileEntry>;
  batches: Map<string, BatchEntry>;
  /** Hashes of prompt beginnings with the time at which each one is forgotten. */
  cache: Map<string, number>;
  /** What alterations remember, by names of their own. */
  notes: Map<string, unknown>;
}

export function emptyState(): State {
  return { requests: 0, files: new Map(), batches: new Map(), cache: new Map(), notes: new Map() };
}
