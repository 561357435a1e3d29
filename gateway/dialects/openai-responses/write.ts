/** Writes what a script says as a response: one JSON body, or the events of a stream. */

import type { Json, JsonObject } from '../../../core/json.js';
import type { Finish, Script, ScriptUsage, UpstreamError } from '../../../core/upstream.js';
import type { Asked, StreamStep } from '../dialect.js';
import { openaiErrorObject } from '../openai-errors.js';
import { type ContentPiece, EXTRAS, type Piece, piecesOf, wholeAnswer } from '../steps.js';
import { type Call, ItemWriter } from './items.js';

/** Seconds since the epoch, as the API reports them; the suite has no use for the real time. */
const CREATED = 1_760_000_000;

/** Why an answer is not complete; a finish that is not here is one of a complete answer. */
const INCOMPLETE: Readonly<Partial<Record<Finish, string>>> = {
  length: 'max_output_tokens',
  filter: 'content_filter',
  unknown: 'insufficient_system_resource',
};

/** A complete response says no more than that: whether it has calls is seen in its output. */
export function responseEnding(finish: Finish): string {
  const reason = INCOMPLETE[finish];
  if (reason !== undefined) return `incomplete_details.reason: "${reason}"`;
  return `status: "completed"${finish === 'calls' ? ' and function calls' : ''}`;
}

/** The answer as one body. */
export function responseBody(script: Script, asked: Asked): JsonObject {
  const writer = new ResponseWriter(script, asked);
  writer.content();
  return writer.finished().response;
}

/** The events of an answer. */
export function responseStream(script: Script, asked: Asked): StreamStep[] {
  const { layout = {} } = script;
  const writer = new ResponseWriter(script, asked);
  writer.begin();
  writer.content();
  // A stream that fails ends wherever it is, unless the answer itself says that it has failed.
  if (isCut(script)) return writer.steps;
  const { type, response } = writer.finished();
  writer.event(type, { response });
  if (layout.done === true) writer.steps.push({ event: null, data: '[DONE]' });
  return writer.steps;
}

/** Whether a stream ends before the answer is complete, and does not say so. */
const isCut = ({ fails }: Script): boolean => fails !== undefined && 'ending' in fails && fails.ending !== 'failed';

/** An error in the middle of a stream. `number`: of the event. */
export function errorEvent(error: UpstreamError, message: string, number: number): StreamStep {
  const { code, type } = openaiErrorObject(error, message);
  const data = { type: 'error', code: code ?? type, message, param: null, sequence_number: number };
  return { event: 'error', data: JSON.stringify(data) };
}

/** Codes of a response that has failed are others than those of HTTP errors. */
const FAILED: Readonly<Partial<Record<UpstreamError, string>>> = {
  'rate-limit': 'rate_limit_exceeded',
  invalid: 'invalid_prompt',
  'context-length': 'invalid_prompt',
};

const usageOf = ({ input, output, cached = 0, cacheWritten = 0, reasoning = 0 }: ScriptUsage): JsonObject => ({
  input_tokens: input,
  input_tokens_details: { cached_tokens: cached, cache_write_tokens: cacheWritten },
  output_tokens: output,
  output_tokens_details: { reasoning_tokens: reasoning },
  total_tokens: input + output,
});

class ResponseWriter {
  readonly steps: StreamStep[] = [];
  private readonly items: ItemWriter;
  /** Why the answer is not complete; `undefined` for one that is. */
  private readonly reason: string | undefined;
  private number = 0;

  constructor(
    private readonly script: Script,
    private readonly asked: Asked,
  ) {
    this.items = new ItemWriter(asked.number, script.layout ?? {}, (type, data) => this.event(type, data));
    this.reason = INCOMPLETE[wholeAnswer(script).finish];
  }

  event(type: string, data: JsonObject): void {
    const { eventNames = true, extras } = this.script.layout ?? {};
    const whole = { type, ...data, sequence_number: this.number, ...(extras && EXTRAS) };
    this.number += 1;
    this.steps.push({ event: eventNames ? type : null, data: JSON.stringify(whole) });
  }

