import { answer, succeeded } from '../core/answers.js';
import { get, quote } from '../core/json.js';
import { text } from '../core/message.js';
import type { Evidence, Judge, Judgement, Suite } from '../core/requirement.js';
import { acceptedInSession, SESSION } from './judging/agent-session.js';
import { alsoStreamed } from './judging/arrival.js';
import { bundled } from './judging/bundles.js';
import { whereAccepted } from './judging/feature-gates.js';
import { honouredOrNamed } from './judging/honoured-or-named.js';
import { accepted, rejected } from './judging/judges.js';
import { finding, inconclusive, satisfied, violated } from './judging/outcomes.js';
import { replyText, type Steering, steered } from './judging/steering.js';
import { unlessCounted, whereObeyed } from './judging/steering-words.js';
import { calls, wasTruncated } from './judging/tool-views.js';

/** Fixtures that show whether the target accepts documents. */
const DOCUMENTS = ['document-kinds', 'document-text'];
/** The request with both sources, streamed or not. */
const SOURCES = ['result-sources', 'result-sources-streamed', 'words-in-prompt-streamed'];

export const toolResults: Suite = {
  name: 'tool-results',
  title: 'tool calls in the history, and their results',
  requirements: [
    {
      id: 'tr.string',
      level: 'MUST',
      profile: 'tools',
      statement: 'The server passes a string in `content` of a `tool_result` to the model, as it is.',
      source: ['D:handle', 'H2'],
      fixtures: ['result-string', 'codes-in-text', 'result-omitted'],
      judge: unlessPrinted(
        'result-string',
        unlessDegrees(
          unlessCounted(
            'result-string',
            echoes({
              subject: 'result-string',
              control: 'codes-in-text',
              shows: (reply) => hasCode(reply) && !PRINTED_BLOCK.test(reply),
              expected: 'the code in the result',
              lost: 'A `tool_result` string is lost: the model repeats the same code from a user message.',
            }),
            // The two prompts differ only in the result, which has about eight tokens.
            { than: 'result-omitted', by: 4, excuse: whereObeyed(['codes-in-text']) },
          ),
        ),
      ),
    },
    {
      id: 'tr.blocks',
      level: 'MUST',
      profile: 'tools',
      statement: 'The server passes the text blocks in `content` of a `tool_result` to the model, as text.',
      source: ['D:handle', 'H2'],
      fixtures: ['result-blocks', 'result-string'],
      judge: unlessPrinted(
        'result-blocks',
        echoes({
          subject: 'result-blocks',
          control: 'result-string',
          shows: (reply) => hasCode(reply) && !PRINTED_BLOCK.test(reply),
          expected: 'the code in the result',
          lost: 'A `tool_result` of text blocks is lost: the model repeats the code of a string result.',
        }),
      ),
    },
    {
      id: 'tr.empty',
      level: 'MUST',
      profile: 'agent',
      statement: 'The server accepts a `tool_result` without `content`.',
      source: ['D:handle'],
      fixtures: [...SESSION, 'result-empty'],
      judge: acceptedInSession('result-empty'),
    },
    {
      id: 'tr.is-error',
      level: 'MUST',
      profile: 'tools',
      statement: 'The server accepts a `tool_result` with `is_error` true.',
      source: ['D:handle', 'H2'],
      fixtures: [...SESSION, 'result-error', 'result-string'],
      judge: acceptedInSession('result-error'),
    },
    {
      id: 'tr.image',
      level: 'SHOULD',
      profile: 'vision',
      statement:
        'The server passes an image in a `tool_result` to the model, as in a user message, with `stream` and without it.',
      source: ['D:handle'],
      fixtures: [
        'result-picture',
        'result-picture-streamed',
        'screenshot-omitted',
        'words-in-prompt-streamed',
        'picture-png',
        'result-string',
      ],
      judge: whereAccepted('vision', ['picture-png'], alsoStreamed('result-picture', imageArrives)),
    },
    {
      id: 'tr.document',
      level: 'SHOULD',
      profile: 'documents',
      statement:
        'The model reads a `document` in a `tool_result`, or the server rejects the block as a client error that names it.',
      source: ['T:msg'],
      fixtures: [...SOURCES, 'result-document', 'notes-omitted', 'words-in-prompt', ...DOCUMENTS],
      judge: sourceArrives({ part: 'result-document', type: 'document', shows: /PINEAPPLE/i }),
    },
    {
      id: 'tr.search-result',
      level: 'SHOULD',
      profile: 'documents',
      statement:
        'The model reads a `search_result` in a `tool_result`, or the server rejects the block as a client error that names it.',
      source: ['T:msg', 'D:search'],
      fixtures: [...SOURCES, 'result-search', 'notes-omitted', 'words-in-prompt', ...DOCUMENTS],
      judge: sourceArrives({ part: 'result-search', type: 'search_result', shows: /MANGO/i }),
    },
    {
      id: 'tr.parallel-all',
      level: 'MUST',
      profile: 'tools',
      statement:
        'One user message may have the results of two tool calls in any order; the server passes both to the model.',
      source: ['D:parallel'],
      fixtures: ['results-swapped', 'result-string', 'codes-in-text'],
      judge: bothResultsArrive,
    },
    {
      id: 'tr.text-after',
      level: 'MUST',
      profile: 'agent',
      statement: 'A user message may carry text after its `tool_result` blocks.',
      source: ['D:handle'],
      fixtures: [...SESSION, 'result-text-after'],
      judge: acceptedInSession('result-text-after'),
    },
    {
      id: 'tr.text-before',
      level: 'SHOULD',
      profile: 'tools',
      statement:
        'The server rejects text before the `tool_result` blocks of a user message as a client error (documented: 400).',
      source: ['D:handle', 'D:stop'],
      fixtures: ['text-before-result', 'result-string'],
      judge: rejected(),
    },
    {
      id: 'tr.missing',
      level: 'SHOULD',
      profile: 'tools',
      statement:
        'The server rejects a `tool_use` without a `tool_result` in the next user message as a client error (documented: 400).',
      source: ['D:handle', 'H2'],
      fixtures: ['result-missing', 'result-string'],
      judge: rejected({ silent: true }),
    },
    {
      id: 'tr.unknown-id',
      level: 'SHOULD',
      profile: 'tools',
      statement:
        'The server rejects a `tool_result` without `tool_use_id`, or with an id that the previous message does not have, as a client error (documented: 400).',
      source: ['H2', 'H5'],
      fixtures: ['result-unknown-id', 'result-without-id', 'result-string'],
      judge: rejected({ silent: true }),
    },
    {
      id: 'tr.wrong-role',
      level: 'SHOULD',
      profile: 'tools',
      statement:
        'The server rejects a `tool_use` in a user message and a `tool_result` in an assistant message as client errors (documented: 400).',
      source: ['H2', 'H5'],
      fixtures: ['call-from-user', 'result-from-assistant', 'result-string'],
      judge: rejected(),
    },
    {
      id: 'tr.duplicate-use-id',
      level: 'SHOULD',
      profile: 'tools',
      statement: 'The server rejects two `tool_use` blocks with the same `id` as a client error (documented: 400).',
      source: ['H5'],
      fixtures: ['call-id-twice', 'result-string'],
      judge: rejected(),
    },
    {
      id: 'tr.foreign-ids',
      level: 'MUST',
      profile: 'agent',
      statement: 'The server accepts tool ids of another server in the history, such as "call_abc-1".',
      source: ['O24'],
      fixtures: [...SESSION, 'result-foreign-id'],
      judge: acceptedInSession('result-foreign-id'),
    },
    {
      id: 'tr.loop',
      level: 'MUST',
      profile: 'tools',
      statement: 'A text reply to a `tool_result` has `stop_reason` "end_turn".',
      source: ['D:handle'],
      fixtures: ['tool-loop', 'result-string'],
      judge: loopEnds,
    },
  ],
};

