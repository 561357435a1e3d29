/** Replies that lack the end of their text, though `usage` counts all of its tokens: a server lost it, be it only once. */

import type { Exchange } from '../../core/exchange.js';
import { blocks, text } from '../../core/message.js';
import type { Evidence, Finding } from '../../core/requirement.js';
import { finding } from './outcomes.js';
import { finished, followsGrammar, outputTokens, tokenLimit } from './views.js';

/** Texts of fewer tokens may cost the same by chance. */
const LEAST_TOKENS = 20;
/** So many characters, with the beginning of a word among them, cost more by every way to count: tokens, words, or characters by four. */
const LEAST_LOST = 8;
/** Servers that make up counts repeat a few numbers. */
const LEAST_COUNTS = 3;

interface Told {
  exchange: Exchange;
  said: string;
  tokens: number;
}

/** What replies of text alone say, and its tokens. A count that equals the limit of the request may be the limit itself. */
function told(all: readonly Exchange[]): Told[] {
  return finished(all)
    .filter(followsGrammar)
    .flatMap((exchange) => {
      const tokens = outputTokens(exchange);
      const isText = blocks(exchange.message).every(({ type }) => type === 'text');
      if (tokens === null || tokens < LEAST_TOKENS || tokens === tokenLimit(exchange) || !isText) return [];
      return [{ exchange, said: text(exchange.message), tokens }];
    });
}

/** The first reply that is the beginning of another one to the same request, with as many tokens. */
export function lostEnding({ all }: Pick<Evidence, 'all'>): Finding | null {
  if (new Set(finished(all).map(outputTokens)).size < LEAST_COUNTS) return null;
  const replies = told(all);
  for (const cut of replies) {
    const whole = replies.find((other) => isWholeOf(cut, other));
    if (whole === undefined) continue;
    const message = 'The end of a text is lost: `usage` counts as many tokens as for the whole text of another try.';
    const expected = `${whole.said.length} characters, as ${whole.exchange.id}`;
    const actual = `${cut.said.length} characters, and ${cut.tokens} output tokens in both`;
    return {
      ...finding(cut.exchange, message, expected, actual, { pointer: '/content' }),
      comparedWith: whole.exchange.id,
    };
  }
  return null;
}

function isWholeOf(cut: Told, whole: Told): boolean {
  const isAlike =
    cut.tokens === whole.tokens &&
    cut.exchange.fixture === whole.exchange.fixture &&
    cut.exchange.turn === whole.exchange.turn;
  if (!isAlike || cut.said === '' || !whole.said.startsWith(cut.said)) return false;
  const lost = whole.said.slice(cut.said.length);
  return lost.trim().length >= LEAST_LOST && /\s\S/.test(lost);
}
