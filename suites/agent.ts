import type { Suite } from '../core/requirement.js';
import {
  contextEdit,
  fourAtOnce,
  greeted,
  largeLimit,
  largeResult,
  servesAgents,
  startsSoon,
  textThenTool,
  threeRounds,
} from './judging/agent-load.js';
import { inWholeSession, WHOLE_SESSION } from './judging/agent-session.js';
import { bundled } from './judging/bundles.js';

export const agent: Suite = {
  name: 'agent',
  title: 'what coding agents do: large requests, tool loops, several streams at once',
  requirements: [
    {
      id: 'agent.request.shape',
      level: 'MUST',
      profile: 'agent',
      statement:
        'A request as coding agents send it is served: beta query, both credentials, beta list, cached system blocks, user id, two dozen tools, a stream.',
      source: ['CC'],
      fixtures: [WHOLE_SESSION, 'agent-request', 'agent-request-short'],
      judge: servesAgents,
    },
    {
      id: 'agent.context-management',
      level: 'SHOULD',
      profile: 'agent',
      statement:
        'An edit of the context with its beta header is applied, ignored, or refused as a client error that names it.',
      source: ['CC', 'T:beta'],
      fixtures: [WHOLE_SESSION, 'agent-context-edit', 'cheap'],
      judge: bundled([inWholeSession('agent-context-edit')], contextEdit),
    },
    {
      id: 'agent.tool-loop.stream',
      level: 'MUST',
      profile: 'agent',
      statement:
        'Three rounds of a streamed tool loop are served, each numbering its blocks from zero and naming its call anew.',
      source: ['D:handle', 'CC'],
      fixtures: ['agent-tool-loop'],
      judge: threeRounds,
    },
    {
      id: 'agent.text-and-tool',
      level: 'SHOULD',
      profile: 'agent',
      statement: 'Text and then a call in one stream are two blocks whose indices are their places.',
      source: ['D:stream', 'H2'],
      fixtures: ['agent-text-and-tool'],
      judge: textThenTool,
    },
    {
      id: 'agent.max-tokens.large',
      level: 'MUST',
      profile: 'agent',
      statement: 'A stream with a max_tokens as large as the model allows is served.',
      source: ['D:ref', 'CC'],
      fixtures: ['call-long', 'agent-max-tokens', 'agent-request'],
      judge: bundled([{ among: 'call-long', alone: 'agent-max-tokens' }], largeLimit),
    },
    {
      id: 'agent.parallel-requests',
      level: 'SHOULD',
      profile: 'agent',
      statement:
        'Of four streams at once each is served with its own text, or refused as a rate limit or overload in the documented envelope.',
      source: ['CC'],
      fixtures: ['agent-parallel-amber', 'agent-parallel-birch', 'agent-parallel-coral', 'agent-parallel-denim'],
      judge: fourAtOnce,
    },
    {
      id: 'agent.hello-probe',
      level: 'MAY',
      profile: 'agent',
      statement: 'A HEAD request for /api/hello gets an answer, whatever it is, within five seconds.',
      source: ['CC'],
      fixtures: ['agent-hello'],
      judge: greeted,
    },
    {
      id: 'agent.tool-result.large',
      level: 'SHOULD',
      profile: 'agent',
      statement: 'A tool result of 100 kB is served where the window has room for it, and none of it is thrown away.',
      source: ['CC', 'D:errors'],
      fixtures: ['agent-result-large', 'result-string'],
      judge: largeResult,
    },
    {
      id: 'agent.first-byte',
      level: 'SHOULD',
      profile: 'agent',
      statement: 'A stream shows its first event within 60 seconds, a ping at least.',
      source: ['CC', 'D:stream'],
      fixtures: ['minimal'],
      judge: startsSoon,
    },
  ],
};
