import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { packageFile } from '../runner/package-files.js';

describe('the package', () => {
  it('locks its dependencies without saying where they were downloaded', () => {
    expect(readFileSync(packageFile('package-lock.json'), 'utf8')).not.toMatch(/"resolved":/);
  });
});
