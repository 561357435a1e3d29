import { setTimeout as pause } from 'node:timers/promises';
import { EventSourceParserStream } from 'eventsource-parser/stream';

export interface Reply {
  text: string;
  calls: { id: string; name: string; input: unknown }[];
  stopReason: string | null;
  outputTokens: number;
}

/** An error, with its type of the protocol where it has one. */
export class ReplyError extends Error {
  constructor(
    readonly type: string,
    message: string,
  ) {
    super(message);
  }
}

/** Requests a stream and reads it to its end. Tries up to three times where a retry may help. */
export async function converse(
  request: object,
  { apiKey, baseUrl = 'https://api.anthropic.com' }: Access,
): Promise<Reply> {
  const headers = { 'x-api-key': apiKey, 'anthropic-version': '2023-06-01', 'content-type': 'application/json' };
  const body = JSON.stringify({ ...request, stream: true });
  for (let tries = 1; ; tries += 1) {
    const response = await fetch(`${baseUrl}/v1/messages`, { method: 'POST', headers, body });
    if (response.headers.get('content-type')?.startsWith('text/event-stream')) return read(response);
    const failure = toError(response.status, await response.text());
    if (tries === 3 || (response.status !== 429 && response.status < 500)) throw failure;
    await pause(Number(response.headers.get('retry-after-ms') ?? 10 * tries));
  }
}
interface Access {
  apiKey: string;
  baseUrl?: string;
}

async function read(response: Response): Promise<Reply> {
  const reply: Reply = { text: '', calls: [], stopReason: null, outputTokens: 0 };
  let json = '';
  const events = response.body!.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  for await (const { data } of events) {
    const event = parse(data);
    if (event?.error) throw new ReplyError(event.error.type ?? 'api_error', event.error.message ?? data);
    reply.outputTokens = (event?.usage ?? event?.message?.usage)?.output_tokens ?? reply.outputTokens;
    if (event?.delta?.type === 'text_delta') reply.text += event.delta.text;
    if (event?.delta?.type === 'input_json_delta') json += event.delta.partial_json;
    if (event?.content_block?.type === 'tool_use') {
      reply.calls.push(event.content_block);
      json = '';
    }
    if (event?.type === 'content_block_stop' && json) reply.calls.at(-1)!.input = toInput(json);
    if (event?.type === 'message_delta') reply.stopReason = event.delta.stop_reason;
    if (event?.type === 'message_stop') return reply;
  }
  throw new ReplyError('incomplete', 'the stream ended without message_stop');
}

function toInput(json: string): unknown {
  const input = parse(json);
  if (input === undefined) throw new ReplyError('incomplete', `the input of a call is not JSON: ${json}`);
  return input ?? {};
}

function toError(status: number, text: string): ReplyError {
  const { type = 'api_error', message = `${status} ${text.slice(0, 200)}` } = parse(text)?.error ?? {};
  return new ReplyError(type, message);
}

/** `undefined` for text that is not JSON, such as `[DONE]`. */
// biome-ignore lint/suspicious/noExplicitAny: a server may send anything
function parse(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
