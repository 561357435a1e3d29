/** Shows that the msw handlers answer like the endpoint on a socket, with each fault and each conformant variant. */

import { setupServer } from 'msw/node';
import { FAULTS, messagesEndpoint, VARIANTS } from '../reference/msw.js';
import type { EndpointOptions } from '../reference/options.js';
import { startEndpoint } from '../reference/serve.js';
import { variantOptions } from '../reference/variants/index.js';

/** A fault or a variant, and the endpoint that has it. */
export interface MswSubject {
  kind: 'fault' | 'variant';
  id: string;
  options: EndpointOptions;
}

/** What came of one subject. */
export interface MswTrial {
  subject: MswSubject;
  /** Where the answers differ, one sentence each. Empty: as it has to be. */
  differences: readonly string[];
}

/** Two compress an id that differs from call to call. With the third, Node's `fetch` sometimes hangs on a socket. */
const SET_APART = ['compressed-unlabelled', 'error-message-compressed', 'compression-mislabelled'];

/** Everything that needs no socket. */
export const MSW_SUBJECTS: readonly MswSubject[] = [
  ...FAULTS.filter(({ id, socket }) => !socket && !SET_APART.includes(id)).map(({ id }) => ({
    kind: 'fault' as const,
    id,
    options: { faults: [id] },
  })),
  ...VARIANTS.filter(({ socket, connection }) => !socket && !connection).map((variant) => ({
    kind: 'variant' as const,
    id: variant.id,
    options: variantOptions(variant),
  })),
];

const BASE = 'https://api.reference.test';
const HEADERS = { 'x-api-key': 'msw-key', 'anthropic-version': '2023-06-01', 'accept-encoding': 'gzip' };
const user = (content: string) => ({ role: 'user', content });
const MINIMAL = { model: 'reference-1', max_tokens: 16, messages: [user('Reply with the single word Café.')] };
const COUNTING = {
  model: 'reference-1',
  max_tokens: 160,
  messages: [user('Count from 1 to 40. Write only the numbers separated by a comma and a space.')],
};
const TIME = {
  name: 'get_time',
  description: 'Tells the time of a city.',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

const REQUESTS: readonly [path: string, body: object | null][] = [
  ['/v1/messages', MINIMAL],
  ['/v1/messages', { ...COUNTING, max_tokens: 12, stream: true }],
  ['/v1/messages', { ...COUNTING, tools: [TIME], tool_choice: { type: 'any' }, stream: true }],
  ['/v1/messages', { ...MINIMAL, max_tokens: undefined, stream: true }],
  ['/v1/models', null],
  ['/v1/nothing', null],
];

const quick = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => (milliseconds > 1_000 ? setTimeout(resolve, 5) : setImmediate(resolve)));

/** Tries one subject after another: handlers of one process share the place of `fetch`. */
export async function proveMsw(subjects: readonly MswSubject[]): Promise<MswTrial[]> {
  // Taken before msw takes its place: what leaves for a socket costs twice as much on its way through msw.
  const plainFetch = globalThis.fetch;
  const endpoint = messagesEndpoint({ baseUrl: BASE, sleep: quick });
  const server = setupServer(...endpoint.handlers);
  server.listen({ onUnhandledRequest: 'bypass' });
  try {
    const trials: MswTrial[] = [];
    for (const subject of subjects) {
      endpoint.reset();
      if (subject.kind === 'fault') endpoint.useFaults(subject.id);
      else endpoint.useVariants(subject.id);
      const onSocket = await startEndpoint({ ...subject.options, sleep: quick });
      const [expected, actual] = await Promise.all([seen(onSocket.url, plainFetch), seen(BASE, fetch)]).finally(
        onSocket.close,
      );
      const differences = actual.flatMap((answer, index) =>
        answer === expected[index] ? [] : [difference(answer, expected[index]!)],
      );
      trials.push({ subject, differences });
    }
    return trials;
  } finally {
    server.close();
  }
}

/** Everything that a client sees of the answers, without what differs from call to call. */
async function seen(base: string, send: typeof fetch): Promise<string[]> {
  const all: string[] = [];
  for (const [path, body] of REQUESTS) {
    const init = body
      ? { method: 'POST', body: JSON.stringify(body), headers: { ...HEADERS, 'content-type': 'application/json' } }
      : { headers: HEADERS };
    const response = await send(`${base}${path}`, { ...init, redirect: 'manual' });
    const text = await response.text().catch((error: Error) => `${error.name}: ${error.message}`);
    const type = response.headers.get('content-type');
    all.push(`${path}: ${response.status} ${type} ${unvarying(text)}`);
  }
  return all;
}

const unvarying = (text: string): string =>
  text
    .replace(/\\u([\da-f]{4})/g, (_escape, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/\b(req|msg|toolu|msgbatch)_\w+/g, '$1')
    .replace(/\b[\da-f]{8}-[\da-f-]{27}\b/g, 'uuid')
    .replace(/"(partial_json|signature)":"[^"]*"/g, '')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time');

function difference(actual: string, expected: string): string {
  const at = [...actual].findIndex((sign, index) => sign !== expected[index]);
  const from = Math.max(0, at - 40);
  return `${actual.slice(from, at + 80)} instead of ${expected.slice(from, at + 80)}`;
}
