/** Rows about `serve` and the msw handler: CPU of the serving process for a request, and its heap after many requests. */

import { load } from './load.mjs';
import { cli, interleaved, median, script, serving } from './processes.mjs';
import { requestBody } from './traffic.mjs';

const REQUESTS = { json: 3000, stream: 800 };

const SERVERS = {
  serve: [cli, 'serve', '--port', '0', '--quiet'],
  aimock: [script('servers.mjs'), 'aimock'],
  canned: [script('servers.mjs'), 'canned'],
};

const measured = new Map();

/** CPU of a request in milliseconds for every server, warm, in turn; measured once for all rows. */
function costs(transport, runs) {
  if (!measured.has(transport)) measured.set(transport, measureCosts(transport, runs));
  return measured.get(transport);
}

async function measureCosts(transport, runs) {
  const request = { path: '/v1/messages', body: requestBody(transport === 'stream') };
  const count = REQUESTS[transport];
  const names = Object.keys(SERVERS);
  const servers = {};
  const taken = Object.fromEntries(names.map((name) => [name, []]));
  try {
    for (const name of names) servers[name] = await serving(SERVERS[name]);
    for (let run = 0; run <= runs; run += 1) {
      for (const name of names) {
        const before = await servers[name].usage();
        await load(servers[name].url, () => request, count);
        const after = await servers[name].usage();
        if (run > 0) taken[name].push((after.cpu - before.cpu) / count);
      }
    }
  } finally {
    for (const server of Object.values(servers)) await server.stop();
  }
  return Object.fromEntries(names.map((name) => [name, median(taken[name])]));
}

const against = (transport, other, goal) => ({
  id: `serve / ${other}, ${transport}, 50 connections`,
  goal,
  async measure({ runs }) {
    const cost = await costs(transport, runs);
    return {
      ratio: cost.serve / cost[other],
      note: `${cost.serve.toFixed(3)} against ${cost[other].toFixed(3)} ms of CPU a request`,
    };
  },
});

const msw = {
  id: 'msw handler / canned msw handler',
  goal: 1.4,
  measure({ runs }) {
    const { own, canned } = interleaved(
      { own: [script('msw.mjs'), 'own'], canned: [script('msw.mjs'), 'canned'] },
      runs,
    );
    const cost = [own, canned].map(({ output }) => Number(output));
    return {
      ratio: cost[0] / cost[1],
      note: `${cost[0].toFixed(3)} against ${cost[1].toFixed(3)} ms of CPU a request, the client in both`,
    };
  },
};

const FEW = 10_000;
const MANY = 100_000;

/** Messages, prompts that are cached, files and batches, none like another. */
function anything(index) {
  const text = `${index} ${'The river is long and calm. '.repeat(index % 4 === 1 ? 260 : 2)}`;
  const user = { role: 'user', content: 'ok' };
  const common = { model: 'reference-1', max_tokens: 16 };
  const json = (path, body) => ({ path, body: JSON.stringify(body) });
  switch (index % 4) {
    case 0:
      return json('/v1/messages', { ...common, messages: [{ role: 'user', content: text }] });
    case 1: {
      const marked = (part) => ({ type: 'text', text: `${part} ${text}`, cache_control: { type: 'ephemeral' } });
      return json('/v1/messages', { ...common, system: ['a', 'b', 'c', 'd'].map(marked), messages: [user] });
    }
    case 2: {
      const form = `--b\r\ncontent-disposition: form-data; name="file"; filename="${index}.txt"\r\ncontent-type: text/plain\r\n\r\n${text}\r\n--b--\r\n`;
      const headers = { 'content-type': 'multipart/form-data; boundary=b', 'anthropic-beta': 'files-api-2025-04-14' };
      return { path: '/v1/files', headers, body: form };
    }
    default: {
      const params = { ...common, messages: [{ role: 'user', content: text }] };
      return json('/v1/messages/batches', { requests: [{ custom_id: 'one', params }] });
    }
  }
}

const growth = {
  id: `serve, heap after ${MANY} requests / after ${FEW}`,
  goal: 1.02,
  async measure() {
    const server = await serving(['--expose-gc', ...SERVERS.serve]);
    try {
      await load(server.url, anything, FEW);
      const before = await server.usage();
      await load(server.url, (index) => anything(FEW + index), MANY - FEW);
      const after = await server.usage();
      return {
        ratio: after.heap / before.heap,
        note: `${after.heap.toFixed(1)} against ${before.heap.toFixed(1)} MiB; messages, cached prompts, files, batches`,
      };
    } finally {
      await server.stop();
    }
  },
};

export const serveRows = [
  against('json', 'aimock', 1.5),
  against('stream', 'aimock', 2),
  against('json', 'canned', 4),
  against('stream', 'canned', 5),
  msw,
  growth,
];
