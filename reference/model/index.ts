/** The scripted model: deterministic, and without knowledge of any fixture. */
export { compose } from './compose.js';
export type { Reply, ReplyBlock } from './draft.js';
export { generate } from './generate.js';
export { readPrompt, type Senses } from './prompt.js';
