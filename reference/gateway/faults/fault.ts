import type { Json, JsonObject } from '../../../core/json.js';
import { get, isObject } from '../../../core/json.js';
import type { GatewayAlterations, UpstreamApi } from '../stages.js';

/** Faults in requests or answers of this API alone. */
export const CHAT: readonly UpstreamApi[] = ['openai-chat'];
/** Faults in requests or answers of this API alone. */
export const RESPONSES: readonly UpstreamApi[] = ['openai-responses'];
/** Faults in translation, and in what both APIs of OpenAI have. */
export const OPENAI: readonly UpstreamApi[] = ['openai-chat', 'openai-responses'];
/** Faults in requests with a list `messages`. */
export const WITH_MESSAGES: readonly UpstreamApi[] = ['openai-chat', 'messages'];

/** One named way to make the reference gateway misbehave. */
export interface GatewayFault {
  /** Readable words with hyphens; never renamed, like the ids of requirements. */
  id: string;
  /** What the gateway does wrong, one sentence. */
  title: string;
  /** APIs of the upstream with which it can happen. Absent: all. */
  speaks?: readonly UpstreamApi[];
  /** Ids of the requirements that have to catch it, where they exist for the API of the upstream. */
  caughtBy: readonly string[];
  /** Cases that show it to requirements that have none of their own. */
  cases?: readonly string[];
  alterations: GatewayAlterations;
}

/** Messages of a client's request, or of a translated one. */
export const messagesOf = (body: JsonObject): JsonObject[] =>
  (Array.isArray(body.messages) ? body.messages : []).filter(isObject);

/** The request without these fields. */
export const without =
  (...names: string[]) =>
  (body: JsonObject): JsonObject =>
    Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name)));

/** The request with its messages changed. */
export const withMessages =
  (change: (messages: JsonObject[]) => Json[]) =>
  (body: JsonObject): JsonObject => ({ ...body, messages: change(messagesOf(body)) });

/** The request with every text of its messages changed. */
export const withTexts = (change: (text: string) => string) =>
  withMessages((messages) =>
    messages.map((message) => {
      const { content } = message;
      if (typeof content === 'string') return { ...message, content: change(content) };
      if (!Array.isArray(content)) return message;
      const parts = content.map((part) => {
        const text = get(part, 'text');
        return isObject(part) && typeof text === 'string' ? { ...part, text: change(text) } : part;
      });
      return { ...message, content: parts };
    }),
  );

/** The client's request with every block of these types changed, or dropped. */
export const withBlocks =
  (type: string, change: (block: JsonObject) => Json[]) =>
  (body: JsonObject): JsonObject => ({
    ...body,
    messages: messagesOf(body).map((message) => ({
      ...message,
      content: Array.isArray(message.content)
        ? message.content.flatMap((block) => (isObject(block) && block.type === type ? change(block) : [block]))
        : (message.content as Json),
    })),
  });
