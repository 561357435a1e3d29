import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEndpoint } from '../../../reference/create-endpoint.js';
import { conformance } from '../../../runner/vitest/index.js';

const baseline = join(tmpdir(), `messages-conformance-known-${process.pid}.json`);
const known = [
  { id: 'stream.order.message-stop-last', reason: 'the proxy drops it, issue 12' },
  { id: 'resp.id', reason: 'fixed long ago' },
];
writeFileSync(baseline, JSON.stringify({ known }));

const { fetch } = createEndpoint({ apiKey: 'a-key-of-this-case', faults: ['message-stop-missing'] });
conformance({
  app: fetch,
  apiKey: 'a-key-of-this-case',
  model: 'reference-1',
  only: known.map(({ id }) => id),
  baseline,
});
