import { DEFAULT_MODELS, FEATURES, type Feature, type ModelDescription } from '../options.js';
import type { Variant, VariantFamily } from './variant.js';

/** A server without one feature, whose documentation does not claim the profile of that name. */
const without = (feature: Feature, title: string, source: string, more: Partial<Variant> = {}): Variant => ({
  id: `no-${feature}`,
  title,
  source: [source],
  options: { features: { [feature]: false } },
  declines: [feature],
  ...more,
});

/** The usual model with other properties. */
const withModel = (more: Partial<ModelDescription>): Variant['options'] => ({
  models: [{ ...DEFAULT_MODELS[0]!, ...more }],
});

export const missingFeatures: VariantFamily = {
  name: 'missing-features',
  title: 'features that a server does not offer',
  variants: [
    without('tools', 'A server without tools rejects them with 400.', 'S1', {
      declines: ['tools', 'agent'],
    }),
    without('vision', 'A server for text rejects images with 400.', 'S1'),
    without(
      'documents',
      'A server without documents rejects them with 400 and answers the paths of files with 404.',
      'D:pdf',
    ),
    without('thinking', 'A server without thinking rejects `thinking` with 400.', 'D:errors'),
    without('caching', 'A server without a cache ignores cache marks and counts every token as input.', 'T:msg'),
    without('structured-output', 'A server without structured output rejects formats with 400.', 'D:so'),
    without('count-tokens', 'The server answers the path of token counts with 404.', 'CC'),
    without('models', 'The server answers the paths of models with 404.', 'S1'),
    without('batches', 'The server answers the paths of batches with 404.', 'S1'),
    {
      id: 'no-server-tools',
      title: 'A server without server tools rejects them with 400.',
      source: ['D:server'],
      options: { serverTools: false },
    },
    {
      id: 'text-alone',
      title: 'The server offers text conversations and nothing else.',
      source: ['S1'],
      options: { features: Object.fromEntries(FEATURES.map((feature) => [feature, false])) },
      declines: [...FEATURES, 'agent'],
    },
    {
      id: 'thinks-when-it-likes',
      title: 'The model accepts only adaptive thinking.',
      source: ['D:athink'],
      options: withModel({ thinking: ['adaptive', 'disabled'] }),
    },
    {
      id: 'thinks-on-a-budget',
      title: 'The model accepts only thinking with a budget.',
      source: ['D:ethink'],
      options: withModel({ thinking: ['enabled', 'disabled'] }),
    },
    {
      id: 'small-window',
      title: 'The model has a context window of 9,000 tokens and writes at most 4,096.',
      source: ['D:ctx'],
      options: withModel({ maxInputTokens: 9_000, maxTokens: 4_096 }),
    },
  ],
};
