import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../core/exchange.js';
import { get } from '../../core/json.js';
import { realRequests } from '../../suites/real-requests.js';
import { errorBody, exchange, fixtures, judgeWith, message, requirementOf, textBlock } from '../support/exchange.js';

const judge = (id: string, exchanges: readonly Exchange[]) => judgeWith(requirementOf(realRequests, id), exchanges);
const accepted = exchange({ fixture: 'minimal' });

describe('http.text.unchanged', () => {
  const id = 'http.text.unchanged';
  const prompt = String(get(fixtures().get('echo-layout')?.turns, 0, 'body', 'messages', 0, 'content'));
  const given = prompt.slice(prompt.indexOf('\n') + 1);
  const says = (words: string) => exchange({ fixture: 'echo-layout', json: message({ content: [textBlock(words)] }) });

  it.each([
    ['the whole text', [says(given)]],
    ['the whole text, after a try that lacks markup', [says(given.replace(/<\/?\w+>/g, '')), says(given)]],
  ])('is satisfied by %s', (_what, exchanges) => {
    expect(judge(id, exchanges).outcome).toBe('satisfied');
  });

  it.each([
    ['Markup in angle brackets is lost', given.replace(/<\/?\w+>/g, '')],
    ['Angle brackets arrive as HTML entities', given.replaceAll('<', '&lt;').replaceAll('>', '&gt;')],
    ['Line breaks arrive as blanks', given.replaceAll('\n', ' ')],
    ['Line breaks are lost', given.replaceAll('\n', '')],
    ['Backslashes are doubled', given.replaceAll('\\', '\\\\')],
    ['Backslashes are lost', given.replaceAll('\\', '')],
    ['Quotation marks are lost', given.replaceAll('"', '')],
    ['Tabs are lost', given.replaceAll('\t', '')],
  ])('says that %s', (fault, answer) => {
    const judgement = judge(id, [says(answer), says(answer)]);
    expect(judgement).toMatchObject({ outcome: 'violated', silent: true });
    expect(judgement).toMatchObject({ findings: [{ message: expect.stringContaining(fault) }] });
  });

  it.each([
    ['a damaged reply only once', [says(given.replaceAll('"', ''))]],
    ['replies that differ', [says(given.replaceAll('"', '')), says(given.replaceAll('\t', ''))]],
    ['a model that writes something else', [says('Sure!'), says('Sure!')]],
  ])('is not tested by %s', (_what, exchanges) => {
    expect(judge(id, exchanges).outcome).toBe('inconclusive');
  });

  it('is violated by a server that fails for such a text only', () => {
    const crash = exchange({ fixture: 'echo-layout', status: 500, json: errorBody('api_error', 'boom') });
    expect(judge(id, [accepted, crash]).outcome).toBe('violated');
    expect(judge(id, [exchange({ fixture: 'minimal', status: 500, json: errorBody() }), crash]).outcome).toBe(
      'inconclusive',
    );
  });
});
