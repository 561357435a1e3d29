/** A target that accepts everything and does nothing: each reply is empty. What only asks for acceptance does not pass there. */

import { describe, expect, it } from 'vitest';
import type { Profile } from '../../core/protocol.js';
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

/** The whole suite once; what else is judged makes no difference to agents. */
describe.each<[number, Profile[] | undefined]>([
  [0, undefined],
  [1, ['agent', 'tools']],
])('every reply is empty and counts %i output tokens', (outputTokens, profiles) => {
  it('passes no requirement of agents that asks only for acceptance, and is not judged complete', async () => {
    const options = { contract: 'anthropic', ...(profiles && { profiles }) };
    const report = await judged({ alterations: emptyReplies(outputTokens) }, options);
    const ofAgents = report.results.filter(({ profile }) => profile === 'agent');
    const passed = ofAgents.filter(({ verdict }) => verdict === 'pass');
    expect(ofAgents.length).toBeGreaterThan(20);
    expect(passed.map(({ id }) => id).filter((id) => !ABOUT_NO_CONTENT.includes(id))).toEqual([]);
    expect(report.summary.must.judged).toBeLessThan(report.summary.must.total / 2);
    expect(report.results.find(({ id }) => id === 'tc.tool')?.verdict).toBe('fail');
  });
});
