import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { packageFile } from '../../runner/package-files.js';

describe('the package', () => {
  it.each([
    ['git@example.com:owner/name.git', 'https://example.com/owner/name'],
    ['https://example.com/owner/name', 'https://example.com/owner/name'],
    ['/srv/git/name', null],
    ['', null],
  ])('names its repository by the remote %j, and no address that nobody owns', async (remote, web) => {
    const { addresses, webAddress } = (await import(packageFile('scripts', 'package-addresses.mjs'))) as {
      webAddress: (remote: string) => string | undefined;
      addresses: (web: string | undefined) => Record<string, unknown>;
    };
    expect(addresses(webAddress(remote))).toEqual(
      web === null
        ? {}
        : {
            repository: { type: 'git', url: `git+${web}.git` },
            homepage: `${web}#readme`,
            bugs: { url: `${web}/issues` },
          },
    );
  });

  it('is built before it is packed, so that a fresh clone publishes no empty package', () => {
    const { scripts } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as {
      scripts: { prepack: string };
    };
    expect(scripts.prepack).toBe('node scripts/prepack.mjs');
    expect(existsSync(packageFile('scripts', 'prepack.mjs'))).toBe(true);
    // npm would skip it.
    expect(readFileSync(packageFile('.npmrc'), 'utf8')).not.toMatch(/^ignore-scripts/m);
  });

  it('needs no script of a dependency, and knows the two that have one for development', () => {
    const { packages } = JSON.parse(readFileSync(packageFile('package-lock.json'), 'utf8')) as {
      packages: Record<string, { hasInstallScript?: boolean; dev?: boolean; devOptional?: boolean }>;
    };
    const having = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript);
    expect(having.map(([name]) => name)).toEqual(['node_modules/esbuild', 'node_modules/msw']);
    for (const [name, { dev, devOptional }] of having) expect(dev ?? devOptional, name).toBe(true);
    // CI and the image run none at all.
    expect(readFileSync(packageFile('.ci', 'run'), 'utf8')).not.toMatch(/npm ci(?! --ignore-scripts| && npm test)/);
  });

  it('is named in the README with its version, where a key is in the environment', () => {
    const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string };
    const readme = readFileSync(packageFile('README.md'), 'utf8');
    const steps = readme.match(/^- run: npx .*$/gm) ?? [];
    expect(steps.length).toBeGreaterThan(0);
    for (const step of steps) expect(step).toContain(`npx messages-conformance@${version} `);
  });

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
