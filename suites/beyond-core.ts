import type { Exchange } from '../core/exchange.js';
import type { Json, JsonObject } from '../core/json.js';
import { asString, get, isObject, quote } from '../core/json.js';
import { blocks, type PlacedBlock, placedBlocks } from '../core/message.js';
import type { Evidence, Finding, Suite } from '../core/requirement.js';
import { each } from './judging/judges.js';
import { finding, schemaFindings } from './judging/outcomes.js';
import { firstFew, followsGrammar, messageOf } from './judging/views.js';
import { isKnownBlock } from './stream/block-types.js';

/** Other requirements judge these blocks. */
const JUDGED_ELSEWHERE = ['text', 'tool_use', 'thinking'];
const COUNTED_ELSEWHERE =
  /^\/(input_tokens|output_tokens|cache_creation_input_tokens|cache_read_input_tokens|output_tokens_details(\/.*)?)$/;

/** Features that no request of the suite asks for. These requirements judge them when a target sends them. */
export const beyondCore: Suite = {
  name: 'beyond-core',
  title: 'server tools, MCP, containers, compaction and additional usage counts, when a target sends them',
  requirements: [
    {
      id: 'resp.content.other-blocks',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'Content blocks of server tools, MCP, containers, compaction and redacted thinking have the fields of the official types, as have citations of what a server tool found; each result names a call of the conversation.',
      source: ['T:msg', 'T:beta'],
      fixtures: [],
      judge: each(otherBlocks, blockFaults, { nothing: 'No reply of this run contains such a block' }),
    },
    {
      id: 'usage.optional.null-or-valid',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'Additional fields of `usage` (`cache_creation`, `server_tool_use`, `service_tier`, `speed` and others) are absent, `null` or as documented.',
      source: ['T:msg', 'T:beta'],
      fixtures: [],
      judge: each(usageOf, usageFaults, {
        nothing: 'No reply of this run has more than the four documented counts in `usage`',
      }),
    },
  ],
};

/** Content blocks of a documented type that no other requirement judges, with their places. */
function otherBlocks(exchange: Exchange): PlacedBlock[] | null {
  const found = placedBlocks(messageOf(exchange)).filter(
    ({ block: { type } }) => typeof type === 'string' && isKnownBlock(type) && !JUDGED_ELSEWHERE.includes(type),
  );
  return found.length === 0 ? null : found;
}

function blockFaults(found: PlacedBlock[], exchange: Exchange, evidence: Evidence): Finding[] {
  const calls = callsOf(exchange);
  const faults = found.flatMap(({ block, pointer }) => [
    ...schemaFindings(exchange, evidence.violations('contentBlock', block), { pointer }),
    ...orphan(exchange, block, pointer, calls),
  ]);
  const cited = placedBlocks(messageOf(exchange), 'text').flatMap(({ block, pointer }) =>
    citationsOf(block).flatMap((citation, index) =>
      schemaFindings(exchange, evidence.violations('citation', citation), { pointer: `${pointer}/citations/${index}` }),
    ),
  );
  return firstFew([...faults, ...cited]);
}

/** Citations of what a server tool found. Those of documents have requirements of their own. */
const citationsOf = ({ citations }: JsonObject): Json[] =>
  Array.isArray(citations)
    ? citations.filter((one) => !/^(char|page|content_block|search_result)_/.test(typeOf(one)))
    : [];

const typeOf = (one: Json): string => asString(get(one, 'type'));

/** Ids of the calls of the reply and of what the request has before it; `null` where there is more of the conversation. */
function callsOf(exchange: Exchange): ReadonlySet<unknown> | null {
  const before = get(exchange.sent, 'messages');
  const isKnown = Array.isArray(before) && get(exchange.sent, 'thread') === undefined;
  // Events in a wrong order hide calls, which other requirements judge.
  if (!isKnown || !followsGrammar(exchange)) return null;
  const all = [...before, messageOf(exchange)];
  return new Set(all.flatMap((one) => blocks(one).map(({ id }) => id)));
}

/** A result of a call that nobody made: the API rejects a history with it. */
function orphan(exchange: Exchange, block: JsonObject, pointer: string, calls: ReadonlySet<unknown> | null): Finding[] {
  const { type, tool_use_id } = block;
  if (calls === null || typeof tool_use_id !== 'string' || calls.has(tool_use_id)) return [];
  const message = `The \`${type}\` names a call that the conversation does not have; the reply cannot be sent back.`;
  const place = { pointer: `${pointer}/tool_use_id` };
  return [finding(exchange, message, 'the `id` of a call before it', quote(tool_use_id), place)];
}

function usageOf(exchange: Exchange): JsonObject | null {
  const usage = messageOf(exchange)?.usage;
  return isObject(usage) && Object.keys(usage).some((key) => !COUNTED_ELSEWHERE.test(`/${key}`)) ? usage : null;
}

/** Tiers, speeds and places may get new values, so any string is fine where a name is documented. */
function usageFaults(usage: JsonObject, exchange: Exchange, evidence: Evidence): Finding[] {
  const faults = evidence
    .violations('usage', usage)
    .filter(({ pointer }) => !COUNTED_ELSEWHERE.test(pointer))
    .filter(({ pointer, keyword }) => !(keyword === 'enum' && typeof usage[pointer.slice(1)] === 'string'));
  return firstFew(schemaFindings(exchange, faults, { pointer: '/usage' }));
}
