import type { Evidence } from '../../core/requirement.js';
import { triesOf } from '../../suites/judging/missed-by-chance.js';

/** Fewer say nothing. */
const LEAST = 3;

/**
 * The note on prompts that were followed only at the second try; `null` where there are few. No verdict rests on them: a model may be weak. A
 * green run says it, because a target that loses a part of some requests or answers looks the same.
 */
export function secondTriesNote(run: Pick<Evidence, 'all' | 'fixture'>): string | null {
  const { first, second } = triesOf(run);
  if (second < LEAST) return null;
  return `${second} of ${first + second} prompts were followed only at the second try: by a weak model, or because a part of some requests or answers is lost.`;
}
