import { startEndpoint } from 'messages-conformance';
import { conformance } from 'messages-conformance/vitest';
import { afterAll } from 'vitest';
import { createApp } from './app.js';

// In place of the real upstream: the reference endpoint.
const upstream = await startEndpoint({ apiKey: 'key-of-the-upstream' });
afterAll(() => upstream.close());
const app = createApp({ upstream: upstream.url, upstreamKey: 'key-of-the-upstream' });

// No port is opened for the app: each request is a call of app.fetch.
conformance({ app, model: 'reference-1', profiles: ['core', 'tools', 'errors', 'agent'] });
