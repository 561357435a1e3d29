import { isDeepStrictEqual } from 'node:util';
import { isObject } from '../core/json.js';
import { type Rejection, reject } from './errors.js';
import type { Call } from './stages.js';
import type { ThreadEntry } from './state.js';
import type { Block, Json, JsonObject, Message, MessageRequest } from './wire.js';

/**
 * Message threads: the server keeps a conversation, so that a client sends only what is new.
 * Source: https://platform.claude.com/docs/en/build-with-claude/message-threads
 */
const BETA = 'message-threads-';

/** A thread ends this long after its last request. */
const LIFETIME_MS = 300_000;

/** The fields that a thread keeps: a request that continues one leaves them out, or sends the same. */
const KEPT = ['system', 'tools'] as const;

export const announcesThreads = ({ betas }: Pick<Call, 'betas'>): boolean =>
  betas.some((beta) => beta.startsWith(BETA));

/** Fields that this endpoint does not combine with a thread, as the official API does not. */
const UNSUPPORTED = ['context_management', 'fallbacks'] as const;

/** Reasons against a thread in this request. */
export function* threadReasons(request: MessageRequest): Iterable<Rejection> {
  if (!request.thread) return;
  const unsupported = UNSUPPORTED.filter((field) => request[field] !== undefined && request[field] !== null);
  if (unsupported.length > 0) {
    yield reject('invalid_request_error', `thread: cannot be combined with ${unsupported.join(' and ')}`, {
      error_code: 'thread_unsupported_request',
      unsupported: [...unsupported],
    });
  }
}

/** Puts what a thread holds in front of a request that continues it. Every other body stays as it is. */
export function resumeThread(body: Json, call: Call): Json | Rejection {
  const thread = isObject(body) ? body.thread : undefined;
  const previous = isObject(thread) && thread.type === 'continue' ? thread.previous_message_id : undefined;
  if (!isObject(body) || typeof previous !== 'string' || !announcesThreads(call)) return body;
  const entry = call.state.threads.get(previous);
  if (entry === undefined || entry.expiresAt <= call.settings.now()) {
    return reject('not_found_error', `thread.previous_message_id: there is no thread at ${previous.slice(0, 80)}`, {
      error_code: 'thread_not_found',
    });
  }
  const changed = KEPT.find((name) => body[name] !== undefined && !isDeepStrictEqual(body[name], entry.kept[name]));
  if (changed !== undefined) {
    return reject('invalid_request_error', `${changed}: differs from the value that the thread holds`, {
      error_code: 'thread_fingerprint_mismatch',
    });
  }
  const added = Array.isArray(body.messages) ? body.messages : [];
  return { ...body, ...entry.kept, messages: [...entry.messages, ...added] };
}

/** Keeps the conversation under the id of its reply, where the request asks for that. */
export function keepThread(message: Message, request: MessageRequest, call: Call): void {
  if (!request.thread || !announcesThreads(call)) return;
  const reply = { role: 'assistant', content: message.content as unknown as Block[] } as const;
  const entry: Omit<ThreadEntry, 'bytes'> = {
    messages: [...request.messages, reply] as unknown as Json[],
    kept: Object.fromEntries(
      KEPT.flatMap((field) => (request[field] === undefined ? [] : [[field, request[field]]])),
    ) as JsonObject,
    expiresAt: call.settings.now() + LIFETIME_MS,
  };
  call.state.threads.set(message.id, { ...entry, bytes: JSON.stringify(entry).length });
}
