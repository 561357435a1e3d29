import { answer } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import type { JsonObject } from '../core/json.js';
import { asString, get, quote, toNumber } from '../core/json.js';
import { blocks, placedBlocks, text } from '../core/message.js';
import type { Evidence, Finding, Judgement, Suite } from '../core/requirement.js';
import { inWholeSession, WHOLE_SESSION } from './judging/agent-session.js';
import { bundled } from './judging/bundles.js';
import { needsProfile, whereAccepted } from './judging/feature-gates.js';
import { accepted, each, rejected } from './judging/judges.js';
import { missedByChance } from './judging/missed-by-chance.js';
import { deviates, finding, inconclusive, satisfied, verdictOf, violated } from './judging/outcomes.js';
import {
  budgetNotIgnored,
  firstRequests,
  isAdaptive,
  LOOP_FORMS,
  NO_THINKING,
  OMITTED_FORMS,
  outline,
  STOP_FORMS,
  SUM_FORMS,
  thinkingBlocks,
  thinkingMessage,
  thinkingWithToolUse,
  whereBudgetAccepted,
  withoutReply,
} from './judging/thinking-blocks.js';
import {
  acceptsHistory,
  acceptsOmitted,
  acceptsReplay,
  acceptsUnsigned,
  BESIDE_CALL,
  omitted,
  rejectsForgery,
  textBesideOmitted,
} from './judging/thinking-loops.js';
import { outlastsThinking } from './judging/thinking-stops.js';
import { calls } from './judging/tool-views.js';
import { answered, firstFew, outputTokens } from './judging/views.js';
import { REASONING_MARK } from './response.js';

