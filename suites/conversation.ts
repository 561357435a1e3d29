import { answer, rejectedAsInvalid, status, succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import { get } from '../core/json.js';
import { text, totalInput } from '../core/message.js';
import type { Evidence, Judge, Judgement, Suite } from '../core/requirement.js';
import { SESSION, servedInSession } from './judging/agent-session.js';
import { whyControlFailed } from './judging/controls.js';
import { accepted, rejected } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { deviates, finding, inconclusive, notObserved, satisfied, violated } from './judging/outcomes.js';
import { replyText, steered } from './judging/steering.js';
import { saysBothWords, saysTheWord, unlessCounted } from './judging/steering-words.js';
import { wasTruncated } from './judging/tool-views.js';
import { countsSteadily, REPEATED } from './judging/views.js';

/** The same words in one string: what lacks one of its sentences has several tokens less. */
const SAME_WORDS = { than: 'words-in-prompt', by: -2 };

export const conversation: Suite = {
  name: 'conversation',
  title: 'order, roles and content of messages',
  requirements: [
    {
      id: 'msg.content.string-or-array',
      level: 'MUST',
      profile: 'core',
      statement:
        'Content as a string and as one text block is the same prompt: both are served and count the same input tokens, separators aside.',
      source: ['D:ref', 'S1'],
      fixtures: ['content-array', 'cheap', ...REPEATED],
      judge: stringIsOneBlock,
    },
    {
      id: 'msg.content.multi-text',
      level: 'MUST',
      profile: 'core',
      statement: 'All text blocks of a message reach the model.',
      source: ['S1', 'T:msg'],
      fixtures: ['content-blocks', 'words-in-prompt'],
      judge: unlessCounted(
        'content-blocks',
        wordsArrive(
          'content-blocks',
          'The model repeats two words from one string, but not when they stand in two blocks of a message.',
        ),
        SAME_WORDS,
      ),
    },
    {
      id: 'msg.multi-turn',
      level: 'MUST',
      profile: 'core',
      statement: 'What earlier messages of the conversation say reaches the model.',
      source: ['S1'],
      fixtures: ['three-turns', 'words-in-prompt'],
      judge: unlessCounted(
        'three-turns',
        wordsArrive(
          'three-turns',
          'The model repeats two words from the last message, but not when the first message of the conversation holds them.',
        ),
        SAME_WORDS,
      ),
    },
    {
      id: 'msg.first.assistant',
      level: 'SHOULD',
      profile: 'core',
      statement: 'A conversation that begins with the assistant is refused as a client error (400 documented).',
      source: ['H5', 'D:work'],
      fixtures: ['first-assistant', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'msg.same-role.consecutive',
      level: 'MAY',
      profile: 'core',
      statement:
        'Two user messages in a row both reach the model, or are refused as a client error; neither is lost in silence.',
      source: ['S1', 'D:ref', 'H3'],
      fixtures: ['consecutive-users', 'words-in-prompt'],
      judge: servedOrRefused({
        fixture: 'consecutive-users',
        judge: unlessCounted(
          'consecutive-users',
          wordsArrive(
            'consecutive-users',
            'One of two user messages in a row is lost: the model repeats the two words when one message holds both.',
          ),
          SAME_WORDS,
        ),
        served: {
          contradicts: ({ consecutiveRoles }) => consecutiveRoles === 'strict',
          message: 'Two user messages in a row are merged, though the contract says that roles alternate.',
        },
        refusal: {
          contradicts: ({ consecutiveRoles }) => consecutiveRoles === 'merge',
          message: 'Two user messages in a row are refused, though the contract says that they are merged.',
        },
      }),
    },
    {
      id: 'msg.empty.user',
      level: 'SHOULD',
      profile: 'errors',
      statement: 'A lone user message without content is refused as a client error (400 documented).',
      source: ['H3', 'H5'],
      fixtures: ['user-empty-string', 'user-empty-array', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'msg.empty.text-block',
      level: 'SHOULD',
      profile: 'errors',
      statement: 'A text block that is empty or holds white space alone is refused as a client error (400 documented).',
      source: ['H5', 'O24'],
      fixtures: ['text-block-empty', 'text-block-blank', 'content-array'],
      judge: rejected(),
    },
    {
      id: 'msg.empty.assistant-middle',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'An assistant message without content, other than the last, is refused as a client error (400 documented).',
      source: ['H5'],
      fixtures: ['assistant-empty-middle', 'three-turns'],
      judge: rejected(),
    },
    {
      id: 'msg.block.unknown-type',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'A content block of a type that does not exist, or without type, is refused as a client error (400 documented).',
      source: ['O24', 'H3'],
      fixtures: ['block-unknown-type', 'block-without-type', 'content-array'],
      judge: rejected({ silent: true }),
    },
    {
      id: 'msg.prefill.continues',
      level: 'SHOULD',
      profile: 'core',
      statement: 'A final assistant message is continued without being repeated, or refused as a client error.',
      source: ['D:work', 'D:errors'],
      fixtures: ['prefill', 'cheap'],
      judge: continues,
    },
    {
      id: 'msg.prefill.trailing-space',
      level: 'MAY',
      profile: 'errors',
      statement:
        'A final assistant message that ends in white space may be refused as a client error (400 documented).',
      source: ['H5'],
      fixtures: ['prefill-trailing-space', 'prefill'],
      judge: trailingSpace,
    },
    {
      id: 'msg.role-system.first',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'A conversation that begins with a message of the role system is refused as a client error (400 documented): its place is the field system.',
      source: ['H2', 'H3', 'D:midsys'],
      fixtures: ['system-role-first', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'msg.role-system.later',
      level: 'MAY',
      profile: 'agent',
      statement:
        'A message of the role system behind a user message is followed, or refused as a client error; it is not ignored.',
      source: ['D:midsys', 'T:msg', 'H3'],
      fixtures: ['system-role-later', 'words-in-prompt', 'cheap'],
      judge: servedOrRefused({
        fixture: 'system-role-later',
        judge: unlessCounted(
          'system-role-later',
          wordsArrive(
            'system-role-later',
            'A message of the role system is served and ignored: the model follows instructions when the user gives them.',
            saysTheWord,
          ),
        ),
        served: {
          contradicts: ({ systemRole }) => systemRole === 'refuse',
          message: 'A message of the role system is followed, though the contract says that it is refused.',
        },
        refusal: {
          contradicts: ({ systemRole }) => systemRole === 'honour',
          message: 'A message of the role system is refused, though the contract says that it is followed.',
        },
      }),
    },
    {
      id: 'msg.long-history',
      level: 'MUST',
      profile: 'agent',
      statement: 'A history of 51 short messages in turns is served.',
      source: ['S1', 'T:msg'],
      fixtures: [...SESSION, 'long-history'],
      judge: servedInSession('long-history'),
    },
    {
      id: 'msg.context-overflow',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'A prompt larger than the context window is refused as a client error (400 or 413 documented), not cut down in silence.',
      source: ['H5', 'D:ctx'],
      fixtures: ['context-overflow', 'cheap'],
      judge: overflow,
      onRequest: 'it sends a prompt of more than a million tokens, which a target with so large a window bills',
    },
  ],
};

function wordsArrive(fixture: string, lost: string, shown = saysBothWords): Judge {
  return steered({
    subject: (evidence) => evidence.of(fixture),
    control: (evidence) => evidence.of('words-in-prompt'),
    shows: (message, exchange) => (exchange.fixture === 'words-in-prompt' ? saysBothWords : shown)(message),
    expected: 'the words that the conversation asks for',
    lost,
    needsEnd: true,
  });
}

/** Tokens that a template may put around a block. */
const SEPARATORS = 2;

function stringIsOneBlock(evidence: Evidence): Judgement {
  const array = evidence.of('content-array');
  const judgement = accepted()({ ...evidence, own: array });
  if (judgement.outcome !== 'satisfied') return judgement;
  const string = evidence.of('cheap').find(succeeded);
  const block = array.find(succeeded);
  if (string === undefined || block === undefined) return inconclusive('its control request cheap was not served');
  const [asString, asBlock] = [string, block].map((exchange) => totalInput(get(exchange.message, 'usage')));
  if (asString === null || asBlock === null) return notObserved('the answers do not tell their input tokens');
  if (asString === asBlock) return satisfied();
  if (Math.abs(asBlock! - asString!) <= SEPARATORS) return satisfied(`${asString} and ${asBlock} input tokens`);
  if (countsSteadily(evidence) === false)
    return inconclusive(
      'one and the same prompt is counted differently each time, which usage.input.deterministic judges',
    );
  return violated(
    finding(
      block,
      'The same text counts as another number of input tokens when it is a text block: it is not the same prompt.',
      `${asString} input tokens, as ${string.id}`,
      `${asBlock} input tokens`,
      { pointer: '/usage/input_tokens' },
    ),
  );
}

interface Choice {
  /** Whether the contract documents the other way. */
  contradicts: (dialect: Evidence['claims']['dialect']) => boolean;
  message: string;
}

/** Serving with full effect and refusing are both legal; the contract may document one of them. */
function servedOrRefused(choice: { fixture: string; judge: Judge; served: Choice; refusal: Choice }): Judge {
  return (evidence) => {
    const judgement = choice.judge(evidence);
    if (judgement.outcome !== 'satisfied' && judgement.outcome !== 'rejected') return judgement;
    const way = judgement.outcome === 'satisfied' ? choice.served : choice.refusal;
    const shown = evidence.of(choice.fixture).at(-1)!;
    if (way.contradicts(evidence.claims.dialect)) {
      const documented =
        judgement.outcome === 'satisfied' ? 'HTTP 400 invalid_request_error' : 'HTTP 200 with a Message';
      return deviates(finding(shown, way.message, `${documented}, as the contract says`, answer(shown)));
    }
    return judgement.outcome === 'satisfied' ? satisfied() : satisfied(`refused, which is legal: ${answer(shown)}`);
  };
}

function continues(evidence: Evidence): Judgement {
  const asked = evidence.of('prefill');
  const nothing = noAnswer(asked, evidence);
  if (nothing !== null) return nothing;
  const first = asked[0]!;
  const { prefill } = evidence.claims.dialect;
  const served = asked.filter((exchange) => exchange.message !== null);
  if (served.length === 0) {
    const trouble = whyControlFailed(evidence, evidence.fixture('prefill'), first);
    if (trouble !== null) return inconclusive(trouble);
    if (!rejectedAsInvalid(first)) {
      return violated(
        finding(
          first,
          'A final assistant message is neither continued nor refused as a client error.',
          'HTTP 200, or HTTP 400',
          answer(first),
        ),
      );
    }
    if (prefill !== 'continue') return satisfied(`refused, which is legal: ${answer(first)}`);
    return deviates(
      finding(
        first,
        'A final assistant message is refused, though the contract says that it is continued.',
        'HTTP 200 with the continuation',
        answer(first),
      ),
    );
  }
  const continued = served.find((exchange) => /^\W*E(\W|F|$)/.test(text(exchange.message)));
  if (continued !== undefined) {
    if (prefill !== 'refuse') return satisfied();
    return deviates(
      finding(
        continued,
        'A final assistant message is continued, though the contract says that it is refused.',
        'HTTP 400 invalid_request_error',
        replyText(continued),
      ),
    );
  }
  const repeated = served.filter(beginsAnew);
  if (repeated.length < served.length) {
    return inconclusive('the model did not write the alphabet, so nothing shows where it began', served.length);
  }
  return violated(
    repeated.map((exchange) =>
      finding(exchange, 'The answer begins anew instead of continuing "A B C D".', 'E F G H I J', replyText(exchange)),
    ),
    true,
  );
}

/** The alphabet from its beginning, and further than the prefill unless it was cut: a parrot says no more than it was told. */
function beginsAnew({ message }: Exchange): boolean {
  const began = /^\W*A\W*B\W*C\W*D/.exec(text(message));
  return began !== null && (/\w/.test(text(message).slice(began[0].length)) || wasTruncated(message));
}

function trailingSpace(evidence: Evidence): Judgement {
  const prefill = evidence.of('prefill');
  if (prefill.length > 0 && prefill.every(rejectedAsInvalid)) {
    return notObserved('the target refuses a final assistant message altogether');
  }
  const optional = 'white space at the end of a final assistant message is accepted, which is a free choice';
  return rejected({ optional })(evidence);
}

/** Fewer tokens than were sent can only mean that part of the prompt was thrown away. */
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
    return notObserved(`the window of this model holds the ${read} tokens that were sent`);
  }
  if (get(first.message, 'stop_reason') === 'model_context_window_exceeded') {
    return satisfied('served with stop_reason model_context_window_exceeded');
  }
  return violated(overflowFinding(first, read), succeeded(first));
}

function overflowFinding(exchange: Exchange, read: number | null) {
  const message =
    status(exchange) >= 200 && status(exchange) < 300
      ? 'Part of a prompt that is too long was thrown away, and the answer does not tell.'
      : 'A prompt that is too long is not refused as a client error.';
  const actual = read === null ? answer(exchange) : `${answer(exchange)}, ${read} input tokens`;
  return finding(exchange, message, 'HTTP 400 "prompt is too long"', actual);
}
