import { readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { OPTIMIZES_EARLY } from './runner/cli/be-short.js';
import { builtModules } from './tests/support/built-modules.js';

/** msw takes the place of `fetch` for all code of a process. */
const MSW = ['tests/reference/msw*.test.ts', 'tests/examples/*.test.ts', 'examples/client/*.test.ts'];
const BROWSER = ['tests/browser/*.test.ts', 'tests/cli/matrix-links.test.ts', 'tests/hostile/echo.test.ts'];

/**
 * What takes longest is started first, so that no process is left alone with it at the end. Some of it mostly waits for time to pass: beside
 * each of those stand others that compute.
 */
const FIRST = [
  'browser/report',
  'browser/screens',
  'runs/terminal-text',
  'gateway/faults',
  'package/install',
  'mutation/declared',
  'suites/combined-targets',
  'hostile/bodies',
  'gateway/variants',
  'suites/empty-target',
  'drift/drift',
  'drift/dialects',
  'variants/groups',
  'reference/growth',
  'contracts/dialects',
  'traits/gateway',
  'lanes/claude-code',
  'schemas/files',
  'runs/diagnosis',
  'reference/hostile',
  'suites/neighbour-targets',
  'lanes/real-clients',
];

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = FIRST.findIndex((name) => moduleId.endsWith(`/tests/${name}.test.ts`));
      return at < 0 ? FIRST.length : at;
    };
    const sorted = await super.sort(files);
    const projects = [...new Set(sorted.map(({ project }) => project))];
    return projects.flatMap((project) =>
      sorted.filter((file) => file.project === project).sort((a, b) => place(a) - place(b)),
    );
  }
}

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** What the package exports, by name: the source in place of the build. */
const OWN_NAMES = Object.entries({
  '/msw': 'reference/msw.ts',
  '/vitest': 'runner/vitest/index.ts',
  '': 'runner/index.ts',
}).map(([entry, file]) => ({
  find: new RegExp(`^messages-conformance${entry}$`),
  replacement: path(file),
}));

const writtenAt = (name: string): number => statSync(path(name), { throwIfNoEntry: false })?.mtimeMs ?? 0;

/**
 * The validators that the build compiled stand for those that the sources would compile, which takes each process two seconds. Not where
 * a schema, or what compiles it, is newer: of Ajv that is the lock, since `npm ci` writes the same version anew. `tests/schemas/prebuilt.test.ts` shows that both say the same.
 */
const PREBUILT_VALIDATORS = {
  name: 'prebuilt-validators',
  enforce: 'pre' as const,
  load(id: string): string | null {
    if (id !== path('validation/validators.ts')) return null;
    const sources = ['schemas', 'validation'].flatMap((folder) =>
      readdirSync(path(folder)).map((name) => `${folder}/${name}`),
    );
    const built = writtenAt('dist/validation/large.generated.cjs.br');
    const isNew = [...sources, 'scripts/compile-schemas.mjs', 'package-lock.json'].every(
      (name) => writtenAt(name) < built,
    );
    return isNew ? `export { validator } from ${JSON.stringify(path('dist/validation/validators.js'))};` : null;
  },
};

/**
 * Hardly a function of a test runs long enough to earn back its optimization, which Node 20 begins after ten thousand steps: waiting longer saves a
 * tenth of the time. Later versions wait by themselves and do not know the flag.
 */
const OPTIMIZE_LATE = OPTIMIZES_EARLY ? ['--interrupt-budget=3000000'] : [];

const BUILT_MODULES = await builtModules();

/** Files of tests that share the processes they run in: starting one for each would take longer than most tests. */
const project = (name: string, include: string[], rest: { exclude?: string[]; globalSetup?: string[] } = {}) => ({
  // Examples import the package by its name, as their readers will.
  resolve: { alias: OWN_NAMES },
  plugins: [BUILT_MODULES, PREBUILT_VALIDATORS],
  test: {
    name,
    include,
    ...rest,
    isolate: false,
    pool: 'forks' as const,
    // Most of what a run makes lives shortly: room for it saves a fifth of the time.
    execArgv: ['--max-semi-space-size=64', ...OPTIMIZE_LATE],
    // Nothing here is about time: a busy machine may take as long as it likes.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    expect: { poll: { timeout: 300_000 } },
  },
});

export default defineConfig({
  test: {
    globalSetup: ['tests/support/build-page.ts'],
    sequence: { sequencer: LongFirst },
    // One more than there are processors: some tests wait for a time that passes, or for a process that they started.
    maxWorkers: availableParallelism() + 1,
    projects: [
      project('apart', [...BROWSER, ...MSW], { globalSetup: ['tests/support/unpack-browser.ts'] }),
      project('others', ['tests/**/*.test.ts', 'examples/**/*.test.ts'], { exclude: [...MSW, ...BROWSER] }),
    ],
  },
});
