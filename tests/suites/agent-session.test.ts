import type { Suite } from '../../core/requirement.js';
import { agent } from '../../suites/agent.js';
import { authentication } from '../../suites/authentication.js';
import { caching } from '../../suites/caching.js';
import { conversation } from '../../suites/conversation.js';
import { http } from '../../suites/http.js';
import { requestOptional } from '../../suites/request-optional.js';
import { thinking } from '../../suites/thinking.js';
import { toolDefinitions } from '../../suites/tool-definitions.js';
import { toolResults } from '../../suites/tool-results.js';
import { sharesRequest } from '../support/rejections.js';

const claims = { profiles: ['core', 'agent'] as never };

const RARER: readonly [Suite, string, string][] = [
  [http, 'http.query.beta-true', 'query-beta'],
  [http, 'http.request.unknown-headers', 'client-headers'],
  [authentication, 'auth.both-headers', 'credential-both'],
  [authentication, 'beta.header.tolerated', 'beta-header-list'],
  [authentication, 'beta.header.tolerated', 'beta-header-twice'],
  [agent, 'agent.context-management', 'agent-context-edit'],
  [thinking, 'think.unsupported', 'adaptive-short'],
];
for (const [suite, id, alone] of RARER) sharesRequest(suite, id, { whole: ['agent-session'], part: alone }, { claims });

const COMMON: readonly [Suite, string, string][] = [
  [requestOptional, 'req.metadata.user-id', 'metadata-user-id'],
  [toolDefinitions, 'tool.schema.rich', 'tool-schema-rich'],
  [toolDefinitions, 'tool.list.many', 'tools-sixty'],
  [conversation, 'msg.long-history', 'long-history'],
  [toolResults, 'tr.empty', 'result-empty'],
  [toolResults, 'tr.is-error', 'result-error'],
  [toolResults, 'tr.text-after', 'result-text-after'],
  [toolResults, 'tr.foreign-ids', 'result-foreign-id'],
  [caching, 'cache.accepted.everywhere', 'cache-four-plain'],
];
for (const [suite, id, alone] of COMMON)
  sharesRequest(suite, id, { whole: ['agent-session', 'agent-session-plain'], part: alone }, { claims });

sharesRequest(agent, 'agent.max-tokens.large', { whole: ['call-long'], part: 'agent-max-tokens' }, { claims });
