/** Whether an answer shows that the model did what a prompt asks. Never a verdict: it decides whether to ask again. */

import type { Exchange, StreamReading } from '../../core/exchange.js';
import type { Cooperation } from '../../core/fixture.js';
import { get, isObject, type JsonObject } from '../../core/json.js';
import { repeatsFound } from '../../core/search-results.js';
import { inOrder } from '../../core/text.js';

/** What stands between words that only have to come in this order. */
const GAP = '[\\s\\S]*';

/** Whether a text matches a pattern of a fixture; words in an order are looked for one by one. */
function matches(text: string, pattern: string): boolean {
  const expression = (part: string): RegExp => new RegExp(part, 'i');
  if (!pattern.includes(GAP)) return expression(pattern).test(text);
  return pattern.split('|').some((order) => inOrder(text, order.split(GAP).map(expression)));
}

/** Whether an answer shows that the model did what the prompt asks. Never a verdict. */
export function shows(exchange: Exchange, cooperation: Cooperation): boolean {
  const { message } = exchange;
  if (message === null) return true;
  const content = Array.isArray(message.content) ? (message.content as (JsonObject | null)[]) : [];
  const text = content
    .map((block) => (block?.type === 'text' && typeof block.text === 'string' ? block.text : ''))
    .join('');
  const made = content.filter((block) => block?.type === 'tool_use');
  const calls = made.map((block) => block?.name);
  if (cooperation.text !== undefined && !matches(text, cooperation.text)) return false;
  if (cooperation.toolUses !== undefined && calls.length < cooperation.toolUses) return false;
  if (cooperation.tools?.some((name) => !calls.includes(name))) return false;
  const { input } = cooperation;
  if (input !== undefined && !made.every((block) => has(block?.input, input))) return false;
  if (cooperation.inPieces && exchange.stream !== null && cameAtOnce(exchange.stream)) return false;
  const citations = content.flatMap((block) => (Array.isArray(block?.citations) ? block.citations : [])).length;
  if (cooperation.citations !== undefined && citations < cooperation.citations) return false;
  if (cooperation.foundTitles && repeatsFound(exchange) === false) return false;
  const cached = get(message.usage, 'cache_read_input_tokens');
  if (cooperation.cacheRead && !(typeof cached === 'number' && cached > 0)) return false;
  const written = get(message.usage, 'cache_creation_input_tokens');
  if (cooperation.cached && ![cached, written].some((count) => typeof count === 'number' && count > 0)) return false;
  if (cooperation.block !== undefined && !content.some((block) => block?.type === cooperation.block)) return false;
  return cooperation.stopReason === undefined || message.stop_reason === cooperation.stopReason;
}

/** Whether a value has all members of an object, with their values. */
const has = (value: unknown, members: JsonObject): boolean =>
  Object.entries(members).every(([key, member]) =>
    isObject(member) ? has(get(value, key), member) : JSON.stringify(get(value, key)) === JSON.stringify(member),
  );

/** Whether the first delta and the end came in one network read. */
function cameAtOnce({ events }: StreamReading): boolean {
  const [first, stop] = ['content_block_delta', 'message_stop'].map((type) =>
    events.find((event) => event.type === type),
  );
  return first !== undefined && first.frame.atMs === stop?.frame.atMs;
}
