import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { carriedRequests } from './carried.js';
import { readRequests } from './read.js';
import { traitsOfAll } from './traits.js';

/** Recorded requests of Claude Code. They are not part of the repository. */
const FOLDER = fileURLToPath(new URL('../../../shared/captures/claude-code', import.meta.url));
const missing = existsSync(FOLDER)
  ? null
  : `${FOLDER} does not exist: the recorded requests of Claude Code are not part of the repository`;
if (missing !== null) console.log(`Skipped, tests/traits/shipped.test.ts: ${missing}`);

it.skipIf(missing !== null)(
  'a run with the contract claude-code sends every trait of the recorded requests of Claude Code',
  async () => {
    const wanted = traitsOfAll(readRequests([FOLDER]));
    const carried = traitsOfAll(await carriedRequests({ contract: 'claude-code' }));
    expect(wanted.size).toBeGreaterThan(250);
    expect([...wanted.keys()].filter((trait) => !carried.has(trait))).toEqual([]);
  },
);
