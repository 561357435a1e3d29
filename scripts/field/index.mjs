/** The servers that are measured, by name. */
import aimock from './servers/aimock.mjs';
import betterCcflare from './servers/better-ccflare.mjs';
import claudeCodeRouter from './servers/claude-code-router.mjs';
import inferrail from './servers/inferrail.mjs';
import litellm from './servers/litellm.mjs';
import portkey from './servers/portkey.mjs';

export const SERVERS = [aimock, betterCcflare, claudeCodeRouter, inferrail, litellm, portkey];
