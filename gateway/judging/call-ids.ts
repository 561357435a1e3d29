/** Ids of the calls that a client gets: it sends them back with the results. */

import type { Exchange } from '../../core/exchange.js';
import { asString } from '../../core/json.js';
import { blocks } from '../../core/message.js';
import type { Judge } from '../../core/requirement.js';
import { finding, verdictOf } from '../../suites/judging/outcomes.js';
import { type AnswerPair, answers } from './answers.js';
import { answerOf, scriptOf } from './pairs.js';
import type { Fault } from './texts.js';

/** Ids that clients send back. Source: the pattern of `tool_use.id` in the API reference. */
export function usableIds({ calls }: AnswerPair): Fault | null {
  const wrong = calls.find(({ id }) => !/^[a-zA-Z0-9_-]+$/.test(id));
  return wrong === undefined
    ? null
    : {
        message: 'The id of a call has characters that clients and the API do not take.',
        expected: 'letters, digits, _ and -',
        actual: JSON.stringify(wrong.id),
      };
}

export function distinctIds({ calls }: AnswerPair): Fault | null {
  const ids = calls.map(({ id }) => id);
  return new Set(ids).size === ids.length && !ids.includes('')
    ? null
    : {
        message: 'Calls of one answer share an id; results go to the wrong call.',
        expected: 'distinct ids',
        actual: ids.join(', '),
      };
}

/** Ids that the upstream gave different names stay different, so that those of a conversation do. */
export const distinctAmongAnswers: Judge = (evidence) => {
  const within = answers(distinctIds)(evidence);
  if (within.outcome !== 'satisfied') return within;
  const known = new Map<string, string>();
  for (const exchange of evidence.own) {
    const given = answerOf(scriptOf(exchange, evidence)).calls;
    for (const [index, id] of callIds(exchange).entries()) {
      const upstream = given[index]?.id;
      const before = known.get(id);
      if (upstream === undefined || id === '') continue;
      if (before !== undefined && before !== upstream)
        return verdictOf([
          finding(
            exchange,
            'Calls of several answers share an id; the API rejects a conversation with both, and results go to the wrong call.',
            'distinct ids',
            `${id} for the calls ${before} and ${upstream} of the upstream`,
          ),
        ]);
      known.set(id, upstream);
    }
  }
  return within;
};

const callIds = ({ message }: Exchange): string[] => blocks(message, 'tool_use').map(({ id }) => asString(id));
