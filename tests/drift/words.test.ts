import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { source } from '../../suites/catalogue/sources.js';
import { CATALOGUE } from '../../suites/index.js';
import { fixtures } from '../support/exchange.js';
import {
  changedWords,
  clientDifferences,
  KINDS,
  recordedClients,
  recordedWords,
  sdkWords,
  spokenBetas,
  touchedBy,
} from './words.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const recorded = recordedWords(ROOT);
const installed = sdkWords(ROOT);
const touched = (word: string): string[] => touchedBy(word, CATALOGUE, fixtures());

it('the record has the beta names and error codes of the installed client', () => {
  expect(installed.betas.length).toBeGreaterThan(20);
  expect(installed.errorCodes.length).toBeGreaterThan(100);
  expect(installed.errorTypes).toContain('overloaded_error');
  expect(installed.stopReasons).toContain('refusal');
  expect(installed.contentBlocks).toContain('server_tool_use');
  expect(installed.events).toHaveLength(6);
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

describe('the clients for Python and Go', () => {
  const recordedOthers = recordedClients(ROOT);
  const { python, go } = recordedOthers.clients;

  it('list what the client for TypeScript lists, except for what is known', () => {
    for (const client of [python, go]) for (const kind of KINDS) expect(client?.[kind].length, kind).toBeGreaterThan(5);
    expect(clientDifferences(recordedOthers, installed, touched)).toEqual([]);
  });

  it('are the versions that the sources of the requirements name', () => {
    const titles = JSON.stringify(['P', 'G'].map(source));
    expect(titles).toContain(`anthropic ${python?.version} for Python`);
    expect(titles).toContain(`anthropic-sdk-go ${go?.version.slice(1)}`);
  });

  it('are reported where they differ, with the requirements that a name touches', () => {
    const newer = structuredClone(recordedOthers);
    newer.clients.python!.stopReasons.push('tea_break');
    newer.clients.go!.errorCodes = newer.clients.go!.errorCodes.filter((code) => code !== 'thread_not_found');
    newer.known.push({ difference: 'go betas long-gone-2025-01-01', reason: 'a test' });
    expect(clientDifferences(newer, installed, touched)).toEqual([
      'stopReasons | tea_break | only in the client for python, 2.14.0 | no requirement speaks of it',
      expect.stringMatching(
        /^errorCodes \| thread_not_found \| not in the client for go, v2\.15\.0 \| touches .*agent\.thread/,
      ),
      expect.stringMatching(/^go betas long-gone-2025-01-01 \| no longer a difference/),
    ]);
    newer.known = [
      { difference: 'python stopReasons tea_break', reason: 'a test' },
      { difference: 'go errorCodes thread_not_found', reason: 'a test' },
    ];
    expect(clientDifferences(newer, installed, touched)).toEqual([]);
  });
});
