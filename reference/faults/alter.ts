/** The usual kinds of alterations, each in one call, so that a fault is a few lines. */

import { isObject } from '../../core/json.js';
import { type ErrorBody, invalid, type Refusal } from '../errors.js';
import { newId } from '../ids.js';
import type { Alterations, Call } from '../stages.js';
import type {
  Json,
  JsonObject,
  Message,
  MessageParam,
  MessageRequest,
  PromptRequest,
  ResponseBlock,
  StreamEvent,
  Usage,
} from '../wire.js';

/** Values that no conformant step would produce, which is the purpose. */
type Wrong = object;

export interface EventPlace {
  index: number;
  events: readonly StreamEvent[];
  call: Call;
}

/** Replaces every event of a stream: by another one, by several, or by none (an empty list). */
export function eachEvent(change: (event: StreamEvent, place: EventPlace) => Wrong | readonly Wrong[]): Alterations {
  return allEvents((events, call) => events.flatMap((event, index) => change(event, { index, events, call })));
}

/** Replaces events of one type. */
export function eventsOf<Type extends StreamEvent['type']>(
  type: Type,
  change: (event: Extract<StreamEvent, { type: Type }>, place: EventPlace) => Wrong | readonly Wrong[],
): Alterations {
  return eachEvent((event, place) =>
    event.type === type ? change(event as Extract<StreamEvent, { type: Type }>, place) : event,
  );
}

export function allEvents(change: (events: StreamEvent[], call: Call) => readonly Wrong[]): Alterations {
  return { events: (events, call) => change(events, call) as StreamEvent[] };
}

/** Changes the message inside `message_start`. */
export function startMessage(change: (message: Message) => Wrong): Alterations {
  return eventsOf('message_start', (event) => ({ ...event, message: change(event.message) }));
}

/** Replaces the frames of a stream, each one a string with the empty line at its end. */
export function eachFrame(change: (frame: string, index: number, count: number) => string | string[]): Alterations {
  return { frames: (frames) => frames.flatMap((frame, index) => change(frame, index, frames.length)) };
}

/** Changes finished messages, whichever transport carries them. */
export function messages(change: (message: Message, call: Call) => Wrong): Alterations {
  return { message: (message, call) => change(message, call) as Message };
}

/** Changes messages that are sent as one JSON body. */
export function jsonMessages(change: (message: Message, call: Call) => unknown): Alterations {
  return { json: (body, call) => (isMessage(body) ? change(body as unknown as Message, call) : body) };
}

/** Replaces content blocks of finished messages: by another one, by several, or by none. */
export function blocks(
  change: (block: ResponseBlock, index: number, call: Call) => Wrong | readonly Wrong[],
): Alterations {
  return messages((message, call) => ({
    ...message,
    content: message.content.flatMap((block, index) => change(block, index, call)),
  }));
}

/** Changes the counts of finished messages. */
export function usages(change: (usage: Usage, message: Message, call: Call) => Wrong): Alterations {
  return messages((message, call) => ({ ...message, usage: change(message.usage, message, call) }));
}

/** Changes error bodies. */
export function errorBodies(change: (body: ErrorBody, call: Call) => unknown): Alterations {
  return { json: (body, call) => (isError(body) ? change(body as unknown as ErrorBody, call) : body) };
}

/** Lets invalid requests pass, where the reason against them reads like this. */
export function acceptDespite(reason: RegExp): Alterations {
  return { refusal: (refusal) => (reason.test(refusal.message) ? null : refusal) };
}

/** Turns a refusal into another one. */
export function refusals(change: (refusal: Refusal, call: Call) => Refusal): Alterations {
  return { refusal: change };
}

/** Repairs the body of a message request in silence before it is validated, as servers do that fill in or drop what they do not like. */
export function rewriteBody(change: (body: JsonObject, call: Call) => JsonObject): Alterations {
  return { body: (body, call) => (isObject(body) && call.path === '/v1/messages' ? change(body, call) : body) };
}

/** Refuses valid requests: with 400 and this message, or with a refusal of its own. */
export function rejectWhen(
  object: (request: PromptRequest & Partial<MessageRequest>, call: Call) => string | Refusal | null | undefined | false,
): Alterations {
  return {
    objection(request, call) {
      const reason = object(request, call);
      if (!reason) return null;
      return typeof reason === 'string' ? invalid(reason) : reason;
    },
  };
}

