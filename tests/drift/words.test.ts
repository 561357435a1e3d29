import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { CATALOGUE } from '../../suites/index.js';
import { fixtures } from '../support/exchange.js';
import { changedWords, recordedWords, sdkWords, spokenBetas, touchedBy } from './words.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const recorded = recordedWords(ROOT);
const installed = sdkWords(ROOT);
const touched = (word: string): string[] => touchedBy(word, CATALOGUE, fixtures());

it('the record has the beta names and error codes of the installed client', () => {
  expect(installed.betas.length).toBeGreaterThan(20);
  expect(installed.errorCodes.length).toBeGreaterThan(10);
  expect(changedWords(recorded, installed, touched)).toEqual([]);
});

/** Betas that Claude Code lists in recorded requests and the types of the client do not. Fixtures send them as it does. */
const CLAUDE_CODE_ONLY: readonly string[] = [
  'advanced-tool-use-2025-11-20',
  'claude-code-20250219',
  'effort-2025-11-24',
  'mid-conversation-system-2026-04-07',
  'prompt-caching-scope-2026-01-05',
  'structured-outputs-2025-12-15',
];

it('every beta header that a fixture sends is one of the client or of Claude Code', () => {
  const unknown = spokenBetas(fixtures().values()).filter((beta) => !recorded.betas.includes(beta));
  expect(unknown).toEqual(CLAUDE_CODE_ONLY);
});

it('a new name of the client is reported with the requirements that it touches', () => {
  const newer = { ...installed, betas: [...installed.betas, 'message-threads-2027-01-01', 'tea-2027-01-01'] };
  expect(changedWords(recorded, newer, touched)).toEqual([
    expect.stringMatching(
      /^betas \| message-threads-2027-01-01 \| new in the client.* \| touches .*agent\.thread\.not-ignored/,
    ),
    expect.stringMatching(/^betas \| tea-2027-01-01 \| new in the client.* \| no requirement speaks of it$/),
  ]);
  const older = { ...installed, errorCodes: installed.errorCodes.slice(1) };
  expect(changedWords(recorded, older, touched)).toEqual([
    expect.stringMatching(/^errorCodes \| \S+ \| no longer in the client/),
  ]);
});
