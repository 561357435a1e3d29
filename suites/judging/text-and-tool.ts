/** A sentence and then a tool call in one stream. */

import type { Exchange } from '../../core/exchange.js';
import { quote } from '../../core/json.js';
import { text } from '../../core/message.js';
import type { Evidence, Finding, Judgement } from '../../core/requirement.js';
import { accepted } from './judges.js';
import { finding, inconclusive, verdictOf, violated } from './outcomes.js';
import { replyText } from './steering.js';
import { calls } from './tool-views.js';
import { answered, atEvent, finished, outputTokens, readStream } from './views.js';

/** Places of text blocks that a tool call follows directly. */
function textBeforeTool(exchange: Exchange): { exchange: Exchange; at: number }[] {
  const blocks = readStream(exchange)?.blocks ?? [];
  return blocks.flatMap(({ type }, at) =>
    type === 'text' && blocks[at + 1]?.type === 'tool_use' ? [{ exchange, at }] : [],
  );
}

/** Looks at every stream of the run: a weak model may not write both when it is asked to. */
export function textThenTool(evidence: Evidence): Judgement {
  const shown = evidence.all.flatMap(textBeforeTool);
  if (shown.length > 0) {
    return verdictOf(
      shown.flatMap(({ exchange, at }) => {
        const both = readStream(exchange)!.blocks.slice(at, at + 2);
        return both.flatMap(({ index, start }, next) => {
          if (index === at + next || start === null) return [];
          const message = '`index` of a block is not its position, in a reply with text and a tool call.';
          return [atEvent(exchange, start, message, `index ${at + next}`, quote(index), '/index')];
        });
      }),
      true,
    );
  }
  const judgement = accepted()({ ...evidence, own: evidence.of('agent-text-and-tool') });
  if (judgement.outcome !== 'satisfied') return judgement;
  const lost = lostBeforeTool(evidence);
  if (lost !== null) return violated(lost, true);
  const replies = answered(evidence.of('agent-text-and-tool'));
  return inconclusive('The model did not write a sentence and then call the tool', replies.length);
}

/** Tokens by which the same call may differ. The shortest sentence has more. */
const CALL_VARIES = 3;

/**
 * A stream with the call alone, which costs as much as the sentence and the call without streaming. Models often call without a word:
 * then it costs less.
 */
function lostBeforeTool(evidence: Evidence): Finding | null {
  const streams = finished(evidence.of('agent-text-and-tool', 'stream'));
  const control = finished(evidence.of('agent-text-and-tool-whole', 'json')).find(
    ({ message }) => calls(message).length > 0 && text(message).trim() !== '',
  );
  const last = streams.at(-1);
  const least = control === undefined ? null : outputTokens(control);
  if (control === undefined || last === undefined || least === null || streams.length < 2) return null;
  const isLost = streams.every(
    (exchange) =>
      calls(exchange.message).length > 0 &&
      text(exchange.message).trim() === '' &&
      (outputTokens(exchange) ?? 0) >= least - CALL_VARIES,
  );
  if (!isLost) return null;
  return {
    ...finding(
      last,
      'The text before a tool call is missing in the stream; its tokens are counted.',
      `${replyText(control)}, ${least} output tokens without streaming`,
      `${replyText(last)}, ${outputTokens(last)} output tokens`,
      { pointer: '/content' },
    ),
    comparedWith: control.id,
  };
}
