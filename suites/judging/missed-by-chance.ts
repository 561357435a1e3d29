/** How likely it is that a model which follows prompts only sometimes missed every try of one. */

import { isAccepted } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { Cooperation } from '../../core/fixture.js';
import type { Evidence } from '../../core/requirement.js';
import { KINDS, type Kind, kindsOf, RARE } from './prompt-kinds.js';

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
 *
 * A model may be reliable as a whole and weak in one thing, such as pictures. So each kind of these prompts is looked at by itself, where the
 * model followed other prompts of that kind at all.
 */
export function missedByChance(
  evidence: Evidence,
  replies: readonly Exchange[],
  asksFor: AsksFor = 'words',
): string | null {
  const tried = followed(evidence, new Set(replies.map(conversationOf)), ASKS[asksFor]);
  const these = replies.length === 1 ? 'this one' : `all ${replies.length} of these`;
  const all = tally(tried);
  // Of those that it follows at last, as many take a second try for each first one as it misses of all.
  const rate = all.second === 0 ? 0 : Math.min(1, all.second / Math.max(1, all.first));
  if (rate ** replies.length >= CREDIBLE)
    return `The model follows prompts only sometimes (${told(all)}), so it may have missed ${these} by chance`;
  for (const kind of new Set(replies.flatMap((reply) => kindsIn(evidence, reply)))) {
    const alike = tally(tried.filter(({ kinds }) => kinds.includes(kind)));
    const isKnown = alike.second > 0 || (alike.first > 0 && RARE.includes(kind));
    if (!isKnown || likelihood(alike, replies.length) < CREDIBLE) continue;
    return alike.second === 0
      ? `The model may be weak in prompts ${KINDS[kind]}: it followed ${alike.first} others, too few to show that it did not miss ${these} by chance`
      : `The model follows prompts ${KINDS[kind]} only sometimes (${told(alike)}), so it may have missed ${these} by chance`;
  }
  return null;
}

/**
 * Whether the model followed no prompt of a kind that these replies have. A model that does not read tool results, or later system messages,
 * at all looks like a server that puts them in a wrong place.
 */
export function neverFollowed(evidence: Evidence, replies: readonly Exchange[], kinds: readonly Kind[]): Kind | null {
  const tried = followed(evidence, new Set(replies.map(conversationOf)), ASKS.words);
  const own = kinds.filter((kind) => replies.some((reply) => kindsIn(evidence, reply).includes(kind)));
  return own.find((kind) => !tried.some((one) => one.kinds.includes(kind))) ?? null;
}

/** How many conversations the model followed at the first try, and how many only at the second. */
interface Tally {
  first: number;
  second: number;
}

/** All of a run that may be tried more than twice. */
export const triesOf = (evidence: Pick<Evidence, 'all' | 'fixture'>): Tally =>
  tally(followed(evidence, new Set(), ASKS.anything));

const tally = (tried: readonly Tried[]): Tally => {
  const second = tried.filter(({ isSecond }) => isSecond).length;
  return { first: tried.length - second, second };
};

const told = ({ first, second }: Tally): string => `${second} of ${first + second} took a second try`;

/** In so many steps the rate at which a model misses prompts is looked at. */
const STEPS = 100;

/**
 * How likely it is, at most, that a model which followed so many prompts at the first and at the second try missed this many others: for the
 * rate that fits best to both, against the one that fits best to the prompts which it followed.
 */
function likelihood({ first, second }: Tally, missed: number): number {
  const fits = Array.from({ length: STEPS }, (_one, step) => {
    const rate = (step + 1) / STEPS;
    return { rate, fit: (1 / (1 + rate)) ** first * (rate / (1 + rate)) ** second };
  });
  const best = Math.max(second === 0 ? 1 : 0, ...fits.map(({ fit }) => fit));
  return Math.max(...fits.map(({ rate, fit }) => fit * rate ** missed)) / best;
}

const kindsIn = ({ fixture }: Pick<Evidence, 'fixture'>, exchange: Exchange): Kind[] =>
  kindsOf(
    exchange,
    fixture(exchange.fixture).turns.map(({ cooperation }) => cooperation),
  );

const conversationOf = ({ fixture, transport }: Exchange): string => `${fixture}/${transport}`;

/** The try at which a conversation has to be followed at the latest to count here. */
const SECOND = 2;

/** A conversation that the model followed. */
interface Tried {
  isSecond: boolean;
  kinds: readonly Kind[];
}

/** The conversations that the model followed at the first or at the second try. */
function followed(
  evidence: Pick<Evidence, 'all' | 'fixture'>,
  judged: ReadonlySet<string>,
  asks: (cooperation: Cooperation) => boolean,
): Tried[] {
  const { all, fixture } = evidence;
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
  return counted.map((exchanges) => ({
    isSecond: exchanges.length === SECOND,
    kinds: kindsIn(evidence, exchanges[0]!),
  }));
}
