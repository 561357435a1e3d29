import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../core/json.js';
import { shows } from '../../runner/run/cooperation.js';
import { exchange, message } from '../support/exchange.js';

const answered = (...content: JsonObject[]) => exchange({ json: message({ content }) });
const cited = (citations: JsonObject['citations']): JsonObject => ({ type: 'text', text: 'x', citations });

describe('an answer with the citations that are asked for', () => {
  it.each([
    ['one', [cited([{ type: 'char_location' }])], true],
    ['one in the second block', [cited(null), cited([{ type: 'char_location' }])], true],
    ['an empty list', [cited([])], false],
    ['a word in their place', [cited('one')], false],
    ['a text that has none', [{ type: 'text', text: 'x' }], false],
  ])('%s', (_what, content, expected) => {
    expect(shows(answered(...content), { citations: 1 })).toBe(expected);
  });

  it('is not asked for twice where the request was refused', () => {
    expect(shows(exchange({ status: 400, json: { type: 'error' } }), { citations: 1 })).toBe(true);
  });
});

describe('an answer with words in an order', () => {
  const BOTH = 'ZX81[\\s\\S]*QW42|QW42[\\s\\S]*ZX81';

  it.each([
    ['in the one', 'zx81, then QW42', BOTH, true],
    ['in the other', 'QW42\nand zx81', BOTH, true],
    ['in neither, for want of one', 'ZX81 and ZX81', BOTH, false],
    ['that is not theirs', 'MANGO, PINEAPPLE', 'PINEAPPLE[\\s\\S]*MANGO', false],
    ['so often that trying every pair would never end', 'PINEAPPLE '.repeat(400_000), 'PINEAPPLE[\\s\\S]*MANGO', false],
  ])('%s', (_what, text, pattern, expected) => {
    expect(shows(answered({ type: 'text', text }), { text: pattern })).toBe(expected);
  });
});
