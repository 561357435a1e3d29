/** What all writers need of a script. */

import type { Json, JsonObject } from '../../core/json.js';
import type { Awaited, Finish, Script, ScriptStep } from '../../core/upstream.js';

/** A piece of content. */
export type ContentPiece =
  | { text: string }
  | { thinking: string }
  | { signature: string }
  | { call: string; name: string }
  | { arguments: string; of: string }
  | { refusal: string }
  | { block: JsonObject; start?: JsonObject; deltas?: readonly JsonObject[] };

/** What stands between pieces of content. `content`: visible characters of the answer so far. */
type Between =
  | { comment: string }
  | { event: JsonObject }
  | { pauseMs: number }
  | { until: Awaited; atMostMs: number; content: number };

/** One event of a stream. */
export type Piece = ContentPiece | Between | { together: readonly ContentPiece[] };

/** The steps with repetitions written out, and calls with all their arguments as two pieces. */
export function* piecesOf(steps: readonly ScriptStep[]): Generator<Piece> {
  let content = 0;
  for (const step of steps) {
    if ('comment' in step || 'pauseMs' in step || 'event' in step) yield step;
    else if ('until' in step) yield { ...step, content };
    else {
      const pieces = 'together' in step ? [...contentOf(step.together)] : [...contentIn(step)];
      for (const piece of pieces) content += visibleLength(piece);
      if ('together' in step) yield { together: pieces };
      else yield* pieces;
    }
  }
}

/** Characters that are no white space: a gateway may write arguments in another layout. */
export const visibleCharacters = (text: string): number => text.replace(/\s+/g, '').length;

function visibleLength(piece: ContentPiece): number {
  if ('text' in piece) return visibleCharacters(piece.text);
  if ('thinking' in piece) return visibleCharacters(piece.thinking);
  return 'arguments' in piece ? visibleCharacters(piece.arguments) : 0;
}

/** All pieces of content, in order. */
export function* contentOf(steps: readonly ScriptStep[]): Generator<ContentPiece> {
  for (const piece of piecesOf(steps)) {
    if ('together' in piece) yield* piece.together;
    else if (!('comment' in piece || 'pauseMs' in piece || 'until' in piece || 'event' in piece)) yield piece;
  }
}

type ContentStep = Exclude<
  ScriptStep,
  | { comment: string }
  | { event: JsonObject }
  | { pauseMs: number }
  | { until: Awaited; atMostMs: number }
  | { together: readonly ScriptStep[] }
>;

function* contentIn(step: ContentStep): Generator<ContentPiece> {
  if ('text' in step) {
    // A gateway may take equal pieces for a model that goes round in circles.
    for (let time = 1; time <= (step.times ?? 1); time += 1)
      yield { text: step.times === undefined ? step.text : step.text.replaceAll('{n}', String(time)) };
  } else if ('call' in step) {
    yield { call: step.call, name: step.name };
    if (step.input !== undefined) yield { arguments: JSON.stringify(step.input), of: step.call };
  } else if ('arguments' in step) {
    const pieces = step.pieces === 'characters' ? step.arguments : [step.arguments];
    for (const piece of pieces) yield { arguments: piece, of: step.of };
  } else yield step;
}

/** A call with all its arguments. */
export interface ScriptedCall {
  id: string;
  name: string;
  arguments: string;
}

/** What an answer comes to when all of it has arrived. */
export interface WholeAnswer {
  text: string;
  thinking: string;
  signature: string | null;
  refusal: string | null;
  calls: readonly ScriptedCall[];
  finish: Finish;
  /** Kinds of content in the order in which they begin; ids of calls. */
  order: readonly string[];
}

export function wholeAnswer({ answer, finish }: Script): WholeAnswer {
  const calls: ScriptedCall[] = [];
  const order: string[] = [];
  const begin = (what: string): void => {
    if (order.at(-1) !== what && !(what.startsWith('call ') && order.includes(what))) order.push(what);
  };
  const texts: string[] = [];
  const thoughts: string[] = [];
  let signature: string | null = null;
  let refusal: string | null = null;
  for (const piece of contentOf(answer)) {
    if ('text' in piece) {
      texts.push(piece.text);
      begin('text');
    } else if ('thinking' in piece) {
      thoughts.push(piece.thinking);
      begin('thinking');
    } else if ('signature' in piece) signature = piece.signature;
    else if ('refusal' in piece) {
      refusal = (refusal ?? '') + piece.refusal;
      begin('refusal');
    } else if ('call' in piece) {
      calls.push({ id: piece.call, name: piece.name, arguments: '' });
      begin(`call ${piece.call}`);
    } else if ('arguments' in piece) {
      const call = calls.find(({ id }) => id === piece.of);
      if (call !== undefined) call.arguments += piece.arguments;
    }
  }
  return {
    text: texts.join(''),
    thinking: thoughts.join(''),
    signature,
    refusal,
    calls,
    finish: finish ?? (calls.length > 0 ? 'calls' : 'stop'),
    order,
  };
}

/** Parsed arguments; `undefined` when they are not JSON. None at all are no arguments. */
export function argumentsOf(text: string): Json | undefined {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Fields that no client knows, for `layout.extras`. */
export const EXTRAS: JsonObject = {
  x_provider: { region: 'test', trace: ['a', null, 1] },
  provider_specific_fields: null,
};
