/** Alterations of what the endpoint is asked: which requests it accepts, and what the model gets to read. */

import { get, isObject } from '../../core/json.js';
import { invalid, type Rejection } from '../errors.js';
import type { Alterations, Call } from '../stages.js';
import type { Block, Json, JsonObject, MessageParam, MessageRequest, PromptRequest, Role } from '../wire.js';

/** Accepts invalid requests whose rejection would read like this. */
export function acceptDespite(reason: RegExp): Alterations {
  return { rejection: (rejection) => (reason.test(rejection.message) ? null : rejection) };
}

/** Replaces rejections. */
export function rewriteRejection(change: (rejection: Rejection, call: Call) => Rejection): Alterations {
  return { rejection: change };
}

/** Rejects valid requests: with 400 and this message, or with a rejection of its own. */
export function rejectWhen(
  reasonFor: (
    request: PromptRequest & Partial<MessageRequest>,
    call: Call,
  ) => string | Rejection | null | undefined | false,
): Alterations {
  return {
    rejectValid(request, call) {
      const reason = reasonFor(request, call);
      if (!reason) return null;
      return typeof reason === 'string' ? invalid(reason) : reason;
    },
  };
}

const CRASH: Rejection = { errorType: 'api_error', message: 'Internal server error' };

/** Answers valid requests like this with 500. */
export function crashWhen(
  test: (request: PromptRequest & Partial<MessageRequest>, call: Call) => unknown,
): Alterations {
  return { rejectValid: (request, call) => (test(request, call) ? CRASH : null) };
}

/** Answers invalid requests with 500 where the rejection would be like this. */
export function crashInstead(test: (rejection: Rejection, call: Call) => boolean): Alterations {
  return rewriteRejection((rejection, call) =>
    test(rejection, call) ? { ...rejection, errorType: 'api_error' } : rejection,
  );
}

/** Rewrites the body of a message request before it is validated, like servers that silently fill in or drop fields. */
export function rewriteBody(change: (body: JsonObject, call: Call) => JsonObject): Alterations {
  return { body: (body, call) => (isObject(body) && call.path === '/v1/messages' ? change(body, call) : body) };
}

/** Rewrites the text of message requests before it is parsed; `null` leaves it as it is. */
export function rewriteRequestText(change: (text: string) => string | null): Alterations {
  return {
    async request(request, call) {
      if (call.path !== '/v1/messages' || request.method !== 'POST') return request;
      const body = change(await request.clone().text());
      return body === null ? request : new Request(request.url, { method: 'POST', headers: request.headers, body });
    },
  };
}

/** Rewrites each message of the body before it is validated. */
export function rewriteBodyMessages(change: (message: JsonObject) => JsonObject): Alterations {
  return rewriteBody((body) =>
    Array.isArray(body.messages)
      ? { ...body, messages: body.messages.map((message) => (isObject(message) ? change(message) : message)) }
      : body,
  );
}

/** Rewrites the content of each message of the body that is an array, before it is validated. */
export function rewriteBodyContent(change: (content: readonly Json[]) => Json[]): Alterations {
  return rewriteBodyMessages((message) =>
    Array.isArray(message.content) ? { ...message, content: change(message.content) } : message,
  );
}

/** Rewrites the request that the model reads; the client does not notice. */
export function rewritePrompt(change: (request: MessageRequest, call: Call) => object): Alterations {
  return { prompt: (request, call) => change(request, call) as MessageRequest };
}

/** Rewrites the messages that the model reads. */
export function rewriteHistory(change: (messages: MessageParam[]) => readonly object[]): Alterations {
  return rewritePrompt((request) => ({ ...request, messages: change(request.messages) }));
}

/** Rewrites the content of each message that the model reads; one that is a string stays. */
export function rewriteContents(
  change: (content: readonly Block[], message: MessageParam) => readonly object[],
): Alterations {
  return rewriteHistory((all) =>
    all.map((message) =>
      typeof message.content === 'string' ? message : { ...message, content: change(message.content, message) },
    ),
  );
}

/** Replaces each content block that the model reads, those inside tool results included. */
export function rewritePromptBlocks(change: (block: JsonObject) => readonly JsonObject[] | JsonObject): Alterations {
  const deep = (block: JsonObject): JsonObject[] => {
    const changed = [change(block)].flat() as JsonObject[];
    return changed.map((one) =>
      Array.isArray(one.content) && one.type === 'tool_result'
        ? { ...one, content: (one.content as JsonObject[]).flatMap(deep) }
        : one,
    );
  };
  return rewriteContents((content) => (content as unknown as JsonObject[]).flatMap(deep));
}

/** Drops all blocks of a type but the first one of each message that the model reads, or of each message of a role. */
export function firstBlockOnly(type: Block['type'], of?: Role): Alterations {
  return rewriteContents((content, { role }) => {
    if (of !== undefined && role !== of) return content;
    const first = content.findIndex((block) => block.type === type);
    return content.filter((block, index) => block.type !== type || index === first);
  });
}

/** The same changes of bodies and prompts, where the client asks for a stream. */
export const inStreams = ({ body, prompt }: Pick<Alterations, 'body' | 'prompt'>): Alterations => ({
  ...(body && { body: (json, call) => (get(json, 'stream') === true ? body(json, call) : json) }),
  ...(prompt && { prompt: (request, call) => (request.stream ? prompt(request, call) : request) }),
});

/** The content blocks of one type that stand directly in messages. */
export function blocksOf({ messages }: { messages: readonly MessageParam[] }, type: string): JsonObject[] {
  return messages.flatMap(({ content }) =>
    typeof content === 'string' ? [] : (content as unknown as JsonObject[]).filter((block) => block.type === type),
  );
}

const sourceOf = (block: JsonObject): JsonObject => (isObject(block.source) ? block.source : {});

/** Rejects requests that hold a block of this type, or one that is `bad`. */
export function rejectBlocks(
  type: string,
  reason: string,
  bad: (source: JsonObject, block: JsonObject) => boolean = () => true,
): Alterations {
  return rejectWhen((request) => blocksOf(request, type).some((block) => bad(sourceOf(block), block)) && reason);
}

/** Drops blocks from what the model reads. */
export function dropBlocks(
  type: string,
  bad: (source: JsonObject, block: JsonObject) => boolean = () => true,
): Alterations {
  return rewritePromptBlocks((block) => (block.type === type && bad(sourceOf(block), block) ? [] : block));
}

/** Drops blocks from the body before it is validated. */
export function dropUnvalidated(type: string, bad: (source: JsonObject, block: JsonObject) => boolean): Alterations {
  return rewriteBodyContent((content) =>
    content.filter((block) => !(isObject(block) && block.type === type && bad(sourceOf(block), block))),
  );
}