  begin(): void {
    const response = this.response('in_progress');
    this.event('response.created', { response });
    this.event('response.in_progress', { response });
    if (this.script.layout?.extras) this.event('response.x_provider.trace', { step: 1 });
  }

  /** All pieces of the answer. A call is over with the last piece that belongs to it. */
  content(): void {
    const pieces = [...piecesOf(this.script.answer)].flatMap((piece): Piece[] =>
      'together' in piece ? [...piece.together] : [piece],
    );
    const last = new Map(pieces.map((piece, index) => [callOf(piece), index]));
    const calls = new Map<string, Call>();
    for (const [index, piece] of pieces.entries()) {
      // Blocks and events of the Messages API have no place here.
      if ('together' in piece || 'event' in piece || 'block' in piece) continue;
      if ('comment' in piece || 'pauseMs' in piece || 'until' in piece) this.steps.push(piece);
      else this.piece(piece, calls);
      const id = callOf(piece);
      const call = id === null ? undefined : calls.get(id);
      if (call !== undefined && last.get(id) === index && !isCut(this.script)) this.items.endCall(call, this.status);
    }
  }

  private piece(piece: ContentPiece, calls: Map<string, Call>): void {
    if ('text' in piece) this.items.text(piece.text);
    else if ('refusal' in piece) this.items.refusal(piece.refusal);
    else if ('thinking' in piece) this.items.thinking(piece.thinking);
    else if ('signature' in piece) this.items.signature(piece.signature);
    else if ('call' in piece) calls.set(piece.call, this.items.call(piece.call, piece.name));
    else if ('arguments' in piece) {
      const call = calls.get(piece.of);
      if (call !== undefined) this.items.arguments(call, piece.arguments);
    }
  }

  /** The last event of the stream, with the whole response. */
  finished(): { type: string; response: JsonObject } {
    this.items.end(this.status);
    const { fails, usage } = this.script;
    const failure =
      fails !== undefined && 'ending' in fails && fails.ending === 'failed'
        ? { code: FAILED[fails.error] ?? 'server_error', message: fails.message ?? 'The model failed.' }
        : null;
    const { reason } = this;
    const status = failure !== null ? 'failed' : reason === undefined ? 'completed' : 'incomplete';
    const counted = usage && this.script.layout?.usage !== 'nowhere' && status !== 'failed';
    const response = {
      ...this.response(status),
      output: this.items.output as Json[],
      ...(status === 'completed' && { completed_at: CREATED }),
      ...(status === 'failed' && { error: failure }),
      ...(status === 'incomplete' && { incomplete_details: { reason: reason! } }),
      usage: counted ? usageOf(usage) : null,
    };
    return { type: `response.${status}`, response };
  }

  /** Status of an item that ends now; the last one of an answer that is too long is not complete. */
  private get status(): 'completed' | 'incomplete' {
    return this.reason === undefined ? 'completed' : 'incomplete';
  }

  private response(status: string): JsonObject {
    return {
      id: `resp_${this.asked.number}`,
      object: 'response',
      created_at: CREATED,
      status,
      background: false,
      error: null,
      incomplete_details: null,
      instructions: null,
      max_output_tokens: null,
      metadata: {},
      model: this.asked.model,
      output: [],
      parallel_tool_calls: true,
      previous_response_id: null,
      reasoning: { effort: null, summary: null },
      store: false,
      temperature: 1,
      text: { format: { type: 'text' } },
      tool_choice: 'auto',
      tools: [],
      top_p: 1,
      truncation: 'disabled',
      usage: null,
      ...(this.script.layout?.extras && EXTRAS),
    };
  }
}

/** Id of the call that a piece belongs to. */
function callOf(piece: Piece): string | null {
  if ('call' in piece) return piece.call;
  return 'arguments' in piece ? piece.of : null;
}
