import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { loadFixtures } from '../../runner/plan/fixtures.js';
import type { Conversation } from '../../runner/plan/plan.js';
import { type Overlap, overlap } from '../../runner/run/overlap.js';

const minimal = loadFixtures().get('minimal')!;
const conversation = (id: string): Conversation => ({
  fixture: { ...minimal, id },
  transport: 'json',
  fallbackFor: null,
  sharedBy: [],
});
const each = (...names: string[]) => names.map((id) => [conversation(id)]);

/** Runs by hand: `end` finishes a conversation that has started. */
function byHand(options: Partial<Overlap>) {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const left = overlap({
    queue: [],
    late: [],
    mayOverlap: () => null,
    concurrency: 2,
    underWay: [],
    run: ({ fixture: { id } }) => {
      started.push(id);
      return new Promise((resolve) => ends.set(id, resolve));
    },
    ...options,
  });
  const end = async (id: string): Promise<void> => {
    ends.get(id)!();
    await sleep();
  };
  return { started, end, left };
}

describe('conversations that overlap', () => {
  it('keep their order and the concurrency', async () => {
    const { started, end, left } = byHand({ queue: each('a', 'b', 'c') });
    expect(started).toEqual(['a', 'b']);
    await end('b');
    expect(started).toEqual(['a', 'b', 'c']);
    await end('a');
    await end('c');
    expect(await left).toEqual([]);
  });

  it('count those that have started before', async () => {
    let ready = (): void => {};
    const before = new Promise<void>((resolve) => {
      ready = resolve;
    });
    const { started } = byHand({ queue: each('a', 'b'), underWay: [before] });
    expect(started).toEqual(['a']);
    ready();
    await sleep();
    expect(started).toEqual(['a', 'b']);
  });

  it('let the late ones go first as soon as they disturb nobody', async () => {
    let may: boolean | null = null;
    const { started, end } = byHand({ queue: each('a', 'b', 'c'), late: each('late'), mayOverlap: () => may });
    await end('a');
    may = true;
    await end('b');
    expect(started).toEqual(['a', 'b', 'c', 'late']);
  });

  it('leave those out that would disturb', async () => {
    const late = each('large');
    const { started, end, left } = byHand({ queue: each('a'), late, mayOverlap: () => false });
    await end('a');
    expect(await left).toEqual(late);
    expect(started).toEqual(['a']);
  });

  it('make room for a group beside others, where it leaves others room', async () => {
    const group = each('x', 'y').map(([one]) => one!);
    const queue = each('a', 'b', 'c', 'd', 'e');
    const beside = byHand({ queue, late: [group], mayOverlap: () => true, concurrency: 4 });
    expect(beside.started).toEqual(['a', 'b', 'c', 'd']);
    await beside.end('a');
    expect(beside.started, 'a slot is kept for it').toHaveLength(4);
    await beside.end('b');
    expect(beside.started.slice(4)).toEqual(['x', 'y']);
    await beside.end('x');
    expect(beside.started.slice(6)).toEqual(['e']);
    const last = byHand({ queue: each('a', 'b', 'c'), late: [group], mayOverlap: () => true, concurrency: 2 });
    expect(last.started).toEqual(['a', 'b']);
    await last.end('a');
    await last.end('b');
    expect(last.started).toEqual(['a', 'b', 'c']);
    await last.end('c');
    expect(last.started).toEqual(['a', 'b', 'c', 'x', 'y']);
  });

  it('let others pass a group in the middle of a wave, and keep the slots of the next wave for it', async () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(0);
    const group = each('x', 'y').map(([one]) => one!);
    const options = { late: [group], mayOverlap: () => true, concurrency: 4, waveMs: 100 };
    const { started, end } = byHand({ queue: each('a', 'b', 'c', 'd', 'e', 'f', 'g'), ...options });
    now.mockReturnValue(50);
    await end('a');
    expect(started.slice(4)).toEqual(['e']);
    now.mockReturnValue(151);
    await end('b');
    expect(started, 'a slot is kept for it').toHaveLength(5);
    await end('c');
    expect(started.slice(5)).toEqual(['x', 'y']);
    now.mockRestore();
  });

  it('start a group that is larger than the concurrency when nothing else is under way', async () => {
    const group = each('x', 'y', 'z').map(([one]) => one!);
    const { started, end } = byHand({ queue: each('a'), late: [group], mayOverlap: () => true, concurrency: 2 });
    expect(started).toEqual(['a']);
    await end('a');
    expect(started).toEqual(['a', 'x', 'y', 'z']);
  });

  it('take no slot while they wait for another one, and start as soon as it has its answer', async () => {
    let answered = (): void => {};
    let gate: Promise<void> | null = new Promise((resolve) => {
      answered = resolve;
    });
    const waitsFor: Overlap['waitsFor'] = ({ fixture: { id } }) => (id === 'gated' ? gate : null);
    const { started, end, left } = byHand({ queue: each('gate', 'gated', 'b'), waitsFor, concurrency: 3 });
    expect(started).toEqual(['gate', 'b']);
    gate = null;
    answered();
    await sleep();
    expect(started).toEqual(['gate', 'b', 'gated']);
    for (const id of started) await end(id);
    expect(await left).toEqual([]);
  });
});
