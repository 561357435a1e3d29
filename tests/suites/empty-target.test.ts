/** A target that accepts everything and does nothing: each reply is empty. What only asks for acceptance does not pass there. */

import { describe, expect, it } from 'vitest';
import type { Alterations } from '../../reference/stages.js';
import { judged } from '../support/judged.js';

const emptyReplies = (outputTokens: number): Alterations => ({
  reply: (reply) => ({ ...reply, blocks: [], stopReason: 'end_turn', stopSequence: null, outputTokens }),
});

/** Requirements of agents that are not about the content of a reply. */
const ABOUT_NO_CONTENT = [
  'agent.counts.at-once',
  'agent.first-byte',
  'agent.head',
  'agent.hello-probe',
  'agent.parallel-requests',
  // They are about rejections.
  'agent.thread.not-ignored',
  'agent.thread.refusal-code',
];

describe.each([0, 1])('every reply is empty and counts %i output tokens', (outputTokens) => {
  it('passes no requirement of agents that asks only for acceptance, and is not judged complete', async () => {
    const report = await judged({ alterations: emptyReplies(outputTokens) }, { contract: 'anthropic' });
    const passed = report.results.filter(({ profile, verdict }) => profile === 'agent' && verdict === 'pass');
    expect(passed.map(({ id }) => id).filter((id) => !ABOUT_NO_CONTENT.includes(id))).toEqual([]);
    expect(report.summary.must.judged).toBeLessThan(report.summary.must.total / 2);
    expect(report.results.find(({ id }) => id === 'tc.tool')?.verdict).toBe('fail');
  });
});
