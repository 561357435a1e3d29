import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import { packageFile } from '../../runner/package-files.js';
import { files } from '../../suites/files.js';
import { type ExchangeParts, errorBody, exchange, judgeOf, message, textBlock } from '../support/exchange.js';
import { rejection } from '../support/rejections.js';

/** The short question is accepted, unless a test says otherwise. */
const judge = judgeOf(files, {}, exchange({ fixture: 'cheap' }));
const SIZE = readFileSync(packageFile('fixtures/assets/code-words.txt')).length;
const FILE: JsonObject = {
  id: 'file_1',
  type: 'file',
  filename: 'code-words.txt',
  mime_type: 'text/plain',
  size_bytes: SIZE,
  created_at: '2026-10-21T10:00:00Z',
};

const wordsControl = exchange({
  fixture: 'words-in-prompt',
  json: message({ content: [textBlock('PINEAPPLE MANGO')] }),
});
const deaf = exchange({ fixture: 'words-in-prompt', json: message({ content: [textBlock('Fruit!')] }) });
const METHODS = ['POST', 'POST', 'GET', 'GET', 'DELETE', 'GET'];
const turn = (number: number, parts: ExchangeParts): Exchange =>
  exchange({
    fixture: 'file-life',
    turn: number,
    request: {
      method: METHODS[number - 1]!,
      url: `http://target.test/v1/${number === 2 ? 'messages' : 'files/file_1'}`,
    },
    ...parts,
  });
const notFound: ExchangeParts = { status: 404, json: errorBody('not_found_error', 'no such thing') };
const crash: ExchangeParts = { status: 500, json: errorBody('api_error', 'oops') };
const notSetUp: ExchangeParts = {
  noResponse: true,
  failure: { kind: 'not-set-up', message: 'turn 1 did not answer with /id' },
};
const says = (words: string, parts: JsonObject = {}): ExchangeParts => ({
  json: message({ content: [textBlock(words)], ...parts }),
});

/** A whole life; turns that are given replace those of a good one. */
const life = (changes: Record<number, ExchangeParts> = {}, attempt = 1): Exchange[] => {
  const good: ExchangeParts[] = [
    { json: FILE },
    says('PINEAPPLE MANGO'),
    { json: { data: [FILE], next_page: null } },
    { json: FILE },
    { json: { id: 'file_1', type: 'file_deleted' } },
    notFound,
  ];
  return [wordsControl, ...good.map((parts, index) => turn(index + 1, { ...(changes[index + 1] ?? parts), attempt }))];
};
const declined = [wordsControl, turn(1, notFound), ...[2].map((number) => turn(number, notSetUp))];

describe('files.upload', () => {
  it.each([
    ['the metadata', life(), 'satisfied'],
    [
      'the metadata, with a charset and further fields',
      life({
        1: {
          json: { ...FILE, mime_type: 'text/plain; charset=utf-8', downloadable: false, expires_at: null, scope: 1 },
        },
      }),
      'satisfied',
    ],
    ['an id alone', life({ 1: { json: { id: 'file_1' } } }), 'violated'],
    [
      'an object of another provider',
      life({
        1: { json: { id: 'file-1', object: 'file', bytes: SIZE, filename: 'code-words.txt', created_at: 1760000000 } },
      }),
      'violated',
    ],
    ['another name', life({ 1: { json: { ...FILE, filename: 'upload.bin' } } }), 'violated'],
    ['another size', life({ 1: { json: { ...FILE, size_bytes: SIZE - 1 } } }), 'violated'],
    ['another media type', life({ 1: { json: { ...FILE, mime_type: 'application/octet-stream' } } }), 'violated'],
    ['nothing', life({ 1: { raw: '', transport: 'json' } }), 'violated'],
    ['404, for there are no files', declined, 'rejected'],
    ['405', [wordsControl, turn(1, { ...notFound, status: 405 })], 'rejected'],
    ['501, for there are no files', [wordsControl, turn(1, { ...notFound, status: 501 })], 'rejected'],
    ['403, for this account has none', [wordsControl, turn(1, { ...notFound, status: 403 })], 'rejected'],
    ['404, like everything', [rejection('cheap'), turn(1, notFound)], 'inconclusive'],
    ['a crash', [wordsControl, turn(1, crash)], 'violated'],
    ['a request to wait', [wordsControl, turn(1, { ...crash, status: 429 })], 'inconclusive'],
  ] as const)('an upload that is answered with %s', (_what, exchanges, outcome) => {
    expect(judge('files.upload', exchanges).outcome).toBe(outcome);
  });

  it('knows the file that is sent', () => {
    expect(judge('files.upload', life({ 1: { json: { ...FILE, size_bytes: 1 } } }))).toMatchObject({
      findings: [{ expected: String(SIZE), actual: '1', at: { pointer: '/size_bytes' }, exchange: 'file-life/json' }],
    });
  });
});

