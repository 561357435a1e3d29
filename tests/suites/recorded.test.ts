import { describe, expect, test } from 'vitest';
import { NO_RECORDINGS, recording, recordings, recordingsPresent } from '../support/recorded.js';
import { violatedBy } from '../support/requirements.js';

/** What a recording breaks, and why that is no false alarm. */
const KNOWN: Record<string, string[]> = {
  // An old model that was told about tools wrote such tags by itself; a run judges requests without tools.
  'anthropic-tool-no-args.json': ['resp.thinking-not-leaked'],
  'duplicate-message-start.chunks.txt': ['stream.order.one-message-start'],
  // Written by hand for a test. Its thinking blocks also start without a signature, which is no more than a warning.
  'spliced-message-start.chunks.txt': ['stream.order.one-message-start'],
};

describe('requirements on replies and streams, before recorded answers', () => {
  const files = recordings('.json', '.sse', '.chunks.txt');
  if (!recordingsPresent) test.skip(NO_RECORDINGS, () => {});
  else test('are there', () => expect(files.length).toBeGreaterThan(15));

  for (const file of files) {
    test(`${file} breaks ${KNOWN[file]?.join(', ') ?? 'none'}`, () => {
      expect(violatedBy([recording(file)])).toEqual(KNOWN[file] ?? []);
    });
  }
});
