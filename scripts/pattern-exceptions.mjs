/**
 * Regular expressions that take more than linear time, or that only come to be when the program runs, each with what bounds it.
 * `file` names where one of the second kind stands.
 */
export const EXCEPTIONS = [
  {
    pattern: '"(?:[^"\\\\]|\\\\.){20,}("|$)',
    bound: 'reporters/compare.ts asks oneLine for its text first: at most 424 characters',
  },
  { file: 'core/visible.ts', pattern: 'INVISIBLE.source', bound: 'the pattern of the line above, which is checked' },
  { file: 'suites/vision.ts', pattern: 'color', bound: 'a word from a list in the same file' },
  {
    file: 'runner/run/fire.ts',
    pattern: 'RegExp(part',
    bound: 'a pattern of a fixture, all of which are checked here',
  },
];
