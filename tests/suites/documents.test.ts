import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import { documents } from '../../suites/documents.js';
import { exchange, judgeOf, message, requirementOf, textBlock, thrice } from '../support/exchange.js';
import { rejection, rejects } from '../support/rejections.js';

const CLAIMED = { claims: { profiles: ['core', 'documents'] } } as const;
/** The short question is accepted, unless a test says otherwise. */
const judge = judgeOf(documents, CLAIMED, exchange({ fixture: 'cheap' }));
const says = (fixture: string, words: string, parts: JsonObject = {}, attempt = 1): Exchange =>
  exchange({ fixture, attempt, json: message({ content: [textBlock(words)], ...parts }) });

const wordsControl = says('words-in-prompt', 'PINEAPPLE MANGO');
const deaf = says('words-in-prompt', 'Fruit!');
const READ = 'PINEAPPLE, MANGO';
const LOST = 'I cannot see any document.';

describe.each([
  ['doc.text', 'document-kinds', ['document-text', 'document-content'], 'MANGO'],
  ['doc.content', 'document-kinds', ['document-text', 'document-content'], 'PINEAPPLE'],
  ['doc.pdf.base64', 'pdf-cited', ['document-pdf'], 'PINEAPPLE'],
] as const)('%s', (id, fixture, parts, half) => {
  const rejectedParts = parts.map((part) => rejection(part));
  it.each([
    ['repeats both words', [wordsControl, says(fixture, READ)], 'satisfied'],
    ['repeats them at the third try', [wordsControl, says(fixture, LOST), says(fixture, READ, {}, 3)], 'satisfied'],
    ['does not know the words', [wordsControl, says(fixture, LOST)], 'violated'],
    ['knows the other word alone', [wordsControl, says(fixture, half)], 'violated'],
    ['does not repeat words from its prompt either', [deaf, says(fixture, LOST)], 'inconclusive'],
    ['is cut before it can tell', [wordsControl, says(fixture, '', { stop_reason: 'max_tokens' })], 'inconclusive'],
    ['takes no documents', [wordsControl, rejection(fixture), ...rejectedParts], 'rejected'],
    ['was not asked for one thing alone', [wordsControl, rejection(fixture)], 'inconclusive'],
    ['rejects everything', [rejection('cheap'), rejection(fixture), ...rejectedParts], 'inconclusive'],
    ['crashes', [wordsControl, rejection(fixture, 500), ...parts.map((part) => rejection(part, 500))], 'violated'],
    ['asks to wait', [wordsControl, rejection(fixture, 429)], 'inconclusive'],
  ] as const)('a model that %s', (_what, exchanges, outcome) => {
    expect(judge(id, exchanges).outcome).toBe(outcome);
  });

  it('is violated in silence where the document is swallowed', () => {
    expect(judge(id, [wordsControl, says(fixture, LOST)])).toMatchObject({
      silent: true,
      findings: [{ exchange: `${fixture}/json`, actual: `"${LOST}"` }],
    });
  });
});

describe('a document that is rejected beside another thing', () => {
  const kinds = rejection('document-kinds');
  it.each([
    ['doc.text', [kinds, says('document-text', READ), rejection('document-content')], 'satisfied'],
    ['doc.content', [kinds, says('document-text', READ), rejection('document-content')], 'rejected'],
    ['doc.text', [kinds, rejection('document-text'), says('document-content', READ)], 'rejected'],
    ['doc.content', [kinds, rejection('document-text'), says('document-content', READ)], 'satisfied'],
    ['doc.text', [kinds, says('document-text', LOST), says('document-content', READ)], 'violated'],
    ['doc.pdf.base64', [rejection('pdf-cited'), says('document-pdf', READ)], 'satisfied'],
    ['doc.pdf.base64', [rejection('pdf-cited'), says('document-pdf', LOST)], 'violated'],
  ] as const)('%s by itself: %#', (id, exchanges, outcome) => {
    expect(judge(id, thrice([wordsControl, ...exchanges])).outcome).toBe(outcome);
  });
});

