/** Families of variants by what they change: one file of tests each, so that they run side by side. */
export const GROUPS = {
  bytes: ['framing', 'chunking', 'compression', 'pings', 'waiting', 'http'],
  messages: ['unknown', 'optional-fields', 'spelling', 'deltas'],
  models: ['model', 'dialects', 'missing-features'],
} as const;
