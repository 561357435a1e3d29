import type { JsonObject, Thinking } from '../wire.js';
import { answerInWords, answersItself, fromInstructions } from './answer.js';
import { properNames, valueForSchema } from './arguments.js';
import { cite } from './citations.js';
import type { Draft, DraftBlock } from './draft.js';
import { arithmetic } from './instructions.js';
import { answerFromPassages } from './passages.js';
import type { Prompt } from './prompt.js';
import { recallCode, recallFact } from './recall.js';
import { isWebSearch, searched } from './search.js';
import { orders, planTools } from './tools.js';

/** What shapes a reply besides the conversation. */
interface ReplyShape {
  thinking: Thinking | null;
  /** Whether thinking with a budget may follow tool results. */
  interleaved: boolean;
  /** Schema of a structured answer. */
  format: JsonObject | null;
  /** Whether the model may decline to answer. */
  declines: boolean;
}

/** Test strings that Anthropic documents for rare replies. */
const REFUSAL_TRIGGER = /ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL\w*/;
const REDACTION_TRIGGER = /ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING\w*/;

/** Answers a prompt, the same way every time: calls, a structured value or text, with thinking before them. */
export function compose(prompt: Prompt, shape: ReplyShape): Draft {
  if (shape.declines && REFUSAL_TRIGGER.test(prompt.ask)) {
    return {
      blocks: [],
      refusal: {
        category: 'general_harms',
        explanation: 'The prompt contains the documented test string for refusals.',
      },
    };
  }
  const answerBlocks = answer(prompt, shape);
  return { blocks: [...thinkingBlocks(prompt, shape, answerBlocks), ...answerBlocks] };
}

function answer(prompt: Prompt, shape: ReplyShape): DraftBlock[] {
  const withTools = searched(prompt) ?? calls(prompt);
  if (withTools !== null) return withTools;
  if (shape.format) return [{ type: 'text', text: structured(prompt, shape.format) }];
  const text = answerInWords(prompt);
  const continued = continueFrom(prompt.prefill, text);
  if (continued === '') return [];
  const citations = cite(prompt, text);
  return [{ type: 'text', text: continued, ...(citations.length > 0 && { citations }) }];
}

/** The calls of a reply, with text before them where the ask wants some; `null` where it calls nothing. */
function calls(prompt: Prompt): DraftBlock[] | null {
  if (prompt.tools.length === 0 && prompt.search === null) return null;
  const forced = prompt.choice.type === 'any' || prompt.choice.type === 'tool';
  const plain = !orders(prompt.ask) && answersItself(prompt.ask);
  if (!forced && (plain || fromInstructions(prompt.instructions) !== null)) return null;
  const offered = { ...prompt, tools: prompt.tools.filter((tool) => !isWebSearch(tool)) };
  const plan = planTools(offered);
  if (plan.calls.length === 0) return searchFor(offered);
  const lead: DraftBlock[] = plan.lead === null ? [] : [{ type: 'text', text: plan.lead }];
  return [...lead, ...plan.calls.map((call): DraftBlock => ({ type: 'tool_use', ...call }))];
}

/**
 * Looks for tools that are not offered yet, and calls what it finds; `null` where nothing hidden is of use.
 * One of the two searches takes a regular expression, the other one words.
 */
function searchFor(prompt: Prompt): DraftBlock[] | null {
  if (prompt.search === null) return null;
  const { name, hidden } = prompt.search;
  const { calls } = planTools({ ...prompt, tools: hidden });
  if (calls.length === 0) return null;
  const found = [...new Set(calls.map((call) => call.name))];
  const query = found.join(' ').replace(/_/g, ' ');
  return [
    {
      type: 'server_tool_use',
      name,
      input: name.includes('regex') ? { pattern: query.replace(/ /g, '.') } : { query },
    },
    {
      type: 'tool_search_tool_result',
      content: {
        type: 'tool_search_tool_search_result',
        tool_references: found.map((tool_name) => ({ type: 'tool_reference', tool_name })),
      },
    },
    ...calls.map((call): DraftBlock => ({ type: 'tool_use', ...call })),
  ];
}

/** The continuation of a prefill: the rest of the answer where the prefill is its beginning, else the whole answer. */
function continueFrom(prefill: string, text: string): string {
  if (prefill === '') return text;
  if (text.startsWith(prefill)) return text.slice(prefill.length);
  return text === '' || /^\s/.test(text) ? text : ` ${text}`;
}

function structured(prompt: Prompt, format: JsonObject): string {
  const fact = arithmetic(prompt.ask) ?? recallFact(prompt) ?? recallCode(prompt) ?? answerFromPassages(prompt);
  const hints = { ask: prompt.ask, names: properNames(prompt.ask), turn: 0, ...(fact !== null && { fact }) };
  return JSON.stringify(valueForSchema(format, hints));
}

function thinkingBlocks(
  prompt: Prompt,
  { thinking, interleaved }: ReplyShape,
  answerBlocks: readonly DraftBlock[],
): DraftBlock[] {
  if (!thinking || thinking.type === 'disabled') return [];
  const afterTools = prompt.results.length > 0;
  if (thinking.type === 'between_tools' && !afterTools) return [];
  if (thinking.type === 'enabled' && afterTools && !interleaved) return [];
  if (thinking.type === 'adaptive' && !/[?\d]/u.test(prompt.ask)) return [];
  const text = thinkingText(prompt, answerBlocks);
  const visible: DraftBlock = { type: 'thinking', thinking: text };
  return REDACTION_TRIGGER.test(prompt.ask) ? [{ type: 'redacted_thinking', thinking: text }] : [visible];
}

function thinkingText(prompt: Prompt, answerBlocks: readonly DraftBlock[]): string {
  const call = answerBlocks.find((block) => block.type === 'tool_use');
  const said = answerBlocks.find((block) => block.type === 'text');
  const asked = prompt.ask.replace(/\s+/gu, ' ').slice(0, 120);
  const next = call
    ? `The tool ${call.name} can find that out, so I call it with the values from the request.`
    : `I work it out step by step and check it once more. The answer is: ${said?.text.slice(0, 120) ?? 'nothing'}`;
  const known = prompt.results.length > 0 ? ' The results of the tools have arrived.' : '';
  return `The user asks: "${asked}".${known} ${next}`;
}
