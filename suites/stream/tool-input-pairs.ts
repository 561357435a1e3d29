/** Compares the inputs of tool calls in streams and without streaming. */

import { isAccepted } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import { get, isObject, quote } from '../../core/json.js';
import type { Transport } from '../../core/protocol.js';
import type { Evidence, Finding, Judgement } from '../../core/requirement.js';
import { noReply } from '../judging/no-answer.js';
import { finding, inconclusive, satisfied, violated } from '../judging/outcomes.js';
import { blockPointer, calls } from '../judging/tool-views.js';
import { finished, firstFew, followsGrammar } from '../judging/views.js';
import type { StreamedBlock } from './block-types.js';
import { blocksOf, fragments, isJsonObject } from './blocks.js';

/** The fixture that dictates values of every JSON type for two calls, streamed and not. */
const TYPED = 'call-typed';

/** What its prompt dictates for each call. */
const DICTATED: JsonObject = {
  people: 3,
  children: 0,
  price: 12.5,
  outside: true,
  smoking: false,
  dishes: ['Soup', 'Crème brûlée'],
  details: { code: '0042', note: 'Window seat, second floor, close to the door' },
};

/** A value that is not that of the other transport. */
interface Difference {
  /** JSON pointer into the message. */
  pointer: string;
  /** What is wrong with it. */
  fault: string;
  expected: unknown;
  actual: unknown;
}

/** A model may write another value once. It does not make the same mistake in every reply of one transport and never in the other. */
const ENOUGH_REPLIES = 2;

/** Both transports have the dictated values in their calls. The one that has them is the control of the other. */
export function sameInputs(evidence: Evidence): Judgement {
  const calling = (transport: Transport) =>
    finished(evidence.of(TYPED, transport)).filter(({ message }) => calls(message).length > 0);
  const isExact = ({ message }: Exchange) => calls(message).every(({ input }) => isSubset(DICTATED, input));
  const [json, streams] = [calling('json'), calling('stream').filter(isReadable)];
  if (json.some(({ message }) => calls(message).some(({ input }) => !isObject(input))))
    return inconclusive('Not tested: the `input` of a call is not an object, see tu.shape');
  const [whole, streamed] = [json.find(isExact), streams.find(isExact)];
  if (whole !== undefined && streams.length > 0) return compared(streams, whole);
  if (streamed !== undefined && json.length > 0) return compared(json, streamed);
  const missing = whole === undefined && streamed === undefined ? 'No call' : 'No call of the other transport';
  return (
    noReply(evidence.own, evidence) ??
    inconclusive(`${missing} has the inputs that the prompt dictates`, evidence.own.filter(isAccepted).length)
  );
}

/** Values that a server drops which tests them as conditions or leaves out empty fields: 0 and false. */
const FALSY = Object.keys(DICTATED).filter((key) => !DICTATED[key]);

/** A model may take 0 and false for values that go without saying, once or twice: the properties are required and the prompt names their values. */
const ENOUGH_TO_BLAME = 4;

/**
 * 0 and false are missing in every call of every reply, and all other dictated values are right. `null` where a call has one of them or lacks
 * another value, and where there are too few replies.
 */
export function falsyDropped(evidence: Evidence): Judgement | null {
  const replies = finished(evidence.of(TYPED)).filter(({ message }) => calls(message).length > 0);
  const isDropped = ({ message }: Exchange): boolean =>
    calls(message).every(({ input }) => {
      const missing = compare(DICTATED, input, '').map(({ pointer, actual }) =>
        actual === undefined ? pointer : null,
      );
      return missing.length === FALSY.length && FALSY.every((key) => missing.includes(`/${key}`));
    });
  const last = replies.at(-1);
  if (last === undefined || replies.length < ENOUGH_TO_BLAME || !replies.every(isDropped)) return null;
  const [call] = calls(last.message);
  const fault = 'Arguments with the values 0 and false are missing in every tool call.';
  const expected = FALSY.map((key) => `${key}: ${quote(DICTATED[key])}`).join(', ');
  const at = blockPointer(last.message!, call!, '/input');
  return violated(finding(last, fault, `${expected}, as the prompt dictates`, `input ${quote(call!.input)}`, at), true);
}

function compared(subject: readonly Exchange[], control: Exchange): Judgement {
  const found = subject.map((exchange) => differences(exchange, calls(control.message)));
  if (found.some((list) => list.length === 0)) return satisfied();
  const last = subject.at(-1)!;
  const same = found.at(-1)!.filter((one) => found.every((list) => list.some((other) => isSame(one, other))));
  if (same.length === 0 || subject.length < ENOUGH_REPLIES)
    return inconclusive('The model wrote other values in each reply', subject.length);
  return violated(firstFew(same).map(inWords(last, control)), true);
}

const WHERE: Readonly<Record<Transport, string>> = {
  json: 'without streaming, and right in the stream',
  stream: 'in the stream, and right without streaming',
};

const inWords =
  (exchange: Exchange, control: Exchange) =>
  ({ pointer, fault, expected, actual }: Difference): Finding => ({
    ...finding(
      exchange,
      `\`${pointer}\` ${fault} ${WHERE[exchange.transport]}; agents run the tool with it.`,
      `${quote(expected)}, as ${control.id}`,
      actual === undefined ? 'missing' : quote(actual),
      { pointer },
    ),
    comparedWith: control.id,
  });

const isSame = (one: Difference, other: Difference): boolean =>
  one.pointer === other.pointer && one.fault === other.fault && quote(one.actual) === quote(other.actual);

/** Whether its calls can be compared. Other requirements judge events in a wrong order and fragments that are not a JSON object. */
function isReadable(exchange: Exchange): boolean {
  const made = calls(exchange.message);
  const blocks = blocksOf(exchange, 'tool_use') ?? [];
  if (blocks.length !== made.length || !blocks.every(hasReadableInput)) return false;
  return followsGrammar(exchange);
}

function hasReadableInput(block: StreamedBlock): boolean {
  const json = fragments(block)?.join('');
  return json !== undefined && (json.trim() === '' || isJsonObject(json));
}

/** The dictated values that a call lacks or has in another form. A model may make fewer calls than in the control. */
const differences = ({ message }: Exchange, whole: readonly JsonObject[]): Difference[] =>
  calls(message)
    .slice(0, whole.length)
    .flatMap((call) => {
      const { pointer } = blockPointer(message!, call, '/input');
      return compare(DICTATED, call.input, pointer);
    });

function compare(expected: JsonObject, actual: unknown, pointer: string): Difference[] {
  return Object.entries(expected).flatMap(([key, value]): Difference[] => {
    const mine = get(actual, key);
    const at = `${pointer}/${key}`;
    if (isObject(value) && isObject(mine)) return compare(value, mine, at);
    if (JSON.stringify(value) === JSON.stringify(mine)) return [];
    const fault =
      mine === undefined ? 'is missing' : kindOf(mine) === kindOf(value) ? 'has another value' : 'has another type';
    return [{ pointer: at, fault, expected: value, actual: mine }];
  });
}

const kindOf = (value: unknown): string => (Array.isArray(value) ? 'array' : typeof value);

/** Whether a value has all that is dictated. */
const isSubset = (expected: JsonObject, actual: unknown): boolean => compare(expected, actual, '').length === 0;
