/** How likely it is that a model which follows prompts only sometimes missed every try of one. */

import { isAccepted } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { Cooperation } from '../../core/fixture.js';
import type { Evidence } from '../../core/requirement.js';

/** What a prompt asks for: `words` in the text of the reply, or anything that the model decides, such as calls and thoughts. */
export type AsksFor = 'words' | 'anything';

/** About forty requirements rest on what the model does. One run of fifty with an unreliable model may blame its server for one of them. */
const CREDIBLE = 1 / 2_000;

const ASKS: Readonly<Record<AsksFor, (cooperation: Cooperation) => boolean>> = {
  words: ({ text, foundTitles }) => text !== undefined || foundTitles === true,
  anything: ({ inPieces, cacheRead, cached, ...ofTheModel }) => Object.keys(ofTheModel).length > 0,
};

/**
 * Why these replies may lack an effect because of the model; `null` where the server is to blame. The run tries a conversation again
 * until the model follows it, so those that it followed only at the second try say how often it misses one. A conversation that it
 * followed in no try says nothing, because the server may have lost it.
 */
export function missedByChance(
  evidence: Evidence,
  replies: readonly Exchange[],
  asksFor: AsksFor = 'words',
): string | null {
  const { first, second } = followed(evidence, new Set(replies.map(conversationOf)), ASKS[asksFor]);
  // Of those that it follows at last, as many take a second try for each first one as it misses of all.
  const rate = second === 0 ? 0 : Math.min(1, second / Math.max(1, first));
  if (rate ** replies.length < CREDIBLE) return null;
  const these = replies.length === 1 ? 'this one' : `all ${replies.length} of these`;
  return `The model follows prompts only sometimes (${second} of ${first + second} took a second try), so it may have missed ${these} by chance`;
}

const conversationOf = ({ fixture, transport }: Exchange): string => `${fixture}/${transport}`;

/** The try at which a conversation has to be followed at the latest to count here. */
const SECOND = 2;

/** How many conversations the model followed at the first and at the second try. */
function followed(
  { all, fixture }: Evidence,
  judged: ReadonlySet<string>,
  asks: (cooperation: Cooperation) => boolean,
): { first: number; second: number } {
  const tries = new Map<string, Exchange[]>();
  for (const exchange of all) {
    const key = conversationOf(exchange);
    if (exchange.replaced !== undefined || exchange.turn !== 1 || judged.has(key)) continue;
    tries.set(key, [...(tries.get(key) ?? []), exchange]);
  }
  const counted = [...tries.values()].filter((exchanges) => {
    const { attempts, turns } = fixture(exchanges[0]!.fixture);
    const isAsked = turns.some(({ cooperation }) => cooperation !== undefined && asks(cooperation));
    // After the last try that it has, nobody knows whether the model followed it.
    return isAsked && attempts > SECOND && exchanges.length <= SECOND && exchanges.every(isAccepted);
  });
  const second = counted.filter(({ length }) => length === SECOND).length;
  return { first: counted.length - second, second };
}
