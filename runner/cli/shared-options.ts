/** Values of options, and options that several commands have: in the order of their help. */

import { type Command, InvalidArgumentError } from 'commander';

const list = (value: string): string[] =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
export const repeated = (value: string, before: string[] = []): string[] => [...before, ...list(value)];
export const lines = (value: string, before: string[] = []): string[] => [...before, value];

export function number(value: string): number {
  const parsed = Number(value);
  if (value.trim() === '' || !Number.isFinite(parsed)) throw new InvalidArgumentError('Expected a number.');
  return parsed;
}

/** What is judged. */
export const selecting = (command: Command): Command =>
  command
    .option('--profile <list>', 'profiles to judge, comma-separated (default: by the contract)', repeated)
    .option(
      '--only <id|glob>',
      'judge only these requirements, by id, beginning of an id, or glob; repeatable',
      repeated,
    )
    .option('--skip <id|glob>', 'leave these requirements out; repeatable', repeated);

/** What requests carry besides. */
export const withHeaders = (command: Command): Command =>
  command
    .option('--header <line>', "send this with every request, 'name: value'; repeatable", lines)
    .option('--header-env <line>', "the same, with the value from a variable: 'name: VARIABLE'; repeatable", lines);

/** What counts as a failure. */
export const counting = (command: Command): Command =>
  command
    .option('--baseline <file>', 'known failures; they do not fail the run, stale and expired ones do')
    .option('--update-baseline', 'write the baseline from this run, keeping its reasons')
    .option('--strict', 'a warning counts as a failure');

/** How much the terminal shows. */
export const printing = (command: Command): Command =>
  command
    .option('--quiet', 'print only failures and the closing line')
    .option('--verbose', 'print every requirement and every exchange')
    .option('--no-color', 'no colours (also NO_COLOR)');
