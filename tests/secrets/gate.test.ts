/** The last look before anything leaves the process: it does not rest on what was masked before. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { redactor } from '../../core/redact.js';
import { writePieces, writeText } from '../../runner/cli/files.js';
import { keepSecret, print, say } from '../../runner/cli/output.js';
import { scratch } from '../support/command.js';

const KEY = 'sk-gate/"key"+0123456789';
const { folder, remove } = scratch();
const file = join(folder, 'out.txt');
afterEach(() => {
  keepSecret((text) => text);
  vi.restoreAllMocks();
});
afterAll(remove);

const SPELLINGS = [KEY, JSON.stringify(KEY), encodeURIComponent(KEY), Buffer.from(`u:${KEY}`).toString('base64')];

it.each(SPELLINGS)('no file gets it as %s', (text) => {
  keepSecret(redactor([KEY]));
  writeText(file, `before ${text} after`);
  const written = readFileSync(file, 'utf8');
  expect(written).toMatch(/^before \S*\*{20,}\S* after$/);
  expect(written.length).toBe(`before ${text} after`.length);
});

it('text of the suite itself is left as it is: a page whose script was changed would not run', () => {
  keepSecret(redactor([KEY]));
  writePieces(file, [`a ${KEY} `, { own: `b ${KEY}` }]);
  expect(readFileSync(file, 'utf8')).toBe(`a ${'*'.repeat(KEY.length)} b ${KEY}`);
});

it('neither stream gets it', () => {
  const written: string[] = [];
  const keep = (text: unknown): boolean => written.push(String(text)) > 0;
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  vi.spyOn(process.stderr, 'write').mockImplementation(keep);
  keepSecret(redactor([KEY]));
  for (const text of SPELLINGS) {
    print(`${text}\n`);
    say(text);
  }
  vi.restoreAllMocks();
  expect(written).toHaveLength(8);
  for (const text of written) expect(text).toMatch(/\*{20,}/);
});
