/**
 * The grammar of a stream, as a state machine that reads the events once:
 *
 *     stream = message_start { block } message_delta { message_delta } message_stop
 *     block  = content_block_start { content_block_delta } content_block_stop      index 0, 1, 2, …
 *
 * `message_start` may already have calls by running code and the stop reason; `message_delta` may then be missing.
 * Pings, comments and unknown events are allowed anywhere. An error event may end the stream at any point. After a violation the machine
 * continues as if the stream had followed the rule, so that one fault causes one violation.
 */

import type { StreamEvent } from '../../core/exchange.js';
import type { Json } from '../../core/json.js';
import { get, isObject, type JsonObject, quote } from '../../core/json.js';
import { isMadeByCode } from '../../core/message.js';
import type { EventType } from '../../core/protocol.js';
import { kindOf, legalDeltas, type StreamedBlock } from './block-types.js';
import type { GrammarReading, GrammarRule, GrammarViolation } from './grammar.js';

/** A block, with what distinguishes a late stop from a missing one. */
interface TrackedBlock extends StreamedBlock {
  /** The event before which it should have been stopped. */
  due: { event: StreamEvent; state: string } | null;
  /** Rules whose violation by this block is already reported. */
  reported: Set<GrammarRule>;
}

/** Most violations that a reading lists. */
const MAX_VIOLATIONS = 100;

type Phase = 'start' | 'blocks' | 'ending' | 'done' | 'failed';

export class GrammarMachine {
  private readonly violations: GrammarViolation[] = [];
  private blocks: TrackedBlock[] = [];
  private readonly byKind = new Map<EventType, StreamEvent[]>();
  private byIndex = new Map<number, TrackedBlock>();
  /** The last started block, until it is stopped or its stop is overdue. */
  private open: TrackedBlock | null = null;
  /** Blocks that were not stopped in time. */
  private overdue: TrackedBlock[] = [];
  private phase: Phase = 'start';
  private prefilled: JsonObject | null = null;
  private readonly reported = new Set<string>();
  /** The index that the next block should have, and the index that follows an earlier wrong one. */
  private nextIndex = 0;
  private shiftedIndex = 0;
  /** There was a second message_start: block 0 after it starts a second message, another index continues the first. */
  private restarted = false;

  step(event: StreamEvent): void {
    const kind = kindOf(event);
    if (kind === null) return;
    const before = this.byKind.get(kind);
    if (before === undefined) this.byKind.set(kind, [event]);
    else before.push(event);
    if (this.phase === 'failed') {
      if (kind !== 'error') {
        this.reportOnce(
          'nothing-after-error',
          event,
          'the end of the body',
          'Events after the `error` event of the stream.',
        );
      }
      return;
    }
    if (this.phase === 'done' && kind !== 'message_start') {
      this.reportOnce('message-stop-last', event, 'the end of the body', 'Events after `message_stop`.');
      return;
    }
    if (this.phase === 'start' && kind !== 'message_start' && kind !== 'error') {
      this.reportOnce('message-start-first', event, 'message_start', 'The first event is not `message_start`.');
      this.phase = 'blocks';
    }
    this.steps[kind](event);
  }

  private readonly steps: Readonly<Record<Exclude<EventType, 'ping'>, (event: StreamEvent) => void>> = {
    message_start: (event) => {
      if (this.byKind.get('message_start')!.length > 1) {
        this.report('one-message-start', event, this.allowed(), 'A second `message_start` in the same stream.');
        this.restarted = true;
      }
      this.phase = 'blocks';
      const started = get(event.data, 'message');
      if (!isObject(started) || !isMadeByCode(started)) return;
      this.prefilled = typeof started.stop_reason === 'string' ? started : null;
      this.nextIndex = (started.content as Json[]).length;
      this.shiftedIndex = this.nextIndex;
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
      if (!this.byKind.has('message_delta') && this.prefilled === null) {
        this.report('message-delta-present', event, 'message_delta', 'No `message_delta` before `message_stop`.');
      }
      this.phase = 'done';
    },
    error: () => {
      this.phase = 'failed';
    },
  };

  private startBlock(event: StreamEvent): void {
    this.checkBlocksAllowed(event);
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
    // Deltas of a block with a wrong index may have the right one.
    if (at !== this.nextIndex && !this.byIndex.has(this.nextIndex)) this.byIndex.set(this.nextIndex, block);
    this.nextIndex += 1;
    this.shiftedIndex = at + 1;
  }

