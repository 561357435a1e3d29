import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** msw takes the place of `fetch` for all code of a process. */
const MSW = ['tests/reference/msw*.test.ts', 'tests/examples/*.test.ts', 'examples/client/*.test.ts'];
const BROWSER = ['tests/browser/*.test.ts', 'tests/cli/matrix-links.test.ts', 'tests/hostile/echo.test.ts'];

/** What takes longest: started first, so that no process is left alone with it at the end. */
const LONG = /msw-catalogue|browser\/(report|screens)|runs\/misleading|mutation\/declared|hostile\/bodies/;

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => Number(LONG.test(moduleId));
    const sorted = await super.sort(files);
    const projects = [...new Set(sorted.map(({ project }) => project))];
    return projects.flatMap((project) =>
      sorted.filter((file) => file.project === project).sort((a, b) => isLong(b) - isLong(a)),
    );
  }
}

/** What the package exports, by name: the source in place of the build. */
const OWN_NAMES = Object.entries({
  '/msw': 'reference/msw.ts',
  '/vitest': 'runner/vitest/index.ts',
  '': 'runner/index.ts',
}).map(([entry, file]) => ({
  find: new RegExp(`^messages-conformance${entry}$`),
  replacement: fileURLToPath(new URL(file, import.meta.url)),
}));

/** Files of tests that share the processes they run in: starting one for each would take longer than most tests. */
const project = (name: string, include: string[], rest: { exclude?: string[]; globalSetup?: string[] } = {}) => ({
  // Examples import the package by its name, as their readers will.
  resolve: { alias: OWN_NAMES },
  test: {
    name,
    include,
    ...rest,
    isolate: false,
    pool: 'forks' as const,
    // Most of what a run makes lives shortly: room for it saves a fifth of the time.
    execArgv: ['--max-semi-space-size=64'],
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
      project('msw', MSW),
      project('browser', BROWSER, { globalSetup: ['tests/support/browser-server.ts'] }),
      project('others', ['tests/**/*.test.ts', 'examples/**/*.test.ts'], { exclude: [...MSW, ...BROWSER] }),
    ],
  },
});
