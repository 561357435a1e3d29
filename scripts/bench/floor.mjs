/**
 * What a run cannot cost less than: Node, the same endpoint, the same bodies fired with undici, nothing judged and nothing written.
 * `node floor.mjs REQUESTS.json`
 */
import { readFileSync } from 'node:fs';
import { Pool } from 'undici';
import { startEndpoint } from '../../dist/reference/serve.js';

const CONCURRENCY = 4;

const requests = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const endpoint = await startEndpoint();
const pool = new Pool(endpoint.url, { connections: CONCURRENCY });
let next = 0;
const work = async () => {
  while (next < requests.length) {
    const { method, path, headers, body } = requests[next];
    next += 1;
    // Undici sends neither of the two by a caller's wish.
    for (const name of Object.keys(headers)) if (/^(expect|transfer-encoding)$/i.test(name)) delete headers[name];
    const reply = await pool.request({ method, path, headers, body });
    await reply.body.arrayBuffer();
  }
};
await Promise.all(Array.from({ length: CONCURRENCY }, work));
await pool.close();
await endpoint.close();
