import type { JsonObject, Thinking } from '../wire.js';
import { answerInWords, answersItself, fromInstructions } from './answer.js';
import { properNames, valueForSchema } from './arguments.js';
import { cite } from './citations.js';
import type { Draft, DraftBlock } from './draft.js';
import { arithmetic } from './instructions.js';
import { answerFromPassages } from './passages.js';
import type { Prompt } from './prompt.js';
import { recallCode, recallFact } from './recall.js';
import { orders, planTools } from './tools.js';

/** What besides the conversation shapes a reply. */
interface Manner {
  thinking: Thinking | null;
  /** Whether tool results may be thought about when thinking has a budget. */
  interleaved: boolean;
  /** Schema of a structured answer. */
  format: JsonObject | null;
}

/** Strings that Anthropic documents for trying out how a client copes with rare replies. */
const REFUSAL_TRIGGER = /ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL\w*/;
const REDACTION_TRIGGER = /ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING\w*/;

/** Answers a prompt the same way every time: calls, a structured value or words, with thoughts before them. */
export function compose(prompt: Prompt, manner: Manner): Draft {
  if (REFUSAL_TRIGGER.test(prompt.ask)) {
    return {
      blocks: [],
      refusal: { category: 'general_harms', explanation: 'The prompt holds the documented test string for refusals.' },
    };
  }
  const spoken = answer(prompt, manner);
  return { blocks: [...thoughts(prompt, manner, spoken), ...spoken] };
}

function answer(prompt: Prompt, manner: Manner): DraftBlock[] {
  const forced = prompt.choice.type === 'any' || prompt.choice.type === 'tool';
  const plain = !orders(prompt.ask) && answersItself(prompt.ask);
  if (forced || (!plain && fromInstructions(prompt.instructions) === null)) {
    const plan = planTools(prompt);
    if (plan.calls.length > 0) {
      const lead: DraftBlock[] = plan.lead === null ? [] : [{ type: 'text', text: plan.lead }];
      return [...lead, ...plan.calls.map((call): DraftBlock => ({ type: 'tool_use', ...call }))];
    }
  }
  if (manner.format) return [{ type: 'text', text: structured(prompt, manner.format) }];
  const text = answerInWords(prompt);
  const continued = continueFrom(prompt.prefill, text);
  if (continued === '') return [];
  const citations = cite(prompt, text);
  return [{ type: 'text', text: continued, ...(citations.length > 0 && { citations }) }];
}

/** What is still to be said after a prefill: the rest of the answer, or the answer after what was put in its mouth. */
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

function thoughts(prompt: Prompt, { thinking, interleaved }: Manner, spoken: readonly DraftBlock[]): DraftBlock[] {
  if (!thinking || thinking.type === 'disabled') return [];
  const afterTools = prompt.results.length > 0;
  if (thinking.type === 'between_tools' && !afterTools) return [];
  if (thinking.type === 'enabled' && afterTools && !interleaved) return [];
  if (thinking.type === 'adaptive' && !/[?\d]/u.test(prompt.ask)) return [];
  const text = thoughtAbout(prompt, spoken);
  const visible: DraftBlock = { type: 'thinking', thinking: text };
  return REDACTION_TRIGGER.test(prompt.ask) ? [{ type: 'redacted_thinking', thinking: text }] : [visible];
}

function thoughtAbout(prompt: Prompt, spoken: readonly DraftBlock[]): string {
  const call = spoken.find((block) => block.type === 'tool_use');
  const said = spoken.find((block) => block.type === 'text');
  const asked = prompt.ask.replace(/\s+/gu, ' ').slice(0, 120);
  const next = call
    ? `The tool ${call.name} can find that out, so I call it with the values from the request.`
    : `I work it out step by step and check it once more. The answer is: ${said?.text.slice(0, 120) ?? 'nothing'}`;
  const known = prompt.results.length > 0 ? ' The results of the tools have arrived.' : '';
  return `The user asks: "${asked}".${known} ${next}`;
}
