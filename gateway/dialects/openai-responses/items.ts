/** Writes the items of a response one after another, with the events that tell of them. */

import type { Json, JsonObject } from '../../../core/json.js';
import type { ScriptLayout } from '../../../core/upstream.js';

export type Status = 'completed' | 'incomplete';

interface Place {
  id: string;
  /** Position in the output. */
  index: number;
}

/** A call that is open. */
export interface Call extends Place {
  item: JsonObject;
  json: string;
}

/** A message, with the part that is open; or the reasoning. */
interface Open extends Place {
  kind: 'message' | 'reasoning';
  item: JsonObject;
  parts: JsonObject[];
  part: { kind: PartKind; text: string } | null;
}

type PartKind = 'output_text' | 'refusal' | 'summary_text';

/** Names of the events of each kind of part. */
const EVENTS: Readonly<Record<PartKind, { part: string; text: string }>> = {
  output_text: { part: 'response.content_part', text: 'response.output_text' },
  refusal: { part: 'response.content_part', text: 'response.refusal' },
  summary_text: { part: 'response.reasoning_summary_part', text: 'response.reasoning_summary_text' },
};

export class ItemWriter {
  /** Items so far, complete ones and open ones. */
  readonly output: JsonObject[] = [];
  private open: Open | null = null;

  constructor(
    private readonly answer: number,
    private readonly layout: ScriptLayout,
    private readonly event: (type: string, data: JsonObject) => void,
  ) {}

  text(text: string): void {
    this.piece('message', 'output_text', text);
    if (this.layout.parts === 'each') this.endPart();
  }

  refusal(text: string): void {
    this.piece('message', 'refusal', text);
  }

  thinking(text: string): void {
    this.piece('reasoning', 'summary_text', text);
  }

  /** What an answer of this API has in place of a signature. */
  signature(signature: string): void {
    if (this.open?.kind === 'reasoning') this.open.item.encrypted_content = signature;
  }

  call(id: string, name: string): Call {
    this.end('completed');
    const item = { type: 'function_call', status: 'in_progress', arguments: '', call_id: id, name };
    return { ...this.begin('fc', item), json: '' };
  }

  arguments(call: Call, text: string): void {
    call.json += text;
    if (this.layout.deltas === false) return;
    this.event('response.function_call_arguments.delta', { ...placeOf(call), delta: text });
    if (this.layout.emptyDeltas) this.event('response.function_call_arguments.delta', { ...placeOf(call), delta: '' });
  }

  endCall(call: Call, status: Status): void {
    const { item, json } = call;
    Object.assign(item, { arguments: json, status });
    this.event('response.function_call_arguments.done', { ...placeOf(call), name: item.name, arguments: json });
    this.event('response.output_item.done', { output_index: call.index, item });
  }

  /** Ends the message or the reasoning that is open. */
  end(status: Status): void {
    const { open } = this;
    if (open === null) return;
    this.endPart();
    Object.assign(open.item, open.kind === 'message' ? { status } : {});
    this.event('response.output_item.done', { output_index: open.index, item: open.item });
    this.open = null;
  }

  private piece(kind: Open['kind'], part: PartKind, text: string): void {
    const open = this.open?.kind === kind ? this.open : this.beginItem(kind);
    if (open.part?.kind !== part) this.beginPart(open, part);
    open.part!.text += text;
    if (this.layout.deltas === false) return;
    this.delta(open, part, text);
    if (this.layout.emptyDeltas) this.delta(open, part, '');
  }

  private delta(open: Open, part: PartKind, text: string): void {
    const logprobs = part === 'output_text' ? { logprobs: [] } : {};
    this.event(`${EVENTS[part].text}.delta`, { ...partPlace(open), delta: text, ...logprobs });
  }

  private beginItem(kind: Open['kind']): Open {
    this.end('completed');
    const parts: JsonObject[] = [];
    const isMessage = kind === 'message';
    const place = this.begin(
      isMessage ? 'msg' : 'rs',
      isMessage
        ? { type: 'message', status: 'in_progress', role: 'assistant', content: [] }
        : { type: 'reasoning', summary: [] },
    );
    place.item[isMessage ? 'content' : 'summary'] = parts as Json[];
    this.open = { ...place, kind, parts, part: null };
    return this.open;
  }

  private begin(prefix: string, fields: JsonObject): Place & { item: JsonObject } {
    const index = this.output.length;
    const id = `${prefix}_${this.answer}_${index}`;
    const item = { id, ...fields };
    this.output.push(item);
    this.event('response.output_item.added', { output_index: index, item });
    return { id, index, item };
  }

  private beginPart(open: Open, kind: PartKind): void {
    this.endPart();
    open.part = { kind, text: '' };
    open.parts.push({});
    this.event(`${EVENTS[kind].part}.added`, { ...partPlace(open), part: partOf(kind, '') });
  }

  private endPart(): void {
    const { open } = this;
    if (open === null || open.part === null) return;
    const { kind, text } = open.part;
    const part = partOf(kind, text);
    open.parts[open.parts.length - 1] = part;
    const field = kind === 'refusal' ? { refusal: text } : { text };
    const logprobs = kind === 'output_text' ? { logprobs: [] } : {};
    this.event(`${EVENTS[kind].text}.done`, { ...partPlace(open), ...field, ...logprobs });
    this.event(`${EVENTS[kind].part}.done`, { ...partPlace(open), part });
    open.part = null;
  }
}

const placeOf = ({ id, index }: Place): JsonObject => ({ item_id: id, output_index: index });

const partPlace = (open: Open): JsonObject => ({
  ...placeOf(open),
  [open.kind === 'message' ? 'content_index' : 'summary_index']: open.parts.length - 1,
});

function partOf(kind: PartKind, text: string): JsonObject {
  if (kind === 'output_text') return { type: kind, text, annotations: [], logprobs: [] };
  return kind === 'refusal' ? { type: kind, refusal: text } : { type: kind, text };
}
