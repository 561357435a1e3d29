/** How many words a request has, and whether `usage` counts about as many tokens: what is not counted is billed and managed wrongly. */

import type { Exchange } from '../../core/exchange.js';
import { get, isObject } from '../../core/json.js';
import { totalInput } from '../../core/message.js';
import type { Evidence, Finding, Judge } from '../../core/requirement.js';
import { each } from './judges.js';
import { finding } from './outcomes.js';
import { completeMessage } from './views.js';

/** Fewer words may be outweighed by what a template adds. */
const ENOUGH = 200;

/** Tokenizers have a token a word at least, and those that join words two tokens for three. */
const TOKENS_A_WORD = 0.5;

const wordsOf = (value: unknown): number =>
  typeof value === 'string' ? value.split(/\s+/).filter((word) => /\p{L}{2}/u.test(word)).length : 0;

/** Texts that reach the model whatever the server may leave out: no thinking, no summaries, no documents. */
function textsIn(content: unknown): unknown[] {
  if (!Array.isArray(content)) return [content];
  return content.flatMap((block) => {
    const type = get(block, 'type');
    if (type === 'text') return [get(block, 'text')];
    return type === 'tool_result' ? textsIn(get(block, 'content')) : [];
  });
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The words of `system`, of the descriptions of tools, and of messages; `null` where parts of them may be left out. */
function promptWords({ sent }: Exchange): number | null {
  if (!isObject(sent)) return null;
  const tools = list(sent.tools);
  const mayLeaveOut =
    sent.context_management !== undefined ||
    sent.thread !== undefined ||
    tools.some((tool) => get(tool, 'defer_loading') === true || get(tool, 'input_schema') === undefined);
  if (mayLeaveOut) return null;
  const texts = [
    ...textsIn(sent.system),
    ...tools.map((tool) => get(tool, 'description')),
    ...list(sent.messages).flatMap((message) => textsIn(get(message, 'content'))),
  ];
  return texts.reduce<number>((sum, one) => sum + wordsOf(one), 0);
}

/** A prompt of some hundred words and its input tokens; `null` for a shorter one, and where nothing is counted. */
function longPrompt(exchange: Exchange): { words: number; counted: number } | null {
  const words = promptWords(exchange);
  const counted = totalInput(completeMessage(exchange)?.usage);
  return words !== null && words >= ENOUGH && counted !== null && counted > 0 ? { words, counted } : null;
}

const isWhole = ({ words, counted }: { words: number; counted: number }): boolean => counted >= words * TOKENS_A_WORD;

const tellsCacheReads = ({ message }: Exchange): boolean =>
  typeof get(message, 'usage', 'cache_read_input_tokens') === 'number';

/** Whether a part may have been read from a cache that the server does not report: it counts other long prompts as a whole. */
const mayBeCached = (exchange: Exchange, { all }: Pick<Evidence, 'all'>): boolean =>
  !tellsCacheReads(exchange) &&
  all.some((other) => {
    const prompt = tellsCacheReads(other) ? null : longPrompt(other);
    return prompt !== null && isWhole(prompt);
  });

/** A prompt of some hundred words has at least one token for two of them. */
export const countsWholePrompt: Judge = each(
  (exchange, evidence) => {
    const prompt = longPrompt(exchange);
    return prompt === null || (!isWhole(prompt) && mayBeCached(exchange, evidence)) ? null : prompt;
  },
  ({ words, counted }, exchange): Finding[] =>
    isWhole({ words, counted })
      ? []
      : [
          finding(
            exchange,
            '`usage` counts only a part of the prompt, or the model gets no more; agents compact conversations by it, and run into the context window.',
            `at least ${Math.ceil(words * TOKENS_A_WORD)} input tokens for ${words} words`,
            `${counted} input tokens`,
            { pointer: '/usage' },
          ),
        ],
  { nothing: `No reply to a prompt of ${ENOUGH} words and more counts input tokens`, silent: true },
);