export const thinking: Suite = {
  name: 'thinking',
  title: 'thinking blocks: requested, signed, sent back',
  requirements: [
    {
      id: 'think.accepted',
      level: 'MUST',
      profile: 'thinking',
      statement:
        'A reply to a request with `thinking`, with a budget or adaptive as the model supports it, has a thinking block before the text.',
      source: ['D:think', 'D:ethink', 'D:athink'],
      fixtures: [...SUM_FORMS],
      judge: thinksFirst,
    },
    {
      id: 'think.block-shape',
      level: 'MUST',
      profile: 'thinking',
      statement: '`thinking` and `signature` of a thinking block are strings.',
      source: ['T:msg'],
      fixtures: [...SUM_FORMS],
      judge: each(thinkingMessage, shapeFaults, { nothing: NO_THINKING }),
    },
    {
      id: 'think.disabled',
      level: 'MUST',
      profile: 'thinking',
      statement:
        'With `thinking` disabled a reply has no thinking block; for a model that always thinks the server rejects it as a client error (documented: 400).',
      source: ['D:errors', 'T:msg'],
      fixtures: ['thinking-disabled', ...SUM_FORMS],
      judge: disabled,
    },
    {
      id: 'think.unsupported',
      level: 'SHOULD',
      profile: 'agent',
      statement:
        'The server accepts or ignores adaptive thinking, which coding agents send to every model, or rejects it as a client error (documented: 400).',
      source: ['D:errors', 'CC'],
      fixtures: [WHOLE_SESSION, 'adaptive-short'],
      judge: bundled([inWholeSession('adaptive-short')], toleratesAdaptive),
    },
    {
      id: 'think.budget.minimum',
      level: 'SHOULD',
      profile: 'thinking',
      statement: 'The server rejects a `budget_tokens` below 1024 as a client error (documented: 400).',
      source: ['T:msg', 'D:ethink'],
      fixtures: ['thinking-budget-low', ...SUM_FORMS],
      judge: whereBudgetAccepted(whereAccepted('thinking', SUM_FORMS, rejected())),
    },
    {
      id: 'think.budget.below-max',
      level: 'SHOULD',
      profile: 'thinking',
      statement:
        'The server rejects a `budget_tokens` that is not below `max_tokens` as a client error (documented: 400).',
      source: ['D:ethink', 'H5'],
      fixtures: ['thinking-budget-high', ...SUM_FORMS],
      judge: whereBudgetAccepted(whereAccepted('thinking', SUM_FORMS, rejected())),
    },
    {
      id: 'think.budget.not-ignored',
      level: 'MUST',
      profile: 'thinking',
      statement:
        'A server whose model thinks with adaptive thinking applies thinking with a budget too, or rejects it as a client error (documented: 400). It never ignores it.',
      source: ['D:ethink', 'D:athink'],
      fixtures: [...SUM_FORMS],
      judge: budgetNotIgnored,
    },
    {
      id: 'think.forced-tool',
      level: 'SHOULD',
      profile: 'thinking',
      statement:
        'The server rejects thinking with a budget together with a `tool_choice` that forces a call as a client error (documented: 400).',
      source: ['D:define', 'H5'],
      fixtures: ['thinking-forced-tool', ...SUM_FORMS],
      judge: whereBudgetAccepted(whereAccepted('thinking', SUM_FORMS, rejected())),
    },
    {
      id: 'think.replay',
      level: 'MUST',
      profile: 'thinking',
      statement:
        'The server accepts its own thinking block, sent back unchanged before the tool call, and continues the tool loop.',
      source: ['D:ttools', 'D:errors'],
      fixtures: [...LOOP_FORMS],
      judge: needsProfile('tools', acceptsReplay),
    },
    {
      id: 'think.empty-signature',
      level: 'MUST',
      profile: 'agent',
      statement:
        'The server accepts thinking that it sent with an empty `signature`, or without one, back unchanged in the tool loop.',
      source: ['D:ttools'],
      fixtures: [...LOOP_FORMS],
      judge: acceptsUnsigned,
    },
    {
      id: 'think.replay.order',
      level: 'SHOULD',
      profile: 'thinking',
      statement: 'In a reply with thinking and a tool call the thinking block comes before the call.',
      source: ['D:ttools'],
      fixtures: [...LOOP_FORMS],
      // Only first requests: a loop that is rejected at once has no later turns.
      judge: (evidence) => thinksBeforeCalling({ ...evidence, own: firstRequests(evidence, LOOP_FORMS) }),
    },
    {
      id: 'think.replay.tampered',
      level: 'SHOULD',
      profile: 'thinking',
      statement:
        'The server rejects a thinking block of the current turn with an invalid `signature` as a client error (documented: 400).',
      source: ['D:errors', 'H5'],
      fixtures: ['thinking-forged', ...LOOP_FORMS, 'thinking-forged-adaptive'],
      judge: needsProfile('tools', rejectsForgery),
    },
    {
      id: 'think.display.omitted',
      level: 'MAY',
      profile: 'thinking',
      statement:
        'With `display` "omitted" a thinking block has an empty `thinking` and its `signature`, streamed or not.',
      source: ['D:athink', 'D:stream'],
      fixtures: [...OMITTED_FORMS],
      judge: omitted,
    },
    {
      id: 'think.omitted.replay',
      level: 'MUST',
      profile: 'thinking',
      statement:
        'The server accepts its own thinking block with an empty `thinking` and a `signature` back in the next turn.',
      source: ['D:athink', 'D:ttools'],
      fixtures: [...OMITTED_FORMS],
      judge: acceptsOmitted,
    },
    {
      id: 'think.omitted.text-beside',
      level: 'MUST',
      profile: 'thinking',
      statement:
        'Text of the assistant beside a thinking block with an empty `thinking` and a `signature` reaches the model.',
      source: ['D:athink', 'D:handle'],
      fixtures: [...OMITTED_FORMS, ...BESIDE_CALL],
      judge: textBesideOmitted,
    },
    {
      id: 'think.foreign-history',
      level: 'SHOULD',
      profile: 'agent',
      statement:
        'With thinking on, the server accepts a history without thinking blocks and one with thinking blocks of earlier turns.',
      source: ['D:think', 'D:count'],
      fixtures: [...SUM_FORMS, ...LOOP_FORMS],
      judge: acceptsHistory,
    },
    {
      id: 'think.stop-sequence',
      level: 'SHOULD',
      profile: 'thinking',
      statement:
        'A stop sequence that the thinking contains does not end the reply: `stop_sequences` apply to its text.',
      source: ['T:msg', 'D:think'],
      fixtures: [...STOP_FORMS, ...SUM_FORMS],
      judge: whereAccepted('thinking', SUM_FORMS, outlastsThinking),
    },
    {
      id: 'think.usage',
      level: 'SHOULD',
      profile: 'thinking',
      statement: '`usage.output_tokens` includes the tokens of the thinking in the reply.',
      source: ['D:think', 'T:msg'],
      fixtures: [...SUM_FORMS],
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
              '`output_tokens` does not include the thinking of the reply.',
              `at least ${least} for ${shownLength(message)} characters of thinking and text`,
              String(output),
              { pointer: '/usage/output_tokens' },
            ),
          ];
        },
        { nothing: 'No reply of this run has enough thinking to check its count', silent: true },
      ),
    },
  ],
};

