/**
 * The conversations of a quick run. The faults that cause most damage in practice come first: streams that never end, lost tool calls,
 * `usage` of 0, errors that clients cannot read.
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
