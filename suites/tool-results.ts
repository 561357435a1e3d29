import { answer, succeeded } from '../core/answers.js';
import { get, quote } from '../core/json.js';
import { text } from '../core/message.js';
import type { Evidence, Judge, Judgement, Suite } from '../core/requirement.js';
import { SESSION, servedInSession } from './judging/agent-session.js';
import { whereTaken } from './judging/feature-gates.js';
import { accepted, rejected } from './judging/judges.js';
import { finding, inconclusive, satisfied, violated } from './judging/outcomes.js';
import { steered } from './judging/steering.js';
import { unlessCounted } from './judging/steering-words.js';
import { calls, wasTruncated } from './judging/tool-views.js';

export const toolResults: Suite = {
  name: 'tool-results',
  title: 'calls in the history and their results',
  requirements: [
    {
      id: 'tr.string',
      level: 'MUST',
      profile: 'tools',
      statement: 'What a tool_result says as a string reaches the model.',
      source: ['D:handle', 'H2'],
      fixtures: ['result-string', 'codes-in-text', 'result-omitted'],
      judge: unlessDegrees(
        unlessCounted(
          'result-string',
          echoes({
            subject: 'result-string',
            control: 'codes-in-text',
            shows: saysCode,
            expected: 'the code of the result',
            lost: 'A tool result as a string is lost: the model repeats the code when the user says it.',
          }),
          // Both differ in the result alone, which has some eight tokens.
          { than: 'result-omitted', by: 4 },
        ),
      ),
    },
    {
      id: 'tr.blocks',
      level: 'MUST',
      profile: 'tools',
      statement: 'What a tool_result says as an array of text blocks reaches the model, as text.',
      source: ['D:handle', 'H2'],
      fixtures: ['result-blocks', 'result-string'],
      judge: echoes({
        subject: 'result-blocks',
        control: 'result-string',
        shows: (said) => saysCode(said) && !PRINTED_BLOCK.test(said),
        expected: 'the code of the result',
        lost: 'A tool result as text blocks is lost or arrives as program text: the model repeats the code of a string.',
      }),
    },
    {
      id: 'tr.empty',
      level: 'MUST',
      profile: 'agent',
      statement: 'A tool_result without content is served.',
      source: ['D:handle'],
      fixtures: [...SESSION, 'result-empty'],
      judge: servedInSession('result-empty'),
    },
    {
      id: 'tr.is-error',
      level: 'MUST',
      profile: 'tools',
      statement: 'A tool_result with is_error true is served.',
      source: ['D:handle', 'H2'],
      fixtures: [...SESSION, 'result-error', 'result-string'],
      judge: servedInSession('result-error'),
    },
    {
      id: 'tr.image',
      level: 'SHOULD',
      profile: 'vision',
      statement: 'A picture in a tool_result is seen, as one in a user message is.',
      source: ['D:handle'],
      fixtures: ['result-picture', 'picture-png', 'result-string'],
      judge: whereTaken('vision', ['picture-png'], pictureArrives),
    },
    {
      id: 'tr.parallel-all',
      level: 'MUST',
      profile: 'tools',
      statement:
        'Two calls of one reply may be answered in one user message, in any order, and both results reach the model.',
      source: ['D:parallel'],
      fixtures: ['results-swapped', 'result-string', 'codes-in-text'],
      judge: bothResultsArrive,
    },
    {
      id: 'tr.text-after',
      level: 'MUST',
      profile: 'agent',
      statement: 'Text behind the tool results of a message is served.',
      source: ['D:handle'],
      fixtures: [...SESSION, 'result-text-after'],
      judge: servedInSession('result-text-after'),
    },
    {
      id: 'tr.text-before',
      level: 'SHOULD',
      profile: 'tools',
      statement: 'Text before the tool results of a message is refused as a client error (400 documented).',
      source: ['D:handle', 'D:stop'],
      fixtures: ['text-before-result', 'result-string'],
      judge: rejected(),
    },
    {
      id: 'tr.missing',
      level: 'SHOULD',
      profile: 'tools',
      statement: 'A tool_use that the next user message does not answer is refused as a client error (400 documented).',
      source: ['D:handle', 'H2'],
      fixtures: ['result-missing', 'result-string'],
      judge: rejected({ silent: true }),
    },
    {
      id: 'tr.unknown-id',
      level: 'SHOULD',
      profile: 'tools',
      statement:
        'A tool_result without tool_use_id, or for an id that the message before it does not hold, is refused as a client error (400 documented).',
      source: ['H2', 'H5'],
      fixtures: ['result-unknown-id', 'result-without-id', 'result-string'],
      judge: rejected({ silent: true }),
    },
    {
      id: 'tr.wrong-role',
      level: 'SHOULD',
      profile: 'tools',
      statement:
        'A tool_use in a user message and a tool_result in an assistant message are refused as client errors (400 documented).',
      source: ['H2', 'H5'],
      fixtures: ['call-from-user', 'result-from-assistant', 'result-string'],
      judge: rejected(),
    },
    {
      id: 'tr.duplicate-use-id',
      level: 'SHOULD',
      profile: 'tools',
      statement: 'One tool_use id twice in a history is refused as a client error (400 documented).',
      source: ['H5'],
      fixtures: ['call-id-twice', 'result-string'],
      judge: rejected(),
    },
    {
      id: 'tr.foreign-ids',
      level: 'MUST',
      profile: 'agent',
      statement: 'A history with tool ids that another server made, such as call_abc-1, is served.',
      source: ['O24'],
      fixtures: [...SESSION, 'result-foreign-id'],
      judge: servedInSession('result-foreign-id'),
    },
    {
      id: 'tr.loop',
      level: 'MUST',
      profile: 'tools',
      statement: 'After the result of its call the model can finish with words and stop_reason end_turn.',
      source: ['D:handle'],
      fixtures: ['tool-loop', 'result-string'],
      judge: loopEnds,
    },
  ],
};

