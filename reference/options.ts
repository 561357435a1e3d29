import { composeAlterations } from './alterations/compose.js';
import { applyFaults } from './faults/index.js';
import type { Alterations } from './stages.js';

export type ApiVersion = '2023-06-01' | '2026-10-21';

/** What a provider's documentation decides where the protocol leaves a choice. The names are those of contracts. */
export interface Dialect {
  /** `merge`: consecutive messages of one role are one turn. `strict`: roles must alternate. */
  consecutiveRoles: 'merge' | 'strict';
  /** What a final assistant message leads to. */
  prefill: 'continue' | 'refuse';
  /** Largest number of stop sequences; `null` without a limit. */
  stopSequenceLimit: number | null;
  /** `classic`: sampling parameters are taken under 2023-06-01. `fixed`: only values near their defaults. */
  sampling: 'classic' | 'fixed';
  /** Whether a later message may have the role system. */
  systemRole: 'honour' | 'refuse';
  /** `refuse`: unknown fields are a 400. `ignore`: they have no effect. */
  unknownFields: 'refuse' | 'ignore';
  /** Headers in which a credential is read. */
  credentials: readonly ('x-api-key' | 'bearer')[];
  /** Whether requests without a valid credential are refused. */
  authentication: boolean;
  /** Whether every path is also served below `/v1`, for base URLs that end in `/v1`. */
  doubledPath: boolean;
  /** Values of `anthropic-version` that are accepted. */
  versions: readonly ApiVersion[];
}

/** Parts of the protocol that can be switched off; what needs one of them is then refused, never ignored. */
const FEATURES = [
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
  /** Kinds of thinking that it takes; all when absent. */
  thinking?: readonly ('enabled' | 'adaptive' | 'disabled' | 'between_tools')[];
  /** Other ids that lead to the same model. */
  aliases?: readonly string[];
}

export interface EndpointOptions {
  /** The one key that is accepted; without it every non-empty credential is. */
  apiKey?: string;
  /** The models on offer, newest first; ids alone take the limits of the default models. */
  models?: readonly (string | ModelDescription)[];
  dialect?: Partial<Dialect>;
  features?: Partial<Record<Feature, boolean>>;
  /** Milliseconds between two frames of a stream; 0 (the default) lets the event loop turn once. */
  paceMs?: number;
  /** Milliseconds from the creation of a batch to its end; 5 by default. It has to be seen in progress once before. */
  batchDelayMs?: number;
  /** Largest body in bytes; 32 MB by default. */
  maxBodyBytes?: number;
  /** Ids of faults that the endpoint is to have, of `FAULTS` in `faults/index.ts`; they act in this order. */
  faults?: readonly string[];
  /** Makes the endpoint misbehave at named places of its pipeline, behind the faults. */
  alterations?: Alterations;
  /** Milliseconds since the epoch; the system clock by default. */
  now?: () => number;
  /** Lets so many milliseconds pass between two frames; timers by default. */
  sleep?: (milliseconds: number) => Promise<void>;
}

/** Options with every choice made. */
export interface Settings {
  apiKey: string | null;
  models: readonly ModelDescription[];
  dialect: Dialect;
  features: Record<Feature, boolean>;
  paceMs: number;
  batchDelayMs: number;
  maxBodyBytes: number;
  alterations: Alterations;
  now: () => number;
  sleep: (milliseconds: number) => Promise<void>;
}

/** Anthropic's own choices. */
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

const DEFAULT_MODELS: readonly ModelDescription[] = [
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

/** Completes options with defaults. Throws a `TypeError` that names the option when a value cannot be used. */
export function settle(options: EndpointOptions = {}): Settings {
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
    paceMs: duration('paceMs', options.paceMs ?? 0),
    batchDelayMs: duration('batchDelayMs', options.batchDelayMs ?? 5),
    maxBodyBytes: duration('maxBodyBytes', options.maxBodyBytes ?? 32_000_000),
    alterations: composeAlterations([applyFaults(options.faults ?? []), options.alterations ?? {}]),
    now: options.now ?? Date.now,
    sleep: options.sleep ?? sleep,
  };
}

/** Kept from tests that replace timers: they are about time that passes, and none does here. */
const nextTurn = setImmediate;

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    if (milliseconds === 0) nextTurn(resolve);
    else setTimeout(resolve, milliseconds);
  });
}

function duration(name: string, value: number): number {
  if (!Number.isFinite(value) || value < 0)
    throw new TypeError(`${name}: expected a number of at least 0, got ${value}`);
  return value;
}
