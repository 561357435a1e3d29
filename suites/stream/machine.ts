/**
 * The order in which the events of one stream may come, as a state machine that runs over them once:
 *
 *     stream = message_start { block } message_delta { message_delta } message_stop
 *     block  = content_block_start { content_block_delta } content_block_stop      index 0, 1, 2, …
 *
 * Pings, comments and events of unknown name are legal anywhere. An error event may end the stream at any point. After a
 * fault the machine goes on as if the stream had kept to the rule, so that one fault gives one violation.
 */

import type { StreamEvent } from '../../core/exchange.js';
import type { Json } from '../../core/json.js';
import { get, isObject, quote } from '../../core/json.js';
import type { EventType } from '../../core/protocol.js';
import { kindOf, legalDeltas, type StreamedBlock } from './block-types.js';
import type { GrammarReading, GrammarRule, GrammarViolation } from './grammar.js';

/** A block with what it takes to tell a late stop from one that never comes. */
interface TrackedBlock extends StreamedBlock {
  /** The event by which it should have been stopped. */
  due: { event: StreamEvent; state: string } | null;
  /** Faults of this block that were told already. */
  told: Set<GrammarRule>;
}

/** A stream with more faults than this is no more broken for it. */
const MAX_VIOLATIONS = 100;

type Phase = 'start' | 'blocks' | 'ending' | 'done' | 'failed';

export class GrammarMachine {
  private readonly violations: GrammarViolation[] = [];
  private blocks: TrackedBlock[] = [];
  private readonly byKind = new Map<EventType, StreamEvent[]>();
  private byIndex = new Map<number, TrackedBlock>();
  /** The block that was started last, until it is stopped or its stop is overdue. */
  private open: TrackedBlock | null = null;
  /** Blocks that were not stopped when they should have been. */
  private overdue: TrackedBlock[] = [];
  private phase: Phase = 'start';
  private readonly told = new Set<string>();
  /** The index that the next block should have, and the one it would have if a wrong one before it were right. */
  private nextIndex = 0;
  private shiftedIndex = 0;
  /** A second message_start came: a block 0 after it begins a second message, another index continues the first. */
  private restarted = false;

  step(event: StreamEvent): void {
    const kind = kindOf(event);
    if (kind === null) return;
    const before = this.byKind.get(kind);
    if (before === undefined) this.byKind.set(kind, [event]);
    else before.push(event);
    if (this.phase === 'failed') {
      if (kind !== 'error') {
        this.tellOnce('nothing-after-error', event, 'the end of the body', 'The stream goes on after its error event.');
      }
      return;
    }
    if (this.phase === 'done' && kind !== 'message_start') {
      this.tellOnce('message-stop-last', event, 'the end of the body', 'The stream goes on after message_stop.');
      return;
    }
    if (this.phase === 'start' && kind !== 'message_start' && kind !== 'error') {
      this.tellOnce('message-start-first', event, 'message_start', 'The stream does not begin with message_start.');
      this.phase = 'blocks';
    }
    this.steps[kind](event);
  }

  private readonly steps: Readonly<Record<Exclude<EventType, 'ping'>, (event: StreamEvent) => void>> = {
    message_start: (event) => {
      if (this.byKind.get('message_start')!.length > 1) {
        this.tell('one-message-start', event, this.legal(), 'A second message_start came in the same stream.');
        this.restarted = true;
      }
      this.phase = 'blocks';
    },
    content_block_start: (event) => this.startBlock(event),
    content_block_delta: (event) => this.deltaOf(event),
    content_block_stop: (event) => this.stopBlock(event),
    message_delta: (event) => {
      this.dueNow(event);
      this.phase = 'ending';
    },
    message_stop: (event) => {
      this.dueNow(event);
      if (!this.byKind.has('message_delta')) {
        this.tell(
          'message-delta-present',
          event,
          'message_delta',
          'message_stop came without a message_delta before it.',
        );
      }
      this.phase = 'done';
    },
    error: () => {
      this.phase = 'failed';
    },
  };

  private startBlock(event: StreamEvent): void {
    this.blocksAreOver(event);
    const index = get(event.data, 'index');
    if (this.restarted && index === 0) this.forgetBlocks();
    this.restarted = false;
    if (isObject(event.data)) this.checkIndex(event, index);
    const at = typeof index === 'number' ? index : this.nextIndex;
    this.dueNow(event, at);
    const content = get(event.data, 'content_block');
    const type = get(content, 'type');
    const block = this.track(index, event);
    block.content = isObject(content) ? content : null;
    block.type = typeof type === 'string' ? type : null;
    this.open = block;
    this.byIndex.set(at, block);
    // Deltas of a block with a wrong index may bear the right one.
    if (at !== this.nextIndex && !this.byIndex.has(this.nextIndex)) this.byIndex.set(this.nextIndex, block);
    this.nextIndex += 1;
    this.shiftedIndex = at + 1;
  }

