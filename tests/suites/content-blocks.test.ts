/** Places of content blocks, in messages whose content also has values that are no blocks. */

import { describe, expect, it } from 'vitest';
import { blocks, placedBlocks } from '../../core/message.js';
import type { Judgement } from '../../core/requirement.js';
import { CATALOGUE } from '../../suites/index.js';
import { exchange, judgeWith, message, requirementOf, textBlock, toolUse } from '../support/exchange.js';

const thinking = { type: 'thinking', thinking: 'first this, then that', signature: 'c2lnbmVk' };
const MIXED = ['text', null, textBlock('one'), 7, thinking, textBlock('two')];

describe('placedBlocks', () => {
  it('counts values that are not objects', () => {
    expect(placedBlocks({ content: MIXED }).map(({ pointer }) => pointer)).toEqual([
      '/content/2',
      '/content/4',
      '/content/5',
    ]);
    expect(placedBlocks({ content: MIXED }, 'text').map(({ index }) => index)).toEqual([2, 5]);
  });

  it('finds the same blocks as blocks', () => {
    expect(placedBlocks({ content: MIXED }).map(({ block }) => block)).toEqual(blocks({ content: MIXED }));
  });

  it.each([undefined, null, 'text', {}, { content: null }, { content: { 0: textBlock('one') } }])(
    'is empty for %j',
    (one) => {
      expect(placedBlocks(one)).toEqual([]);
    },
  );
});

describe('the pointer of a finding stays right beside values that are not blocks', () => {
  const pointersOf = (judgement: Judgement): (string | undefined)[] =>
    judgement.outcome === 'violated' || judgement.outcome === 'deviates'
      ? judgement.findings.map(({ at }) => at?.pointer)
      : [judgement.outcome];
  const judge = (id: string, fixture: string, content: unknown[]) =>
    judgeWith(
      requirementOf({ requirements: CATALOGUE }, id),
      [exchange({ fixture, json: message({ content: content as [], stop_reason: 'tool_use' }) })],
      { claims: { profiles: ['core', 'tools', 'thinking', 'structured-output'] } },
    );

  it.each([
    ['think.accepted', 'thinking', ['stray', textBlock('12231'), thinking], '/content/2'],
    ['think.replay.order', 'thinking-loop', [null, toolUse(), thinking], '/content/2'],
    ['think.block-shape', 'thinking', ['stray', { ...thinking, signature: 7 }], '/content/1/signature'],
    ['tc.forced.no-text-before', 'choice-any', ['stray', textBlock('First: '), toolUse()], '/content/1'],
    ['tu.shape', 'tool-forced', [3, { ...toolUse(), input: '{}' }], '/content/1/input'],
    ['resp.content.text-shape', 'minimal', [null, { type: 'text' }], '/content/1/text'],
  ] as const)('in %s', (id, fixture, content, pointer) => {
    expect(pointersOf(judge(id, fixture, [...content]))).toContain(pointer);
  });

  it('in so.required-first, after a block of another type', () => {
    const late = textBlock('{"working":"17 + 25","answer":42}');
    expect(pointersOf(judge('so.required-first', 'structured', [thinking, late]))).toEqual(['/content/1/text']);
  });
});
