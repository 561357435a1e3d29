/** What readers of all upstream APIs do alike: after a failure nothing follows, and an answer without an end is a failure. */

import type { Json, JsonObject } from '../../core/json.js';
import { get } from '../../core/json.js';
import type { AnswerDelta, Failure, Usage } from './stages.js';
import { NOT_JSON, TRUNCATED } from './upstream-errors.js';

/** Reads what an upstream sends, piece after piece. */
export abstract class AnswerReader {
  private failed = false;

  /** The JSON body, or the parsed data of one event. */
  take(data: Json): AnswerDelta[] {
    return this.failed ? [] : this.read(data);
  }

  /** The data of an event is not JSON. */
  broken(): AnswerDelta[] {
    return this.failed ? [] : this.fail(NOT_JSON);
  }

  /** The body is over. */
  end(): AnswerDelta[] {
    if (this.failed) return [];
    return this.ending() ?? this.fail(TRUNCATED);
  }

  protected abstract read(data: Json): AnswerDelta[];

  /** What is left when the body is over; `null` while the answer is not complete. */
  protected abstract ending(): AnswerDelta[] | null;

  protected fail(failure: Failure): AnswerDelta[] {
    this.failed = true;
    return [{ kind: 'failure', failure }];
  }
}

/** The usage of one of OpenAI's APIs, which names input and output in its own way and counts what is cached as input too. */
export function usageOf(usage: JsonObject, input: string, output: string): Usage {
  const count = (value: Json | undefined): number => (typeof value === 'number' && value > 0 ? value : 0);
  const cached = count(get(usage, `${input}_details`, 'cached_tokens'));
  const reasoning = count(get(usage, `${output}_details`, 'reasoning_tokens'));
  return {
    input_tokens: Math.max(0, count(usage[input]) - cached),
    output_tokens: count(usage[output]),
    cache_read_input_tokens: cached,
    ...(reasoning > 0 && { output_tokens_details: { thinking_tokens: reasoning } }),
  };
}
