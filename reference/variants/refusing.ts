import type { Feature } from '../options.js';
import type { Variant, VariantFamily } from './variant.js';

/** Profiles that a switched-off feature takes with it. */
const without = (feature: Feature, title: string, source: string, more: Partial<Variant> = {}): Variant => ({
  id: `no-${feature}`,
  title,
  source: [source],
  options: { features: { [feature]: false } },
  declines: [feature],
  ...more,
});

const FEATURES: readonly Feature[] = [
  'tools',
  'vision',
  'documents',
  'thinking',
  'caching',
  'structured-output',
  'count-tokens',
  'models',
  'batches',
];

export const refusing: VariantFamily = {
  name: 'refusing',
  title: 'features that are not offered, and refused as such',
  variants: [
    without('tools', 'A model without tools refuses them with 400.', 'S1', {
      declines: ['tools', 'agent'],
    }),
    without('vision', 'A text model refuses images with 400.', 'S1'),
    without('documents', 'Documents are refused with 400, the paths of files with 404.', 'D:pdf'),
    without('thinking', 'A model that does not think refuses to be told how with 400.', 'D:errors'),
    without('caching', 'A server without a cache passes over marks and counts every token anew.', 'T:msg', {
      declines: [],
      lacks: ['caching'],
    }),
    without('structured-output', 'Formats of answers are refused with 400.', 'D:so'),
    without('count-tokens', 'The path of token counts is a 404.', 'CC'),
    without('models', 'The paths of models are 404.', 'S1'),
    without('batches', 'The paths of batches are 404.', 'S1'),
    {
      id: 'text-alone',
      title: 'A server offers conversation and nothing else.',
      source: ['S1'],
      options: { features: Object.fromEntries(FEATURES.map((feature) => [feature, false])) },
      declines: [...FEATURES.filter((feature) => feature !== 'caching'), 'agent'],
      lacks: ['caching'],
    },
    {
      id: 'thinks-when-it-likes',
      title: 'A model takes adaptive thinking alone.',
      source: ['D:athink'],
      options: {
        models: [
          {
            id: 'reference-1',
            displayName: 'Reference 1',
            createdAt: '2026-10-21T00:00:00Z',
            maxInputTokens: 200_000,
            maxTokens: 64_000,
            thinking: ['adaptive', 'disabled'],
          },
        ],
      },
    },
    {
      id: 'thinks-on-a-budget',
      title: 'A model takes thinking with a budget alone.',
      source: ['D:ethink'],
      options: {
        models: [
          {
            id: 'reference-1',
            displayName: 'Reference 1',
            createdAt: '2026-10-21T00:00:00Z',
            maxInputTokens: 200_000,
            maxTokens: 64_000,
            thinking: ['enabled', 'disabled'],
          },
        ],
      },
    },
    {
      id: 'small-window',
      title: 'A model has a context window of 9,000 tokens and writes 4,096 at most.',
      source: ['D:ctx'],
      options: {
        models: [
          {
            id: 'reference-1',
            displayName: 'Reference 1',
            createdAt: '2026-10-21T00:00:00Z',
            maxInputTokens: 9_000,
            maxTokens: 4_096,
          },
        ],
      },
    },
  ],
};
