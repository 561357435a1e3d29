/** What a web search of the server found, in the next turn: the reply that holds it is sent back, and the model repeats its titles. */

import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import { blocks, text } from '../../core/message.js';
import type { Evidence, Judge } from '../../core/requirement.js';
import { hintsAtFound, onlyFound, repeatsFound } from '../../core/search-results.js';
import { inEachTransport, inTransport, streamControl, withoutReply } from './arrival.js';
import { noAnswer } from './no-answer.js';
import { inconclusive, notObserved } from './outcomes.js';
import { steered } from './steering.js';
import { saysBothWords } from './steering-words.js';

/** Each is a question that makes the server search, and one about what it found. */
export const SEARCHES = ['search-tool', 'search-tool-streamed'] as const;

/** The same titles, in a message of the user. */
const TOLD = 'search-told';
const TOLD_TITLES = [/harbour times of the island/i, /ferries across the lake/i, /a history of the old lighthouse/i];

const repeatsTold = (message: JsonObject): boolean => TOLD_TITLES.every((title) => title.test(text(message)));

/** A model that searches again in the second turn may know the titles from there. */
const searchedAgain = ({ message }: Exchange): boolean => blocks(message, 'server_tool_use').length > 0;

/** Only what the target itself found is sent back: `encrypted_content` that somebody else made up is rejected by the official API. */
export const foundArrives: Judge = inEachTransport((evidence, transport) => {
  const id = inTransport(SEARCHES[0], transport);
  const all = evidence.of(id, transport);
  const asked = all.filter(({ turn, sent }) => turn === 2 && onlyFound(sent).titles.length > 0);
  if (asked.length === 0) return noAnswer(all, evidence) ?? notObserved(whyNothingFound(evidence, id));
  const nothing = withoutReply(asked, evidence);
  if (nothing !== null) return nothing;
  const subject = asked.filter((exchange) => !searchedAgain(exchange));
  if (subject.length === 0) return inconclusive('The model searched again instead of answering', asked.length);
  const judgement = steered({
    subject: () => subject,
    control: () => [...evidence.of(TOLD), ...streamControl(evidence, transport)],
    shows: (message, exchange) => {
      if (exchange.fixture === TOLD) return repeatsTold(message);
      return exchange.fixture === id ? repeatsFound(exchange) === true : saysBothWords(message);
    },
    expected: `the titles of its search results: ${onlyFound(subject.at(-1)!.sent).titles.join('; ')}`,
    lost: `What the server found is lost when the client sends it back${transport === 'stream' ? ' and asks for a stream' : ''}: the model repeats titles from a user message.`,
    needsEnd: true,
  })(evidence);
  // A model that shortens titles has read them.
  if (judgement.outcome !== 'violated' || !subject.some(hintsAtFound)) return judgement;
  return inconclusive('The reply has words of the search results, but not their titles', subject.length);
});

function whyNothingFound(evidence: Evidence, id: string): string {
  const searched = evidence.of(id).some(({ message }) => blocks(message, 'web_search_tool_result').length > 0);
  return searched
    ? 'No search result has a title that stands only there'
    : 'The target returned no web search result to send back';
}
