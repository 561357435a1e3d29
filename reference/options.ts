import { composeAlterations } from './alterations/compose.js';
import { sleep } from './sse.js';
import type { Alterations } from './stages.js';

export type ApiVersion = '2023-06-01' | '2026-10-21';

/** Choices that the protocol leaves to providers. The names are those of contracts. */
export interface Dialect {
  /** `merge`: consecutive messages of one role are one turn. `strict`: roles must alternate. */
  consecutiveRoles: 'merge' | 'strict';
  /** Whether a reply continues a final assistant message. */
  prefill: 'continue' | 'refuse';
  /** Largest number of stop sequences; `null` without a limit. */
  stopSequenceLimit: number | null;
  /** `classic`: 2023-06-01 accepts sampling parameters. `fixed`: only values near their defaults. */
  sampling: 'classic' | 'fixed';
  /** Whether messages may have the role system. */
  systemRole: 'honour' | 'refuse';
  /** `refuse`: the endpoint rejects unknown fields with 400. `ignore`: they have no effect. */
  unknownFields: 'refuse' | 'ignore';
  /** Headers that may carry the credential. */
  credentials: readonly ('x-api-key' | 'bearer')[];
  /** Whether the endpoint rejects requests without a valid credential. */
  authentication: boolean;
  /** Whether every path also exists below `/v1/v1`, for base URLs that end in `/v1`. */
  doubledPath: boolean;
  /** Values of `anthropic-version` that are accepted. */
  versions: readonly ApiVersion[];
}

/** Parts of the protocol that can be switched off; the endpoint then rejects what needs them and never ignores it. */
export const FEATURES = [
  'tools',
  'vision',
  'documents',
  'thinking',
  'caching',
  'structured-output',
  'count-tokens',
  'models',
  'batches',
] as const;
export type Feature = (typeof FEATURES)[number];

/** A model that the endpoint offers. */
export interface ModelDescription {
  id: string;
  displayName: string;
  /** RFC 3339. */
  createdAt: string;
  /** Context window in tokens. */
  maxInputTokens: number;
  /** Largest `max_tokens`. */
  maxTokens: number;
  /** Kinds of thinking that it accepts; all when absent. */
  thinking?: readonly ('enabled' | 'adaptive' | 'disabled' | 'between_tools')[];
  /** Other ids of the same model. */
  aliases?: readonly string[];
  /** Takes requests for any other model too, and answers by the name that they ask for. */
  takesAnyName?: true;
}

/** How much an endpoint keeps in memory. It drops what is oldest first. */
export interface Limits {
  /** Most uploaded files; 1,000 by default. */
  files: number;
  /** Most bytes of all uploaded files; 256 MB by default. A larger single upload gets 413. */
  fileBytes: number;
  /** Most batches; 1,000 by default. */
  batches: number;
  /** Most bytes of the bodies of all batches; 256 MB by default, as much as one batch may have. */
  batchBytes: number;
  /** Most bytes of the results of all batches; 64 MB by default. Requests of one batch beyond it end as `errored`. */
  batchResultBytes: number;
  /** Most message threads; 1,000 by default. A thread ends five minutes after its last request. */
  threads: number;
  /** Most characters of the conversations of all threads; 64 MB by default. */
  threadBytes: number;
  /** Most entries of the prompt cache; 8,000 by default. Expired entries are deleted earlier. */
  cacheEntries: number;
  /** Most requests that the msw handlers record; 1,000 by default. */
  recordings: number;
  /** Most bytes of the bodies of all recorded requests; 64 MB by default. */
  recordingBytes: number;
}

export interface EndpointOptions {
  /** The only key that the endpoint accepts; without it every non-empty credential is valid. */
  apiKey?: string;
  /** The models of the endpoint, newest first; a model given by its id only has the limits of the default models. */
  models?: readonly (string | ModelDescription)[];
  dialect?: Partial<Dialect>;
  features?: Partial<Record<Feature, boolean>>;
  /** Whether the endpoint runs the server tool web_search, which finds the same page for everything; true by default. */
  serverTools?: boolean;
  /** Milliseconds between two frames of a stream; 0 (the default) lets the event loop turn once. */
  paceMs?: number;
  /** Milliseconds from the creation of a batch to its end; 5 by default. A client has to see it in progress first. */
  batchDelayMs?: number;
  /** Largest body in bytes; 32 MB by default. */
  maxBodyBytes?: number;
  /** Bounds of what the endpoint keeps between requests. */
  limits?: Partial<Limits>;
  /** Ids of faults, of `FAULTS` in `faults/index.ts`; they act in this order. */
  faults?: readonly string[];
  /** Changes named steps of the pipeline, after the faults. */
  alterations?: Alterations;
  /** Milliseconds since the epoch; the system clock by default. */
  now?: () => number;
  /** Waits so many milliseconds between two frames; a timer by default. */
  sleep?: (milliseconds: number) => Promise<void>;
}