  private checkIndex(event: StreamEvent, index: Json | undefined): void {
    if (index === this.nextIndex || index === this.shiftedIndex) return;
    const message = Number.isInteger(index)
      ? `\`index\` of a new block is ${String(index)}, not ${this.nextIndex}.`
      : '`index` of a block is not an integer.';
    const legal = `content_block_start with index ${this.nextIndex}`;
    this.reportOnce(
      'index-consecutive',
      event,
      legal,
      message,
      Number.isInteger(index) ? String(index) : 'not an integer',
    );
  }

  private deltaOf(event: StreamEvent): void {
    if (!isObject(event.data)) return;
    const block = this.blockOf(event);
    if (block === undefined) return;
    if (block.stop !== null)
      this.reportFor(block, 'block-stop', event, `A delta follows \`content_block_stop\` of ${name(block)}.`);
    this.checkOverlap(block);
    const delta = get(event.data, 'delta');
    if (isObject(delta)) block.deltas.push({ event, delta });
    const type = get(delta, 'type');
    const legal = legalDeltas(block.type);
    if (legal === null || (typeof type === 'string' && legal.includes(type)) || block.reported.has('matches-block'))
      return;
    block.reported.add('matches-block');
    this.report(
      'matches-block',
      event,
      legal.length === 0 ? `no delta for a ${block.type} block` : legal.join(' or '),
      `Wrong delta for a ${block.type} block: ${typeof type === 'string' ? `\`${type}\`` : 'no type'}; clients drop it.`,
      quote(type),
    );
  }

  private stopBlock(event: StreamEvent): void {
    const block = this.blockOf(event);
    if (block === undefined) return;
    if (block.stop !== null) {
      this.reportFor(block, 'stop-once', event, `A second \`content_block_stop\` for ${name(block)}.`);
      return;
    }
    this.checkOverlap(block);
    block.stop = event;
    // A stop for an unknown block, while another is open, is most likely the stop of that block with a wrong index.
    if (block.start === null && this.open !== null) {
      this.open.reported.add('block-stop');
      this.open.stop = event;
    }
    if (this.open?.stop === event) this.open = null;
  }

  /** The block that a delta or a stop belongs to. A block that was never started is tracked, so that it is reported once. */
  private blockOf(event: StreamEvent): TrackedBlock | undefined {
    this.checkBlocksAllowed(event);
    const index = get(event.data, 'index');
    if (!Number.isInteger(index)) {
      if (isObject(event.data)) {
        this.reportOnce(
          'index-consecutive',
          event,
          'an integer as index',
          '`index` of a block is not an integer.',
          'not an integer',
        );
      }
      const number = typeof index === 'string' ? Number(index) : Number.NaN;
      return this.byIndex.get(number) ?? this.open ?? this.blocks.at(-1);
    }
    const known = this.byIndex.get(index as number);
    // After the end of a block that was started with another index this is about a block that was never started.
    if (known !== undefined && (known.stop === null || known.index === index)) return known;
    this.report(
      'block-start-before-delta',
      event,
      this.allowed(),
      `\`${event.type ?? event.name}\` for block ${index}, which was never started.`,
    );
    const block = this.track(index, null);
    block.reported.add('block-stop');
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
      reported: new Set(),
    };
    this.blocks.push(block);
    return block;
  }

  /** The open block should have been stopped before this event. A repeated start of the same block needs no stop in between. */
  private dueNow(event: StreamEvent, startsAgain?: number): void {
    if (this.open === null) return;
    if (startsAgain !== undefined && this.byIndex.get(startsAgain) === this.open) this.open.reported.add('block-stop');
    this.open.due = { event, state: this.state() };
    this.overdue.push(this.open);
    this.open = null;
  }

  /** A block continues after the next one started: the two overlap. */
  private checkOverlap(block: TrackedBlock): void {
    if (block.due === null || kindOf(block.due.event) !== 'content_block_start' || block.reported.has('no-overlap'))
      return;
    block.reported.add('no-overlap');
    this.violations.push(
      this.violation('no-overlap', block.due.event, block.due.state, `content_block_stop of ${name(block)}`, {
        message: `A block starts before ${name(block)} is stopped.`,
      }),
    );
  }

  /** Reports a block event after message_delta. */
  private checkBlocksAllowed(event: StreamEvent): void {
    if (this.phase !== 'ending') return;
    this.reportOnce('message-delta-after-blocks', event, this.allowed(), 'A block event follows `message_delta`.');
  }

  /** A second message starts: what is missing of the first is part of that one fault. */
  private forgetBlocks(): void {
    this.blocks = [];
    this.byIndex = new Map();
    this.open = null;
    this.overdue = [];
    this.nextIndex = 0;
    this.shiftedIndex = 0;
  }

  /** The reading after the last event. `end`: byte offset of the end of the body. */
  finish(end: number): GrammarReading {
    const atEnd = (rule: GrammarRule, expected: string, message: string): void => {
      this.violations.push({
        rule,
        event: null,
        offset: end,
        state: this.state(),
        expected,
        actual: 'the end of the body',
        message,
      });
    };
    if (this.phase === 'start') atEnd('message-start-first', 'message_start', 'The stream has no events of a message.');
    else if (this.phase === 'blocks' || this.phase === 'ending') {
      atEnd('message-stop-last', this.allowed(), 'No `message_stop` at the end of the stream.');
    }
    this.missingStops();
    this.missingStopReason();
    return {
      violations: this.violations
        .sort((a, b) => (a.event ?? Infinity) - (b.event ?? Infinity))
        .slice(0, MAX_VIOLATIONS),
      blocks: this.blocks,
      byKind: this.byKind,
      prefilled: this.prefilled,
      end: this.phase === 'done' ? 'complete' : this.phase === 'failed' ? 'error' : 'broken-off',
    };
  }

  /** The official API sends no stop for a tool call that max_tokens truncates (recorded). Only then it may be missing. */
  private missingStops(): void {
    const isTruncated = this.stopReason() === 'max_tokens';
    for (const block of this.overdue) {
      if (block.stop !== null || block.due === null || block.reported.has('block-stop')) continue;
      const { event, state } = block.due;
      if (block.type === 'tool_use' && isTruncated && kindOf(event) === 'message_delta') continue;
      this.violations.push(
        this.violation('block-stop', event, state, `content_block_stop of ${name(block)}`, {
          message: `No \`content_block_stop\` for ${name(block)}.`,
        }),
      );
    }
  }

  private missingStopReason(): void {
    const deltas = this.byKind.get('message_delta') ?? [];
    const last = deltas.at(-1);
    if (last === undefined || !deltas.every(({ data }) => isObject(data)) || this.stopReason() !== null) return;
    this.report(
      'message-delta-present',
      last,
      'message_delta with a stop_reason',
      'No `message_delta` has a `stop_reason`.',
      `stop_reason ${quote(get(last.data, 'delta', 'stop_reason'))}`,
    );
  }

  private stopReason(): Json {
    const reasons = (this.byKind.get('message_delta') ?? []).map(
      ({ data }) => get(data, 'delta', 'stop_reason') ?? null,
    );
    return reasons.findLast((reason) => reason !== null) ?? this.prefilled?.stop_reason ?? null;
  }

  private report(rule: GrammarRule, event: StreamEvent, expected: string, message: string, actual?: string): void {
    if (this.violations.length > 10 * MAX_VIOLATIONS) return;
    this.violations.push(
      this.violation(rule, event, this.state(), expected, { message, ...(actual ? { actual } : {}) }),
    );
  }

  /** Reports a repeated fault once. `mark` distinguishes faults of one rule. */
  private reportOnce(rule: GrammarRule, event: StreamEvent, expected: string, message: string, mark = ''): void {
    const key = `${rule} ${mark}`;
    if (this.reported.has(key)) return;
    this.reported.add(key);
    this.report(rule, event, expected, message);
  }

  /** Reports a fault of a block once. */
  private reportFor(block: TrackedBlock, rule: GrammarRule, event: StreamEvent, message: string): void {
    if (block.reported.has(rule)) return;
    block.reported.add(rule);
    this.report(rule, event, this.allowed(), message);
  }

  private violation(
    rule: GrammarRule,
    event: StreamEvent,
    state: string,
    expected: string,
    rest: { message: string; actual?: string },
  ): GrammarViolation {
    return {
      rule,
      event: event.number,
      offset: event.frame.offset,
      state,
      expected,
      actual: described(event),
      ...rest,
    };
  }

  /** The state of the stream in words. */
  private state(): string {
    if (this.phase === 'start') return 'at the start';
    if (this.phase === 'blocks') return this.open === null ? 'between blocks' : `inside ${name(this.open)}`;
    return { ending: 'after message_delta', done: 'after message_stop', failed: 'after an error event' }[this.phase];
  }

  /** What the grammar allows next, apart from pings and unknown events. */
  private allowed(): string {
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
