import { createEndpoint } from '../../../reference/create-endpoint.js';
import { conformance } from '../../../runner/vitest/index.js';

// A MUST and a SHOULD are violated; on a socket of its own nothing is judged here.
const { fetch } = createEndpoint({
  apiKey: 'a-key-of-this-case',
  faults: ['message-stop-missing', 'request-id-missing'],
});
const only = ['stream.order.message-stop-last', 'hdr.request-id.present', 'stream.http.chunked', 'resp.id'];

conformance({ app: fetch, apiKey: 'a-key-of-this-case', model: 'reference-1', only, title: 'as it is' });
conformance({
  app: { fetch },
  apiKey: 'a-key-of-this-case',
  model: 'reference-1',
  only,
  title: 'strict',
  strict: true,
});
