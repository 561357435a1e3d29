/** What all readers of requests need. */

import { asString, get, type Json, type JsonObject } from '../../core/json.js';
import type { NeutralTool, NeutralTurn } from '../../core/neutral.js';

export function stringIn(body: Json | undefined, ...path: string[]): string | null {
  const value = get(body, ...path);
  return typeof value === 'string' ? value : null;
}

export function numberIn(body: Json | undefined, ...path: string[]): number | null {
  const value = get(body, ...path);
  return typeof value === 'number' ? value : null;
}

export function listIn(body: Json | undefined, ...path: string[]): Json[] {
  const value = get(body, ...path);
  return Array.isArray(value) ? value : [];
}

/** A function that the model may call, as the APIs of OpenAI define it. */
export const functionTool = ({ name, description, parameters, strict }: JsonObject): NeutralTool => ({
  name: asString(name),
  description: typeof description === 'string' ? description : null,
  schema: parameters,
  strict: typeof strict === 'boolean' ? strict : null,
});

/** Parsed arguments of a call; `undefined` when they are not JSON. */
export function parsedArguments(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** A `data:` URL as media type and base64; any other address as it is. */
export function fromDataUrl(url: string): { mediaType: string | null; data: string | null; url: string | null } {
  const [, mediaType, data] = /^data:([^;,]*)(?:;[^;,]*)*;base64,(.*)$/s.exec(url) ?? [];
  return data === undefined ? { mediaType: null, data: null, url } : { mediaType: mediaType ?? null, data, url: null };
}

/** Consecutive turns of one role as one: an API may cut them otherwise. */
export function merged(turns: readonly NeutralTurn[]): NeutralTurn[] {
  const all: NeutralTurn[] = [];
  for (const turn of turns) {
    const last = all.at(-1);
    if (last?.role === turn.role) all[all.length - 1] = { role: turn.role, parts: [...last.parts, ...turn.parts] };
    else all.push(turn);
  }
  return all;
}
