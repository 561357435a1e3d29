/** Answers of the official API as public client libraries recorded them. They are no part of the project and may be absent. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import { exchange } from './exchange.js';

const FOLDER = new URL('../../../shared/recorded/', import.meta.url);

export const recordingsPresent = existsSync(FOLDER);
export const NO_RECORDINGS = 'the folder shared/recorded beside the checkout does not exist';

/** Files whose names end in one of these. */
export const recordings = (...ends: string[]): string[] =>
  recordingsPresent ? readdirSync(FOLDER).filter((file) => ends.some((end) => file.endsWith(end))) : [];

/** Nothing is known of what was asked. */
const request = { body: {} };

/** A recording as an exchange: a Message, a body with framing, or one event's data a line without it. */
export function recording(file: string): Exchange {
  const text = readFileSync(new URL(file, FOLDER), 'utf8');
  if (file.endsWith('.json')) return exchange({ request, json: JSON.parse(text) });
  // The files were stored without their last empty line.
  if (file.endsWith('.sse')) return exchange({ request, raw: `${text.trimEnd()}\n\n` });
  return exchange({
    request,
    events: text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as JsonObject),
  });
}