const CODE = /ZX81/i;
const OTHER_CODE = /QW42/i;

/** A printed block: the server passed program syntax to the model, which no client sent. */
const PRINTED_BLOCK =
  /['"]type['"]\s*:\s*['"](text|tool_result)['"]|['"]tool_use_id['"]\s*:|\[object Object\]|TextBlock\w{0,40}\(/;

/** The prompt asks for the result from its first character to its last, so a reply shows what stood around it. */
function unlessPrinted(fixture: string, judge: Judge): Judge {
  return (evidence) => {
    const replies = evidence.of(fixture).filter((exchange) => succeeded(exchange) && hasCode(text(exchange.message)));
    const printed = replies.filter(({ message }) => PRINTED_BLOCK.test(text(message)));
    if (printed.length === 0 || printed.length < replies.length) return judge(evidence);
    return violated(
      printed.map((exchange) =>
        finding(
          exchange,
          'A `tool_result` reaches the model as printed JSON or program code, not as its text.',
          'the text of the result, without what stood around it',
          replyText(exchange),
        ),
      ),
      true,
    );
  };
}

interface Echo {
  subject: string;
  /** The fixture that shows that the model repeats codes. */
  control: string;
  shows: (reply: string) => boolean;
  expected: string;
  lost: string;
  without?: Steering['without'];
}

function echoes({ subject, control, shows, expected, lost, without }: Echo): Judge {
  return steered({
    subject: (evidence) => evidence.of(subject),
    control: (evidence) => evidence.of(control),
    shows: (message) => shows(text(message)),
    expected,
    lost,
    needsEnd: true,
    ...(without !== undefined && { without }),
  });
}

/** A model that repeats the temperature has received the result, even if it leaves out the code. */
function unlessDegrees(judge: Judge): Judge {
  return (evidence) => {
    const judgement = judge(evidence);
    const informed = evidence.of('result-string').find(({ message }) => /\b15\b/.test(text(message)));
    return judgement.outcome === 'violated' && informed !== undefined
      ? inconclusive(`${informed.id} has the temperature of the result, but not its code: the model may be weak`)
      : judgement;
  };
}

function hasCode(reply: string): boolean {
  return CODE.test(reply);
}

function bothResultsArrive(evidence: Evidence): Judgement {
  const judgement = echoes({
    subject: 'results-swapped',
    control: 'codes-in-text',
    shows: (reply) => CODE.test(reply) && OTHER_CODE.test(reply),
    expected: 'the codes in both results',
    lost: 'One of two tool results is lost: the model repeats both codes from a user message.',
  })(evidence);
  // tr.string finds a server that loses every result. The temperatures of both cities show that both results arrived.
  const both = evidence
    .of('results-swapped')
    .some(({ message }) => /\b15\b/.test(text(message)) && /\b28\b/.test(text(message)));
  if (judgement.outcome === 'violated' && both)
    return inconclusive('The reply has the temperatures of both results, but not their codes');
  const single = evidence.of('result-string').some(({ message }) => message !== null && hasCode(text(message)));
  return judgement.outcome === 'violated' && judgement.silent && !single
    ? inconclusive('The model does not repeat the code of a single result either')
    : judgement;
}

function imageArrives(evidence: Evidence, fixture: string): Judgement {
  const hasYellow = (reply: string): boolean => /\byellow\b/i.test(reply);
  const judgement = echoes({
    subject: fixture,
    control: 'picture-png',
    shows: hasYellow,
    expected: 'the color yellow',
    lost: 'An image in a `tool_result` is lost: the model names the color of the same image in a user message.',
    without: ['screenshot-omitted', 1],
  })(evidence);
  if (judgement.outcome !== 'rejected') return judgement;
  // A rejection counts only if the target supports both images and tool results.
  if (!evidence.of('picture-png').some(({ message }) => message !== null && hasYellow(text(message))))
    return inconclusive('The model does not see an image in a user message either');
  return evidence.of('result-string').some(succeeded)
    ? judgement
    : inconclusive('Not tested: a tool result without an image was rejected too');
}

/** The control is a prompt that contains the same words. */
function sourceArrives({ part, type, shows }: { part: string; type: string; shows: RegExp }): Judge {
  const honoured: Judge = (evidence) =>
    steered({
      subject: () => evidence.own,
      control: () => evidence.of('words-in-prompt'),
      shows: (message) => shows.test(text(message)),
      expected: `the word in the ${type}`,
      lost: `A \`${type}\` in a \`tool_result\` is lost: the model repeats its word from a plain prompt.`,
      needsEnd: true,
      // Each source has six words at least.
      without: ['notes-omitted', 6],
    })(evidence);
  const feature = {
    names: new RegExp(type.replace('_', '.?'), 'i'),
    what: `A \`${type}\` in a \`tool_result\``,
    breaks: 'the client cannot tell that it has to send text instead',
    name: type,
  };
  return whereAccepted(
    'documents',
    DOCUMENTS,
    alsoStreamed('result-sources', (evidence, whole) =>
      bundled([{ whole, part }], honouredOrNamed(feature, honoured))(evidence),
    ),
  );
}

function loopEnds(evidence: Evidence): Judgement {
  const asked = [...evidence.of('tool-loop').filter(({ turn }) => turn === 2), ...evidence.of('result-string')];
  const replies = asked.filter((exchange) => succeeded(exchange) && exchange.message !== null);
  if (replies.length === 0) {
    const tried = asked.filter(({ failure }) => failure?.kind !== 'not-set-up');
    return accepted()({ ...evidence, own: tried.length > 0 ? tried : asked });
  }
  const inWords = replies.filter(({ message }) => text(message).trim() !== '' && calls(message).length === 0);
  if (inWords.some(({ message }) => get(message, 'stop_reason') === 'end_turn')) return satisfied();
  const wrong = inWords.filter(({ message }) => !wasTruncated(message));
  if (wrong.length === 0)
    return inconclusive(`The model did not finish with text: ${answer(replies.at(-1)!)}`, replies.length);
  return violated(
    wrong.map((exchange) =>
      finding(
        exchange,
        '`stop_reason` is wrong for a text reply to a tool result.',
        'stop_reason "end_turn"',
        `stop_reason ${quote(get(exchange.message, 'stop_reason'))}`,
        { pointer: '/stop_reason' },
      ),
    ),
  );
}
