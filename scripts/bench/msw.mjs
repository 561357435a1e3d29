/** `node msw.mjs own|canned`: prints the CPU of one request in milliseconds, warm, through msw and `fetch`. */

import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { messagesEndpoint } from '../../dist/reference/msw.js';
import { BODY, requestBody } from './traffic.mjs';

// V8 compiles until about the 5,000th request: before, its work on the code is what a measurement shows.
const WARM = 6000;
const COUNTED = 2000;
const URL = 'https://api.anthropic.com/v1/messages';

const handlers = {
  own: () => messagesEndpoint().handlers,
  canned: () => [
    http.post(URL, async ({ request }) => {
      await request.json();
      return HttpResponse.json(BODY);
    }),
  ],
};

const server = setupServer(...handlers[process.argv[2]]());
server.listen({ onUnhandledRequest: 'error' });
const body = requestBody(false);
const headers = { 'content-type': 'application/json', 'x-api-key': 'k', 'anthropic-version': '2023-06-01' };
const ask = async (count) => {
  for (let index = 0; index < count; index += 1) {
    const reply = await fetch(URL, { method: 'POST', headers, body });
    const message = await reply.json();
    if (message.type !== 'message') throw new Error(JSON.stringify(message));
  }
};
await ask(WARM);
const before = process.cpuUsage();
await ask(COUNTED);
const { user, system } = process.cpuUsage(before);
server.close();
console.log((user + system) / 1000 / COUNTED);
