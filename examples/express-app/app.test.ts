import { startEndpoint } from 'messages-conformance';
import { conformance } from 'messages-conformance/vitest';
import request from 'supertest';
import { afterAll, describe, expect, it } from 'vitest';
import { createApp } from './app.js';

// In place of the real upstream: the reference endpoint.
const upstream = await startEndpoint({ apiKey: 'key-of-the-upstream' });
afterAll(() => upstream.close());
const app = createApp({ upstream: upstream.url, upstreamKey: 'key-of-the-upstream', keys: ['key-of-a-user'] });

// supertest asks single questions about what is yours; conformance asks the rest. Both take the app as it is.
describe('the gateway itself', () => {
  it('is healthy', () => request(app).get('/health').expect(200, { status: 'ok' }));

  it('never accepts the key of the upstream from a user', async () => {
    const { body } = await request(app).post('/v1/messages').set('x-api-key', 'key-of-the-upstream').expect(401);
    expect(body.error.type).toBe('authentication_error');
  });
});

conformance({ app, apiKey: 'key-of-a-user', model: 'reference-1' });
