/**
 * The tap beside a bare pass-through on node:http, each in a process of its own, in front of the same server: added latency at 50
 * concurrent streams, throughput, and memory over a stream of 1 GiB. `benchTap()` gives the rows of `npm run bench`.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(import.meta.url);
const cli = fileURLToPath(new URL('../../dist/runner/cli.js', import.meta.url));

const STREAMS = 50;
const EVENTS = 60;
const PACE_MS = 20;
/** Events of a stream that is sent as fast as it can be. */
const FAST_EVENTS = 400;
const MIB = 1024 * 1024;
/** Length of the stream over which memory has to be flat, and of the one before it, which brings the process to its working size. */
const LONG_MIB = 1024;
const WARM_MIB = 128;

const event = (type, data) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
const HEAD =
  event('message_start', {
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 9, output_tokens: 1 },
    },
  }) + event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
const delta = (text) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } });
const TAIL =
  event('content_block_stop', { index: 0 }) +
  event('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 60 } }) +
  event('message_stop', {});

/** The server: its path says how it streams. */
function serve() {
  const server = createServer((incoming, response) => {
    incoming.resume();
    incoming.on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': 'req_1' });
      if (incoming.url.startsWith('/huge')) return huge(response, Number(incoming.url.split('?')[1]) * MIB);
      response.write(HEAD);
      if (incoming.url.includes('pace')) paced(response);
      else {
        for (let index = 0; index < FAST_EVENTS; index += 1) response.write(delta(`word ${index} `));
        response.end(TAIL);
      }
    });
  });
  listen(server);
}

/** Each event says when it was written, by the clock of the machine. */
function paced(response) {
  let sent = 0;
  const timer = setInterval(() => {
    response.write(delta(`@${process.hrtime.bigint()}@`));
    sent += 1;
    if (sent < EVENTS) return;
    clearInterval(timer);
    response.end(TAIL);
  }, PACE_MS);
}

function huge(response, size) {
  const piece = Buffer.from(delta('x'.repeat(900)).repeat(64));
  let left = size;
  const write = () => {
    while (left > 0) {
      left -= piece.length;
      if (!response.write(piece)) return response.once('drain', write);
    }
    response.end();
  };
  response.write(HEAD, write);
}

/** What the tap is compared with: node:http and nothing else. */
function bare(upstream) {
  const { hostname, port } = new URL(upstream);
  const agent = new Agent({ keepAlive: true });
  listen(
    createServer((incoming, response) => {
      const outgoing = request(
        { hostname, port, agent, method: incoming.method, path: incoming.url, headers: incoming.headers },
        (answer) => {
          response.writeHead(answer.statusCode, answer.headers);
          answer.pipe(response);
        },
      );
      outgoing.on('error', () => response.destroy());
      incoming.pipe(outgoing);
    }),
  );
}

/** A busy machine takes longer than Node's five seconds between two requests of a connection. */
function listen(server) {
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1', () => process.stdout.write(`http://127.0.0.1:${server.address().port}\n`));
}

/** Starts a process and resolves with its address, which is in what it prints first. */
function start(args) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (data) => {
      text += data;
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
      if (url && text.includes('\n')) resolve({ child, url, pid: child.pid, ended });
    });
    child.once('exit', (code) => reject(new Error(`${args.join(' ')}: exit ${code}`)));
  });
}

