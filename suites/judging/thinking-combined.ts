/** Thinking with a budget that works by itself: beside tools, and in streams. */

import type { Exchange } from '../../core/exchange.js';
import type { Evidence, Judgement } from '../../core/requirement.js';
import { missedByChance } from './missed-by-chance.js';
import { finding, notObserved, satisfied, violated } from './outcomes.js';
import { isInWords, outline, thinks } from './thinking-blocks.js';
import { declaredTools, wasTruncated } from './tool-views.js';
import { answered, followsGrammar } from './views.js';

/** First requests with a budget, with and without tools, streamed and not. */
export const BUDGETED = ['thinking', 'thinking-alone', 'thinking-omitted', 'thinking-loop'];

/** A model may answer without thinking now and then, not in every reply of one kind and in none of the other. */
const ENOUGH = 3;

/** A kind of request in which thinking may be dropped. */
interface Kind {
  isOf: (exchange: Exchange) => boolean;
  /** The end of "Thinking is dropped …". */
  where: string;
  /** The end of "the model thinks …". */
  elsewhere: string;
}

const KINDS: readonly Kind[] = [
  {
    isOf: (exchange) => declaredTools(exchange).length > 0,
    where: 'in requests with tools',
    elsewhere: 'in requests without them',
  },
  { isOf: ({ transport }) => transport === 'stream', where: 'in streams', elsewhere: 'without streaming' },
];

/** Thinking with a budget is not dropped beside tools or in streams where the model otherwise always thinks. */
export function thinksTogether(evidence: Evidence): Judgement {
  const replies = answered(BUDGETED.flatMap((fixture) => evidence.of(fixture))).filter(
    (exchange) => exchange.turn === 1 && !wasTruncated(exchange.message) && followsGrammar(exchange),
  );
  const inWords = replies.filter((exchange) => thinks(exchange) || isInWords(exchange));
  if (!inWords.some(thinks)) return notObserved('No reply of this run thinks with a budget, see think.accepted');
  for (const { isOf, where, elsewhere } of KINDS) {
    const [those, others] = [inWords.filter(isOf), inWords.filter((one) => !isOf(one))];
    const last = those.at(-1);
    const isDropped = those.length >= ENOUGH && !those.some(thinks) && others.length > 0 && others.every(thinks);
    if (last === undefined || !isDropped || missedByChance(evidence, those, 'anything') !== null) continue;
    const fault = `Thinking with a budget is dropped ${where}; ${elsewhere} the model thinks.`;
    return violated(finding(last, fault, 'a thinking block', outline(last.message), { pointer: '/content' }), true);
  }
  return satisfied();
}
