import { getResponse } from 'msw';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { messagesEndpoint } from '../../reference/msw.js';
import { type RunningEndpoint, startEndpoint } from '../../reference/serve.js';
import { type RunResult, run } from '../../runner/index.js';

const BASE = 'https://api.reference.test';
const KEY = 'the-key-of-this-run';
const endpoint = messagesEndpoint({ baseUrl: BASE, apiKey: KEY });
const statuses = new Map<string, number>();

/** Hands a request that came through a socket to the handlers, and remembers how they answer it. */
async function relay(request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const number = String(statuses.size);
  statuses.set(number, 0);
  const headers = new Headers(request.headers);
  headers.set('x-number', number);
  const body = request.body && (await request.arrayBuffer());
  const { method, signal } = request;
  const moved = new Request(`${BASE}${pathname}${search}`, { method, headers, body, signal });
  const response = (await getResponse(endpoint.handlers, moved)) ?? Response.error();
  statuses.set(number, response.status);
  if (!pathname.startsWith('/v1/messages/batches')) return response;
  return new Response((await response.text()).replaceAll(BASE, relayed.url), response);
}

let relayed: RunningEndpoint;
let result: RunResult;
beforeAll(async () => {
  relayed = await startEndpoint({ alterations: { request: relay } });
  result = await run({ url: relayed.url, model: 'reference-1', apiKey: KEY });
});
afterAll(() => relayed.close());

it('a run finds no failure in the answers of the handlers', () => {
  const broken = result.report.results.filter(({ verdict }) => verdict === 'fail' || verdict === 'error');
  expect(broken.map(({ id }) => id)).toEqual([]);
  expect(result.report.summary.pass).toBeGreaterThan(100);
});

it('exactly the rejected requests of a run are reported as invalid', () => {
  const unlike = endpoint.requests.flatMap(({ method, path, headers, violations }) => {
    const rejected = statuses.get(headers['x-number']!)! >= 400;
    // Whether a thread exists is no matter of form.
    const ofThread = headers['anthropic-beta']?.startsWith('message-threads-') && violations.length === 0;
    return rejected === violations.length > 0 || ofThread
      ? []
      : [`${method} ${path}: ${rejected ? 'rejected' : violations.join('; ')}`];
  });
  expect(unlike.filter((line) => !ELSEWHERE.some((place) => place.test(line)))).toEqual([]);
});

/** Ids and pages are not checked. Requests inside a batch are, and their results report the rejection. */
const ELSEWHERE = [
  /^(GET|DELETE) \/v1\/(messages\/batches\/|files\/|models[/?]).*: rejected$/,
  /^POST \/v1\/messages\/batches: in \/requests\/\d+\/params, /,
];
