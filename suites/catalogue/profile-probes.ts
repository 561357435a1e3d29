import type { Profile } from '../../core/protocol.js';
import type { Probe } from '../../core/requirement.js';

/** For each profile a cheap requirement that shows whether the target supports the profile. */
export const PROFILE_PROBES: Readonly<Partial<Record<Profile, Probe>>> = {
  tools: { requirement: 'tc.tool', fixtures: ['tool-forced'] },
  vision: { requirement: 'vision.base64.png', fixtures: ['picture-png', 'colour-in-words'] },
  documents: { requirement: 'doc.text', fixtures: ['document-text', 'words-in-prompt'] },
  thinking: { requirement: 'think.accepted', fixtures: ['thinking', 'thinking-alone', 'thinking-adaptive'] },
  caching: { requirement: 'cache.usage.fields', fixtures: ['cache-four', 'cache-four-plain'] },
  'structured-output': { requirement: 'so.format.json', fixtures: ['structured', 'structured-plain'] },
  'count-tokens': { requirement: 'count.basic', fixtures: ['count-short'] },
  models: { requirement: 'models.list.shape', fixtures: ['models-list'] },
  batches: { requirement: 'batch.list', fixtures: ['batch-list'] },
  agent: { requirement: 'http.query.beta-true', fixtures: ['query-beta'] },
};
