import type { Exchange } from '../core/exchange.js';
import type { JsonObject } from '../core/json.js';
import { isObject } from '../core/json.js';
import type { Evidence, Finding, Suite } from '../core/requirement.js';
import { each } from './judging/judges.js';
import { schemaFindings } from './judging/outcomes.js';
import { firstFew, messageOf } from './judging/views.js';
import { isKnownBlock } from './stream/block-types.js';

/** Judged by requirements of their own. */
const JUDGED_ELSEWHERE = ['text', 'tool_use', 'thinking', 'redacted_thinking'];
const COUNTED_ELSEWHERE =
  /^\/(input_tokens|output_tokens|cache_creation_input_tokens|cache_read_input_tokens|output_tokens_details(\/.*)?)$/;

/** What a target may send without being asked for it: nothing here is provoked, and all of it is looked at when it comes. */
export const beyondCore: Suite = {
  name: 'beyond-core',
  title: 'server tools, MCP, containers, compaction and further counts, wherever a target sends them',
  requirements: [
    {
      id: 'resp.content.other-blocks',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'Blocks of server tools, MCP, containers, compaction and the like have the fields that the official types give them.',
      source: ['T:msg', 'T:beta'],
      fixtures: [],
      judge: each(otherBlocks, blockFaults, { nothing: 'no reply of this run holds such a block' }),
    },
    {
      id: 'usage.optional.null-or-valid',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'Further members of usage (cache_creation, server_tool_use, service_tier, speed and the like) are absent, null or of the documented form.',
      source: ['T:msg', 'T:beta'],
      fixtures: [],
      judge: each(usageOf, usageFaults, {
        nothing: 'no reply of this run counts more than the four documented totals',
      }),
    },
  ],
};

/** Content blocks of a documented type that no other requirement looks at, with their places. */
function otherBlocks(exchange: Exchange): { block: JsonObject; index: number }[] | null {
  const content = messageOf(exchange)?.content;
  if (!Array.isArray(content)) return null;
  const found = content.flatMap((block, index) =>
    isObject(block) &&
    typeof block.type === 'string' &&
    isKnownBlock(block.type) &&
    !JUDGED_ELSEWHERE.includes(block.type)
      ? [{ block, index }]
      : [],
  );
  return found.length === 0 ? null : found;
}

function blockFaults(found: { block: JsonObject; index: number }[], exchange: Exchange, evidence: Evidence): Finding[] {
  const faults = found.flatMap(({ block, index }) =>
    schemaFindings(exchange, evidence.violations('contentBlock', block), { pointer: `/content/${index}` }),
  );
  return firstFew(faults);
}

function usageOf(exchange: Exchange): JsonObject | null {
  const usage = messageOf(exchange)?.usage;
  return isObject(usage) && Object.keys(usage).some((key) => !COUNTED_ELSEWHERE.test(`/${key}`)) ? usage : null;
}

/** Names of tiers, speeds and places may grow: a string where a name stands is in order. */
function usageFaults(usage: JsonObject, exchange: Exchange, evidence: Evidence): Finding[] {
  const faults = evidence
    .violations('usage', usage)
    .filter(({ pointer }) => !COUNTED_ELSEWHERE.test(pointer))
    .filter(({ pointer, keyword }) => !(keyword === 'enum' && typeof usage[pointer.slice(1)] === 'string'));
  return firstFew(schemaFindings(exchange, faults, { pointer: '/usage' }));
}
