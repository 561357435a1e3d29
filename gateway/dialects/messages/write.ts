/** Writes what a script says as a message: one JSON body, or the events of a stream. */

import type { Json, JsonObject } from '../../../core/json.js';
import type { Finish, Script } from '../../../core/upstream.js';
import type { Asked, StreamStep } from '../dialect.js';
import { argumentsOf, type ContentPiece, contentOf, EXTRAS, piecesOf, wholeAnswer } from '../steps.js';

const STOP_REASONS: Readonly<Record<Finish, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  calls: 'tool_use',
  filter: 'refusal',
  sequence: 'stop_sequence',
  refusal: 'refusal',
  unknown: 'a_reason_of_the_future',
};

export const messageEnding = (finish: Finish): string => `stop_reason: "${STOP_REASONS[finish]}"`;

export function messageAnswer(script: Script, asked: Asked): JsonObject {
  const blocks = new Blocks();
  for (const piece of contentOf(script.answer)) blocks.take(piece);
  return {
    ...head(asked, script),
    content: blocks.finished(),
    ...stop(script),
    usage: usageOf(script, script.usage?.output ?? 0),
    ...script.more?.stop,
  };
}

const head = ({ number, model }: Asked, { layout, more }: Script): JsonObject => ({
  id: `msg_01Upstream${String(number).padStart(10, '0')}`,
  type: 'message',
  role: 'assistant',
  model,
  ...(layout?.extras && EXTRAS),
  ...more?.message,
});

const stop = (script: Script): JsonObject => ({
  stop_reason: STOP_REASONS[wholeAnswer(script).finish],
  stop_sequence: script.stopSequence ?? null,
});

/** `input` of a script includes what was read from a cache and written to it; the API counts them apart. */
function usageOf({ usage, more }: Script, output: number): JsonObject {
  const { input = 0, cached = 0, cacheWritten = 0, reasoning } = usage ?? {};
  return {
    input_tokens: input - cached - cacheWritten,
    cache_creation_input_tokens: cacheWritten,
    cache_read_input_tokens: cached,
    output_tokens: output,
    ...(reasoning !== undefined && { output_tokens_details: { thinking_tokens: reasoning } }),
    ...more?.usage,
  };
}

/** The blocks of a message that is not streamed. */
class Blocks {
  private readonly blocks: JsonObject[] = [];
  private readonly calls = new Map<string, { block: JsonObject; json: string }>();

  take(piece: ContentPiece): void {
    const last = this.blocks.at(-1);
    const kind = kindOf(piece);
    if ('block' in piece) this.blocks.push(piece.block);
    else if ('call' in piece) {
      const block = { type: 'tool_use', id: callId(piece.call), name: piece.name, input: {} };
      this.calls.set(piece.call, { block, json: '' });
      this.blocks.push(block);
    } else if ('arguments' in piece) {
      const call = this.calls.get(piece.of);
      if (call !== undefined) call.json += piece.arguments;
    } else if ('signature' in piece) {
      if (last?.type === 'thinking') last.signature = piece.signature;
    } else if (last?.type === kind) last[kind] = `${String(last[kind])}${textOf(piece)}`;
    else this.blocks.push({ type: kind, [kind]: textOf(piece), ...(kind === 'thinking' && { signature: '' }) });
  }

  /** A call that is truncated has no input. */
  finished(): Json[] {
    for (const { block, json } of this.calls.values()) block.input = argumentsOf(json) ?? {};
    return this.blocks;
  }
}

/** Ids of calls of a script are neutral; the API has no other characters in them. */
const callId = (id: string): string => id.replace(/[^a-zA-Z0-9_-]/g, '_');

/** Type of the block that a piece of text belongs to. A refusal is text. */
const kindOf = (piece: ContentPiece): 'text' | 'thinking' => ('thinking' in piece ? 'thinking' : 'text');

const textOf = (piece: { text: string } | { thinking: string } | { refusal: string }): string =>
  'text' in piece ? piece.text : 'thinking' in piece ? piece.thinking : piece.refusal;

/** The events of an answer. One that fails ends without its last events. */
export function messageStream(script: Script, asked: Asked): StreamStep[] {
  const writer = new EventWriter(script);
  // What the output was used for is known at the end.
  const { output_tokens_details: _, server_tool_use: _uses, ...usage } = usageOf(script, 1);
  writer.event({
    type: 'message_start',
    message: { ...head(asked, script), content: [], stop_reason: null, stop_sequence: null, usage },
  });
  for (const piece of piecesOf(script.answer)) {
    if ('comment' in piece || 'pauseMs' in piece || 'until' in piece) writer.steps.push(piece);
    else if ('event' in piece) writer.event(piece.event);
    else if ('together' in piece) for (const one of piece.together) writer.take(one);
    else writer.take(piece);
  }
  if (script.fails !== undefined && 'ending' in script.fails) return writer.steps;
  writer.close();
  writer.event({
    type: 'message_delta',
    delta: { ...stop(script), ...script.more?.stop },
    usage: usageOf(script, script.usage?.output ?? 0),
  });
  writer.event({ type: 'message_stop' });
  return writer.steps;
}

class EventWriter {
  readonly steps: StreamStep[] = [];
  private index = -1;
  /** What the open block is: `text`, `thinking`, or the id of a call. */
  private open: string | null = null;

  constructor(private readonly script: Script) {}

  event(event: JsonObject): void {
    const data = { ...event, ...(this.script.layout?.extras && EXTRAS) };
    this.steps.push({ event: String(event.type), data: JSON.stringify(data) });
  }

  take(piece: ContentPiece): void {
    if ('block' in piece) {
      this.start('', piece.start ?? piece.block);
      for (const delta of piece.deltas ?? []) this.delta(delta);
      this.close();
    } else if ('call' in piece) {
      this.start(`call ${piece.call}`, { type: 'tool_use', id: callId(piece.call), name: piece.name, input: {} });
      this.delta({ type: 'input_json_delta', partial_json: '' });
    } else if ('arguments' in piece) this.delta({ type: 'input_json_delta', partial_json: piece.arguments });
    else if ('signature' in piece) this.delta({ type: 'signature_delta', signature: piece.signature });
    else {
      const kind = kindOf(piece);
      if (this.open !== kind)
        this.start(kind, { type: kind, [kind]: '', ...(kind === 'thinking' && { signature: '' }) });
      this.delta({ type: `${kind}_delta`, [kind]: textOf(piece) });
      if (this.script.layout?.emptyDeltas) this.delta({ type: `${kind}_delta`, [kind]: '' });
    }
  }

  /** Ends the open block. */
  close(): void {
    if (this.open !== null) this.event({ type: 'content_block_stop', index: this.index });
    this.open = null;
  }

  /** The real API sends a ping after the beginning of the first block. */
  private start(what: string, block: JsonObject): void {
    this.close();
    this.index += 1;
    this.open = what;
    this.event({ type: 'content_block_start', index: this.index, content_block: block });
    if (this.index === 0) this.event({ type: 'ping' });
  }

  private delta(delta: JsonObject): void {
    this.event({ type: 'content_block_delta', index: this.index, delta });
  }
}
