import { answer, rejectedAsInvalid, status, succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import { get } from '../core/json.js';
import { totalInput } from '../core/message.js';
import type { Evidence, Judge, Judgement, Suite } from '../core/requirement.js';
import { acceptedInSession, SESSION } from './judging/agent-session.js';
import { whyControlFailed } from './judging/controls.js';
import { accepted, rejected } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { deviates, finding, inconclusive, notObserved, satisfied, violated } from './judging/outcomes.js';
import { continues } from './judging/prefill.js';
import { steered } from './judging/steering.js';
import { saysBothWords, saysOneWord, unlessCounted, whereObeyed } from './judging/steering-words.js';
import { isCountStable, REPEATED } from './judging/views.js';

/** The same words in one string. A prompt without one of the sentences has several tokens less. */
const SAME_WORDS = { than: 'words-in-prompt', by: -2, excuse: whereObeyed(['words-in-prompt']) };

export const conversation: Suite = {
  name: 'conversation',
  title: 'messages: order, roles, content',
  requirements: [
    {
      id: 'msg.content.string-or-array',
      level: 'MUST',
      profile: 'core',
      statement:
        'The server accepts `content` as a string and as one text block, and counts the same input tokens for both, apart from separators.',
      source: ['D:ref', 'S1'],
      fixtures: ['content-array', 'cheap', ...REPEATED],
      judge: stringIsOneBlock,
    },
    {
      id: 'msg.content.multi-text',
      level: 'MUST',
      profile: 'core',
      statement: 'The server passes all text blocks of a message to the model.',
      source: ['S1', 'T:msg'],
      fixtures: ['content-blocks', 'words-in-prompt'],
      judge: unlessCounted(
        'content-blocks',
        wordsArrive(
          'content-blocks',
          'A text block is lost: the model repeats two words from one string, but not from two blocks.',
        ),
        SAME_WORDS,
      ),
    },
    {
      id: 'msg.multi-turn',
      level: 'MUST',
      profile: 'core',
      statement: 'The server passes earlier messages of the conversation to the model.',
      source: ['S1'],
      fixtures: ['three-turns', 'words-in-prompt'],
      judge: unlessCounted(
        'three-turns',
        wordsArrive(
          'three-turns',
          'Earlier messages are lost: the model repeats two words from the last message, but not from the first.',
        ),
        SAME_WORDS,
      ),
    },
    {
      id: 'msg.first.assistant',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'The server rejects a conversation that starts with an assistant message as a client error (documented: 400).',
      source: ['H5', 'D:work'],
      fixtures: ['first-assistant', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'msg.same-role.consecutive',
      level: 'MAY',
      profile: 'core',
      statement:
        'The server passes both of two consecutive user messages to the model, or rejects them as a client error. It drops neither.',
      source: ['S1', 'D:ref', 'H3'],
      fixtures: ['consecutive-users', 'words-in-prompt'],
      judge: acceptedOrRejected({
        fixture: 'consecutive-users',
        judge: unlessCounted(
          'consecutive-users',
          wordsArrive(
            'consecutive-users',
            'A user message is lost: the model repeats two words from one message, but not from two consecutive ones.',
          ),
          SAME_WORDS,
        ),
        accepted: {
          contradicts: ({ consecutiveRoles }) => consecutiveRoles === 'strict',
          message: 'Consecutive user messages are accepted, but the contract says that roles alternate.',
        },
        rejected: {
          contradicts: ({ consecutiveRoles }) => consecutiveRoles === 'merge',
          message: 'Consecutive user messages are rejected, but the contract says that they are merged.',
        },
      }),
    },
    {
      id: 'msg.empty.user',
      level: 'SHOULD',
      profile: 'errors',
      statement: 'The server rejects a single user message with empty `content` as a client error (documented: 400).',
      source: ['H3', 'H5'],
      fixtures: ['user-empty-string', 'user-empty-array', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'msg.empty.text-block',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'The server rejects a text block that is empty or only whitespace as a client error (documented: 400).',
      source: ['H5', 'O24'],
      fixtures: ['text-block-empty', 'text-block-blank', 'content-array'],
      judge: rejected(),
    },
    {
      id: 'msg.empty.assistant-middle',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'The server rejects an empty assistant message that is not the last message as a client error (documented: 400).',
      source: ['H5'],
      fixtures: ['assistant-empty-middle', 'three-turns'],
      judge: rejected(),
    },
    {
      id: 'msg.block.unknown-type',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'The server rejects a content block of an unknown `type`, or without one, as a client error (documented: 400).',
      source: ['O24', 'H3'],
      fixtures: ['block-unknown-type', 'block-without-type', 'content-array'],
      judge: rejected({ silent: true }),
    },
    {
      id: 'msg.prefill.continues',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'The server continues a final assistant message without repeating it, with `stream` and without it, or rejects it as a client error.',
      source: ['D:work', 'D:errors'],
      fixtures: ['prefill', 'prefill-streamed', 'cheap'],
      judge: continues,
    },
    {
      id: 'msg.prefill.trailing-space',
      level: 'MAY',
      profile: 'errors',
      statement:
        'The server may reject a final assistant message that ends in whitespace as a client error (documented: 400).',
      source: ['H5'],
      fixtures: ['prefill-trailing-space', 'prefill'],
      judge: trailingSpace,
    },
    {
      id: 'msg.role-system.first',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'The server rejects a first message of the role `system` as a client error (documented: 400); system prompts belong in the field `system`.',
      source: ['H2', 'H3', 'D:midsys'],
      fixtures: ['system-role-first', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'msg.role-system.later',
      level: 'MAY',
      profile: 'agent',
      statement:
        'The server passes a `system` message after a user message to the model, or rejects it as a client error. It does not ignore it.',
      source: ['D:midsys', 'T:msg', 'H3'],
      fixtures: ['system-role-later', 'words-in-prompt', 'system-string', 'cheap'],
      judge: acceptedOrRejected({
        fixture: 'system-role-later',
        judge: unlessCounted(
          'system-role-later',
          wordsArrive(
            'system-role-later',
            'A `system` message is accepted and ignored: the model follows the same instructions from the user.',
            saysOneWord,
          ),
          { than: 'cheap', by: 1, excuse: whereObeyed(['system-string']) },
        ),
        accepted: {
          contradicts: ({ systemRole }) => systemRole === 'refuse',
          message: 'A `system` message is accepted, but the contract says that it is rejected.',
        },
        rejected: {
          contradicts: ({ systemRole }) => systemRole === 'honour',
          message: 'A `system` message is rejected, but the contract says that it is followed.',
        },
      }),
    },
    {
      id: 'msg.long-history',
      level: 'MUST',
      profile: 'agent',
      statement: 'The server accepts a history of 51 short messages.',
      source: ['S1', 'T:msg'],
      fixtures: [...SESSION, 'long-history'],
      judge: acceptedInSession('long-history'),
    },
    {
      id: 'msg.assistant.blank-text',
      level: 'SHOULD',
      profile: 'agent',
      statement: 'The server accepts an assistant text block of white space beside a `tool_use` in the history.',
      source: ['V'],
      fixtures: [...SESSION, 'history-blank-text'],
      judge: acceptedInSession('history-blank-text'),
    },
    {
      id: 'msg.context-overflow',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'The server rejects a prompt larger than the context window as a client error (documented: 400 or 413). It does not shorten it silently.',
      source: ['H5', 'D:ctx'],
      fixtures: ['context-overflow', 'cheap'],
      judge: overflow,
      onRequest: 'it sends more than a million input tokens, which a target with a large context window bills',
    },
  ],
};

function wordsArrive(fixture: string, lost: string, shown = saysBothWords): Judge {
  return steered({
    subject: (evidence) => evidence.of(fixture),
    control: (evidence) => evidence.of('words-in-prompt'),
    shows: (message, exchange) => (exchange.fixture === 'words-in-prompt' ? saysBothWords : shown)(message),
    expected: 'the words that the prompt asks for',
    lost,
    needsEnd: true,
  });
}

/** Tokens that a chat template may add around a block. */
const SEPARATORS = 2;

function stringIsOneBlock(evidence: Evidence): Judgement {
  const array = evidence.of('content-array');
  const judgement = accepted()({ ...evidence, own: array });
  if (judgement.outcome !== 'satisfied') return judgement;
  const string = evidence.of('cheap').find(succeeded);
  const block = array.find(succeeded);
  if (string === undefined || block === undefined)
    return inconclusive('Not tested: the control request cheap was rejected');
  const [asString, asBlock] = [string, block].map((exchange) => totalInput(get(exchange.message, 'usage')));
  if (asString === null || asBlock === null) return notObserved('The replies do not count their input tokens');
  if (asString === asBlock) return satisfied();
  if (Math.abs(asBlock! - asString!) <= SEPARATORS) return satisfied(`${asString} and ${asBlock} input tokens`);
  if (isCountStable(evidence) === false)
    return inconclusive(
      'Not tested: the target counts the same prompt differently each time, see usage.input.deterministic',
    );
  return violated(
    finding(
      block,
      'Input tokens differ between a string and the same text as a block.',
      `${asString} input tokens, as ${string.id}`,
      `${asBlock} input tokens`,
      { pointer: '/usage/input_tokens' },
    ),
  );
}

/** One of two allowed behaviours. */
interface Choice {
  /** Whether the contract documents the other one. */
  contradicts: (dialect: Evidence['claims']['dialect']) => boolean;
  message: string;
}

/** Accepting with full effect and rejecting are both allowed. A contract may document one of them. */
function acceptedOrRejected(choice: { fixture: string; judge: Judge; accepted: Choice; rejected: Choice }): Judge {
  return (evidence) => {
    const judgement = choice.judge(evidence);
    if (judgement.outcome !== 'satisfied' && judgement.outcome !== 'rejected') return judgement;
    const way = judgement.outcome === 'satisfied' ? choice.accepted : choice.rejected;
    const shown = evidence.of(choice.fixture).at(-1)!;
    if (way.contradicts(evidence.claims.dialect)) {
      const documented =
        judgement.outcome === 'satisfied' ? 'HTTP 400 invalid_request_error' : 'HTTP 200 with a Message';
      return deviates(finding(shown, way.message, `${documented}, as the contract says`, answer(shown)));
    }
    return judgement.outcome === 'satisfied' ? satisfied() : satisfied(`Rejected, which is allowed: ${answer(shown)}`);
  };
}

function trailingSpace(evidence: Evidence): Judgement {
  const prefill = evidence.of('prefill');
  if (prefill.length > 0 && prefill.every(rejectedAsInvalid)) {
    return notObserved('The target rejects every final assistant message');
  }
  const optional = 'The target accepts trailing whitespace in a final assistant message, which is allowed';
  return rejected({ optional })(evidence);
}

/** The prompt has more tokens than this. A lower count means that the server dropped a part of it. */
const MILLION = 1_000_000;

function overflow(evidence: Evidence): Judgement {
  const asked = evidence.of('context-overflow');
  const nothing = noAnswer(asked, evidence);
  if (nothing !== null) return nothing;
  const first = asked[0]!;
  const trouble = whyControlFailed(evidence, evidence.fixture('context-overflow'), first);
  if (trouble !== null) return inconclusive(trouble);
  if (rejectedAsInvalid(first)) return satisfied();
  const read = totalInput(get(first.message, 'usage'));
  if (succeeded(first) && read !== null && read >= MILLION) {
    return notObserved(`The context window of this model has room for all ${read} tokens`);
  }
  if (get(first.message, 'stop_reason') === 'model_context_window_exceeded') {
    return satisfied('Accepted with stop_reason model_context_window_exceeded');
  }
  return violated(overflowFinding(first, read), succeeded(first));
}

function overflowFinding(exchange: Exchange, read: number | null) {
  const message =
    status(exchange) >= 200 && status(exchange) < 300
      ? 'The server drops part of a prompt that is too long, and does not report it.'
      : 'A prompt that is too long is not rejected as a client error.';
  const actual = read === null ? answer(exchange) : `${answer(exchange)}, ${read} input tokens`;
  return finding(exchange, message, 'HTTP 400 "prompt is too long"', actual);
}