/** With a budget the model has to think; with adaptive thinking it may. */
function thinksFirst(evidence: Evidence): Judgement {
  const asked = judgedForms(evidence);
  const replies = answered(asked);
  if (replies.length === 0) return withoutReply(evidence, asked);
  const misplaced = answered(evidence.own).flatMap(misplacedThinking);
  if (misplaced.length > 0) return violated(misplaced, true);
  const thinking = replies.find(({ message }) => thinkingBlocks(message).length > 0);
  if (thinking !== undefined) return satisfied(isAdaptive(thinking) ? 'Adaptive thinking' : 'Thinking with a budget');
  const counted = replies.filter(({ message }) => toNumber(thinkingTokens(message)) > 0);
  if (counted.length > 0) {
    return violated(
      counted.map((exchange) =>
        missingThinking(
          exchange,
          `No thinking block, but \`usage\` counts ${thinkingTokens(exchange.message)} thinking tokens.`,
        ),
      ),
      true,
    );
  }
  const inWords = replies.filter(({ message }) => text(message).trim() !== '' || calls(message).length > 0);
  if (inWords.length === 0) return inconclusive('Every reply ended before its first word', replies.length);
  if (inWords.some(isAdaptive)) return inconclusive('The model chose not to think', replies.length);
  if (!evidence.all.some(({ message }) => thinkingBlocks(message).length > 0)) {
    return deviates(
      inWords.map((exchange) =>
        missingThinking(
          exchange,
          'No reply of this run thinks: the server ignores `thinking`, or its model cannot think.',
        ),
      ),
      true,
    );
  }
  const chance = missedByChance(evidence, inWords, 'anything');
  if (chance !== null) return inconclusive(chance, replies.length);
  return violated(
    inWords.map((exchange) =>
      missingThinking(exchange, 'No thinking block: the server accepts thinking with a budget and ignores it.'),
    ),
    true,
  );
}

/** Where no form shows thinking, the one that asks for nothing else decides: the first one also has a history and a tool. */
function judgedForms(evidence: Evidence): readonly Exchange[] {
  const asked = firstRequests(evidence, SUM_FORMS);
  const alone = answered(evidence.of('thinking-alone'));
  const isShown = asked.some(({ message }) => thinkingBlocks(message).length > 0);
  return isShown || alone.length === 0 ? asked : alone;
}

const thinkingTokens = (message: unknown) => get(message, 'usage', 'output_tokens_details', 'thinking_tokens');

const missingThinking = (exchange: Exchange, message: string): Finding =>
  finding(exchange, message, 'a thinking block, then text', outline(exchange.message), { pointer: '/content' });

