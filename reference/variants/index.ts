import { findById } from '../named.js';
import type { EndpointOptions } from '../options.js';
import { chunking } from './chunking.js';
import { compression } from './compression.js';
import { deltaFamily } from './deltas.js';
import { dialects } from './dialects.js';
import { framing } from './framing.js';
import { http } from './http.js';
import { missingFeatures } from './missing-features.js';
import { model } from './model.js';
import { nonsense } from './nonsense.js';
import { optionalFields } from './optional-fields.js';
import { pings } from './pings.js';
import { spelling } from './spelling.js';
import { unknown } from './unknown.js';
import type { Variant, VariantFamily } from './variant.js';
import { waiting } from './waiting.js';

export type { Variant, VariantFamily } from './variant.js';

/** Every family of variants, one file each. */
export const VARIANT_FAMILIES: readonly VariantFamily[] = [
  framing,
  chunking,
  compression,
  pings,
  unknown,
  optionalFields,
  spelling,
  deltaFamily,
  model,
  nonsense,
  dialects,
  missingFeatures,
  waiting,
  http,
];

/** Every variant, family by family. */
export const VARIANTS: readonly Variant[] = VARIANT_FAMILIES.flatMap(({ variants }) => variants);

/** Options of an endpoint with the variant. */
export function variantOptions({ options, alters }: Variant): EndpointOptions {
  return { ...options, ...(alters && { alterations: alters }) };
}

/** Finds a variant by its id. Throws a `TypeError` that names the nearest variant for an unknown id. */
export const findVariant = (id: string): Variant => findById(VARIANTS, 'variant', id);
