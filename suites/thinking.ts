import { answer } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import type { JsonObject } from '../core/json.js';
import { asString, get, quote, toNumber } from '../core/json.js';
import { blocks, text } from '../core/message.js';
import type { Evidence, Finding, Judgement, Suite } from '../core/requirement.js';
import { inWholeSession, WHOLE_SESSION } from './judging/agent-session.js';
import { bundled } from './judging/bundles.js';
import { besides, whereTaken } from './judging/feature-gates.js';
import { accepted, each, rejected } from './judging/judges.js';
import { finding, inconclusive, satisfied, verdictOf, violated } from './judging/outcomes.js';
import {
  LOOPS,
  mayChoose,
  NO_THOUGHTS,
  OMITTED,
  SUMS,
  shape,
  taken,
  thinkingMessage,
  thoughtAndCall,
  thoughts,
  unanswered,
  whereBudgeted,
} from './judging/thinking-blocks.js';
import { forgeryIsSeen, goesBack, historyIsTaken } from './judging/thinking-loops.js';
import { calls } from './judging/tool-views.js';
import { answered, firstFew, outputTokens } from './judging/views.js';
import { REASONING_MARK } from './response.js';

export const thinking: Suite = {
  name: 'thinking',
  title: 'what the model thinks before it answers: shown, signed, sent back',
  requirements: [
    {
      id: 'think.accepted',
      level: 'MUST',
      profile: 'thinking',
      statement:
        'A request for thinking, with a budget or adaptive as the model has it, is answered with a thinking block before the text.',
      source: ['D:think', 'D:ethink', 'D:athink'],
      fixtures: [...SUMS],
      judge: thinksFirst,
    },
    {
      id: 'think.block-shape',
      level: 'MUST',
      profile: 'thinking',
      statement: 'A thinking block has a thinking and a signature that are strings.',
      source: ['T:msg'],
      fixtures: [...SUMS],
      judge: each(thinkingMessage, shapeFaults, { nothing: NO_THOUGHTS }),
    },
    {
      id: 'think.disabled',
      level: 'MUST',
      profile: 'thinking',
      statement:
        'With thinking disabled a reply holds no thinking block; a model that always thinks refuses it as a client error (400 documented).',
      source: ['D:errors', 'T:msg'],
      fixtures: ['thinking-disabled', ...SUMS],
      judge: disabled,
    },
    {
      id: 'think.unsupported',
      level: 'SHOULD',
      profile: 'agent',
      statement:
        'Adaptive thinking, which coding agents ask of every model, is served, ignored or refused as a client error (400 documented); the server does not fail.',
      source: ['D:errors', 'CC'],
      fixtures: [WHOLE_SESSION, 'adaptive-short'],
      judge: bundled([inWholeSession('adaptive-short')], adaptiveIsNoTrouble),
    },
    {
      id: 'think.budget.minimum',
      level: 'SHOULD',
      profile: 'thinking',
      statement: 'A thinking budget below 1024 tokens is refused as a client error (400 documented).',
      source: ['T:msg', 'D:ethink'],
      fixtures: ['thinking-budget-low', ...SUMS],
      judge: whereBudgeted(whereTaken('thinking', SUMS, rejected())),
    },
    {
      id: 'think.budget.below-max',
      level: 'SHOULD',
      profile: 'thinking',
      statement: 'A thinking budget that is not below max_tokens is refused as a client error (400 documented).',
      source: ['D:ethink', 'H5'],
      fixtures: ['thinking-budget-high', ...SUMS],
      judge: whereBudgeted(whereTaken('thinking', SUMS, rejected())),
    },
    {
      id: 'think.forced-tool',
      level: 'SHOULD',
      profile: 'thinking',
      statement:
        'Thinking with a budget together with a tool_choice that forces a call is refused as a client error (400 documented).',
      source: ['D:define', 'H5'],
      fixtures: ['thinking-forced-tool', ...SUMS],
      judge: whereBudgeted(whereTaken('thinking', SUMS, rejected())),
    },
    {
      id: 'think.replay',
      level: 'MUST',
      profile: 'thinking',
      statement: 'A tool loop goes on when the thinking block comes back unchanged in front of its call.',
      source: ['D:ttools', 'D:errors'],
      fixtures: [...LOOPS],
      judge: besides('tools', goesBack),
    },
    {
      id: 'think.replay.order',
      level: 'SHOULD',
      profile: 'thinking',
      statement: 'In a reply that thinks and calls a tool the thinking block stands before the call.',
      source: ['D:ttools'],
      fixtures: [...LOOPS],
      // Later turns of a loop that was refused at once are no reason to wait for more.
      judge: (evidence) => thinksBeforeCalling({ ...evidence, own: taken(evidence, LOOPS) }),
    },
    {
      id: 'think.replay.tampered',
      level: 'SHOULD',
      profile: 'thinking',
      statement:
        'A thinking block of the turn that is still going on, whose signature does not fit, is refused as a client error (400 documented).',
      source: ['D:errors', 'H5'],
      fixtures: ['thinking-forged', ...LOOPS, 'thinking-forged-adaptive'],
      judge: besides('tools', forgeryIsSeen),
    },
    {
      id: 'think.display.omitted',
      level: 'MAY',
      profile: 'thinking',
      statement:
        'With display omitted a thinking block holds the empty string and its signature, also while it streams.',
      source: ['D:athink', 'D:stream'],
      fixtures: [...OMITTED],
      judge: omitted,
    },
    {
      id: 'think.foreign-history',
      level: 'SHOULD',
      profile: 'agent',
      statement:
        'With thinking on, a history without thinking blocks is served, and so is one with thinking from earlier turns.',
      source: ['D:think', 'D:count'],
      fixtures: [...SUMS, ...LOOPS],
      judge: historyIsTaken,
    },
    {
      id: 'think.usage',
      level: 'SHOULD',
      profile: 'thinking',
      statement: 'The tokens of the thinking that a reply shows are part of its output_tokens.',
      source: ['D:think', 'T:msg'],
      fixtures: [...SUMS],
      judge: each(
        (exchange) => {
          const message = thinkingMessage(exchange);
          const output = outputTokens(exchange);
          return output !== null && shownLength(message) >= ENOUGH ? { message, output } : null;
        },
        ({ message, output }, exchange) => {
          const least = Math.ceil(shownLength(message) / MOST_PER_TOKEN);
          if (output >= least) return [];
          return [
            finding(
              exchange,
              'output_tokens is too small for the thinking that the reply shows: thinking is not counted.',
              `at least ${least} tokens for ${shownLength(message)} characters of thinking and text`,
              String(output),
              { pointer: '/usage/output_tokens' },
            ),
          ];
        },
        { nothing: 'no reply of this run shows enough thinking to count it', silent: true },
      ),
    },
  ],
};

