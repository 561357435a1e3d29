import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Budget } from '../../reference/media/budget.js';
import { readPdf } from '../../reference/media/pdf.js';
import { pdf, square } from './assets.js';
import { accumulate, assistant, client, eventsOf, text, textOf, toolResult, toolUse, user } from './client.js';

const { post, ask, send } = client();

const GRASS = 'The grass is green. The sky is blue.';
const plain = (data: string, more: object = {}) => ({
  type: 'document',
  source: { type: 'text', media_type: 'text/plain', data },
  ...more,
});
const paged = (data: string, more: object = {}) => ({
  type: 'document',
  source: { type: 'base64', media_type: 'application/pdf', data },
  ...more,
});
const content = (value: unknown, more: object = {}) => ({
  type: 'document',
  source: { type: 'content', content: value },
  ...more,
});
const search = (...texts: string[]) => ({
  type: 'search_result',
  source: 'https://example.com/a',
  title: 'A',
  content: texts.map(text),
  citations: { enabled: true },
});
const cited = { citations: { enabled: true } };
const REPEAT = text('Repeat the code word.');
const SKY = text('What colour is the sky?');

describe('documents', () => {
  it.each([
    ['plain text', plain('The code word is HERON.')],
    ['a PDF', paged(pdf(['The code word is HERON.']))],
    ['a deflated PDF', paged(pdf(['Nothing here (really).', 'The code word is HERON.'], true))],
    ['content as a string', content('The code word is HERON.')],
    ['content as blocks', content([text('Nothing here.'), text('The code word is HERON.')])],
    ['a search result', search('The code word is HERON.')],
  ])('of %s are read', async (_, block) => {
    expect(await ask([block, REPEAT])).toBe('HERON');
  });

  it('are read in tool results', async () => {
    const messages = [
      user('Fetch it and repeat the code word.'),
      assistant([toolUse('t1')]),
      user([toolResult('t1', [plain('The code word is HERON.')])]),
    ];
    expect(textOf((await post({ messages })).json)).toBe('HERON');
  });

  it('cost input tokens', async () => {
    const short = await post({ messages: [user([plain('x'), REPEAT])] });
    const long = await post({ messages: [user([plain('x '.repeat(100)), REPEAT])] });
    expect(long.json.usage.input_tokens).toBeGreaterThanOrEqual(short.json.usage.input_tokens + 90);
  });

  it.each([
    ['bytes that are no PDF', paged(Buffer.from('hello').toString('base64')), /PDF specified was not valid/],
    ['no base64', paged('###'), /base64/],
    [
      'an address',
      { type: 'document', source: { type: 'url', url: 'https://unreachable.invalid/x.pdf' } },
      /Unable to download/,
    ],
    ['an unknown file', { type: 'document', source: { type: 'file', file_id: 'file_none' } }, /File not found/],
    [
      'another media type',
      { type: 'document', source: { type: 'base64', media_type: 'text/html', data: 'aGk=' } },
      /media_type/,
    ],
  ])('are rejected when the source is %s', async (_, block, fragment) => {
    const reply = await post({ messages: [user([block, REPEAT])] });
    expect(reply.status).toBe(/not found/.test(reply.json.error.message) ? 404 : 400);
    expect(reply.json.error.message).toMatch(fragment);
  });

  it('are rejected, not dropped, by an endpoint without documents', async () => {
    const reply = await client({ features: { documents: false } }).post({ messages: [user([plain('x'), REPEAT])] });
    expect([reply.status, reply.json.error.message]).toEqual([
      400,
      expect.stringMatching(/does not support documents/),
    ]);
  });

  it('may not stand in assistant messages under 2026-10-21', async () => {
    const body = { messages: [user('a'), assistant([plain('x')]), user('b')] };
    expect((await post(body)).status).toBe(200);
    expect((await post(body, { 'anthropic-version': '2026-10-21' })).status).toBe(400);
  });
});

