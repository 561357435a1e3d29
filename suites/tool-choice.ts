import { answer, succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import { get, quote } from '../core/json.js';
import { blocks, text } from '../core/message.js';
import type { Evidence, Finding, Judge, Judgement, Suite } from '../core/requirement.js';
import { carrierOf } from './judging/bundles.js';
import { accepted, each, rejected } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { finding, inconclusive, satisfied, violated } from './judging/outcomes.js';
import { replyText } from './judging/steering.js';
import { calls, choiceType, messageWithToolUse, NO_CALLS, noCall, wasTruncated, worst } from './judging/tool-views.js';

/** A sentence before a call shows that the choice is free; where none comes, a request that needs no tool is asked. */
const AUTO = { among: 'agent-text-and-tool', alone: 'choice-auto' } as const;

export const toolChoice: Suite = {
  name: 'tool-choice',
  title: 'who decides whether a tool is called',
  requirements: [
    {
      id: 'tc.auto',
      level: 'MUST',
      profile: 'tools',
      statement: 'With tool_choice auto, and without tool_choice, a model that is given tools may answer in words.',
      source: ['D:define', 'H2'],
      fixtures: [AUTO.among, AUTO.alone, 'cheap-tool'],
      judge: (evidence) =>
        worst(
          mayAnswer(evidence, withAuto(evidence), evidence.of('cheap-tool')),
          mayAnswer(evidence, evidence.of('cheap-tool'), withAuto(evidence)),
        ),
    },
    {
      id: 'tc.any',
      level: 'MUST',
      profile: 'tools',
      statement: 'With tool_choice any a reply holds at least one tool_use.',
      source: ['D:define', 'H2'],
      fixtures: ['choice-any'],
      judge: (evidence) => forced(evidence, evidence.own, 'at least one tool_use', () => null),
    },
    {
      id: 'tc.tool',
      level: 'MUST',
      profile: 'tools',
      statement:
        'With tool_choice tool a reply calls the tool of that name and no other, even one that the question does not call for.',
      source: ['D:define', 'H2'],
      fixtures: ['tool-forced', 'tool-variants', 'choice-unlikely'],
      judge: namedTool,
    },
    {
      id: 'tc.none',
      level: 'MUST',
      profile: 'tools',
      statement: 'With tool_choice none no tool is called, although tools are given and the prompt asks for a call.',
      source: ['D:define', 'H2'],
      fixtures: ['choice-none', 'tool-forced'],
      judge: noneCalled,
    },
    {
      id: 'tc.forced.no-text-before',
      level: 'SHOULD',
      profile: 'tools',
      statement:
        'With tool_choice any or tool no text stands before the first tool_use, even when the prompt asks for it.',
      source: ['D:define'],
      fixtures: ['choice-any'],
      judge: each(
        (exchange) => (['any', 'tool'].includes(choiceType(exchange) ?? '') ? messageWithToolUse(exchange) : null),
        (message, exchange) => {
          const content = blocks(message);
          const before = content.slice(0, content.indexOf(calls(message)[0]!));
          const words = text({ content: before });
          if (words.trim() === '') return [];
          const position = { pointer: '/content/0' };
          return [finding(exchange, 'Text stands before a forced call.', 'tool_use first', quote(words), position)];
        },
        { nothing: NO_CALLS },
      ),
    },
    {
      id: 'tc.unknown-name',
      level: 'SHOULD',
      profile: 'tools',
      statement: 'Forcing a tool that is not declared is refused as a client error (400 documented).',
      source: ['H5'],
      fixtures: ['choice-undeclared', 'cheap-tool'],
      judge: rejected({ silent: true }),
    },
    {
      id: 'tc.type-invalid',
      level: 'SHOULD',
      profile: 'tools',
      statement:
        'A tool_choice that is a string, or whose type is missing or unknown, is refused as a client error (400 documented).',
      source: ['H2', 'H3'],
      fixtures: ['choice-required', 'choice-string', 'choice-typeless', 'cheap-tool'],
      judge: rejected({ silent: true }),
    },
    {
      id: 'tc.without-tools',
      level: 'MAY',
      profile: 'tools',
      statement: 'A tool_choice any without tools is refused as a client error (400 documented).',
      source: ['H5'],
      fixtures: ['choice-without-tools', 'minimal'],
      judge: rejected({ optional: 'a tool_choice without tools is accepted, which is a free choice' }),
    },
    {
      id: 'tc.disable-parallel.auto',
      level: 'SHOULD',
      profile: 'tools',
      statement: 'With tool_choice auto and disable_parallel_tool_use a reply holds one tool_use at most.',
      source: ['D:parallel', 'H2'],
      fixtures: ['choice-auto-single', 'choice-any'],
      judge: singleCall('choice-auto-single'),
    },
    {
      id: 'tc.disable-parallel.any',
      level: 'SHOULD',
      profile: 'tools',
      statement: 'With tool_choice any and disable_parallel_tool_use a reply holds exactly one tool_use.',
      source: ['D:parallel'],
      fixtures: ['choice-any-single', 'choice-any'],
      judge: singleCall('choice-any-single'),
    },
  ],
};

const served = (exchanges: readonly Exchange[]): Exchange[] =>
  exchanges.filter((exchange) => succeeded(exchange) && exchange.message !== null);

const saysSomething = (exchange: Exchange): boolean => text(exchange.message).trim() !== '';

/**
 * A model may call a tool where none is needed, so a call alone breaks nothing. It does when every reply is a call in this
 * form of the request while the other form, which means the same, is answered in words.
 */
function mayAnswer(evidence: Evidence, own: readonly Exchange[], control: readonly Exchange[]): Judgement {
  const replies = served(own);
  if (replies.length === 0 && own.some(({ fixture }) => fixture === 'cheap-tool'))
    return noAnswer(own, evidence) ?? inconclusive('a plain tool is not served, which tool.custom.accepted judges');
  if (replies.length === 0) return accepted()({ ...evidence, own });
  if (replies.some(saysSomething)) return satisfied();
  const calling = replies.filter(({ message }) => calls(message).length > 0 && !wasTruncated(message));
  if (calling.length === 0) return inconclusive('the model said nothing', replies.length);
  if (!served(control).some(saysSomething))
    return inconclusive('the model calls a tool where none is needed, with and without tool_choice', replies.length);
  return violated(
    calling.map((exchange) =>
      finding(
        exchange,
        'A call is forced though the request leaves the choice to the model.',
        'an answer in words',
        quote(get(exchange.message, 'content')),
        { pointer: '/content' },
      ),
    ),
  );
}

const withAuto = (evidence: Evidence): readonly Exchange[] => carrierOf(evidence, AUTO);

/** A forced call is the server's duty: only a reply that was cut leaves open whether it would have come. */
function forced(
  evidence: Evidence,
  own: readonly Exchange[],
  expected: string,
  wrong: (exchange: Exchange) => Finding | null,
): Judgement {
  const replies = served(own);
  if (replies.length === 0) return accepted()({ ...evidence, own });
  const calling = replies.filter(({ message }) => calls(message).length > 0);
  const without = replies.filter(({ message }) => calls(message).length === 0 && !wasTruncated(message));
  const others = calling.map(wrong).filter((fault) => fault !== null);
  if (others.length > 0) return violated(others);
  if (without.length > 0)
    return violated(
      without.map((exchange) => noCall(exchange, expected)),
      true,
    );
  return calling.length > 0 ? satisfied() : inconclusive('the reply was cut before a call', replies.length);
}

function namedTool(evidence: Evidence): Judgement {
  const replies = served(evidence.own);
  const own = replies.length > 0 ? replies : evidence.of('tool-forced');
  return forced(evidence, own, 'a tool_use of the named tool', (exchange) => {
    const name = get(exchange.sent, 'tool_choice', 'name');
    const other = calls(exchange.message).find((call) => call.name !== name);
    if (other === undefined) return null;
    const expected = `a tool_use of ${quote(name)}`;
    return finding(exchange, 'Another tool than the forced one is called.', expected, quote(other.name), {
      pointer: '/content',
    });
  });
}

function noneCalled(evidence: Evidence): Judgement {
  const own = evidence.of('choice-none');
  const replies = served(own);
  if (replies.length === 0) return accepted()({ ...evidence, own });
  const calling = replies.filter(({ message }) => calls(message).length > 0);
  if (calling.length > 0) {
    return violated(
      calling.map((exchange) =>
        finding(
          exchange,
          'A tool is called though tool_choice is none.',
          'no tool_use',
          quote(calls(exchange.message)),
          { pointer: '/content' },
        ),
      ),
    );
  }
  if (replies.every((exchange) => wasTruncated(exchange.message) && !saysSomething(exchange)))
    return inconclusive('the reply was cut before the model could speak or call', replies.length);
  if (evidence.all.some((exchange) => messageWithToolUse(exchange) !== null)) return satisfied();
  return inconclusive('no reply of this run calls a tool, so nothing shows that none held one back', replies.length);
}

/** One call means something only where the same prompt brings two without the switch. */
function singleCall(subject: string): Judge {
  return (evidence) => {
    const own = evidence.of(subject);
    const replies = served(own);
    if (replies.length === 0) return noAnswer(own, evidence) ?? accepted()({ ...evidence, own });
    const several = replies.filter(({ message }) => calls(message).length > 1);
    if (several.length > 0) {
      return violated(
        several.map((exchange) =>
          finding(
            exchange,
            'A reply holds several calls though disable_parallel_tool_use is set.',
            'one tool_use',
            `${calls(exchange.message).length} tool_use blocks`,
            { pointer: '/content' },
          ),
        ),
      );
    }
    const single = replies.filter(({ message }) => calls(message).length === 1);
    if (single.length === 0) return inconclusive(`no call came at all: ${replyText(replies.at(-1)!)}`, replies.length);
    if (served(evidence.of('choice-any')).some(({ message }) => calls(message).length > 1)) return satisfied();
    const control = evidence.of('choice-any').at(-1);
    const without = control === undefined ? 'was not carried out' : `was answered ${answer(control)}`;
    return inconclusive(`choice-any, which asks for two calls without the switch, ${without} and shows no two calls`);
  };
}
