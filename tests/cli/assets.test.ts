import { spawnSync } from 'node:child_process';
import { cpSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageFile } from '../../runner/package-files.js';
import { scratch } from '../support/command.js';

describe('an installation without one of its assets', () => {
  const { folder, remove } = scratch();
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(folder, 'dist/runner/cli.js'), 'run', ...args], {
      cwd: folder,
      encoding: 'utf8',
    });

  beforeAll(() => {
    for (const part of ['dist', 'schemas', 'fixtures', 'contracts', 'package.json'])
      cpSync(packageFile(part), join(folder, part), { recursive: true });
    symlinkSync(packageFile('node_modules'), join(folder, 'node_modules'));
    rmSync(join(folder, 'fixtures/assets/yellow.png'));
  });
  afterAll(remove);

  it('ends with status 2 and the path, before anything is sent', () => {
    const { status, stdout, stderr } = run('--profile', 'vision');
    expect(stderr).toMatch(/fixtures\/assets\/yellow\.png cannot be read \(ENOENT\)/);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });

  it('judges what does not need it', () => {
    expect(run('--only', 'req.model.required', '--quiet').status).toBe(0);
  });
});