describe('citations', () => {
  const citationsOf = async (...blocks: unknown[]) => {
    const { json } = await post({ messages: [user(blocks)] });
    return json.content[0].citations;
  };

  it('of plain text give characters', async () => {
    const [citation] = await citationsOf(
      plain('Nothing.', { ...cited, title: 'None' }),
      plain(GRASS, { ...cited, title: 'Nature' }),
      SKY,
    );
    expect(citation).toEqual({
      type: 'char_location',
      cited_text: 'The sky is blue.',
      document_index: 1,
      document_title: 'Nature',
      start_char_index: 20,
      end_char_index: 36,
      file_id: null,
    });
    expect(GRASS.slice(citation.start_char_index, citation.end_char_index)).toBe(citation.cited_text);
  });

  it('of a PDF give pages, from 1 with an exclusive end', async () => {
    const [citation] = await citationsOf(paged(pdf(['The grass is green.', 'The sky is blue.']), cited), SKY);
    expect(citation).toMatchObject({
      type: 'page_location',
      cited_text: 'The sky is blue.',
      start_page_number: 2,
      end_page_number: 3,
    });
  });

  it('of content and search results give blocks', async () => {
    const blocks = [text('The grass is green.'), text('The sky is blue.')];
    expect((await citationsOf(content(blocks, cited), SKY))[0]).toMatchObject({
      type: 'content_block_location',
      start_block_index: 1,
      end_block_index: 2,
    });
    expect((await citationsOf(search('The grass is green.', 'The sky is blue.'), SKY))[0]).toEqual({
      type: 'search_result_location',
      cited_text: 'The sky is blue.',
      search_result_index: 0,
      source: 'https://example.com/a',
      title: 'A',
      start_block_index: 1,
      end_block_index: 2,
    });
  });

  it('belong to short answers too', async () => {
    const [citation] = await citationsOf(plain('The code word is HERON.', cited), REPEAT);
    expect(citation.cited_text).toBe('The code word is HERON.');
  });

  it('are absent unless the request enables them', async () => {
    expect(await citationsOf(plain(GRASS), SKY)).toBeUndefined();
  });

  it('arrive in streams as deltas of their text block', async () => {
    const body = { messages: [user([plain(GRASS, cited), SKY])] };
    const whole = await post(body);
    const events = eventsOf((await post({ ...body, stream: true })).text);
    expect(events.map((event) => event.delta?.type)).toContain('citations_delta');
    expect(events[1].content_block).toEqual({ type: 'text', text: '', citations: [] });
    expect(accumulate(events).content).toEqual(whole.json.content);
  });

  it('can be sent back', async () => {
    const body = { messages: [user([plain(GRASS, cited), SKY])] };
    const { json } = await post(body);
    const again = await post({ messages: [...body.messages, assistant(json.content), user('Thanks.')] });
    expect(again.status).toBe(200);
  });

  it('are for all documents or none, and not for structured answers', async () => {
    const some = await post({ messages: [user([plain('a', cited), plain('b'), SKY])] });
    expect([some.status, some.json.error.message]).toEqual([400, expect.stringMatching(/on all documents/)]);
    const format = { type: 'json_schema', schema: { type: 'object', properties: {}, additionalProperties: false } };
    const structured = await post({ output_config: { format }, messages: [user([plain('a', cited), SKY])] });
    expect(structured.status).toBe(400);
  });

  it('on user text are rejected under 2026-10-21', async () => {
    const citation = {
      type: 'char_location',
      cited_text: 'a',
      document_index: 0,
      document_title: null,
      start_char_index: 0,
      end_char_index: 1,
    };
    const body = { messages: [user([plain('abc'), { ...text('hello'), citations: [citation] }])] };
    expect((await post(body)).status).toBe(200);
    expect((await post(body, { 'anthropic-version': '2026-10-21' })).status).toBe(400);
  });
});

