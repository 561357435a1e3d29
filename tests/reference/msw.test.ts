import Anthropic from '@anthropic-ai/sdk';
import { http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEndpoint } from '../../reference/endpoint.js';
import { KEY, MINIMAL } from './client.js';

const endpoint = createEndpoint({ apiKey: KEY });
const server = setupServer(http.all('https://api.reference.test/*', ({ request }) => endpoint.fetch(request)));
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterAll(() => server.close());

it('the endpoint serves msw, where the official client meets it without a port', async () => {
  const official = new Anthropic({ apiKey: KEY, baseURL: 'https://api.reference.test' });
  const messages = [{ role: 'user' as const, content: 'Reply with the single word ok.' }];
  const whole = await official.messages.create({ ...MINIMAL, messages });
  const streamed = await official.messages.stream({ ...MINIMAL, messages }).finalMessage();
  expect([whole.content, streamed.content]).toEqual([[{ type: 'text', text: 'ok' }], [{ type: 'text', text: 'ok' }]]);
});
