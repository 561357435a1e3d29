import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createParser } from 'eventsource-parser';
import { describe, expect, test } from 'vitest';
import { type SchemaName, violations } from '../../validation/index.js';

/** Answers of the official API as public client libraries recorded them; kept beside the repository, not in it. */
const folder = fileURLToPath(new URL('../../../shared/recorded/', import.meta.url));
const available = existsSync(folder);
if (!available) console.warn(`Skipped: schemas against recorded answers, because ${folder} does not exist.`);

const files = (ending: string) => (available ? readdirSync(folder).filter((name) => name.endsWith(ending)) : []);
const read = (name: string) => readFileSync(folder + name, 'utf8');

/** The data of each event, from one JSON text per line or from a raw stream. */
function recordedEvents(name: string): { type: string }[] {
  if (!name.endsWith('.sse'))
    return read(name)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  const found: { type: string }[] = [];
  const parser = createParser({ onEvent: ({ data }) => found.push(JSON.parse(data)) });
  parser.feed(read(name));
  return found;
}

/**
 * Where a recording is wrong and the schema right. The client library's authors cut `stop_sequence` out of the first:
 * documentation and SDK types always have it, and so does the stream recorded for the same test. The second was written by
 * hand to show two streams run into one another; its thinking blocks begin without the `signature` that the official API
 * sends with them.
 */
const WRONG: Record<string, string[]> = {
  'anthropic-json-tool.1.json': ['/stop_sequence: expected this required field, got nothing'],
  'spliced-message-start.chunks.txt': [
    'event 2: /content_block/signature: expected this required field, got nothing',
    'event 9: /content_block/signature: expected this required field, got nothing',
  ],
};

describe.skipIf(!available)('recorded answers of the official API', () => {
  test('there are some', () => {
    expect(files('.json').length).toBeGreaterThan(0);
    expect(files('.sse').length).toBeGreaterThan(0);
  });

  test.each(files('.json'))('message %s', (name) => {
    expect(violations('message', JSON.parse(read(name))).map(({ message }) => message)).toEqual(WRONG[name] ?? []);
  });

  test.each([...files('.chunks.txt'), ...files('.sse')])('events of %s', (name) => {
    const events = recordedEvents(name);
    expect(events.length).toBeGreaterThan(3);
    const found = events.flatMap((event, index) =>
      violations(`event.${event.type}` as SchemaName, event).map(({ message }) => `event ${index + 1}: ${message}`),
    );
    expect(found).toEqual(WRONG[name] ?? []);
  });
});