describe('a document beside another', () => {
  const counts = (input_tokens: number) => ({ usage: { input_tokens, output_tokens: 5 } });
  const plain = says('minimal', 'ok', counts(13));
  const parts = [says('document-text', READ, counts(40)), says('document-content', READ, counts(42))];
  const kinds = (words: string, tokens: number) => says('document-kinds', words, counts(tokens));
  it.each([
    ['doc.text', 'is lost, and tokens with it', kinds('MANGO', 65), 'violated'],
    ['doc.content', 'is lost, and tokens with it', kinds('PINEAPPLE', 65), 'violated'],
    ['doc.text', 'is not the one that is lost', kinds('PINEAPPLE', 65), 'satisfied'],
    ['doc.content', 'is counted: the model may overlook it', kinds('PINEAPPLE', 110), 'satisfied'],
    ['doc.content', 'is not counted', kinds('PINEAPPLE', 0), 'satisfied'],
  ] as const)('%s: it %s', (id, _what, whole, outcome) => {
    expect(judge(id, [wordsControl, plain, whole, ...parts]).outcome).toBe(outcome);
  });

  it.each([
    ['arrives in a request of its own', READ, /in a request of its own it arrives/],
    ['does not arrive by itself either', LOST, /^A document is lost: two of them/],
  ])('is named where it %s', (_what, said, message) => {
    const alone = says('document-text', said, counts(40));
    const exchanges = [wordsControl, plain, kinds('MANGO', 65), alone, parts[1]!];
    expect(judge('doc.text', exchanges)).toMatchObject({
      outcome: 'violated',
      findings: [{ message: expect.stringMatching(message) }],
    });
  });
});

describe('doc.content', () => {
  it('is as good as the worse of its two forms', () => {
    const blocks = says('document-kinds', READ);
    expect(judge('doc.content', thrice([wordsControl, blocks, says('document-content-string', LOST)])).outcome).toBe(
      'violated',
    );
    expect(judge('doc.content', [wordsControl, blocks, rejection('document-content-string')]).outcome).toBe('rejected');
    expect(judge('doc.content', [wordsControl, blocks, says('document-content-string', READ)]).outcome).toBe(
      'satisfied',
    );
  });
});

rejects(documents, ['doc.pdf.invalid']);

describe('doc.pdf.invalid', () => {
  it('is violated in silence where text is taken for a PDF', () => {
    const exchanges = [says('pdf-cited', READ), exchange({ fixture: 'document-no-pdf' })];
    expect(judge('doc.pdf.invalid', exchanges)).toMatchObject({ outcome: 'violated', silent: true });
  });
});

describe.each([
  ['ver.2026-10-21.assistant-document', 'newer-document-from-assistant'],
  ['ver.2026-10-21.user-citations', 'newer-citations-from-user'],
])('%s', (id, fixture) => {
  const control = exchange({ fixture: 'version-2026-10-21' });
  const read = says('document-kinds', READ);
  it.each([
    ['rejected', [control, read, rejection(fixture)], 'satisfied'],
    ['taken, which is a free choice', [control, read, exchange({ fixture })], 'not-observed'],
    ['answered with a crash', [control, read, rejection(fixture, 500)], 'violated'],
    [
      'rejected like all under this version',
      [rejection('version-2026-10-21'), read, rejection(fixture)],
      'inconclusive',
    ],
    ['rejected like every document', [control, rejection('document-kinds'), rejection(fixture)], 'inconclusive'],
    [
      'rejected like no document by itself',
      [control, rejection('document-kinds'), says('document-text', READ), rejection(fixture)],
      'satisfied',
    ],
  ] as const)('it is %s', (_what, exchanges, outcome) => {
    expect(judge(id, exchanges).outcome).toBe(outcome);
  });
  it('holds under the newer version alone, and is sent under it', () => {
    expect(requirementOf(documents, id).editions).toEqual(['2026-10-21']);
    expect(exchange({ fixture }).apiVersion).toBe('2026-10-21');
  });
});

describe('a target that does not claim documents and rejects them', () => {
  const asked = [...new Set(documents.requirements.flatMap(({ fixtures }) => fixtures))];
  const accepted = ['version-2026-10-21', 'words-in-prompt'];
  const exchanges = asked.map((id) => (accepted.includes(id) ? says(id, READ) : rejection(id)));
  const rest = documents.requirements.map(({ id }) => id);

  it.each(rest)('%s is rejected', (id) => {
    expect(judge(id, exchanges, { claims: { profiles: ['core'] } }).outcome).toBe('rejected');
  });
});
