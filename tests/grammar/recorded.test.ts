import { describe, expect, test } from 'vitest';
import { grammar } from '../../suites/stream/grammar.js';
import { NO_RECORDINGS, recording, recordings, recordingsPresent } from '../support/recorded.js';

/** Broken recordings: rule and event number. */
const BROKEN: Record<string, [string, number | null][]> = {
  'duplicate-message-start.chunks.txt': [['one-message-start', 2]],
  'spliced-message-start.chunks.txt': [['one-message-start', 8]],
};

describe('recorded streams', () => {
  const files = recordings('.sse', '.chunks.txt');
  if (!recordingsPresent) test.skip(NO_RECORDINGS, () => {});
  else test('are there', () => expect(files.length).toBeGreaterThan(10));

  for (const file of files) {
    test(`${file} is ${file in BROKEN ? 'rejected at its fault' : 'accepted'}`, () => {
      const violations = grammar(recording(file).stream!).violations.map(({ rule, event }) => [rule, event]);
      expect(violations).toEqual(BROKEN[file] ?? []);
    });
  }
});