/** One request; `onData` gets its pieces. Resolves with the number of bytes. */
function get(url, path, agent, onData = () => {}) {
  const body = '{"model":"m","max_tokens":100,"stream":true,"messages":[{"role":"user","content":"Count"}]}';
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${url}${path}`,
      {
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json', 'x-api-key': 'k-12345678', 'content-length': body.length },
      },
      (answer) => {
        let bytes = 0;
        answer.on('data', (piece) => {
          bytes += piece.length;
          onData(piece);
        });
        answer.on('end', () => resolve(bytes));
        answer.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Milliseconds from the write of each event at the server to its arrival here, sorted. */
async function latencies(url) {
  const agent = new Agent({ keepAlive: true });
  const found = [];
  const onData = (piece) => {
    const now = process.hrtime.bigint();
    for (const [, at] of piece.toString('latin1').matchAll(/@(\d+)@/g)) found.push(Number(now - BigInt(at)) / 1e6);
  };
  await Promise.all(Array.from({ length: STREAMS }, () => get(url, '/v1/messages?pace', agent, onData)));
  agent.destroy();
  return found.sort((a, b) => a - b);
}

const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

/** Mebibytes a second over so many streams, 50 at a time. */
async function throughput(url, count) {
  const agent = new Agent({ keepAlive: true });
  let left = count;
  let bytes = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: STREAMS }, async () => {
      while (left > 0) {
        left -= 1;
        const received = await get(url, '/v1/messages', agent);
        bytes += received;
      }
    }),
  );
  agent.destroy();
  return bytes / MIB / ((performance.now() - started) / 1000);
}

const rssOf = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

const ticksOf = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return Number(fields[11]) + Number(fields[12]);
};

/** Waits until a process computes nothing: the tap still judges the streams before, which is not what the next one needs. */
async function idle(pid) {
  for (let last = -1; last !== ticksOf(pid); ) {
    last = ticksOf(pid);
    await sleep(500);
  }
}

/** Growth of a process in MiB while a stream of 1 GiB passes, against its size after a shorter one. */
async function growth({ url, pid }) {
  const agent = new Agent();
  await get(url, `/huge?${WARM_MIB}`, agent);
  await idle(pid);
  const before = rssOf(pid);
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, rssOf(pid));
  }, 50);
  const started = performance.now();
  const bytes = await get(url, `/huge?${LONG_MIB}`, agent);
  const seconds = (performance.now() - started) / 1000;
  clearInterval(watch);
  return { growth: most - before, seconds, bytes };
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** Rows for `npm run bench`. */
export async function benchTap(rounds = 3) {
  const scratch = mkdtempSync(join(tmpdir(), 'bench-tap-'));
  const server = await start([here, 'serve']);
  const plain = await start([here, 'bare', server.url]);
  const tap = await start([
    cli,
    'tap',
    '--upstream',
    server.url,
    '--port',
    '0',
    '--quiet',
    '--no-color',
    '--out',
    join(scratch, 'record.ndjson'),
    '--report',
    join(scratch, 'report'),
  ]);
  try {
    for (const { url } of [server, plain, tap]) {
      await latencies(url);
      await throughput(url, 100);
    }
    const rows = [];
    const row = (what, figure, unit, limit) => rows.push({ what, figure, unit, limit });
    const direct = [];
    const measured = { bare: [], tap: [] };
    for (let round = 0; round < rounds; round += 1) {
      direct.push(await latencies(server.url));
      measured.bare.push(await latencies(plain.url));
      measured.tap.push(await latencies(tap.url));
    }
    for (const [name, limits] of [
      ['bare', [null, null]],
      ['tap', [1, 5]],
    ]) {
      for (const [index, share] of [0.5, 0.99].entries()) {
        const added = measured[name].map((list, round) => quantile(list, share) - quantile(direct[round], share));
        row(`${name}: added latency, p${share * 100}, ${STREAMS} streams`, median(added), 'ms', limits[index]);
      }
    }
    const speeds = { bare: [], tap: [] };
    for (let round = 0; round < rounds; round += 1) {
      speeds.bare.push(await throughput(plain.url, 400));
      speeds.tap.push(await throughput(tap.url, 400));
    }
    row('bare: throughput', median(speeds.bare), 'MiB/s', null);
    row('tap: throughput', median(speeds.tap), 'MiB/s', median(speeds.bare) * 0.6);
    const bareGrowth = await growth(plain);
    const tapGrowth = await growth(tap);
    row('bare: memory over 1 GiB', bareGrowth.growth, 'MiB', null);
    row('tap: memory over 1 GiB', tapGrowth.growth, 'MiB', 20);
    row('bare: 1 GiB', bareGrowth.seconds, 's', null);
    row('tap: 1 GiB', tapGrowth.seconds, 's', bareGrowth.seconds / 0.6);
    return rows;
  } finally {
    for (const { child, ended } of [tap, plain, server]) {
      child.kill();
      await ended;
    }
    rmSync(scratch, { recursive: true, force: true });
  }
}

if (process.argv[1] === here) {
  if (process.argv[2] === 'serve') serve();
  else if (process.argv[2] === 'bare') bare(process.argv[3]);
  else
    for (const { what, figure, unit, limit } of await benchTap())
      console.log(what.padEnd(48), figure.toFixed(2), unit, limit === null ? '' : `(${limit.toFixed(2)})`);
}
