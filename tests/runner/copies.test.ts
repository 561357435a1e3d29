import { describe, expect, it } from 'vitest';
import { loadContract } from '../../runner/contract/contracts.js';
import { benchOf } from '../../runner/judge/bench.js';
import { copiesIn } from '../../runner/judge/copies.js';
import { judgeAll } from '../../runner/judge/judge.js';
import { loadFixtures } from '../../runner/plan/fixtures.js';
import { CATALOGUE } from '../../suites/index.js';
import { exchange, message, textBlock } from '../support/exchange.js';

const reply = (fixture: string, id: string, requestId: string, startedMs: number, words = 'ok') =>
  exchange({
    fixture,
    json: message({ id, content: [textBlock(words)] }),
    headers: { 'request-id': requestId },
    startedMs,
  });
const original = reply('minimal', 'msg_1', 'req_1', 0);
const stale = reply('product', 'msg_1', 'req_1', 10);

describe('a reply is a copy', () => {
  it('of the earlier one with its id, request-id and content, in whatever order they are kept', () => {
    expect(copiesIn([stale, original])).toMatchObject([
      { exchange: { id: stale.id }, original: { id: original.id }, isSameRequest: false },
    ]);
    expect(copiesIn([original, reply('minimal-again', 'msg_1', 'req_1', 10)])).toMatchObject([{ isSameRequest: true }]);
  });

  it('never where one of the three differs, or where there is no request-id', () => {
    expect(copiesIn([original, reply('product', 'msg_2', 'req_1', 10)])).toEqual([]);
    expect(copiesIn([original, reply('product', 'msg_1', 'req_2', 10)])).toEqual([]);
    expect(copiesIn([original, reply('product', 'msg_1', 'req_1', 10, 'another')])).toEqual([]);
    expect(copiesIn([exchange(), exchange({ fixture: 'product' })])).toEqual([]);
  });
});

describe('a copy is no evidence', () => {
  it('for what its request asks: a finding of its own, and nothing is passed or failed by it', async () => {
    const contract = await loadContract('anthropic');
    const judged = judgeAll(CATALOGUE, benchOf(contract, loadFixtures(), [original, stale], 'reference-1'));
    const of = (id: string) => judged.find(({ requirement }) => requirement.id === id);
    expect(of('resp.cache.not-stale')).toMatchObject({
      verdict: 'fail',
      silent: true,
      findings: [{ exchange: stale.id }],
    });
    expect(of('resp.type-role')?.verdict).toBe('pass');
    expect(of('resp.thinking-not-leaked')).toMatchObject({
      verdict: 'inconclusive',
      reason: 'Not tested: the reply product/json is a copy of minimal/json, with the same id and `request-id`',
    });
    expect(
      judged.filter(({ exchanges }) => exchanges.includes(stale.id)).map(({ requirement }) => requirement.id),
    ).toEqual(['resp.cache.not-stale']);
  });
});
