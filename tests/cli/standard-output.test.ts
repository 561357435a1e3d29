import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command, scratch } from '../support/command.js';

const { folder, remove } = scratch();
beforeAll(async () => {
  await command(['run', '--quick', '--out', 'one'], { cwd: folder });
});
afterAll(remove);

describe('--out -', () => {
  it.each<[string, string[], RegExp]>([
    ['run', ['run', '--quick', '--reporter', 'json'], /^\{[\s\S]*"summary"/],
    ['matrix', ['matrix', 'one/report.json'], /^<!doctype html>[\s\S]*<\/html>\s*$/],
    ['history', ['history', 'one'], /^<!doctype html>[\s\S]*<\/html>\s*$/],
    ['compare', ['compare', 'one/report.json', 'one/report.json', '--format', 'json'], /^\{/],
    ['judge', ['judge', 'one/report.json'], /^\{[\s\S]*"summary"/],
    ['report export', ['report', 'export', 'resp.id', '--from', 'one/report.json'], /^\{[\s\S]*"exchanges"/],
    ['contract init', ['contract', 'init', '--quiet'], /^\{[\s\S]*"dialect"/],
  ])(
    'of %s is standard output, with nothing else on it, and no file or folder of that name',
    async (_what, args, text) => {
      const { code, out } = await command([...args, '--out', '-'], { cwd: folder, ownProcess: true });
      expect(code).toBe(0);
      expect(out).toMatch(text);
      if (out.startsWith('{')) expect(() => JSON.parse(out)).not.toThrow();
      expect(existsSync(join(folder, '-'))).toBe(false);
      expect(readdirSync(folder)).toEqual(['one']);
    },
  );
});
