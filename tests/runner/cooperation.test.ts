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

describe('an answer with the titles that a search found', () => {
  const TITLES = ['Release schedule of the project', 'What is new in version 25', 'A short history of releases'];
  /** The reply to a request with search results in its history, and with what the first reply wrote and cited. */
  const listing = (text: string, titles: readonly unknown[] = TITLES, written = '25', cited: string | null = null) =>
    exchange({
      json: message({ content: [{ type: 'text', text }] }),
      request: {
        body: {
          messages: [
            { role: 'user', content: 'Which version is new?' },
            {
              role: 'assistant',
              content: [
                { type: 'web_search_tool_result', content: titles.map((title) => ({ title })) as JsonObject[] },
                { type: 'text', text: written, citations: cited === null ? [] : [{ title: cited }] },
              ],
            },
            { role: 'user', content: 'List the titles.' },
          ],
        },
      },
    });

  it.each([
    ['all of them', listing(TITLES.join('\n')), true],
    ['in another case, with marks', listing(TITLES.map((title) => `- **${title.toUpperCase()}**`).join('\n')), true],
    ['two of three', listing(TITLES.slice(1).join('\n')), true],
    ['one of three', listing(TITLES[0]!), false],
    ['none', listing('I do not know.'), false],
    ['the only one that the first reply did not cite', listing(TITLES[1]!, TITLES.slice(0, 2), '25', TITLES[0]), true],
    ['the one that it cited', listing(TITLES[0]!, TITLES.slice(0, 2), '25', TITLES[0]), false],
    ['none, as the first reply said them all', listing('?', TITLES, TITLES.join(', ')), true],
    ['none, as there are none', listing('?', [null, 7, 'Short']), true],
    ['none, without a search', answered({ type: 'text', text: '?' }), true],
  ])('%s', (_what, reply, expected) => {
    expect(shows(reply, { foundTitles: true })).toBe(expected);
  });
});
