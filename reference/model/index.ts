/** The scripted model: deterministic, without knowledge of any particular conversation. */
export { compose } from './compose.js';
export { cut } from './cut.js';
export type { Reply, ReplyBlock } from './draft.js';
export { readPrompt, type Senses } from './prompt.js';