describe('files.use', () => {
  it.each([
    ['read', life(), 'satisfied'],
    ['read at the second try', [...life({ 2: says('Hm.') }), ...life({}, 2).slice(1)], 'satisfied'],
    ['lost', life({ 2: says('I see no document.') }), 'violated'],
    [
      'lost by a model that repeats nothing',
      [deaf, ...life({ 2: says('I see no document.') }).slice(1)],
      'inconclusive',
    ],
    ['not spoken of before the reply is cut', life({ 2: says('', { stop_reason: 'max_tokens' }) }), 'inconclusive'],
    ['not found', life({ 2: notFound }), 'rejected'],
    ['a reason to crash', life({ 2: crash }), 'violated'],
    ['uploaded without an id', [wordsControl, turn(1, { json: {} }), turn(2, notSetUp)], 'inconclusive'],
    ['not taken at all', declined, 'rejected'],
  ] as const)('a file that is %s', (_what, exchanges, outcome) => {
    expect(judge('files.use', exchanges).outcome).toBe(outcome);
  });

  it('is violated in silence where the file is lost', () => {
    expect(judge('files.use', life({ 2: says('I see no document.') }))).toMatchObject({
      silent: true,
      findings: [{ exchange: 'file-life/json.2' }],
    });
  });
});

describe('files.list-get-delete', () => {
  const others = [{ ...FILE, id: 'file_2' }];
  it.each([
    ['as documented', life(), 'satisfied'],
    ['with the file on a later page', life({ 3: { json: { data: others, next_page: 'page_2' } } }), 'satisfied'],
    ['without a type in the deletion, which is optional', life({ 5: { json: { id: 'file_1' } } }), 'satisfied'],
    ['whatever the model says of the file', life({ 2: crash }), 'satisfied'],
    [
      'with a list of the older form, whose missing next_page clients read as null',
      life({ 3: { json: { data: [FILE], has_more: false, first_id: 'file_1', last_id: 'file_1' } } }),
      'deviates',
    ],
    ['with a list that lacks the file and `next_page`', life({ 3: { json: { data: others } } }), 'violated'],
    [
      'with a list that has a file twice',
      life({ 3: { json: { data: [...others, ...others], next_page: null } } }),
      'violated',
    ],
    ['with a list that lacks the file', life({ 3: { json: { data: others, next_page: null } } }), 'violated'],
    [
      'with a list that knows another size',
      life({ 3: { json: { data: [{ ...FILE, size_bytes: 1 }], next_page: null } } }),
      'violated',
    ],
    ['without a list', life({ 3: notFound }), 'violated'],
    ['with another name later', life({ 4: { json: { ...FILE, filename: 'file' } } }), 'violated'],
    ['without a description', life({ 4: notFound }), 'violated'],
    ['that cannot be ended', life({ 5: { ...notFound, status: 405 } }), 'violated'],
    [
      'with an end of another type',
      life({ 5: { json: { id: 'file_1', object: 'file', deleted: true, type: 'deleted' } } }),
      'violated',
    ],
    ['that ends another file', life({ 5: { json: { id: 'file_2', type: 'file_deleted' } } }), 'violated'],
    ['with an afterlife', life({ 6: { json: FILE } }), 'violated'],
    ['with 400 afterwards', life({ 6: { ...notFound, status: 400 } }), 'violated'],
    ['that never began', declined, 'rejected'],
    ['that was cut short by a request to wait', life().slice(0, 4), 'inconclusive'],
    ['that lost its id', [wordsControl, turn(1, { json: {} }), turn(2, notSetUp)], 'inconclusive'],
  ] as const)('a life %s', (_what, exchanges, outcome) => {
    expect(judge('files.list-get-delete', exchanges).outcome).toBe(outcome);
  });

  it('looks at the attempt that came furthest', () => {
    const incomplete = life({ 3: { ...crash, status: 429 } }).slice(0, 4);
    expect(judge('files.list-get-delete', [...incomplete, ...life({}, 2).slice(1)]).outcome).toBe('satisfied');
  });
  it('says that a store answered for a deleted file, and not that the file is there', () => {
    const stored = { json: FILE, headers: { 'request-id': 'req_stored' } };
    const messageOf = (turns: Parameters<typeof life>[0]) => {
      const judged = judge('files.list-get-delete', life(turns));
      return 'findings' in judged ? judged.findings?.[0]?.message : undefined;
    };
    expect(messageOf({ 4: stored, 6: stored })).toMatch(/^A stored answer says that the deleted file exists/);
    expect(messageOf({ 6: stored })).toBe('The deleted file still exists.');
    // One id for everything shows no store.
    expect(messageOf({ 6: { json: FILE } })).toBe('The deleted file still exists.');
  });

  it('is silent about a file that outlives its deletion, and not about a missing list', () => {
    expect(judge('files.list-get-delete', life({ 6: { json: FILE } }))).toMatchObject({ silent: true });
    expect(judge('files.list-get-delete', life({ 3: notFound }))).toMatchObject({
      silent: false,
      findings: [{ message: expect.stringMatching(/^GET \/v1\/files/), exchange: 'file-life/json.3' }],
    });
  });
  it('does not hold against the last turn that the deletion failed', () => {
    const judgement = judge('files.list-get-delete', life({ 5: crash, 6: { json: FILE } }));
    expect(judgement).toMatchObject({
      outcome: 'violated',
      silent: false,
      findings: [{ exchange: 'file-life/json.5' }],
    });
    expect(judgement).toHaveProperty('findings.length', 1);
  });
});