describe('files', () => {
  const upload = (
    api: ReturnType<typeof client>,
    body: string | Uint8Array<ArrayBuffer>,
    name: string,
    type: string,
    more: Record<string, string> = {},
  ) => {
    const form = new FormData();
    form.set('file', new File([body], name, { type }));
    for (const [key, value] of Object.entries(more)) form.set(key, value);
    return api.send('/v1/files', { body: form });
  };

  it('are uploaded, listed, described, used and deleted', async () => {
    const api = client({ now: () => Date.UTC(2026, 9, 21) });
    const { status, json: file } = await upload(api, 'The code word is HERON.', 'a.txt', 'text/plain');
    expect(status).toBe(200);
    expect(file).toEqual({
      id: expect.stringMatching(/^file_\w+$/),
      type: 'file',
      filename: 'a.txt',
      mime_type: 'text/plain',
      size_bytes: 23,
      created_at: '2026-10-21T00:00:00.000Z',
      downloadable: false,
      expires_at: null,
    });
    expect((await api.send(`/v1/files/${file.id}`, { method: 'GET' })).json).toEqual(file);
    expect((await api.send('/v1/files', { method: 'GET' })).json).toEqual({ data: [file], next_page: null });
    expect(await api.ask([{ type: 'document', source: { type: 'file', file_id: file.id } }, REPEAT])).toBe('HERON');
    const content = await api.send(`/v1/files/${file.id}/content`, { method: 'GET' });
    expect([content.status, content.json.error.details]).toEqual([400, { error_code: 'file_not_downloadable' }]);
    const deleted = await api.send(`/v1/files/${file.id}`, { method: 'DELETE' });
    expect(deleted.json).toEqual({ id: file.id, type: 'file_deleted' });
    expect((await api.send(`/v1/files/${file.id}`, { method: 'GET' })).status).toBe(404);
  });

  it('may be pictures', async () => {
    const api = client();
    const bytes = new Uint8Array(Buffer.from(square.png([255, 0, 0]), 'base64'));
    const { json: file } = await upload(api, bytes, 'a.png', 'image/png');
    const block = { type: 'image', source: { type: 'file', file_id: file.id } };
    expect(await api.ask([block, text('Which colour? One word.')])).toBe('red');
  });

  it('come in pages', async () => {
    const api = client();
    for (const name of ['a', 'b', 'c']) await upload(api, name, `${name}.txt`, 'text/plain');
    const names: string[] = [];
    let page = '';
    do {
      const { json } = await api.send(`/v1/files?limit=1${page && `&page=${page}`}`, { method: 'GET' });
      names.push(...json.data.map((file: { filename: string }) => file.filename));
      page = json.next_page;
    } while (page);
    expect(names).toEqual(['c.txt', 'b.txt', 'a.txt']);
  });

  it('expire', async () => {
    let now = 0;
    const api = client({ now: () => now });
    const { json: file } = await upload(api, 'x', 'a.txt', 'text/plain', { expires_in_seconds: '3600' });
    expect(file.expires_at).toBe('1970-01-01T01:00:00.000Z');
    now = 3_600_000;
    const gone = await api.send(`/v1/files/${file.id}`, { method: 'GET' });
    expect([gone.status, gone.json.error.details]).toEqual([404, { error_code: 'file_expired' }]);
  });

  it('are rejected without a multipart form', async () => {
    const form = new FormData();
    form.set('other', 'x');
    expect((await send('/v1/files', { body: form })).json.error.message).toBe('file: Field required');
    expect((await send('/v1/files', { body: {} })).status).toBe(400);
    expect((await upload(client(), 'x', 'a.txt', 'text/plain', { expires_in_seconds: '1' })).status).toBe(400);
  });
});

describe('a hostile PDF', () => {
  const source = (objects: string) => Buffer.from(`%PDF-1.4\n${objects}\ntrailer`, 'latin1');
  const page = (contents: string) => `1 0 obj << /Type /Page /Contents ${contents} >> endobj`;
  const stream = (data: Buffer, filter = '/Filter /FlateDecode') =>
    `2 0 obj << ${filter} >> stream\n${data.toString('latin1')}\nendstream endobj`;

  it('does not unpack beyond the budget', () => {
    const budget = new Budget(1_000_000);
    const bomb = deflateSync(Buffer.from(`(${'x'.repeat(20_000_000)}) Tj`));
    expect(readPdf(source(`${page('2 0 R')} ${stream(bomb)}`), budget)).toEqual(['']);
    expect(budget.left, 'what was tried is spent').toBe(0);
  });

  it('spends the budget once for a stream that many pages show', () => {
    const budget = new Budget(1_000_000);
    const data = deflateSync(Buffer.from(`(${'x'.repeat(100_000)}) Tj`));
    const pages = Array.from({ length: 50 }, (_, index) => page('2 0 R').replace('1 0 obj', `${index + 3} 0 obj`));
    const texts = readPdf(source(`${pages.join('\n')} ${stream(data)}`), budget)!;
    expect(budget.left).toBeGreaterThan(800_000);
    expect(texts).toHaveLength(50);
    const shown = texts.reduce((sum, text) => sum + text.length, 0);
    expect(shown, 'and all pages together show a bounded text').toBe(2_000_000);
  });

  it.each<[string, string, string[]]>([
    ['with nested parentheses', `${page('2 0 R')} ${stream(Buffer.from('(a (b) c) Tj (d\\)) Tj'), '')}`, ['a (b) cd)']],
    ['with an open text', `${page('2 0 R')} ${stream(Buffer.from('(never closed'), '')}`, ['']],
    ['without the object of its contents', page('[9 0 R 8 0 R]'), ['']],
    ['whose list of contents is not closed', '1 0 obj << /Type /Page /Contents [ 2 0 R endobj', ['']],
    ['without an end of its object', '1 0 obj << /Type /Page', []],
    ['with broken compression', `${page('2 0 R')} ${stream(Buffer.from('nothing deflated'))}`, ['']],
  ])('is read as far as it goes: one %s', (_, objects, texts) => {
    expect(readPdf(source(objects), new Budget(1_000_000))).toEqual(texts);
  });
});
