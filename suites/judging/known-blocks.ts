/** The content of a reply: blocks that clients know. */

import type { Exchange } from '../../core/exchange.js';
import { asString, get, isObject, type Json, type JsonObject, quote } from '../../core/json.js';
import type { Finding, Judge } from '../../core/requirement.js';
import { isKnownBlock } from '../stream/block-types.js';
import { each } from './judges.js';
import { deviates, finding } from './outcomes.js';
import { firstFew, messageOf } from './views.js';

const ADDED = '`type` of a content block beside others is unknown; clients ignore the block.';

function contentFaults(message: JsonObject, exchange: Exchange): Finding[] {
  const { content } = message;
  if (!Array.isArray(content)) {
    return [
      finding(exchange, '`content` of the reply is not an array.', 'an array of content blocks', quote(content), {
        pointer: '/content',
      }),
    ];
  }
  const says = content.some((block) => ['text', 'tool_use'].includes(asString(get(block, 'type'))));
  const wrong = (block: Json): string => {
    if (!isObject(block)) return 'A content block is no object; clients throw where they read its `type`.';
    return says && typeof block.type === 'string'
      ? ADDED
      : '`type` of a content block is unknown; clients ignore the block.';
  };
  return firstFew(
    content.flatMap((block, index) => {
      const type = get(block, 'type');
      if (isObject(block) && isKnownBlock(type)) return [];
      return [
        finding(
          exchange,
          wrong(block),
          'an object with a type such as text or tool_use',
          quote(isObject(block) ? type : block),
          { pointer: `/content/${index}${isObject(block) ? '/type' : ''}` },
        ),
      ];
    }),
  );
}

/** Blocks of an unknown type beside known ones are a deviation: later versions may add values to such lists. Source: D:ver. */
export const blocksAreKnown: Judge = (evidence) => {
  const judgement = each(messageOf, contentFaults)(evidence);
  const isAdded = judgement.outcome === 'violated' && judgement.findings.every(({ message }) => message === ADDED);
  return isAdded ? deviates(judgement.findings) : judgement;
};
