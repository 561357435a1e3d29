import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { packageFile } from '../runner/package-files.js';

describe('the package', () => {
  it('locks its dependencies without saying where they were downloaded', () => {
    expect(readFileSync(packageFile('package-lock.json'), 'utf8')).not.toMatch(/"resolved":/);
  });

  it('needs msw in one entry alone: who judges servers does not have to install it', () => {
    const sources = ['reference', 'runner', 'reporters', 'suites', 'validation'].flatMap((folder) =>
      readdirSync(packageFile(folder), { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
    );
    const importing = sources.filter(
      (file) => file.endsWith('.ts') && /from '(msw|.*\/msw\.js)'/.test(readFileSync(packageFile(file), 'utf8')),
    );
    expect(importing).toEqual(['reference/msw.ts']);
  });
});
