/** Requests that got no whole answer: they show nothing of what they ask for, so that a green run says how many there were. */

import { isSent, isUnanswered } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { Unanswered } from '../../core/report.js';
import { largest } from '../judge/causes/scene.js';

/** Fewer than so many are a trouble of the moment, which nobody has to know of. */
const LEAST = 3;

/** What is counted in the summary; nothing where every request was answered. */
export function unansweredOf(exchanges: readonly Exchange[]): { unanswered?: Unanswered } {
  const unanswered = exchanges.filter((exchange) => exchange.replaced === undefined && isUnanswered(exchange));
  return unanswered.length === 0 ? {} : { unanswered: { requests: unanswered.length, why: mostFrequent(unanswered) } };
}

/** The note on requests without a whole answer, and how many of them were sent again; `null` where there are few. */
export function unansweredNote(exchanges: readonly Exchange[]): string | null {
  const unanswered = exchanges.filter(isUnanswered);
  if (unanswered.length < LEAST) return null;
  const again = unanswered.filter(({ replaced }) => replaced !== undefined).length;
  const rest = again === 0 ? '' : `; ${again} of them ${again === 1 ? 'was' : 'were'} sent again`;
  return `${unanswered.length} of ${exchanges.filter(isSent).length} requests got no whole answer, most often: ${mostFrequent(unanswered)}${rest}.`;
}

const mostFrequent = (exchanges: readonly Exchange[]): string => largest(exchanges, reasonOf)[0] ?? '';

/** The reason without the time that it took, which differs from request to request. */
const reasonOf = ({ failure }: Exchange): string =>
  (failure?.message ?? 'nothing came').replace(/ after \d+ ms(?=:)/, '');