/** Changes what the model gets to read, behind the client's back. */
export function rewritePrompt(change: (request: MessageRequest, call: Call) => Wrong): Alterations {
  return { prompt: (request, call) => change(request, call) as MessageRequest };
}

/** Changes the messages that the model gets to read. */
export function histories(change: (messages: MessageParam[]) => readonly Wrong[]): Alterations {
  return rewritePrompt((request) => ({ ...request, messages: change(request.messages) }));
}

/** Replaces the content blocks that the model gets to read, those of tool results included. */
export function contents(change: (block: JsonObject) => readonly JsonObject[] | JsonObject): Alterations {
  const deep = (block: JsonObject): JsonObject[] => {
    const changed = [change(block)].flat() as JsonObject[];
    return changed.map((one) =>
      Array.isArray(one.content) && one.type === 'tool_result'
        ? { ...one, content: (one.content as JsonObject[]).flatMap(deep) }
        : one,
    );
  };
  return histories((all) =>
    all.map(({ role, content }) => ({
      role,
      content: typeof content === 'string' ? content : (content as unknown as JsonObject[]).flatMap(deep),
    })),
  );
}

/** Changes responses: their status, their headers, their body. */
export function responses(change: (response: Response, call: Call) => Response | Promise<Response>): Alterations {
  return { response: change };
}

/** Sets headers of responses, or with `null` takes them away. */
export function headers(
  change: (response: Response, call: Call) => Readonly<Record<string, string | null>> | null,
): Alterations {
  return responses((response, call) => {
    const changes = change(response, call);
    return changes === null ? response : withHeaders(response, changes);
  });
}

export function withHeaders(
  response: Response,
  changes: Readonly<Record<string, string | null>>,
  status?: number,
): Response {
  const all = new Headers(response.headers);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) all.delete(name);
    else all.set(name, value);
  }
  return new Response(response.body, { status: status ?? response.status, headers: all });
}

/** The same head with another body. */
export function withBody(response: Response, body: string | Uint8Array<ArrayBuffer>, type?: string): Response {
  const all = new Headers(response.headers);
  if (type !== undefined) all.set('content-type', type);
  return new Response(body, { status: response.status, headers: all });
}

/** Answers requests to a path before anything is read. */
export function respondWith(path: RegExp, answer: (request: Request, call: Call) => Response | null): Alterations {
  return { request: (request, call) => (path.test(call.path) ? (answer(request, call) ?? request) : request) };
}

/** Longer requests come twice because of their cache marks. */
const SHORT = 1_000;

/**
 * Answers one message request of a run: the first short one that comes a second time, word for word. Whoever asks twice on
 * purpose loses nothing but the comparison.
 */
export function onRepetition(answer: (call: Call) => Response): Alterations {
  return {
    async request(request, call) {
      if (call.path !== '/v1/messages' || call.method !== 'POST') return request;
      const heads = ['x-api-key', 'authorization', 'anthropic-version', 'anthropic-beta', 'accept'];
      const asked = [call.path, ...heads.map((name) => call.headers.get(name)), await request.clone().text()].join(
        '\n',
      );
      if (asked.length > SHORT) return request;
      const { notes } = call.state;
      const times = Number(notes.get(asked) ?? 0) + 1;
      notes.set(asked, times);
      if (times < 2 || notes.has('repeated')) return request;
      notes.set('repeated', true);
      return answer(call);
    },
  };
}

/** An error body with its status, for faults that answer by themselves. */
export function errorAnswer(
  status: number,
  type: string,
  message: string,
  more: Record<string, string> = {},
): Response {
  const id = newId('req');
  return new Response(JSON.stringify({ type: 'error', error: { type, message }, request_id: id }), {
    status,
    headers: { 'content-type': 'application/json', 'request-id': id, ...more },
  });
}

export const isStream = (response: Response): boolean =>
  response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;

const isMessage = (body: Json): boolean => isObject(body) && body.type === 'message';
const isError = (body: Json): boolean => isObject(body) && body.type === 'error';

/** A copy without some of its members. */
export function without(value: object, ...names: string[]): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}
