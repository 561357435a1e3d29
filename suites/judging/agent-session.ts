/** Features of coding agents are sent in one request first, and one by one only when the target rejects that request. */

import type { Share } from '../../core/evidence.js';
import type { Judge } from '../../core/requirement.js';
import { bundled } from './bundles.js';

/** The request with all of these features. */
export const WHOLE_SESSION = 'agent-session';
/** The same, and the request with the common features only: tools, history, user id, `cache_control`. */
export const SESSION = [WHOLE_SESSION, 'agent-session-plain'] as const;

/** A rare feature: the query, both credentials, betas, thinking, context edits. */
export const inWholeSession = (part: string): Share => ({ whole: WHOLE_SESSION, part });

/** The server accepts a common feature. */
export const acceptedInSession = (part: string): Judge => bundled([{ whole: SESSION, part }]);
