import { describe, expect, it } from 'vitest';
import { shows } from '../../runner/fire.js';
import type { JsonObject } from '../../suites/vocabulary.js';
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
