/** Writes what a script says as a chat completion: one JSON body, or the chunks of a stream. */

import type { Json, JsonObject } from '../../../core/json.js';
import type { Finish, Script, ScriptUsage } from '../../../core/upstream.js';
import type { Asked, StreamStep } from '../dialect.js';
import { EXTRAS, type Piece, piecesOf, wholeAnswer } from '../steps.js';

const FINISH_REASONS: Readonly<Record<Finish, string>> = {
  stop: 'stop',
  length: 'length',
  calls: 'tool_calls',
  filter: 'content_filter',
  sequence: 'stop',
  refusal: 'stop',
  unknown: 'insufficient_system_resource',
};

export const chatEnding = (finish: Finish): string => `finish_reason: "${FINISH_REASONS[finish]}"`;

/** Seconds since the epoch, as the API reports them; the suite has no use for the real time. */
const CREATED = 1_760_000_000;

export function chatCompletion(script: Script, asked: Asked): JsonObject {
  const { text, thinking, refusal, calls, finish } = wholeAnswer(script);
  const isNull = text === '' && (calls.length > 0 || refusal !== null || script.layout?.opening === 'null');
  return {
    id: `chatcmpl-${asked.number}`,
    object: 'chat.completion',
    created: CREATED,
    model: asked.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: isNull ? null : text,
          refusal,
          ...(thinking !== '' && { reasoning_content: thinking }),
          ...(calls.length > 0 && {
            tool_calls: calls.map(({ id, name, arguments: text }) => ({
              id,
              type: 'function',
              function: { name, arguments: text },
            })),
          }),
          ...(script.layout?.extras && EXTRAS),
        },
        logprobs: null,
        finish_reason: FINISH_REASONS[finish],
      },
    ],
    ...(script.usage && { usage: usageOf(script.usage) }),
    ...(script.layout?.extras && EXTRAS),
  };
}

const usageOf = ({ input, output, cached = 0, reasoning = 0 }: ScriptUsage): JsonObject => ({
  prompt_tokens: input,
  completion_tokens: output,
  total_tokens: input + output,
  prompt_tokens_details: { cached_tokens: cached },
  completion_tokens_details: { reasoning_tokens: reasoning },
});

/** The chunks of an answer, `[DONE]` included. */
export function chatStream(script: Script, asked: Asked): StreamStep[] {
  const { layout = {}, usage } = script;
  const { finish } = wholeAnswer(script);
  const writer = new ChunkWriter(script, asked);
  const pieces = [...piecesOf(script.answer)];
  const isBroken = script.fails !== undefined && 'ending' in script.fails;
  const lastContent = pieces.findLastIndex((piece) => deltaOf(piece, new Map()) !== null);
  if (layout.preface) writer.chunk([]);
  if (layout.opening !== 'none') writer.opening();
  const calls = new Map<string, { index: number; name: string }>();
  for (const [index, piece] of pieces.entries()) {
    if ('comment' in piece) writer.steps.push(piece);
    else if ('pauseMs' in piece || 'until' in piece) writer.steps.push(piece);
    else {
      const ends = index === lastContent && layout.finish === 'with-last' && !isBroken;
      writer.delta(deltaOf(piece, calls, layout.callIds === 'each') ?? {}, ends ? finish : null);
      if (layout.emptyDeltas) writer.delta({}, null);
    }
  }
  if (isBroken) return writer.steps;
  if (layout.finish !== 'with-last' || lastContent === -1) writer.delta({}, finish);
  if (usage && asked.usage && (layout.usage ?? 'own-event') === 'own-event') writer.chunk([], usageOf(usage));
  if (layout.done !== false) writer.steps.push({ event: null, data: '[DONE]' });
  return writer.steps;
}

class ChunkWriter {
  readonly steps: StreamStep[] = [];
  private hasRole = false;

  constructor(
    private readonly script: Script,
    private readonly asked: Asked,
  ) {}

  opening(): void {
    const { opening = 'empty' } = this.script.layout ?? {};
    this.delta({ content: opening === 'null' ? null : '' }, null);
  }

  delta(delta: JsonObject, finish: Finish | null): void {
    const { role = 'first', usage } = this.script.layout ?? {};
    const hasRole = role === 'each' || (role === 'first' && !this.hasRole);
    this.hasRole ||= hasRole;
    const ends = finish !== null && usage === 'with-finish' && this.asked.usage && this.script.usage;
    const choice = {
      index: 0,
      delta: { ...(hasRole && { role: 'assistant' }), ...delta },
      logprobs: null,
      finish_reason: finish === null ? null : FINISH_REASONS[finish],
    };
    this.chunk([choice], ends ? usageOf(this.script.usage!) : undefined);
  }

  chunk(choices: Json[], usage?: JsonObject): void {
    const data = {
      id: `chatcmpl-${this.asked.number}`,
      object: 'chat.completion.chunk',
      created: CREATED,
      model: this.asked.model,
      choices,
      ...(usage ? { usage } : this.asked.usage && { usage: null }),
      ...(this.script.layout?.extras && EXTRAS),
    };
    this.steps.push({ event: null, data: JSON.stringify(data) });
  }
}

/** The delta for a piece; `null` for what is no content of this API. Fills in the indices of calls. */
function deltaOf(
  piece: Piece,
  calls: Map<string, { index: number; name: string }>,
  withIds = false,
): JsonObject | null {
  if ('text' in piece) return { content: piece.text };
  if ('thinking' in piece) return { reasoning_content: piece.thinking };
  if ('refusal' in piece) return { refusal: piece.refusal };
  if ('call' in piece) {
    const call = { index: calls.size, name: piece.name };
    calls.set(piece.call, call);
    return callDelta(call.index, '', { id: piece.call, name: piece.name });
  }
  if ('arguments' in piece) {
    const call = calls.get(piece.of) ?? { index: 0, name: '' };
    return callDelta(call.index, piece.arguments, withIds ? { id: piece.of, name: call.name } : null);
  }
  if ('together' in piece) {
    const deltas = piece.together.map((one) => deltaOf(one, calls, withIds));
    return together(deltas.filter((delta) => delta !== null));
  }
  return null;
}

const callDelta = (index: number, text: string, named: { id: string; name: string } | null): JsonObject => ({
  tool_calls: [
    {
      index,
      ...(named && { id: named.id, type: 'function' }),
      function: { ...(named && { name: named.name }), arguments: text },
    },
  ],
});

/** Several deltas as one: a call and the beginning of its arguments are one entry. */
function together(deltas: readonly JsonObject[]): JsonObject {
  const whole: JsonObject = {};
  const calls = new Map<Json | undefined, JsonObject>();
  for (const { tool_calls, ...rest } of deltas) {
    Object.assign(whole, rest);
    for (const call of (tool_calls ?? []) as JsonObject[]) {
      const before = calls.get(call.index);
      if (before === undefined) calls.set(call.index, structuredClone(call));
      else {
        const own = before.function as JsonObject;
        own.arguments = `${String(own.arguments)}${String((call.function as JsonObject).arguments)}`;
      }
    }
  }
  return { ...whole, ...(calls.size > 0 && { tool_calls: [...calls.values()] }) };
}