  private checkIndex(event: StreamEvent, index: Json | undefined): void {
    if (index === this.nextIndex || index === this.shiftedIndex) return;
    const message = Number.isInteger(index)
      ? `A block starts with index ${String(index)} where ${this.nextIndex} is due.`
      : 'The index of a block is no integer.';
    const legal = `content_block_start with index ${this.nextIndex}`;
    this.tellOnce('index-consecutive', event, legal, message, Number.isInteger(index) ? String(index) : 'no integer');
  }

  private deltaOf(event: StreamEvent): void {
    if (!isObject(event.data)) return;
    const block = this.blockOf(event);
    if (block === undefined) return;
    if (block.stop !== null) this.tellOf(block, 'block-stop', event, `A delta came after the stop of ${name(block)}.`);
    this.overlapping(block);
    const delta = get(event.data, 'delta');
    if (isObject(delta)) block.deltas.push({ event, delta });
    const type = get(delta, 'type');
    const legal = legalDeltas(block.type);
    if (legal === null || (typeof type === 'string' && legal.includes(type)) || block.told.has('matches-block')) return;
    block.told.add('matches-block');
    this.tell(
      'matches-block',
      event,
      legal.length === 0 ? `no delta: a ${block.type} block is complete at its start` : legal.join(' or '),
      `A ${block.type} block received ${typeof type === 'string' ? `a ${type}` : 'a delta without a type'}; clients drop it.`,
      quote(type),
    );
  }

  private stopBlock(event: StreamEvent): void {
    const block = this.blockOf(event);
    if (block === undefined) return;
    if (block.stop !== null) {
      this.tellOf(block, 'stop-once', event, `A second content_block_stop came for ${name(block)}.`);
      return;
    }
    this.overlapping(block);
    block.stop = event;
    // A stop for nobody, while a block is open, is most likely that block's stop with a wrong index.
    if (block.start === null && this.open !== null) {
      this.open.told.add('block-stop');
      this.open.stop = event;
    }
    if (this.open?.stop === event) this.open = null;
  }

  /** The block that a delta or a stop belongs to; one that was never started is taken up, so that it is told once. */
  private blockOf(event: StreamEvent): TrackedBlock | undefined {
    this.blocksAreOver(event);
    const index = get(event.data, 'index');
    if (!Number.isInteger(index)) {
      if (isObject(event.data)) {
        this.tellOnce(
          'index-consecutive',
          event,
          'an integer as index',
          'The index of a block is no integer.',
          'no integer',
        );
      }
      const number = typeof index === 'string' ? Number(index) : Number.NaN;
      return this.byIndex.get(number) ?? this.open ?? this.blocks.at(-1);
    }
    const known = this.byIndex.get(index as number);
    if (known !== undefined) return known;
    this.tell(
      'block-start-before-delta',
      event,
      this.legal(),
      `${event.type ?? event.name} for block ${index} came, which was never started.`,
    );
    const block = this.track(index, null);
    block.told.add('block-stop');
    this.byIndex.set(index as number, block);
    if (index === this.nextIndex) this.shiftedIndex = this.nextIndex + 1;
    return block;
  }

  private track(index: Json | undefined, start: StreamEvent | null): TrackedBlock {
    const block: TrackedBlock = {
      index,
      type: null,
      start,
      content: null,
      deltas: [],
      stop: null,
      due: null,
      told: new Set(),
    };
    this.blocks.push(block);
    return block;
  }

  /** The open block should have been stopped before this event. One that starts again is not owed a stop as well. */
  private dueNow(event: StreamEvent, startsAgain?: number): void {
    if (this.open === null) return;
    if (startsAgain !== undefined && this.byIndex.get(startsAgain) === this.open) this.open.told.add('block-stop');
    this.open.due = { event, state: this.state() };
    this.overdue.push(this.open);
    this.open = null;
  }

  /** A block whose stop was due when the next one started goes on: the two overlap. */
  private overlapping(block: TrackedBlock): void {
    if (block.due === null || kindOf(block.due.event) !== 'content_block_start' || block.told.has('no-overlap')) return;
    block.told.add('no-overlap');
    this.violations.push(
      this.violation('no-overlap', block.due.event, block.due.state, `content_block_stop of ${name(block)}`, {
        message: `A block starts while ${name(block)} is still open.`,
      }),
    );
  }

  /** A block event after message_delta. */
  private blocksAreOver(event: StreamEvent): void {
    if (this.phase !== 'ending') return;
    this.tellOnce('message-delta-after-blocks', event, this.legal(), 'A block event came after message_delta.');
  }

