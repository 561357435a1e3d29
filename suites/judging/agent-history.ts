/** Rare parts of an agent's history: summaries, messages that are over, thinking of another server, tools that come later. */

import { answer, errorBody } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { asString, get, quote } from '../../core/json.js';
import { placedBlocks, text } from '../../core/message.js';
import type { Evidence, Judgement } from '../../core/requirement.js';
import { bundled } from './bundles.js';
import { honouredOrNamed } from './honoured-or-named.js';
import { accepted } from './judges.js';
import { finding, inconclusive, notObserved, satisfied, verdictOf, violated } from './outcomes.js';
import { replyText, steered } from './steering.js';
import { saysBothWords, saysOneWord } from './steering-words.js';
import { calls } from './tool-views.js';
import { answered, firstFew, jsonMessage } from './views.js';

/** The request with several of these parts. */
export const HISTORY = 'agent-history';

/** A summary reaches the model in place of what it summarizes. */
export const readsSummary = bundled(
  [{ whole: HISTORY, part: 'compaction-history' }],
  honouredOrNamed(
    {
      names: /compact/i,
      what: 'A `compaction` block',
      breaks: 'the agent cannot tell that it has to send the conversation instead of the summary',
      name: 'compaction',
    },
    (evidence) =>
      steered({
        subject: () => evidence.own,
        control: () => evidence.of('words-in-prompt'),
        shows: saysBothWords,
        expected: 'the two words of the summary',
        lost: 'The summary in a `compaction` block is lost: the model repeats its two words from a plain prompt.',
        needsEnd: true,
      })(evidence),
  ),
);

const KIWI = /KIWI/i;

/** A system message that is over has no effect. The model has to follow one that is not. */
export const dropsWhatIsOver = bundled(
  [{ whole: HISTORY, part: 'clear-at-history' }],
  honouredOrNamed(
    {
      names: /clear_at|system|role/i,
      what: '`clear_at` of a system message',
      breaks: 'the agent cannot tell that it has to leave it out',
      name: 'clear_at',
    },
    (evidence) => {
      const replies = answered(evidence.own);
      const loud = replies.filter(({ message }) => KIWI.test(text(message)));
      if (loud.length > 0 && loud.length === replies.length) {
        const fault = '`clear_at` is ignored: the model follows a system message that was over after its user turn.';
        return violated(
          loud.map((exchange) => finding(exchange, fault, 'the two words, and not KIWI', replyText(exchange))),
          true,
        );
      }
      return answered(evidence.of('system-role-later')).some(({ message }) => message !== null && saysOneWord(message))
        ? satisfied()
        : inconclusive('The model does not follow a system message that is not over either', replies.length);
    },
  ),
);

/** Only the server that made the data of a `redacted_thinking` block can check it. */
const CHECKS_DATA = /signature|decrypt|cannot be modified|\bdata\b/i;

/** The server accepts `redacted_thinking` of earlier turns, and keeps the text beside it. */
export const acceptsRedacted = bundled([{ whole: HISTORY, part: 'redacted-history' }], (evidence) => {
  const judgement = accepted()(evidence);
  const rejections = evidence.own.filter(({ message }) => message === null);
  if (judgement.outcome === 'rejected' && rejections.every((one) => CHECKS_DATA.test(errorBody(one)?.message ?? '')))
    return notObserved(`The target checks the data, which only its own server can make: ${answer(rejections[0]!)}`);
  if (judgement.outcome !== 'satisfied') return judgement;
  return steered({
    subject: () => [...new Set([...evidence.of(HISTORY), ...evidence.own])],
    control: () => evidence.of('words-in-prompt'),
    shows: (message, { fixture }) =>
      fixture === 'words-in-prompt' ? saysBothWords(message) : /CHERRY/i.test(text(message)),
    expected: 'the word CHERRY',
    lost: 'Text beside a `redacted_thinking` block is lost: the model repeats words from a plain prompt.',
    needsEnd: true,
  })(evidence);
});

/** A tool that the middle of the conversation adds can be called. */
export const offersAddedTool = honouredOrNamed(
  {
    names: /tool_(addition|definition)|inline|system|role/i,
    what: 'A `tool_addition` block',
    breaks: 'the agent cannot tell that it has to declare the tool in `tools`',
    name: 'tool_addition',
  },
  steered({
    subject: (evidence) => evidence.of('tool-added'),
    control: (evidence) => evidence.of('tool-from-start'),
    shows: (message) => calls(message).some(({ name }) => name === 'list_alarms'),
    expected: 'a call of list_alarms',
    lost: 'A tool of a `tool_addition` block is lost: the model calls the same tool when it stands in `tools`.',
    asksFor: 'anything',
  }),
);

/** `model` names the last model of the chain. */
export const namesWhoAnswered = honouredOrNamed(
  {
    names: /fallback/i,
    what: '`fallbacks`',
    breaks: 'the client cannot tell that it has to try the next model itself',
    name: 'fallbacks',
  },
  namesLastModel,
);

/** Ends of a name that tell a dated model from its alias. */
const DATE = /[-@](\d{8}|latest)$/;
const undated = (name: unknown): string => asString(name).replace(DATE, '');

/**
 * Whether a name is one of the model that was asked first, as the request or the chain calls it, dated or not. The name in replies without
 * a chain does not tell: gateways report an alias or a product, one name for all of their models.
 */
function isFirstName(name: unknown, exchange: Exchange): boolean {
  const from = placedBlocks(jsonMessage(exchange), 'fallback').map(({ block }) => get(block, 'from', 'model'));
  return [get(exchange.sent, 'model'), ...from].some((first) => undated(first) === undated(name));
}

/** A reply of a fallback model may have another name of that model. It may not have the name of the model that was asked first. */
function namesLastModel({ own }: Evidence): Judgement {
  const others = own.flatMap((exchange) => {
    const message = jsonMessage(exchange);
    const model = get(message, 'model');
    return lastModels(message)
      .filter((name) => undated(name) !== undated(model))
      .map((name) => ({ exchange, name, model, isFirst: isFirstName(model, exchange) }));
  });
  const other = others[0];
  if (other !== undefined && !others.some(({ isFirst }) => isFirst))
    return inconclusive(
      `The target may have two names for one model: \`model\` is ${quote(other.model)}, and the chain ends with ${quote(other.name)}`,
    );
  const fault =
    '`model` does not name the fallback model that answered; clients attribute text and cost to the wrong model.';
  return verdictOf(
    firstFew(others.filter(({ isFirst }) => isFirst)).map(({ exchange, name, model }) =>
      finding(exchange, fault, quote(name), quote(model), { pointer: '/model' }),
    ),
    true,
  );
}

/** The model that answered, as the parts of a message about fallbacks name it. */
function lastModels(message: unknown): string[] {
  const iterations = get(message, 'usage', 'iterations');
  const last = Array.isArray(iterations) ? iterations.findLast((one) => get(one, 'type') === 'fallback_message') : null;
  const to = get(placedBlocks(message, 'fallback').at(-1)?.block, 'to', 'model');
  return [to, get(last, 'model')].filter((name) => typeof name === 'string');
}
