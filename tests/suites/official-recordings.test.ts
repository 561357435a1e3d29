import { describe, expect, test } from 'vitest';
import { CATALOGUE } from '../../suites/index.js';
import { judgeWith } from '../support/exchange.js';
import { officialRecordings, recordedFixture } from '../support/official.js';

/** About headers, most of which the recorders stripped or replaced. */
const HEADERS = ['hdr.request-id.present', 'http.response.content-type-json', 'stream.http.chunked'];

const CASSETTE = 'tests/contrib/anthropic/cassettes/anthropic_completion_stream_thinking.yaml';
const TOO_LONG =
  'spec/fixtures/vcr_cassettes/chat_real_error_scenarios_anthropic_claude-haiku-4-5_handles_context_length_exceeded_errors.yml';

/** Recordings that their owners edited, or broke on purpose: file, requirement, what was edited. */
const EDITED: readonly (readonly [file: string, id: string, why: string])[] = [
  ['packages/anthropic/src/__fixtures__/anthropic-json-other-tool.1.json', 'resp.stop-sequence.null', 'field removed'],
  ['packages/anthropic/src/__fixtures__/duplicate-message-start.chunks.txt', 'stream.order.one-message-start', 'made'],
  ['packages/anthropic/src/__fixtures__/spliced-message-start.chunks.txt', 'stream.order.one-message-start', 'made'],
  ['packages/anthropic/src/__fixtures__/spliced-message-start.chunks.txt', 'sdk.go.accumulate', 'made'],
  ['packages/anthropic/src/__fixtures__/spliced-message-start.chunks.txt', 'stream.thinking.start', 'made'],
  [CASSETTE, 'stream.thinking.start', 'recorded in February 2025, before the field existed'],
  [TOO_LONG, 'err.envelope.request-id', 'the id of the header replaced by a placeholder'],
];

const recordings = officialRecordings();

describe('recorded answers of the official API', () => {
  test.skipIf(recordings === null)(
    `no MUST or SHOULD rejects one${recordings === null ? ' (skipped: the recordings are not at hand)' : ''}`,
    () => {
      const rejected = recordings!.flatMap(({ name, exchanges }) =>
        CATALOGUE.filter(({ id, level }) => level !== 'MAY' && !HEADERS.includes(id)).flatMap((requirement) => {
          const judgement = judgeWith(requirement, exchanges, { fixtures: [recordedFixture()] });
          if (judgement.outcome !== 'violated' && judgement.outcome !== 'deviates') return [];
          return [{ name, id: requirement.id, finding: judgement.findings[0]?.message }];
        }),
      );
      const isEdited = ({ name, id }: { name: string; id: string }): boolean =>
        EDITED.some(([file, edited]) => name.endsWith(`: ${file}`) && id === edited);
      expect(rejected.filter((one) => !isEdited(one))).toEqual([]);
      expect(rejected.filter(isEdited)).toHaveLength(EDITED.length);
      expect(recordings!.flatMap(({ exchanges }) => exchanges).length).toBeGreaterThan(200);
    },
  );
});