/** Reasoning in the text, and a thinking block after the text. */
function misplacedThinking(exchange: Exchange): Finding[] {
  const content = placedBlocks(exchange.message);
  const expected = 'a thinking block, then text without reasoning';
  if (REASONING_MARK.test(text(exchange.message))) {
    const fault = 'The text contains model reasoning instead of a thinking block.';
    return [finding(exchange, fault, expected, outline(exchange.message), { pointer: '/content' })];
  }
  const firstText = content.find(({ block }) => block.type === 'text' && asString(block.text).trim() !== '');
  const thinking = content.find(({ block }) => thinkingBlocks({ content: [block] }).length > 0);
  if (firstText === undefined || thinking === undefined || thinking.index < firstText.index) return [];
  const { pointer } = thinking;
  return [
    finding(exchange, 'A thinking block comes after the text.', expected, outline(exchange.message), { pointer }),
  ];
}

function shapeFaults(message: JsonObject, exchange: Exchange): Finding[] {
  const faults = placedBlocks(message, 'thinking').flatMap(({ block, pointer }) =>
    ['thinking', 'signature'].flatMap((key) => {
      if (typeof block[key] === 'string') return [];
      const fault = `\`${key}\` of a thinking block is not a string.`;
      return [finding(exchange, fault, 'a string', quote(block[key]), { pointer: `${pointer}/${key}` })];
    }),
  );
  return firstFew(faults);
}

const thinksBeforeCalling = each(
  thinkingWithToolUse,
  (message, exchange) => {
    const content = placedBlocks(message);
    const thinking = content.find(({ block }) => block.type === 'thinking' || block.type === 'redacted_thinking')!;
    const call = content.find(({ block }) => block.type === 'tool_use')!;
    if (thinking.index < call.index) return [];
    return [
      finding(
        exchange,
        'The thinking block comes after the tool call; clients cannot send it back in this order.',
        'thinking, then tool_use',
        content.map(({ block }) => asString(block.type)).join(', '),
        { pointer: thinking.pointer },
      ),
    ];
  },
  { nothing: 'No reply of this run has thinking and a tool call' },
);

function disabled(evidence: Evidence): Judgement {
  const asked = evidence.of('thinking-disabled');
  const judgement = accepted()({ ...evidence, own: asked });
  if (judgement.outcome === 'rejected') {
    // A target without any thinking has no model that always thinks: it rejects the field itself.
    const thinks = firstRequests(evidence, SUM_FORMS).some((exchange) => thinkingBlocks(exchange.message).length > 0);
    return thinks ? satisfied(`Rejected, as by a model that always thinks: ${answer(asked.at(-1)!)}`) : judgement;
  }
  if (judgement.outcome !== 'satisfied') return judgement;
  return verdictOf(
    asked
      .filter(({ message }) => thinkingBlocks(message).length > 0)
      .map((exchange) =>
        finding(
          exchange,
          text(exchange.message).trim() === ''
            ? 'A thinking block instead of the answer, although thinking is disabled.'
            : 'A thinking block, although thinking is disabled.',
          'only text',
          outline(exchange.message),
          { pointer: '/content' },
        ),
      ),
    true,
  );
}

function toleratesAdaptive(evidence: Evidence): Judgement {
  const judgement = accepted()(evidence);
  return judgement.outcome === 'rejected'
    ? satisfied(`Rejected, which is allowed: ${judgement.findings[0]?.actual ?? ''}`)
    : judgement;
}

/** Characters of thinking and text of a reply. Servers count the full thinking, which is never shorter than its summary. */
const shownLength = (message: unknown): number =>
  text(message).length +
  blocks(message, 'thinking').reduce(
    (sum, block) => sum + (typeof block.thinking === 'string' ? block.thinking.length : 0),
    0,
  );

/** Shorter replies prove nothing, and no tokenizer reaches 8 characters of prose a token on average. */
const ENOUGH = 80;
const MOST_PER_TOKEN = 8;
