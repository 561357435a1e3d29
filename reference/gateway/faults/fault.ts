import type { Json, JsonObject } from '../../../core/json.js';
import { get, isObject } from '../../../core/json.js';
import type { GatewayAlterations } from '../stages.js';

/** One named way to make the reference gateway misbehave. */
export interface GatewayFault {
  /** Readable words with hyphens; never renamed, like the ids of requirements. */
  id: string;
  /** What the gateway does wrong, one sentence. */
  title: string;
  /** Ids of the requirements that have to catch it. */
  caughtBy: readonly string[];
  /** Cases that show it to requirements that have none of their own. */
  cases?: readonly string[];
  alterations: GatewayAlterations;
}

/** Messages of a translated request. */
export const messagesOf = (body: JsonObject): JsonObject[] =>
  (Array.isArray(body.messages) ? body.messages : []).filter(isObject);

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