  /** A second message began: what is left of the first is part of that one fault. */
  private forgetBlocks(): void {
    this.blocks = [];
    this.byIndex = new Map();
    this.open = null;
    this.overdue = [];
    this.nextIndex = 0;
    this.shiftedIndex = 0;
  }

  finish(end: number): GrammarReading {
    const atEnd = (rule: GrammarRule, legal: string, message: string): void => {
      this.violations.push({
        rule,
        event: null,
        offset: end,
        state: this.state(),
        legal,
        came: 'the end of the body',
        message,
      });
    };
    if (this.phase === 'start') atEnd('message-start-first', 'message_start', 'The stream holds no message at all.');
    else if (this.phase === 'blocks' || this.phase === 'ending') {
      atEnd('message-stop-last', this.legal(), 'The stream ends without message_stop.');
    }
    this.missingStops();
    this.missingStopReason();
    return {
      violations: this.violations
        .sort((a, b) => (a.event ?? Infinity) - (b.event ?? Infinity))
        .slice(0, MAX_VIOLATIONS),
      blocks: this.blocks,
      byKind: this.byKind,
      end: this.phase === 'done' ? 'complete' : this.phase === 'failed' ? 'error' : 'broken-off',
    };
  }

  /** Recorded from the official API: no stop for a tool call that max_tokens cut off. Only there it is legal. */
  private missingStops(): void {
    const wasCut = this.stopReason() === 'max_tokens';
    for (const block of this.overdue) {
      if (block.stop !== null || block.due === null || block.told.has('block-stop')) continue;
      const { event, state } = block.due;
      if (block.type === 'tool_use' && wasCut && kindOf(event) === 'message_delta') continue;
      this.violations.push(
        this.violation('block-stop', event, state, `content_block_stop of ${name(block)}`, {
          message: `No content_block_stop came for ${name(block)}.`,
        }),
      );
    }
  }

  private missingStopReason(): void {
    const deltas = this.byKind.get('message_delta') ?? [];
    const last = deltas.at(-1);
    if (last === undefined || !deltas.every(({ data }) => isObject(data)) || this.stopReason() !== null) return;
    this.tell(
      'message-delta-present',
      last,
      'message_delta with a stop_reason',
      'No message_delta carries a stop_reason.',
      `stop_reason ${quote(get(last.data, 'delta', 'stop_reason'))}`,
    );
  }

  private stopReason(): Json {
    const reasons = (this.byKind.get('message_delta') ?? []).map(
      ({ data }) => get(data, 'delta', 'stop_reason') ?? null,
    );
    return reasons.findLast((reason) => reason !== null) ?? null;
  }

  private tell(rule: GrammarRule, event: StreamEvent, legal: string, message: string, came?: string): void {
    if (this.violations.length > 10 * MAX_VIOLATIONS) return;
    this.violations.push(this.violation(rule, event, this.state(), legal, { message, ...(came ? { came } : {}) }));
  }

  /** The same fault over and over is one fault; `mark` tells apart faults of one rule. */
  private tellOnce(rule: GrammarRule, event: StreamEvent, legal: string, message: string, mark = ''): void {
    const key = `${rule} ${mark}`;
    if (this.told.has(key)) return;
    this.told.add(key);
    this.tell(rule, event, legal, message);
  }

  private tellOf(block: TrackedBlock, rule: GrammarRule, event: StreamEvent, message: string): void {
    if (block.told.has(rule)) return;
    block.told.add(rule);
    this.tell(rule, event, this.legal(), message);
  }

  private violation(
    rule: GrammarRule,
    event: StreamEvent,
    state: string,
    legal: string,
    rest: { message: string; came?: string },
  ): GrammarViolation {
    return { rule, event: event.number, offset: event.frame.offset, state, legal, came: described(event), ...rest };
  }

  /** Where the stream stands, in words. */
  private state(): string {
    if (this.phase === 'start') return 'at the start';
    if (this.phase === 'blocks') return this.open === null ? 'between blocks' : `inside ${name(this.open)}`;
    return { ending: 'after message_delta', done: 'after message_stop', failed: 'after an error event' }[this.phase];
  }

  /** What may come here, filler aside. */
  private legal(): string {
    if (this.phase === 'start') return 'message_start';
    if (this.phase === 'ending') return 'message_delta or message_stop';
    if (this.phase !== 'blocks') return 'the end of the body';
    return this.open === null
      ? `content_block_start with index ${this.nextIndex}, or message_delta`
      : `content_block_delta or content_block_stop of ${name(this.open)}`;
  }
}

const name = ({ index, type }: StreamedBlock): string => `block ${quote(index)}${type === null ? '' : ` (${type})`}`;

function described(event: StreamEvent): string {
  const index = get(event.data, 'index');
  return `${event.type ?? event.name}${index === undefined ? '' : ` (index ${quote(index)})`}`;
}
