import type { Suite } from '../core/requirement.js';
import {
  acceptsRedacted,
  dropsWhatIsOver,
  HISTORY,
  namesWhoAnswered,
  offersAddedTool,
  readsSummary,
} from './judging/agent-history.js';
import { continuesOrRejects, rejectsWithCode, THREADS } from './judging/threads.js';

export const betaFeatures: Suite = {
  name: 'beta-features',
  title: 'beta features that agents use: applied, or rejected by name, and never ignored',
  requirements: [
    {
      id: 'agent.thread.not-ignored',
      level: 'MUST',
      profile: 'agent',
      statement:
        'The server continues the conversation of `thread` with `previous_message_id`, or rejects the request (documented: 400, 404); it never answers from the new messages only.',
      source: ['D:threads', 'T:beta'],
      fixtures: [...THREADS],
      judge: continuesOrRejects,
    },
    {
      id: 'agent.thread.refusal-code',
      level: 'SHOULD',
      profile: 'agent',
      statement:
        'The rejection of a `thread` has `error.details.error_code` "thread_unsupported_request" with 400, or "thread_not_found" with 404; on these codes clients send the whole conversation.',
      source: ['D:threads', 'G', 'T:err'],
      fixtures: [...THREADS],
      judge: rejectsWithCode,
    },
    {
      id: 'agent.compaction.replay',
      level: 'SHOULD',
      profile: 'agent',
      statement:
        'The model reads the summary of a `compaction` block in the history, or the server rejects the block as a client error that names it.',
      source: ['D:compact', 'T:beta', 'V'],
      fixtures: [HISTORY, 'compaction-history', 'words-in-prompt'],
      judge: readsSummary,
    },
    {
      id: 'agent.fallbacks',
      level: 'MAY',
      profile: 'agent',
      statement:
        'The server applies `fallbacks`, and `model` of a reply names the model that answered, or it rejects the field as a client error that names it.',
      source: ['D:refusal', 'T:beta', 'V'],
      fixtures: ['fallbacks', 'cheap'],
      judge: namesWhoAnswered,
    },
    {
      id: 'sys.clear-at',
      level: 'MAY',
      profile: 'agent',
      statement:
        'A system message with `clear_at` "next_user_message" has no effect after the next user message, or the server rejects it as a client error that names it.',
      source: ['D:midsys', 'T:beta'],
      fixtures: [HISTORY, 'clear-at-history', 'system-role-later'],
      judge: dropsWhatIsOver,
    },
    {
      id: 'sys.tool-addition',
      level: 'MAY',
      profile: 'agent',
      statement:
        'The model can call a tool that a `tool_addition` block of a system message adds, or the server rejects the block as a client error that names it.',
      source: ['D:midsys', 'T:beta'],
      fixtures: ['tool-added', 'tool-from-start', 'cheap'],
      judge: offersAddedTool,
    },
    {
      id: 'think.redacted.replay',
      level: 'SHOULD',
      profile: 'agent',
      statement:
        'The server accepts `redacted_thinking` in an earlier turn of the history, and the text beside it reaches the model.',
      source: ['D:ttools', 'V'],
      fixtures: [HISTORY, 'redacted-history', 'words-in-prompt'],
      judge: acceptsRedacted,
    },
  ],
};
