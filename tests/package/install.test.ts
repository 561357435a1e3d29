import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageFile } from '../../runner/package-files.js';
import { scratch } from '../support/command.js';

const MEGABYTE = 1_000_000;

const packed = new Map<string, string>();
const { folder: archives, remove: removeArchives } = scratch();

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

/** The project of a user: nothing but this package and what it brings along. */
const { folder: project, remove: removeProject } = scratch();
const installed = join(project, 'node_modules', 'messages-conformance');
let optional: string[];

/** Installs from the packed file and its shrinkwrap as npm does, with the files that `npm ci` has fetched here, so no registry is asked. */
beforeAll(() => {
  const file = archive('');
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', file, '--strip-components=1', '-C', installed]);
  const { packages } = JSON.parse(readFileSync(join(installed, 'npm-shrinkwrap.json'), 'utf8')) as {
    packages: Record<string, { optional?: boolean }>;
  };
  const brought = Object.keys(packages).filter((path) => path !== '');
  optional = brought.filter((path) => packages[path]?.optional);
  for (const path of brought) cpSync(packageFile(path), join(project, path), { recursive: true });
  writeFileSync(join(project, 'package.json'), '{ "name": "somebody", "private": true, "type": "module" }');
  execFileSync('npm', ['rebuild', '--ignore-scripts', '--offline', '--no-audit'], { cwd: project });
});
afterAll(() => {
  removeArchives();
  removeProject();
});

/** What npx starts. */
const COMMAND = join(project, 'node_modules', '.bin', 'messages-conformance');

const inProject = (program: string, ...args: string[]) =>
  spawnSync(program, args, {
    cwd: project,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: project, NO_COLOR: '1', npm_config_offline: 'true' },
  });
const script = (name: string, text: string) => {
  writeFileSync(join(project, name), text);
  return inProject(process.execPath, name);
};
/** What a test of a user has beside this package. */
const bring = (...names: string[]) => {
  for (const name of names) {
    mkdirSync(join(project, 'node_modules', name, '..'), { recursive: true });
    symlinkSync(packageFile('node_modules', name), join(project, 'node_modules', name));
  }
};
const bytes = (path: string): number => {
  const stat = lstatSync(path);
  return stat.isDirectory() ? readdirSync(path).reduce((sum, name) => sum + bytes(join(path, name)), 0) : stat.size;
};

describe('the archive', () => {
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
    ['https://example.com/owner/name', 'https://example.com/owner/name'],
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
});

describe('the package, installed into an empty folder', () => {
  it('runs by npx, with its reports and its catalogue', () => {
    const run = inProject('npx', '--no-install', 'messages-conformance', 'run', '--quick');
    expect(run.stderr).not.toMatch(/internal error/);
    expect([run.status, run.stdout]).toEqual([0, expect.stringMatching(/^PASSED /m)]);
    expect(readdirSync(join(project, 'conformance-report'))).toEqual(
      expect.arrayContaining(['index.html', 'junit.xml', 'report.json']),
    );
    const list = inProject(COMMAND, 'list', '--json');
    expect(JSON.parse(list.stdout).length ?? Object.keys(JSON.parse(list.stdout)).length).toBeGreaterThan(0);
  });

  it('is imported, and is small', () => {
    const { status, stdout, stderr } = script(
      'judge.js',
      `import { run, startEndpoint } from 'messages-conformance';
      const { url, close } = await startEndpoint({ faults: ['message-stop-missing'] });
      const { report, exitCode } = await run({ url, apiKey: 'any-key', model: 'reference-1', only: ['stream.order'] });
      await close();
      console.log(exitCode, report.results.some(({ verdict }) => verdict === 'fail'));`,
    );
    expect([status, stdout, stderr]).toEqual([0, '1 true\n', '']);
    expect(bytes(installed)).toBeLessThan(3.5 * MEGABYTE);
    const sdk = optional.reduce((sum, path) => sum + bytes(join(project, path)), 0);
    expect(bytes(join(project, 'node_modules')) - sdk).toBeLessThan(15 * MEGABYTE);
  });

  it('holds neither pictures nor what proves it', () => {
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => /docs\/pictures|kill-matrix|dist\/(mutation|tests)|\.map$/.test(file))).toEqual([]);
    expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'SECURITY.md', 'docs/dialects.md']));
  });

  it('writes files whose $schema an editor finds', () => {
    const init = ['contract', 'init', '--out', 'conformance/mine.json', '--quiet'];
    expect(inProject(COMMAND, ...init).status).toBe(0);
    const { $schema } = JSON.parse(readFileSync(join(project, 'conformance', 'mine.json'), 'utf8'));
    expect($schema).toBe('../node_modules/messages-conformance/schemas/contract.schema.json');
    const schema = JSON.parse(readFileSync(join(project, 'conformance', $schema), 'utf8'));
    expect(schema).toMatchObject({ title: 'A contract', $id: 'contract.schema.json' });
  });

  it('has types for each of its entries', () => {
    bring('typescript', '@types/node', 'undici-types', 'vitest', 'msw');
    writeFileSync(
      join(project, 'types.ts'),
      `import { type Report, run, type RunOptions, UsageError } from 'messages-conformance';
      import { FAULTS, messagesEndpoint } from 'messages-conformance/msw';
      import { conformance } from 'messages-conformance/vitest';
      const options: RunOptions = { url: 'http://localhost', model: 'm' };
      export const judged: Promise<Report> = run(options).then(({ report }) => report);
      export const first: string = FAULTS[0]!.id;
      messagesEndpoint().useFaults(first);
      conformance({ app: (request: Request) => new Response(request.url), model: 'm', profiles: ['core'] });
      // @ts-expect-error: there is no such profile
      conformance({ url: 'http://localhost', model: 'm', profiles: ['cores'] });
      export const isUsage = (error: unknown): boolean => error instanceof UsageError;`,
    );
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
    const tsc = inProject('node', 'node_modules/typescript/bin/tsc', ...options, 'types.ts');
    const ours = tsc.stdout.split('\n').filter((line) => /^types\.ts|messages-conformance/.test(line));
    expect(ours).toEqual([]);
    // What is left, if anything, are faults in the types of vitest and msw; a compiler that did not run says something else.
    expect(tsc.stdout).toMatch(/^$|node_modules.*error TS\d+/);
    expect(tsc.stderr).toBe('');
  });

  it('has an entry for msw and one for vitest', () => {
    const msw = script(
      'msw.js',
      `import { messagesEndpoint } from 'messages-conformance/msw';
      import { setupServer } from 'msw/node';
      const endpoint = messagesEndpoint();
      setupServer(...endpoint.handlers).listen();
      const headers = { 'x-api-key': 'any', 'anthropic-version': '2023-06-01', 'content-type': 'application/json' };
      await fetch('https://api.anthropic.com/v1/messages', { method: 'POST', headers, body: '{"model":"reference-1"}' });
      console.log(endpoint.violations.join());`,
    );
    expect([msw.status, msw.stdout]).toEqual([0, expect.stringContaining('/max_tokens: expected this required field')]);
    writeFileSync(
      join(project, 'server.test.js'),
      `import { startEndpoint } from 'messages-conformance';
      import { conformance } from 'messages-conformance/vitest';
      const { url } = await startEndpoint();
      conformance({ url, apiKey: 'any-key', model: 'reference-1', only: ['resp.id'] });`,
    );
    const vitest = inProject('node', 'node_modules/vitest/vitest.mjs', 'run', '--reporter=verbose');
    expect(vitest.stdout).toMatch(/✓.*resp\.id/);
    expect(vitest.status).toBe(0);
  });
});
