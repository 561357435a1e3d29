/** Replies that clients send back as they came. */

import { answer, isAccepted, rejectedAsInvalid } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { asString, get, isObject } from '../../core/json.js';
import { placedBlocks } from '../../core/message.js';
import type { Evidence, Judgement } from '../../core/requirement.js';
import { onlyEmpty } from './empty-replies.js';
import { noAnswer } from './no-answer.js';
import { finding, inconclusive, satisfied, violated } from './outcomes.js';

/** Places of blank text blocks in the assistant messages of a request. */
function blankTexts({ sent }: Exchange): string[] {
  const messages = get(sent, 'messages');
  if (!Array.isArray(messages)) return [];
  return messages.flatMap((message, at) =>
    isObject(message) && message.role === 'assistant'
      ? placedBlocks(message, 'text')
          .filter(({ block }) => asString(block.text).trim() === '')
          .map(({ pointer }) => `/messages/${at}${pointer}`)
      : [],
  );
}

/** A tool result after a call that stands alone. */
export const PLAIN = 'result-string';

/** The server accepts its reply as history, with the blank text blocks that it put there itself. */
export function acceptsBlankTexts(evidence: Evidence): Judgement {
  const later = evidence.own.filter(({ turn, response }) => turn > 1 && response !== null);
  const nothing = noAnswer(later.length > 0 ? later : evidence.own, evidence);
  if (nothing !== null) return nothing;
  if (later.length === 0) return inconclusive('Not tested: no reply could be sent back');
  const bad = later.filter((exchange) => rejectedAsInvalid(exchange) && blankTexts(exchange).length > 0);
  if (bad.length > 0) {
    const plain = evidence.of(PLAIN);
    if (plain.length > 0 && !plain.some(isAccepted))
      return inconclusive(`Not tested: ${plain[0]!.id} has no empty text and failed too (${answer(plain[0]!)})`);
    return violated(
      bad.map((exchange) =>
        finding(
          exchange,
          'The server rejects an empty text block of its own reply; no tool loop of an agent goes on.',
          'HTTP 200 with a Message, or a reply without the empty text',
          answer(exchange),
          { pointer: blankTexts(exchange)[0]! },
        ),
      ),
    );
  }
  if (later.some(isAccepted)) return onlyEmpty(later, evidence) ?? satisfied();
  return inconclusive(`Not tested: ${later[0]!.id} failed for another reason (${answer(later[0]!)})`);
}