/** Options with all defaults. */
export interface Settings {
  apiKey: string | null;
  models: readonly ModelDescription[];
  dialect: Dialect;
  features: Record<Feature, boolean>;
  serverTools: boolean;
  paceMs: number;
  batchDelayMs: number;
  maxBodyBytes: number;
  limits: Limits;
  alterations: Alterations;
  now: () => number;
  sleep: (milliseconds: number) => Promise<void>;
}

/** The choices of Anthropic's API. */
const DEFAULT_DIALECT: Dialect = {
  consecutiveRoles: 'merge',
  prefill: 'continue',
  stopSequenceLimit: null,
  sampling: 'classic',
  systemRole: 'honour',
  unknownFields: 'refuse',
  credentials: ['x-api-key', 'bearer'],
  authentication: true,
  doubledPath: false,
  versions: ['2023-06-01', '2026-10-21'],
};

export const DEFAULT_MODELS: readonly ModelDescription[] = [
  {
    id: 'reference-1',
    displayName: 'Reference 1',
    createdAt: '2026-10-21T00:00:00Z',
    maxInputTokens: 200_000,
    maxTokens: 64_000,
  },
  {
    id: 'reference-1-small',
    displayName: 'Reference 1 Small',
    createdAt: '2026-09-01T00:00:00Z',
    maxInputTokens: 200_000,
    maxTokens: 64_000,
  },
];

const DEFAULT_LIMITS: Limits = {
  files: 1_000,
  fileBytes: 256_000_000,
  batches: 1_000,
  batchBytes: 256_000_000,
  batchResultBytes: 64_000_000,
  threads: 1_000,
  threadBytes: 64_000_000,
  // A map of at most 8,192 entries gets no larger table when new entries take the place of old ones.
  cacheEntries: 8_000,
  recordings: 1_000,
  recordingBytes: 64_000_000,
};

/** What faults change. Their code is as large as all the rest, so who names some brings it along. */
export type ApplyFaults = (ids: readonly string[]) => Alterations;

const withoutFaults: ApplyFaults = (ids) => {
  if (ids.length > 0) throw new TypeError(`faults: ${ids.join(', ')} cannot be applied here`);
  return {};
};

/** Completes options with defaults. Throws a `TypeError` that names the option when a value is invalid. */
export function resolveSettings(options: EndpointOptions = {}, applyFaults: ApplyFaults = withoutFaults): Settings {
  const features = Object.fromEntries(FEATURES.map((feature) => [feature, options.features?.[feature] ?? true]));
  const models = (options.models ?? DEFAULT_MODELS).map((model) =>
    typeof model === 'string' ? { ...DEFAULT_MODELS[0]!, id: model, displayName: model } : model,
  );
  if (models.length === 0) throw new TypeError('models: expected at least one model, got an empty list');
  if (options.apiKey === '') throw new TypeError('apiKey: expected a non-empty string; leave it out to accept any key');
  return {
    apiKey: options.apiKey ?? null,
    models,
    dialect: { ...DEFAULT_DIALECT, ...options.dialect },
    features: features as Record<Feature, boolean>,
    serverTools: options.serverTools ?? true,
    paceMs: atLeastZero('paceMs', options.paceMs ?? 0),
    batchDelayMs: atLeastZero('batchDelayMs', options.batchDelayMs ?? 5),
    maxBodyBytes: atLeastZero('maxBodyBytes', options.maxBodyBytes ?? 32_000_000),
    limits: resolveLimits(options.limits ?? {}),
    alterations: composeAlterations([applyFaults(options.faults ?? []), options.alterations ?? {}]),
    now: options.now ?? Date.now,
    sleep: options.sleep ?? sleep,
  };
}

function resolveLimits(given: Partial<Limits>): Limits {
  const limits = { ...DEFAULT_LIMITS, ...given };
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, name)) {
      throw new TypeError(`limits.${name}: unknown; expected one of ${Object.keys(DEFAULT_LIMITS).join(', ')}`);
    }
    atLeastZero(`limits.${name}`, value);
  }
  return limits;
}

function atLeastZero(name: string, value: number): number {
  if (!Number.isFinite(value) || value < 0)
    throw new TypeError(`${name}: expected a number of at least 0, got ${value}`);
  return value;
}