/** A budget is an order to think; adaptive thinking is a permission. */
function thinksFirst(evidence: Evidence): Judgement {
  const asked = taken(evidence, SUMS);
  const replies = answered(asked);
  if (replies.length === 0) return unanswered(evidence, asked);
  const misplaced = answered(evidence.own).flatMap(misplacedThoughts);
  if (misplaced.length > 0) return violated(misplaced, true);
  const thinking = replies.find(({ message }) => thoughts(message).length > 0);
  if (thinking !== undefined) return satisfied(mayChoose(thinking) ? 'adaptive thinking' : 'thinking with a budget');
  const counted = replies.filter(({ message }) => toNumber(thinkingTokens(message)) > 0);
  if (counted.length > 0) {
    return violated(
      counted.map((exchange) =>
        withoutThought(
          exchange,
          `The reply counts ${thinkingTokens(exchange.message)} tokens of thinking, but holds no thinking block.`,
        ),
      ),
      true,
    );
  }
  const spoke = replies.filter(({ message }) => text(message).trim() !== '' || calls(message).length > 0);
  if (spoke.length === 0) return inconclusive('no reply got as far as a thought or a word', replies.length);
  if (spoke.some(mayChoose)) return inconclusive('the model chose not to think', replies.length);
  return violated(
    spoke.map((exchange) =>
      withoutThought(exchange, 'Thinking with a budget is accepted and ignored: the reply holds no thinking block.'),
    ),
    true,
  );
}

const thinkingTokens = (message: unknown) => get(message, 'usage', 'output_tokens_details', 'thinking_tokens');

const withoutThought = (exchange: Exchange, message: string): Finding =>
  finding(exchange, message, 'a thinking block, then text', shape(exchange.message), { pointer: '/content' });

