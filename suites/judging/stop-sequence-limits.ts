/** Judges of the number of stop sequences. The fixtures make the model count; the last of their sequences is 7. */

import type { Exchange } from '../../core/exchange.js';
import { get } from '../../core/json.js';
import { text } from '../../core/message.js';
import type { Evidence, Judgement } from '../../core/requirement.js';
import { accepted } from './judges.js';
import { deviates, finding, inconclusive, satisfied, violated } from './outcomes.js';
import { replyText } from './steering.js';

/**
 * Whether the server applied the sequence 7; `null` when the reply does not show it. A 7 in the text shows that it did not: the model
 * wrote it and should have been stopped there. Other requirements judge `stop_reason`; a text that ends before the 7 is enough here.
 */
function stoppedAtSeven(exchange: Exchange): boolean | null {
  const reason = get(exchange.message, 'stop_reason');
  const written = text(exchange.message);
  if (reason === 'stop_sequence') return true;
  // Other requirements judge whether the text contains the sequence. Here it counts as stopped when nothing follows.
  if (written.includes('7')) return reason !== 'max_tokens' && /^[^7]*7\s*$/.test(written);
  return reason !== 'max_tokens' && /1\D+2\D+3\D+4\D+5\D+6\D*$/.test(written) ? true : null;
}

/** The server accepts the request and applies the last of its stop sequences. */
function lastIsApplied(evidence: Evidence, asked: readonly Exchange[]): Judgement {
  const judgement = accepted()({ ...evidence, own: asked });
  if (judgement.outcome !== 'satisfied') return judgement;
  const replies = asked.filter((exchange) => exchange.message !== null);
  if (replies.some((exchange) => stoppedAtSeven(exchange) === true)) return satisfied();
  const ignored = replies.filter((exchange) => stoppedAtSeven(exchange) === false);
  if (ignored.length === 0)
    return inconclusive('The model did not count, so no reply shows whether the last sequence works', replies.length);
  return violated(
    ignored.map((exchange) =>
      finding(
        exchange,
        'The last stop sequence is ignored: the text continues after it.',
        'a text that ends before 7',
        replyText(exchange),
      ),
    ),
    true,
  );
}

/** Six sequences that all work show that five do. Five are sent only when the target rejects or ignores six. */
export const fiveSequences = (evidence: Evidence): Judgement =>
  lastIsApplied(evidence, evidence.resolve({ whole: 'stop-sequences-six', part: 'stop-sequences-five' }));

/** A contract that documents a limit allows the server to reject six sequences. */
export function sixSequences(evidence: Evidence): Judgement {
  const judgement = lastIsApplied(evidence, evidence.of('stop-sequences-six'));
  if (judgement.outcome !== 'rejected') return judgement;
  if (evidence.claims.dialect.stopSequenceLimit !== null)
    return satisfied('Rejected, and the contract documents a limit');
  return deviates(judgement.findings);
}
