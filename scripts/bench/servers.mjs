/** What `serve` is compared with, each in a process of its own: `node servers.mjs canned` and `node servers.mjs aimock`. */

import { createServer } from 'node:http';
import { LLMock } from '@copilotkit/aimock';
import { BODY, eventsOf, REPLY, STREAMED } from './traffic.mjs';

/** Reads the body and answers with constant bytes, one write for each event of a stream. */
function canned() {
  const json = JSON.stringify(BODY);
  const events = eventsOf();
  const server = createServer((incoming, response) => {
    const pieces = [];
    incoming.on('data', (piece) => pieces.push(piece));
    incoming.on('end', () => {
      const { stream } = JSON.parse(Buffer.concat(pieces).toString());
      if (!stream) {
        response.writeHead(200, { 'content-type': 'application/json', 'request-id': 'req_1' });
        response.end(json);
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'request-id': 'req_1' });
      for (const event of events) response.write(event);
      response.end();
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
}

/** The same text in as many events. */
async function aimock() {
  const mock = new LLMock({ port: 0, chunkSize: Math.ceil(REPLY.length / STREAMED), logLevel: 'silent' });
  mock.onMessage(/[\s\S]*/, { content: REPLY });
  await mock.start();
  console.log(mock.url);
}

await { canned, aimock }[process.argv[2]]();
