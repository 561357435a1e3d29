/** Compares what a client got with what the upstream said. */

import { clip, get, quote } from '../../core/json.js';
import { argumentsOf } from '../dialects/steps.js';
import type { AnswerPair } from './answers.js';
import { sameJson } from './same-json.js';
import { type Fault, shown } from './texts.js';

/** The text is that of the upstream, byte for byte. A refusal may stand in it too. */
export function sameText({ text, whole }: AnswerPair): Fault | null {
  const allowed = [whole.text, ...(whole.refusal === null ? [] : [`${whole.text}${whole.refusal}`])];
  if (allowed.includes(text)) return null;
  const expected = whole.text;
  if (text === '') return { message: 'The text of the answer is lost.', expected: shown(expected), actual: 'no text' };
  let same = 0;
  while (same < text.length && text[same] === expected[same]) same += 1;
  const from = Math.max(0, same - 20);
  const part = (of: string): string =>
    `${from > 0 ? '…' : ''}${shown(of.slice(from, from + 100))} (${of.length} characters)`;
  const message = text.startsWith(expected)
    ? 'Text is added to the answer of the upstream.'
    : expected.startsWith(text)
      ? 'The text of the answer is truncated.'
      : 'The text of the answer is changed.';
  return { message, expected: part(expected), actual: part(text) };
}

/** All calls, in order, with their names and inputs. */
export function sameCalls({ calls, whole }: AnswerPair): Fault | null {
  const names = (all: readonly { name: string }[]): string => all.map(({ name }) => name).join(', ') || 'no calls';
  if (names(calls) !== names(whole.calls))
    return {
      message:
        calls.length < whole.calls.length
          ? 'A tool call is lost.'
          : 'The tool calls differ from those of the upstream.',
      expected: names(whole.calls),
      actual: names(calls),
    };
  for (const [index, call] of whole.calls.entries()) {
    const expected = argumentsOf(call.arguments);
    const actual = calls[index]!.input;
    if (!sameJson(expected, actual))
      return {
        message: `The input of the call ${call.name} is changed; the tool runs with other values.`,
        expected: quote(expected),
        actual: actual === undefined ? 'no JSON' : quote(actual),
      };
  }
  return null;
}

/** Everything that the answer says: texts, calls, and the reason why it ends. */
export const sameAnswer = (pair: AnswerPair): Fault | null => sameText(pair) ?? sameCalls(pair) ?? sameStop(pair);

/** Stop reasons that say what a finish reason of the upstream says. */
const STOPS = {
  stop: ['end_turn', 'stop_sequence'],
  length: ['max_tokens', 'model_context_window_exceeded'],
  calls: ['tool_use'],
  filter: ['refusal'],
  sequence: ['stop_sequence', 'end_turn'],
  refusal: ['refusal', 'end_turn'],
  unknown: [
    'end_turn',
    'stop_sequence',
    'max_tokens',
    'tool_use',
    'pause_turn',
    'refusal',
    'model_context_window_exceeded',
  ],
} as const;

export function sameStop({ whole, stopReason, calls, dialect }: AnswerPair): Fault | null {
  // A call without its own finish reason is still a call.
  const isCall = whole.finish === 'stop' && calls.length > 0;
  const allowed: readonly string[] = isCall ? [...STOPS.calls, ...STOPS.stop] : STOPS[whole.finish];
  if (allowed.includes(stopReason)) return null;
  return {
    message: `\`stop_reason\` does not fit the answer of the upstream, which ends with \`${dialect.ending(whole.finish)}\`; ${EFFECTS[whole.finish] ?? 'the client goes on in the wrong way'}.`,
    expected: allowed.join(' or '),
    actual: stopReason || 'no stop_reason',
  };
}

const EFFECTS: Partial<Record<keyof typeof STOPS, string>> = {
  stop: 'a complete answer looks like something else',
  length: 'a truncated answer looks complete',
  calls: 'agents do not run the tool',
  filter: 'a filtered answer looks complete',
};

/** A count of the usage; `null` when it is not a number, `undefined` when nothing reports it. */
export function counted({ message }: Pick<AnswerPair, 'message'>, ...names: string[]): number | null | undefined {
  let sum: number | undefined;
  for (const name of names) {
    const value = get(message, 'usage', name);
    if (value === undefined || value === null) continue;
    if (typeof value !== 'number') return null;
    sum = (sum ?? 0) + value;
  }
  return sum;
}

/** One number of the usage is what the upstream counted. */
export function sameCount(what: string, expected: number, actual: number | null | undefined): Fault | null {
  if (actual === expected || (actual === undefined && expected === 0)) return null;
  const isLost = actual === undefined;
  return {
    message: `The ${what} ${isLost ? 'are not reported' : 'differ from the count of the upstream'}; costs and limits are wrong.`,
    expected: String(expected),
    actual: isLost ? 'no count' : clip(String(actual)),
  };
}
