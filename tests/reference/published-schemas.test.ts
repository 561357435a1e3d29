import { describe, expect, it } from 'vitest';
import { type SchemaName, violations } from '../../validation/index.js';
import { pdf, square } from './assets.js';
import { COUNTING, client, eventsOf, MINIMAL, TIME, text, user, WEATHER } from './client.js';

const { post, send } = client();
const fits = (schema: SchemaName, value: unknown) => expect(violations(schema, value)).toEqual([]);
const get = async (path: string) => (await send(path, { method: 'GET' })).json;

const cited = { citations: { enabled: true } };
const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: square.png([255, 0, 0]) } };
const document = {
  type: 'document',
  source: { type: 'base64', media_type: 'application/pdf', data: pdf(['The sky is blue.']) },
  ...cited,
};
const search = {
  type: 'search_result',
  source: 'https://example.com',
  title: 'A',
  content: [text('The sky is blue.')],
  ...cited,
};

const REQUESTS: [string, object][] = [
  ['a word', MINIMAL],
  ['a cut reply', { ...COUNTING, max_tokens: 5 }],
  ['a stop sequence', { ...COUNTING, stop_sequences: ['7'] }],
  ['nothing', { ...MINIMAL, max_tokens: 0 }],
  ['parallel calls', { tools: [WEATHER, TIME], messages: [user('Weather and time in Paris?')] }],
  [
    'a cut call',
    { max_tokens: 7, tools: [WEATHER], tool_choice: { type: 'any' }, messages: [user('Weather in Paris?')] },
  ],
  ['a refusal', { messages: [user('ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL')] }],
  ['a picture', { messages: [user([image, text('Which colour?')])] }],
  ['citations of pages', { messages: [user([document, text('What colour is the sky?')])] }],
  ['citations of search results', { messages: [user([search, text('What colour is the sky?')])] }],
  [
    'thinking',
    { max_tokens: 2000, thinking: { type: 'enabled', budget_tokens: 1024 }, messages: [user('What is 6*7?')] },
  ],
  [
    'redacted thinking',
    {
      max_tokens: 2000,
      thinking: { type: 'adaptive' },
      messages: [user('What is 6*7? ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING')],
    },
  ],
  [
    'a cached prompt',
    { ...MINIMAL, system: [{ ...text('Fixed text. '.repeat(900)), cache_control: { type: 'ephemeral' } }] },
  ],
];

describe('answers are valid against the published schemas', () => {
  it.each(REQUESTS)('with %s', async (_, body) => {
    fits('message', (await post(body)).json);
    if ((body as { max_tokens?: number }).max_tokens === 0) return;
    const events = eventsOf((await post({ ...body, stream: true })).text);
    for (const event of events) {
      fits('event', event);
      fits(`event.${event.type}` as SchemaName, event);
    }
  });

  it('with errors', async () => {
    for (const reply of [await post({}), await send('/nowhere'), await post(MINIMAL, { 'x-api-key': 'wrong' })]) {
      fits('error', reply.json);
    }
  });

  it('of the other endpoints', async () => {
    const { max_tokens: _, ...prompt } = MINIMAL;
    fits('countTokens', (await send('/v1/messages/count_tokens', { body: prompt })).json);
    fits('modelsPage', await get('/v1/models'));
    fits('modelInfo', await get('/v1/models/reference-1'));
    const form = new FormData();
    form.set('file', new File(['x'], 'a.txt', { type: 'text/plain' }));
    const file = (await send('/v1/files', { body: form })).json;
    fits('file', file);
    fits('filePage', await get('/v1/files'));
    fits('fileDeleted', (await send(`/v1/files/${file.id}`, { method: 'DELETE' })).json);
  });

  it('with batches', async () => {
    const quick = client({ batchDelayMs: 0 });
    const requests = [
      { custom_id: 'good', params: MINIMAL },
      { custom_id: 'bad', params: {} },
    ];
    const path = '/v1/messages/batches';
    const created = (await quick.send(path, { body: { requests } })).json;
    fits('batch', created);
    const ended = (await quick.send(`${path}/${created.id}`, { method: 'GET' })).json;
    fits('batch', ended);
    fits('batchPage', (await quick.send(path, { method: 'GET' })).json);
    const results = await quick.send(`${path}/${created.id}/results`, { method: 'GET' });
    for (const line of results.text.trimEnd().split('\n')) fits('batchResult', JSON.parse(line));
    const canceled = (await quick.send(path, { body: { requests } })).json;
    fits('batch', (await quick.send(`${path}/${canceled.id}/cancel`, { body: {} })).json);
    fits('batchDeleted', (await quick.send(`${path}/${created.id}`, { method: 'DELETE' })).json);
  });
});