/** Reasoning that stands in the text, and thinking behind the text that it led to. */
function misplacedThoughts(exchange: Exchange): Finding[] {
  const content = blocks(exchange.message);
  const expected = 'a thinking block, then text without reasoning';
  if (REASONING_MARK.test(text(exchange.message))) {
    const fault = "The model's reasoning stands in the text of the reply instead of a thinking block.";
    return [finding(exchange, fault, expected, shape(exchange.message), { pointer: '/content' })];
  }
  const said = content.findIndex((block) => block.type === 'text' && text({ content: [block] }).trim() !== '');
  const thought = content.findIndex((block) => thoughts({ content: [block] }).length > 0);
  if (said < 0 || thought < said) return [];
  const pointer = `/content/${thought}`;
  return [finding(exchange, 'The thinking stands behind the text.', expected, shape(exchange.message), { pointer })];
}

function shapeFaults(message: JsonObject, exchange: Exchange): Finding[] {
  const faults = (message.content as unknown[]).flatMap((block, index) =>
    ['thinking', 'signature'].flatMap((key) => {
      const value = get(block, key);
      if (get(block, 'type') !== 'thinking' || typeof value === 'string') return [];
      const fault = `The ${key} of a thinking block is no string.`;
      return [finding(exchange, fault, 'a string', quote(value), { pointer: `/content/${index}/${key}` })];
    }),
  );
  return firstFew(faults);
}

const thinksBeforeCalling = each(
  thoughtAndCall,
  (message, exchange) => {
    const types = blocks(message).map(({ type }) => asString(type));
    const thought = types.findIndex((type) => type === 'thinking' || type === 'redacted_thinking');
    if (thought < types.indexOf('tool_use')) return [];
    return [
      finding(
        exchange,
        'The thinking block stands behind the call that it led to: it cannot be sent back in this order.',
        'thinking, then tool_use',
        types.join(', '),
        { pointer: `/content/${thought}` },
      ),
    ];
  },
  { nothing: 'no reply of this run both thinks and calls a tool' },
);

function disabled(evidence: Evidence): Judgement {
  const asked = evidence.of('thinking-disabled');
  const judgement = accepted()({ ...evidence, own: asked });
  if (judgement.outcome === 'rejected') {
    // Where no kind of thinking is served, this is no model that always thinks: the field itself is refused.
    const thinks = taken(evidence, SUMS).some((exchange) => thoughts(exchange.message).length > 0);
    return thinks ? satisfied(`refused, as by a model that always thinks: ${answer(asked.at(-1)!)}`) : judgement;
  }
  if (judgement.outcome !== 'satisfied') return judgement;
  return verdictOf(
    asked
      .filter(({ message }) => thoughts(message).length > 0)
      .map((exchange) =>
        finding(exchange, 'The model thinks though thinking is disabled.', 'text alone', shape(exchange.message), {
          pointer: '/content',
        }),
      ),
    true,
  );
}

function adaptiveIsNoTrouble(evidence: Evidence): Judgement {
  const judgement = accepted()(evidence);
  return judgement.outcome === 'rejected'
    ? satisfied(`refused, which is legal: ${judgement.findings[0]?.actual ?? ''}`)
    : judgement;
}

function omitted(evidence: Evidence): Judgement {
  const asked = taken(evidence, OMITTED);
  const replies = answered(asked);
  if (replies.length === 0) return unanswered(evidence, asked);
  const thinking = replies.filter(({ message }) => blocks(message, 'thinking').length > 0);
  if (thinking.length === 0) return inconclusive('no reply holds a thinking block', replies.length);
  return verdictOf(
    thinking.flatMap((exchange) => firstFew(omissionFaults(exchange))),
    true,
  );
}

function omissionFaults(exchange: Exchange): Finding[] {
  const expected = 'thinking "" and a signature';
  const place = { pointer: '/content' };
  return blocks(exchange.message, 'thinking').flatMap((block) => {
    const actual = `thinking ${quote(block.thinking)}, signature ${quote(block.signature)}`;
    if (typeof block.thinking === 'string' && block.thinking !== '')
      return [finding(exchange, 'Thinking is shown though display is omitted.', expected, actual, place)];
    if (typeof block.signature === 'string' && block.signature !== '') return [];
    return [
      finding(exchange, 'Omitted thinking has no signature: nothing of it can come back.', expected, actual, place),
    ];
  });
}

/** Thinking and text of a reply, in characters; summarised thinking is shorter than what is counted, never longer. */
const shownLength = (message: unknown): number =>
  text(message).length +
  blocks(message, 'thinking').reduce(
    (sum, block) => sum + (typeof block.thinking === 'string' ? block.thinking.length : 0),
    0,
  );

/** Less shows nothing; and no tokeniser puts so many characters of prose into one token on average. */
const ENOUGH = 80;
const MOST_PER_TOKEN = 8;
