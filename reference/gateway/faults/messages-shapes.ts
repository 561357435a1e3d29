/** Small builders for faults of a transparent gateway: one change wherever it applies in a body of the Messages API. */

import { isObject, type Json, type JsonObject } from '../../../core/json.js';
import type { GatewayAlterations, UpstreamApi } from '../stages.js';
import { events } from './alter.js';

/** Faults of a gateway whose both sides speak the Messages API. */
export const MESSAGES: readonly UpstreamApi[] = ['messages'];

/** Changes an object; `undefined` drops it. */
export type Visit = (value: JsonObject) => Json | undefined;

/** A value with each of its objects changed, from the inside; `undefined` drops one. */
export function everywhere(value: Json, visit: Visit): Json | undefined {
  if (Array.isArray(value)) return value.map((one) => everywhere(one, visit)).filter((one) => one !== undefined);
  if (!isObject(value)) return value;
  const inner = Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, one === undefined ? undefined : everywhere(one, visit)]),
  );
  return visit(inner);
}

/** Changes every object of a request. */
export const request = (visit: Visit): GatewayAlterations => ({
  outgoing: (body) => everywhere(body, visit) as JsonObject,
});

/** The same change in a message and in the events of a stream. */
export const answer = (visit: Visit): GatewayAlterations => ({
  message: (message) => everywhere(message, visit) as JsonObject,
  ...events((event) => [everywhere(event, visit) as JsonObject]),
});

/** Objects without these fields. */
export const dropped =
  (...names: string[]): Visit =>
  (value) =>
    Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));

/** Changes every tool of a request. */
export const withTools = (change: (tool: JsonObject) => JsonObject): GatewayAlterations => ({
  outgoing: (body) =>
    Array.isArray(body.tools) ? { ...body, tools: body.tools.map((tool) => change(tool as JsonObject)) } : body,
});

/** Only the headers that are kept. */
export const onlyHeaders =
  (keep: (name: string) => boolean) =>
  (headers: Record<string, string>): Record<string, string> =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => keep(name)));

/** Whether an object has one of these types. */
export const isType =
  (...types: string[]) =>
  (value: JsonObject): boolean =>
    types.includes(String(value.type));

/** An event of a block of these types is dropped with its block. */
export const withoutBlocks = (...types: string[]): GatewayAlterations => {
  const is = isType(...types);
  const { events: altered } = events((event, memory) => {
    const block = event.content_block;
    if (isObject(block) && is(block)) {
      memory.set(`dropped ${String(event.index)}`, true);
      return [];
    }
    return memory.has(`dropped ${String(event.index)}`) ? [] : [event];
  });
  return {
    message: (message) => ({
      ...message,
      content: (message.content as JsonObject[]).filter((block) => !is(block)) as Json[],
    }),
    ...(altered && { events: altered }),
  };
};
