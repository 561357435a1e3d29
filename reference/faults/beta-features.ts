import { isObject } from '../../core/json.js';
import { rewriteMessages } from '../alterations/messages.js';
import {
  blocksOf,
  dropBlocks,
  rejectBlocks,
  rejectWhen,
  rewriteBody,
  rewriteHistory,
  rewritePromptBlocks,
} from '../alterations/requests.js';
import { without } from '../alterations/without.js';
import { invalid } from '../errors.js';
import type { FaultFamily } from './fault.js';

/** The rejection of a gateway that names nothing. */
const VAGUE = 'Invalid request';

export const betaFeaturesFaults: FaultFamily = {
  name: 'beta-features',
  title: 'beta features of agents: dropped, or rejected without a word about them',
  faults: [
    {
      id: 'thread-dropped',
      title: 'A gateway drops `thread`: the model gets the new messages only.',
      level: 'MUST',
      reports: ['https://github.com/KarpelesLab/teamclaude/issues/378'],
      caughtBy: ['agent.thread.not-ignored'],
      alters: rewriteBody((body) => without(body, 'thread')),
    },
    {
      id: 'thread-history-lost',
      title: 'A gateway rejects unknown threads, and answers known ones from the new messages only.',
      level: 'MUST',
      caughtBy: ['agent.thread.not-ignored'],
      alters: rewriteBody((body, call) => {
        const previous = isObject(body.thread) ? body.thread.previous_message_id : undefined;
        return typeof previous === 'string' && call.state.threads.has(previous) ? without(body, 'thread') : body;
      }),
    },
    {
      id: 'thread-crash',
      title: 'A `thread` causes a 500.',
      level: 'MUST',
      caughtBy: ['agent.thread.not-ignored', 'err.client-fault-not-5xx'],
      alters: {
        body: (body) => {
          if (isObject(body) && isObject(body.thread)) throw new Error('thread');
          return body;
        },
      },
    },
    {
      id: 'thread-refused-without-code',
      title: 'The server rejects `thread` with a message only.',
      level: 'SHOULD',
      caughtBy: ['agent.thread.refusal-code'],
      alters: {
        ...rejectWhen((request) => isObject(request.thread) && invalid('thread: Extra inputs are not permitted')),
        rejection({ details, ...rest }) {
          return details?.error_code === 'thread_not_found' ? rest : { ...rest, ...(details && { details }) };
        },
      },
    },
    {
      id: 'compaction-dropped',
      title: 'A `compaction` block of the history does not reach the model.',
      level: 'SHOULD',
      caughtBy: ['agent.compaction.replay'],
      alters: dropBlocks('compaction'),
    },
    {
      id: 'compaction-refused-vaguely',
      title: 'The server rejects a `compaction` block without naming it.',
      level: 'SHOULD',
      caughtBy: ['agent.compaction.replay'],
      alters: rejectBlocks('compaction', VAGUE),
    },
    {
      id: 'fallback-model-unnamed',
      title: '`model` of a reply names the model of the request when a fallback model answered.',
      level: 'MAY',
      caughtBy: ['agent.fallbacks'],
      alters: rewriteMessages((message) => {
        const change = message.content.find((block) => block.type === 'fallback');
        return change === undefined ? message : { ...message, model: change.from.model };
      }),
    },
    {
      id: 'fallbacks-refused-vaguely',
      title: 'The server rejects `fallbacks` without naming it.',
      level: 'MAY',
      caughtBy: ['agent.fallbacks'],
      alters: rejectWhen((request) => request.fallbacks && VAGUE),
    },
    {
      id: 'clear-at-ignored',
      title: 'The model follows a system message after `clear_at` has ended it.',
      level: 'MAY',
      caughtBy: ['sys.clear-at'],
      alters: rewriteHistory((all) => all.map((message) => without(message, 'clear_at'))),
    },
    {
      id: 'added-tool-dropped',
      title: 'A tool that a `tool_addition` block adds is not offered to the model.',
      level: 'MAY',
      caughtBy: ['sys.tool-addition'],
      alters: rewritePromptBlocks((block) => (block.type === 'tool_addition' ? [] : block)),
    },
    {
      id: 'added-tool-refused-vaguely',
      title: 'The server rejects a `tool_addition` block without naming it.',
      level: 'MAY',
      caughtBy: ['sys.tool-addition'],
      alters: rejectBlocks('tool_addition', VAGUE),
    },
    {
      id: 'redacted-thinking-refused',
      title: 'The server rejects `redacted_thinking` in the history, whoever wrote it.',
      level: 'SHOULD',
      caughtBy: ['think.redacted.replay'],
      alters: rejectWhen(
        (request) =>
          blocksOf(request, 'redacted_thinking').length > 0 &&
          "messages.1.content.0: Input tag 'redacted_thinking' does not match any of the expected tags",
      ),
    },
    {
      id: 'redacted-message-dropped',
      title: 'An assistant message with `redacted_thinking` does not reach the model, its text included.',
      level: 'SHOULD',
      caughtBy: ['think.redacted.replay'],
      alters: rewriteHistory((all) =>
        all.filter(
          ({ content }) => typeof content === 'string' || !content.some(({ type }) => type === 'redacted_thinking'),
        ),
      ),
    },
  ],
};