const CODE = /ZX81/i;
const OTHER_CODE = /QW42/i;

/** A block as a program prints it: the model was shown syntax that no client sent. */
const PRINTED_BLOCK = /['"]type['"]\s*:\s*['"]text['"]|\[object Object\]|TextBlock\w*\(/;

interface Echo {
  subject: string;
  /** Shows that the model repeats codes at all. */
  control: string;
  shows: (said: string) => boolean;
  expected: string;
  lost: string;
}

function echoes({ subject, control, shows, expected, lost }: Echo): Judge {
  return steered({
    subject: (evidence) => evidence.of(subject),
    control: (evidence) => evidence.of(control),
    shows: (message) => shows(text(message)),
    expected,
    lost,
    needsEnd: true,
  });
}

/** A model that tells the degrees has got the result, and makes of it what it likes. */
function unlessDegrees(judge: Judge): Judge {
  return (evidence) => {
    const judgement = judge(evidence);
    const told = evidence.of('result-string').find(({ message }) => /\b15\b/.test(text(message)));
    return judgement.outcome === 'violated' && told !== undefined
      ? inconclusive(`${told.id} tells the degrees of the result, and not its code: it may be a weak model`)
      : judgement;
  };
}

function saysCode(said: string): boolean {
  return CODE.test(said);
}

function bothResultsArrive(evidence: Evidence): Judgement {
  const judgement = echoes({
    subject: 'results-swapped',
    control: 'codes-in-text',
    shows: (said) => CODE.test(said) && OTHER_CODE.test(said),
    expected: 'the codes of both results',
    lost: 'Of two tool results in one message at least one is lost: the model repeats both codes when the user says them.',
  })(evidence);
  // A server that loses every result is found by tr.string; degrees of both cities have come with both results.
  const both = evidence
    .of('results-swapped')
    .some(({ message }) => /\b15\b/.test(text(message)) && /\b28\b/.test(text(message)));
  if (judgement.outcome === 'violated' && both)
    return inconclusive('the model tells both results, and not their codes');
  const single = evidence.of('result-string').some(({ message }) => message !== null && saysCode(text(message)));
  return judgement.outcome === 'violated' && judgement.silent && !single
    ? inconclusive('the code of a single result is not repeated either')
    : judgement;
}

function pictureArrives(evidence: Evidence): Judgement {
  const saysYellow = (said: string): boolean => /\byellow\b/i.test(said);
  const judgement = echoes({
    subject: 'result-picture',
    control: 'picture-png',
    shows: saysYellow,
    expected: 'the colour yellow',
    lost: 'A picture in a tool result is lost: the model names the colour of the same picture in a user message.',
  })(evidence);
  if (judgement.outcome !== 'rejected') return judgement;
  // A refusal counts only where both things that the request joins are there: pictures and tool results.
  if (!evidence.of('picture-png').some(({ message }) => message !== null && saysYellow(text(message))))
    return inconclusive('a picture in a user message is not seen either');
  return evidence.of('result-string').some(succeeded)
    ? judgement
    : inconclusive('a tool result without a picture is not served either');
}

function loopEnds(evidence: Evidence): Judgement {
  const answered = [...evidence.of('tool-loop').filter(({ turn }) => turn === 2), ...evidence.of('result-string')];
  const replies = answered.filter((exchange) => succeeded(exchange) && exchange.message !== null);
  if (replies.length === 0) {
    const tried = answered.filter(({ failure }) => failure?.kind !== 'not-set-up');
    return accepted()({ ...evidence, own: tried.length > 0 ? tried : answered });
  }
  const speaking = replies.filter(({ message }) => text(message).trim() !== '' && calls(message).length === 0);
  if (speaking.some(({ message }) => get(message, 'stop_reason') === 'end_turn')) return satisfied();
  const wrong = speaking.filter(({ message }) => !wasTruncated(message));
  if (wrong.length === 0)
    return inconclusive(`the model did not finish in words: ${answer(replies.at(-1)!)}`, replies.length);
  return violated(
    wrong.map((exchange) =>
      finding(
        exchange,
        'The model has answered in words after the result, and the reply does not end its turn.',
        'stop_reason "end_turn"',
        `stop_reason ${quote(get(exchange.message, 'stop_reason'))}`,
        { pointer: '/stop_reason' },
      ),
    ),
  );
}
