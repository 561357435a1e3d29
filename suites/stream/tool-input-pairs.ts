/** Compares the inputs of streamed tool calls with those of the same calls without streaming. */

import { isAccepted } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import { get, isObject, quote } from '../../core/json.js';
import type { Evidence, Finding, Judgement } from '../../core/requirement.js';
import { noReply } from '../judging/no-answer.js';
import { finding, inconclusive, satisfied, violated } from '../judging/outcomes.js';
import { blockPointer, calls, wasTruncated } from '../judging/tool-views.js';
import { answered, readStream } from '../judging/views.js';
import type { StreamedBlock } from './block-types.js';
import { blocksOf, fragments, isJsonObject } from './blocks.js';

/** The fixture that dictates values of every JSON type for two calls, streamed and not. */
const TYPED = 'call-typed';

/** What its prompt dictates for each call. */
const DICTATED: JsonObject = {
  people: 3,
  price: 12.5,
  outside: true,
  details: { code: '0042', note: 'Window seat, second floor, close to the door' },
};

/** A streamed value that is not that of the call without streaming. */
interface Difference {
  /** JSON pointer into the message. */
  pointer: string;
  /** What is wrong with it. */
  fault: string;
  expected: unknown;
  actual: unknown;
}

/** A model may write another value once. It does not make the same mistake in every stream and never without streaming. */
const ENOUGH_STREAMS = 2;

/** The streamed calls have the dictated values that the calls without streaming have. */
export function sameInputs(evidence: Evidence): Judgement {
  const whole = answered(evidence.of(TYPED, 'json')).filter(({ message }) => calls(message).length > 0);
  const streams = answered(evidence.of(TYPED, 'stream')).filter(isReadable);
  const control = whole.find(({ message }) => calls(message).every(({ input }) => isSubset(DICTATED, input)));
  const shown = evidence.own.filter(isAccepted);
  if (control === undefined || streams.length === 0) {
    const missing = control === undefined ? 'No call without streaming' : 'No stream';
    return (
      noReply(evidence.own, evidence) ??
      inconclusive(`${missing} has the inputs that the prompt dictates`, shown.length)
    );
  }
  const found = streams.map((exchange) => differences(exchange, calls(control.message)));
  const clean = found.findIndex((list) => list.length === 0);
  if (clean >= 0) return satisfied();
  const last = streams.at(-1)!;
  const same = found.at(-1)!.filter((one) => found.every((list) => list.some((other) => isSame(one, other))));
  if (same.length === 0 || streams.length < ENOUGH_STREAMS)
    return inconclusive('The model wrote other values in each stream', streams.length);
  return violated(same.slice(0, 3).map(inWords(last, control)), true);
}

const inWords =
  (exchange: Exchange, control: Exchange) =>
  ({ pointer, fault, expected, actual }: Difference): Finding => ({
    ...finding(
      exchange,
      `\`${pointer}\` ${fault} in the stream, and right without streaming; agents run the tool with it.`,
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
  return readStream(exchange)?.violations.length === 0 && !wasTruncated(exchange.message) && made.length > 0;
}

function hasReadableInput(block: StreamedBlock): boolean {
  const json = fragments(block)?.join('');
  return json !== undefined && (json.trim() === '' || isJsonObject(json));
}

/** The dictated values that a streamed call lacks or has in another form. A model may make fewer calls than without streaming. */
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
    if (value === mine) return [];
    const fault =
      mine === undefined ? 'is missing' : typeof mine === typeof value ? 'has another value' : 'has another type';
    return [{ pointer: at, fault, expected: value, actual: mine }];
  });
}

/** Whether a value has all that is dictated. */
const isSubset = (expected: JsonObject, actual: unknown): boolean => compare(expected, actual, '').length === 0;
