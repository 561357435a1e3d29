import type { Suite } from '../core/requirement.js';
import {
  acceptsAgentRequest,
  answersSoon,
  contextEdit,
  contextEditOfThinking,
  largeLimit,
  largeResult,
  limitIsKept,
  manyAtOnce,
  ownText,
  startsSoon,
  threeRounds,
} from './judging/agent-load.js';
import { inWholeSession, WHOLE_SESSION } from './judging/agent-session.js';
import { bundled } from './judging/bundles.js';
import { textThenTool } from './judging/text-and-tool.js';

/** Eight streams that start at the same moment, each about a word of its own. */
const AT_ONCE = ['amber', 'birch', 'coral', 'denim', 'ember', 'fjord', 'grove', 'hazel'].map(
  (word) => `agent-parallel-${word}`,
);

export const agent: Suite = {
  name: 'agent',
  title: 'the load of coding agents: large requests, tool loops, parallel streams',
  requirements: [
    {
      id: 'agent.request.shape',
      level: 'MUST',
      profile: 'agent',
      statement:
        'The server accepts a streamed request of a coding agent: `?beta=true`, both credentials, several `anthropic-beta` values, cached system blocks, a `user_id`, 24 tools.',
      source: ['CC'],
      fixtures: [WHOLE_SESSION, 'agent-request', 'agent-request-short'],
      judge: acceptsAgentRequest,
    },
    {
      id: 'agent.context-management',
      level: 'SHOULD',
      profile: 'agent',
      statement:
        'The server applies or ignores `context_management` with its beta header, or rejects it with a client error that names it.',
      source: ['CC', 'T:beta'],
      fixtures: [WHOLE_SESSION, 'agent-context-edit', 'cheap'],
      judge: bundled([inWholeSession('agent-context-edit')], contextEdit),
    },
    {
      id: 'agent.context-management.thinking',
      level: 'SHOULD',
      profile: 'agent',
      statement:
        'The server applies or ignores a context edit "clear_thinking_20251015" with `keep`, or rejects it with a client error that names it; what it cleared stands in `context_management.applied_edits`.',
      source: ['CC', 'T:beta'],
      fixtures: [WHOLE_SESSION, 'agent-thinking-edit', 'agent-context-edit', 'adaptive-short'],
      judge: bundled([inWholeSession('agent-thinking-edit')], contextEditOfThinking),
    },
    {
      id: 'agent.tool-loop.stream',
      level: 'MUST',
      profile: 'agent',
      statement:
        'In a streamed tool loop the server accepts three rounds; each starts with `index` 0 and has new `tool_use` ids.',
      source: ['D:handle', 'CC'],
      fixtures: ['agent-tool-loop'],
      judge: threeRounds,
    },
    {
      id: 'agent.text-and-tool',
      level: 'SHOULD',
      profile: 'agent',
      statement:
        'When the model writes text and then calls a tool, the stream has both, as two blocks with `index` as their position.',
      source: ['D:stream', 'H2'],
      fixtures: ['agent-text-and-tool', 'agent-text-and-tool-whole'],
      judge: textThenTool,
    },
    {
      id: 'agent.max-tokens.large',
      level: 'MUST',
      profile: 'agent',
      statement: 'The server accepts a stream with the largest `max_tokens` of the model.',
      source: ['D:ref', 'CC'],
      fixtures: ['call-long', 'agent-max-tokens', 'agent-request'],
      judge: bundled([{ whole: 'call-long', part: 'agent-max-tokens' }], largeLimit),
    },
    {
      // What an agent writes to a file ends in the middle, and it asked for enough.
      id: 'agent.max-tokens.not-lowered',
      level: 'MUST',
      profile: 'agent',
      statement:
        'The server does not lower `max_tokens` silently: with 32,000 a reply of some hundred tokens does not end with "max_tokens", or the server rejects the request by name.',
      source: ['D:ref', 'CC'],
      fixtures: ['agent-again'],
      judge: limitIsKept,
    },
    {
      id: 'agent.parallel-requests',
      level: 'SHOULD',
      profile: 'agent',
      statement: 'The server runs eight streams at once, or rejects some with a 429 or 529 in the error envelope.',
      source: ['CC'],
      fixtures: AT_ONCE,
      judge: manyAtOnce,
    },
    {
      id: 'agent.parallel.own-text',
      level: 'MUST',
      profile: 'agent',
      statement: 'Each of several streams at the same time has only the text of its own reply.',
      source: ['CC'],
      fixtures: AT_ONCE,
      judge: ownText,
    },
    {
      id: 'agent.hello-probe',
      level: 'MAY',
      profile: 'agent',
      statement: 'The server answers HEAD /api/hello within five seconds, with any status.',
      source: ['CC'],
      fixtures: ['agent-hello'],
      judge: answersSoon('agent-hello', 'HEAD /api/hello'),
    },
    {
      id: 'agent.tool-result.large',
      level: 'SHOULD',
      profile: 'agent',
      statement:
        'The server accepts a tool result of 100 kB if the context window has room for it, and drops none of it.',
      source: ['CC', 'D:errors'],
      fixtures: ['agent-result-large', 'result-string'],
      judge: largeResult,
    },
    {
      id: 'agent.first-byte',
      level: 'SHOULD',
      profile: 'agent',
      statement: 'The server sends the first event of a stream within 60 seconds; a `ping` is enough.',
      source: ['CC', 'D:stream'],
      fixtures: ['minimal'],
      judge: startsSoon,
    },
  ],
};
