/** What coding agents put into their requests is tried at once first, and one by one where that falls short. */

import type { Judge } from '../../core/requirement.js';
import { bundled, type Share } from './bundles.js';

/** The request that holds all of it. */
export const WHOLE_SESSION = 'agent-session';
/** The same, and what is common in it: tools, history, user id, cache marks. */
export const SESSION = [WHOLE_SESSION, 'agent-session-plain'] as const;

/** Of the rarer things: the query, both credentials, betas, thinking, edits of the context. */
export const inWholeSession = (alone: string): Share => ({ among: WHOLE_SESSION, alone });

/** One of the common things is served. */
export const servedInSession = (alone: string): Judge => bundled([{ among: SESSION, alone }]);
