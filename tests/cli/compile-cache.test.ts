import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageFile } from '../../runner/package-files.js';
import { scratch } from '../support/command.js';

/** What the command prints where Node's `module` has this compile cache. */
function versionWith(enableCompileCache: string): { status: number | null; stdout: string; stderr: string } {
  const { folder, remove } = scratch();
  try {
    const preload = join(folder, 'preload.cjs');
    writeFileSync(preload, `require('node:module').enableCompileCache = ${enableCompileCache};`);
    const args = ['--require', preload, packageFile('dist/runner/cli.js'), '--version'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    return { status, stdout, stderr };
  } finally {
    remove();
  }
}

it('the command turns the compile cache on once, where Node has one', () => {
  const there = versionWith(`() => process.stderr.write('on\\n')`);
  expect(there).toEqual({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: 'on\n' });
  expect(versionWith('undefined')).toEqual({ ...there, stderr: '' });
});
