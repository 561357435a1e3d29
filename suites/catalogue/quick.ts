/**
 * The conversations of a quick run, those that show the most damage in the field first: streams that never end, lost tool
 * calls, usage counted as zero, errors that no client can read.
 */
export const QUICK: readonly string[] = [
  'minimal/json',
  'minimal/stream',
  'tool-forced/stream',
  'tool-forced/json',
  'calls-streamed/stream',
  'counting/stream',
  'counting-five-tokens/json',
  'cheap/json',
  'max-tokens-missing/json',
  'result-string/json',
];
