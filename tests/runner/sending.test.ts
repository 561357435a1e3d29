import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Sending } from '../../core/fixture.js';
import { type Bounds, type Network, openNetwork } from '../../runner/send/network.js';
import { padded } from '../../runner/send/sending.js';

const BOUNDS: Bounds = { timeoutMs: 60_000, maxBytes: 200_000, lingerMs: 60_000 };
const open: { server: Server; network: Network }[] = [];

afterEach(async () => {
  for (const { server, network } of open.splice(0)) {
    await network.close();
    await new Promise((resolve) => server.close(resolve));
  }
});

interface Seen {
  request: IncomingMessage;
  body: string;
}

/** Sends one request to a server of this process; what the server got, and the status of its answer. */
async function send(
  sending: Sending,
  body: string,
  prepare: (server: Server, answer: RequestListener) => void = () => {},
) {
  const seen: Seen[] = [];
  const answer: RequestListener = async (request, response) => {
    let text = '';
    for await (const piece of request) text += String(piece);
    seen.push({ request, body: text });
    response.end('{}');
  };
  const server = createServer(answer);
  prepare(server, answer);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const network = openNetwork();
  open.push({ server, network });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/messages`;
  const headers = { 'content-type': 'application/json', 'x-api-key': 'k' };
  const { response } = await network.send({ method: 'POST', url, headers, body, stream: false, sending }, BOUNDS);
  return { status: response?.status, ...seen[0] };
}

const BODY = JSON.stringify({ text: 'Zürich '.repeat(40) });

describe('a request that travels in another way', () => {
  it('comes in chunks', async () => {
    const { request, body } = await send({ chunked: true }, BODY);
    expect(request?.headers).toMatchObject({ 'transfer-encoding': 'chunked' });
    expect(request?.headers).not.toHaveProperty('content-length');
    expect(body).toBe(BODY);
  });

  it('waits for 100 Continue, and still says how long its body is', async () => {
    let continued = false;
    const { request, body } = await send({ expectContinue: true }, BODY, (server, answer) =>
      server.on('checkContinue', (incoming, response) => {
        continued = true;
        response.writeContinue();
        answer(incoming, response);
      }),
    );
    expect(continued).toBe(true);
    expect(request?.headers).toMatchObject({ 'content-length': String(Buffer.byteLength(BODY)) });
    expect(body).toBe(BODY);
  });

  it('sends its body to a server that never says 100 Continue', async () => {
    const { body } = await send({ expectContinue: true }, BODY, (server, answer) => server.on('checkContinue', answer));
    expect(body).toBe(BODY);
  });

  it('takes a final answer before its body', async () => {
    const { status, body } = await send({ expectContinue: true }, BODY, (server) =>
      server.on('checkContinue', (_request, response) => response.writeHead(417).end()),
    );
    expect({ status, body }).toEqual({ status: 417, body: undefined });
  });

  it('has header names in upper case', async () => {
    const { request } = await send({ upperCaseNames: true, chunked: true, expectContinue: true }, BODY);
    const names = request?.rawHeaders.filter((_, index) => index % 2 === 0) ?? [];
    expect(names).toEqual(expect.arrayContaining(['CONTENT-TYPE', 'X-API-KEY', 'TRANSFER-ENCODING', 'EXPECT']));
  });
});

describe('white space in a body', () => {
  it('fills it up to a number of bytes and leaves its value', () => {
    const long = padded(BODY, { padTo: 2_000 });
    expect(Buffer.byteLength(long)).toBe(2_000);
    expect(JSON.parse(long)).toEqual(JSON.parse(BODY));
  });

  it('leaves a longer body and one that is no object', () => {
    expect(padded(BODY, { padTo: 10 })).toBe(BODY);
    expect(padded('[]', { padTo: 10 })).toBe('[]');
  });
});
