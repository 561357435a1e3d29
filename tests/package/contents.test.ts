import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { packageFile } from '../../runner/package-files.js';
import { scratch } from '../support/command.js';

const packed = new Map<string, string>();
const { folder: archives, remove } = scratch();
afterAll(remove);

/** The archive that is published from a repository with this remote. */
function archive(remote: string): string {
  const known = packed.get(remote);
  if (known !== undefined) return known;
  const folder = join(archives, String(packed.size));
  mkdirSync(folder);
  const env = { ...process.env, PACKAGE_REPOSITORY: remote };
  const script = packageFile('scripts', 'pack.mjs');
  const file = execFileSync(process.execPath, [script, folder], { encoding: 'utf8', env }).trim();
  packed.set(remote, file);
  return file;
}

describe('the package', () => {
  it('is published with the dependencies that it was tested with, each with its hash', () => {
    const file = archive('');
    const read = (name: string) =>
      JSON.parse(execFileSync('tar', ['-xzOf', file, `package/${name}`], { encoding: 'utf8' }));
    const { dependencies } = read('package.json') as { dependencies: Record<string, string> };
    const { packages } = read('npm-shrinkwrap.json') as {
      packages: Record<string, { version: string; integrity?: string; dev?: boolean; hasInstallScript?: boolean }>;
    };
    for (const name of Object.keys(dependencies)) expect(packages[`node_modules/${name}`], name).toBeDefined();
    for (const [name, { version, integrity, dev, hasInstallScript }] of Object.entries(packages)) {
      if (name === '') continue;
      expect(version, name).toMatch(/^\d+\.\d+\.\d+/);
      expect(integrity, name).toMatch(/^sha512-/);
      // Who installs the command may switch scripts off, and nothing is missing then.
      expect({ dev, hasInstallScript }, name).toEqual({});
    }
  });

  it.each([
    ['git@example.com:owner/name.git', 'https://example.com/owner/name'],
    ['https://example.com/owner/name', 'https://example.com/owner/name'],
    ['/srv/git/name', null],
    ['', null],
  ])('names its repository by the remote %j, and no address that nobody owns', (remote, web) => {
    const manifest = execFileSync('tar', ['-xzOf', archive(remote), 'package/package.json'], { encoding: 'utf8' });
    const { repository, homepage, bugs } = JSON.parse(manifest);
    expect([repository?.url, homepage, bugs?.url]).toEqual(
      web === null ? [undefined, undefined, undefined] : [`git+${web}.git`, `${web}#readme`, `${web}/issues`],
    );
  });

  it.each(['https://example.com/owner/name', ''])(
    'has no relative link that leads out of it (repository %j)',
    async (remote) => {
      const { linksIn } = (await import(packageFile('scripts', 'package-links.mjs'))) as {
        linksIn: (text: string) => { target: string }[];
      };
      const { folder, remove } = scratch();
      try {
        execFileSync('tar', ['-xzf', archive(remote), '-C', folder]);
        const root = join(folder, 'package');
        const documents = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
          name.endsWith('.md'),
        );
        expect(documents.length).toBeGreaterThan(10);
        const lost = documents.flatMap((name) =>
          linksIn(readFileSync(join(root, name), 'utf8'))
            .filter(({ target }) => !existsSync(join(root, dirname(name), target.split('#')[0]!)))
            .map(({ target }) => `${name}: ${target}`),
        );
        expect(lost).toEqual([]);
        const readme = readFileSync(join(root, 'README.md'), 'utf8');
        expect(readme).toContain('](docs/serve.md)');
        expect(readme.includes('](https://example.com/owner/name/blob/v0.1.0/docs/results/README.md)')).toBe(
          remote !== '',
        );
        expect(readme.includes('](https://example.com/owner/name/raw/v0.1.0/docs/pictures/report.png)')).toBe(
          remote !== '',
        );
      } finally {
        remove();
      }
    },
  );

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
