/** Alterations of what the endpoint answers: messages, errors and other JSON bodies. */

import { isObject } from '../../core/json.js';
import type { ErrorBody } from '../errors.js';
import type { Alterations, Call } from '../stages.js';
import type { Json, JsonObject, Message, ResponseBlock, Usage } from '../wire.js';

/** Replaces finished messages in both transports. The result need not conform: that is the purpose. */
export function rewriteMessages(change: (message: Message, call: Call) => object): Alterations {
  return { message: (message, call) => change(message, call) as Message };
}

/** Replaces messages that are sent as one JSON body. */
export function rewriteJsonMessages(change: (message: Message, call: Call) => unknown): Alterations {
  return {
    json: (body, call) => (isObject(body) && body.type === 'message' ? change(body as unknown as Message, call) : body),
  };
}

/** Replaces each content block of finished messages by another one, by several, or by none (an empty list). */
export function rewriteBlocks(
  change: (block: ResponseBlock, index: number, call: Call) => object | readonly object[],
): Alterations {
  return rewriteMessages((message, call) => ({
    ...message,
    content: message.content.flatMap((block, index) => change(block, index, call)),
  }));
}

/** Replaces each content block of messages that are sent as one JSON body by another one, or by several. */
export function rewriteJsonBlocks(change: (block: ResponseBlock) => object | readonly object[]): Alterations {
  return rewriteJsonMessages((message) => ({ ...message, content: message.content.flatMap((block) => change(block)) }));
}

/** Replaces the usage of finished messages. */
export function rewriteUsage(change: (usage: Usage, message: Message, call: Call) => object): Alterations {
  return rewriteMessages((message, call) => ({ ...message, usage: change(message.usage, message, call) }));
}

/** Reports another stop reason where the reply ended with `reason`. */
export function reportInstead(reason: string, reported: unknown, more: object = {}): Alterations {
  return rewriteMessages((message) =>
    message.stop_reason === reason ? { ...message, stop_reason: reported, ...more } : message,
  );
}

/** Replaces error bodies. */
export function rewriteErrors(change: (body: ErrorBody, call: Call) => unknown): Alterations {
  return {
    json: (body, call) => (isObject(body) && body.type === 'error' ? change(body as unknown as ErrorBody, call) : body),
  };
}

/** Replaces the JSON bodies that a path answers with; errors stay. */
export function rewriteJson(path: RegExp, change: (body: JsonObject) => unknown): Alterations {
  return {
    json: (body: Json, call) => (path.test(call.path) && isObject(body) && body.type !== 'error' ? change(body) : body),
  };
}

/** Replaces every object of one type that a path answers with, in lists too. */
export function rewriteObjects(path: RegExp, type: string, change: (object: JsonObject) => JsonObject): Alterations {
  return rewriteJson(path, (body) => {
    if (body.type === type) return change(body);
    return Array.isArray(body.data)
      ? { ...body, data: body.data.map((one) => (isObject(one) ? change(one) : one)) }
      : body;
  });
}
