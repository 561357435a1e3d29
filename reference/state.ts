import { BoundedMap } from './bounded-map.js';
import type { ApiVersion, Limits } from './options.js';
import { PromptCache } from './prompt-cache.js';
import type { Json, JsonObject } from './wire.js';

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

/** A conversation that the server keeps, by the id of its last reply. */
export interface ThreadEntry {
  messages: readonly Json[];
  /** `system` and `tools`, as the request that created it set them. */
  kept: JsonObject;
  /** Milliseconds since the epoch. */
  expiresAt: number;
  /** Size of all of it as JSON, in characters. */
  bytes: number;
}

/** A batch as it was created, and what has happened to it since. */
export interface BatchEntry {
  id: string;
  requests: readonly { custom_id: string; params: Json }[];
  /** Size of the body that created it. */
  bytes: number;
  version: ApiVersion;
  betas: readonly string[];
  /** Milliseconds since the epoch. */
  createdAt: number;
  cancelAt: number | null;
  /** Whether a client has seen it in progress. */
  seen: boolean;
  /** Set while its results are being computed. */
  ending: Promise<void> | null;
  ended: BatchEnd | null;
}

/** The end of a batch. */
export interface BatchEnd {
  /** Milliseconds since the epoch. */
  at: number;
  counts: Readonly<Record<BatchResult['result']['type'], number>>;
}

export interface BatchResult {
  custom_id: string;
  result: { type: 'succeeded' | 'errored' | 'canceled' | 'expired'; [key: string]: unknown };
}

/** What an endpoint remembers between requests. Each endpoint has its own; nothing is shared between endpoints. */
export interface State {
  /** Requests received so far. */
  requests: number;
  files: BoundedMap<FileEntry>;
  batches: BoundedMap<BatchEntry>;
  /** Results of batches that have ended, by batch id: JSON lines. */
  results: BoundedMap<string>;
  /** Conversations of message threads, by the id of their last reply. */
  threads: BoundedMap<ThreadEntry>;
  cache: PromptCache;
  /** What alterations remember, under names of their own. */
  notes: Map<string, unknown>;
}

/** What alterations may remember. A fault that follows requests by their text needs the latest ones only. */
const NOTES = 10_000;

export function emptyState(limits: Limits): State {
  return {
    requests: 0,
    files: new BoundedMap({ entries: limits.files, total: limits.fileBytes, sizeOf: ({ bytes }) => bytes.length }),
    batches: new BoundedMap({ entries: limits.batches, total: limits.batchBytes, sizeOf: ({ bytes }) => bytes }),
    results: new BoundedMap({
      entries: limits.batches,
      total: limits.batchResultBytes,
      sizeOf: (lines) => lines.length,
    }),
    threads: new BoundedMap({ entries: limits.threads, total: limits.threadBytes, sizeOf: ({ bytes }) => bytes }),
    cache: new PromptCache({ entries: limits.cacheEntries }),
    notes: emptyNotes(),
  };
}

export const emptyNotes = (): Map<string, unknown> => new BoundedMap({ entries: NOTES });
