/** A target that takes longer than the suite's own patience has broken nothing: official clients wait ten minutes. */

import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../core/exchange.js';
import { PROFILES } from '../../core/protocol.js';
import type { Suite } from '../../core/requirement.js';
import { http } from '../../suites/http.js';
import { CATALOGUE } from '../../suites/index.js';
import { requestOptional } from '../../suites/request-optional.js';
import { requestRequired } from '../../suites/request-required.js';
import { streamOrder } from '../../suites/stream-order.js';
import { toolChoice } from '../../suites/tool-choice.js';
import { events, exchange, fixtures, judgeWith, message, requirementOf, textBlock } from '../support/exchange.js';

const judge = (suite: Suite, id: string, exchanges: readonly Exchange[]) =>
  judgeWith(requirementOf(suite, id), exchanges);
const late = (fixture: string, seconds = 120): Exchange =>
  exchange({
    fixture,
    noResponse: true,
    failure: { kind: 'timeout-headers', message: `no answer within ${seconds} s`, limitMs: seconds * 1000 },
  });
const cheap = exchange({ fixture: 'cheap' });
const forced = exchange({ fixture: 'tool-forced' });

describe('no answer within the bound of the suite', () => {
  it('says nothing where the model may be writing', () => {
    expect(judge(toolChoice, 'tc.any', [forced, late('choice-any')])).toMatchObject({
      outcome: 'inconclusive',
      reason: expect.stringContaining('--timeout'),
    });
    const steered = [cheap, late('system-string'), exchange({ fixture: 'words-in-prompt' })];
    expect(judge(requestOptional, 'req.system.string', steered)).toMatchObject({ outcome: 'inconclusive' });
  });

  it('says nothing of short requests where others of the run are as slow', () => {
    const slow = exchange({ fixture: 'counting', chunks: [{ bytes: 500, atMs: 100_000 }] });
    slow.response && Object.assign(slow.response, { headersMs: 100_000 });
    const invalid = late('max-tokens-missing');
    expect(judge(requestRequired, 'req.max-tokens.required', [cheap, invalid, slow])).toMatchObject({
      outcome: 'inconclusive',
    });
    expect(judge(requestRequired, 'req.max-tokens.required', [cheap, invalid, late('counting')])).toMatchObject({
      outcome: 'inconclusive',
    });
  });

  it('is a fault of a short request that hangs while all others are quick', () => {
    expect(judge(requestRequired, 'req.max-tokens.required', [cheap, late('max-tokens-missing')])).toMatchObject({
      outcome: 'violated',
    });
  });

  it('is a fault where the suite waited as long as official clients', () => {
    expect(judge(toolChoice, 'tc.any', [forced, late('choice-any', 600)])).toMatchObject({ outcome: 'violated' });
  });

  const provoked = CATALOGUE.filter(({ fixtures: [first] }) => first !== undefined && first !== 'counting');

  it.each(provoked.map(({ id }) => id))('violates nothing where others of the run are as slow: %s', (id) => {
    const requirement = requirementOf({ requirements: CATALOGUE }, id);
    const [first, ...others] = requirement.fixtures as [string, ...string[]];
    const controls = [first, ...others].flatMap((fixture) => fixtures().get(fixture)!.control ?? []);
    const valid = [...new Set([...others, ...controls])].filter(
      (fixture) => fixture !== first && fixtures().get(fixture)!.violates === null,
    );
    const exchanges = [late(first), late('counting'), ...valid.map((fixture) => exchange({ fixture }))];
    const judgement = judgeWith(requirement, exchanges, { claims: { profiles: PROFILES } });
    const blamed = judgement.outcome === 'violated' ? judgement.findings.map((one) => one.exchange) : [];
    expect(blamed).not.toContain(`${first}/json`);
  });

  it('is no fault of a body that was still coming', () => {
    const half = exchange({
      fixture: 'counting',
      transport: 'json',
      raw: '{"id":"msg_1","content":[',
      headers: { 'content-type': 'application/json' },
      endMs: 120_000,
      failure: { kind: 'timeout-body', message: 'no end of the body within 120 s', limitMs: 120_000 },
    });
    expect(judge(http, 'http.response.single-object', [exchange(), half])).toMatchObject({ outcome: 'satisfied' });
  });
});

describe('a stream that is silent when the suite gives it up', () => {
  const list = events(message({ content: [textBlock('1, 2, 3')] }));
  const silent = (fixture: string, length: number): Exchange =>
    exchange({
      fixture,
      events: list.slice(0, length),
      endMs: 120_000,
      failure: { kind: 'timeout-body', message: 'no end of the body within 120 s', limitMs: 120_000 },
    });

  it('may be that of a model which thinks', () => {
    expect(judge(streamOrder, 'stream.order.message-stop-last', [silent('counting', 2)])).toMatchObject({
      outcome: 'not-observed',
    });
  });

  it('has no end where the model may not write more than a few words', () => {
    expect(judge(streamOrder, 'stream.order.message-stop-last', [silent('minimal', 2)])).toMatchObject({
      outcome: 'violated',
    });
  });

  it('has no end where the reply was already complete', () => {
    expect(judge(streamOrder, 'stream.order.message-stop-last', [silent('counting', list.length - 1)])).toMatchObject({
      outcome: 'violated',
    });
  });
});
