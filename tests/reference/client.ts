import { createEndpoint } from '../../reference/create-endpoint.js';
import type { Endpoint } from '../../reference/endpoint.js';
import type { EndpointOptions } from '../../reference/options.js';

export const KEY = 'test-key';
const MODEL = 'reference-1';

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at as they come
export type Answer = any;

export interface Reply {
  status: number;
  headers: Headers;
  /** The body as text. */
  text: string;
  /** The body as JSON; `undefined` if it is not JSON. */
  json: Answer;
}

/** Sends one request straight to an endpoint's fetch function. */
export async function send(
  endpoint: Endpoint,
  path: string,
  {
    method = 'POST',
    body,
    headers = {},
  }: { method?: string; body?: unknown; headers?: Record<string, string | null> } = {},
): Promise<Reply> {
  const all = { 'x-api-key': KEY, 'anthropic-version': '2023-06-01', 'content-type': 'application/json', ...headers };
  const sent = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null);
  const isRaw = typeof body === 'string' || body instanceof Uint8Array || body instanceof FormData;
  const response = await endpoint.fetch(
    new Request(`http://reference.test${path}`, {
      method,
      headers: body instanceof FormData ? sent.filter(([name]) => name !== 'content-type') : sent,
      ...(body !== undefined && { body: isRaw ? (body as BodyInit) : JSON.stringify(body) }),
    }),
  );
  const text = await response.text();
  let json: Answer;
  try {
    json = JSON.parse(text);
  } catch {}
  return { status: response.status, headers: response.headers, text, json };
}

/** An endpoint and shorthands for talking to it. */
export function client(options: EndpointOptions = {}) {
  const endpoint = createEndpoint({ apiKey: KEY, ...options });
  return {
    endpoint,
    send: (path: string, init?: Parameters<typeof send>[2]) => send(endpoint, path, init),
    /** Posts a message request; model and limit have defaults. */
    post: (body: object, headers?: Record<string, string | null>) =>
      send(endpoint, '/v1/messages', { body: { model: MODEL, max_tokens: 300, ...body }, headers }),
    /** The text of the answer to one user message. */
    async ask(content: unknown, more: object = {}): Promise<string> {
      const reply = await send(endpoint, '/v1/messages', {
        body: { model: MODEL, max_tokens: 300, messages: [user(content)], ...more },
      });
      if (reply.status !== 200) throw new Error(`expected 200, got ${reply.status}: ${reply.text}`);
      return textOf(reply.json);
    },
  };
}

export const user = (content: unknown) => ({ role: 'user', content });
export const assistant = (content: unknown) => ({ role: 'assistant', content });
export const text = (value: string) => ({ type: 'text', text: value });
export const toolUse = (id: string, name = 'get_weather', input: object = { city: 'Paris' }) => ({
  type: 'tool_use',
  id,
  name,
  input,
});
export const toolResult = (id: string, content?: unknown, more: object = {}) => ({
  type: 'tool_result',
  tool_use_id: id,
  ...(content !== undefined && { content }),
  ...more,
});

const cityTool = (name: string, description: string) => ({
  name,
  description,
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
});
export const WEATHER = cityTool('get_weather', 'Current weather of a city');
export const TIME = cityTool('get_time', 'Local time in a city');

/** The shortest valid request. */
export const MINIMAL = { model: MODEL, max_tokens: 16, messages: [user('Reply with the single word ok.')] };
export const COUNTING = {
  model: MODEL,
  max_tokens: 160,
  messages: [user('Count from 1 to 40. Write only the numbers separated by a comma and a space.')],
};

export function textOf(message: Answer): string {
  return message.content.flatMap((block: Answer) => (block.type === 'text' ? [block.text] : [])).join('');
}

export function callsOf(message: Answer): Answer[] {
  return message.content.filter((block: Answer) => block.type === 'tool_use');
}

/** The data of every frame of an event stream whose frames are exactly one event and one data line. */
export function eventsOf(stream: string): Answer[] {
  const frames = stream.split('\n\n');
  if (frames.pop() !== '') throw new Error('the last frame is not closed by an empty line');
  return frames.map((frame) => {
    const match = /^event: (.+)\ndata: (.+)$/.exec(frame);
    if (!match) throw new Error(`not an event and a data line: ${JSON.stringify(frame)}`);
    const data = JSON.parse(match[2]!);
    if (data.type !== match[1]) throw new Error(`event ${match[1]} carries data of type ${data.type}`);
    return data;
  });
}

/** The message that a stream adds up to. */
export function accumulate(events: Answer[]): Answer {
  const message = structuredClone(events[0].message);
  for (const event of events) {
    if (event.type === 'content_block_start') {
      message.content[event.index] = structuredClone(event.content_block);
      if (isCall(event.content_block)) message.content[event.index].input = '';
    }
    if (event.type === 'content_block_delta') add(message.content[event.index], event.delta);
    if (event.type === 'content_block_stop' && isCall(message.content[event.index])) {
      const block = message.content[event.index];
      block.input = JSON.parse(block.input || '{}');
    }
    if (event.type === 'message_delta') {
      Object.assign(message, event.delta);
      Object.assign(message.usage, event.usage);
    }
  }
  return message;
}

const isCall = ({ type }: Answer): boolean => type === 'tool_use' || type === 'server_tool_use';

function add(block: Answer, delta: Answer): void {
  if (delta.type === 'text_delta') block.text += delta.text;
  if (delta.type === 'thinking_delta') block.thinking += delta.thinking;
  if (delta.type === 'signature_delta') block.signature += delta.signature;
  if (delta.type === 'input_json_delta') block.input += delta.partial_json;
  if (delta.type === 'citations_delta') block.citations = [...(block.citations ?? []), delta.citation];
}
