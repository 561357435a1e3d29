#!/usr/bin/env node
/** The command line. Parsing alone: what a command does is loaded when it is carried out. */

import { Command, CommanderError } from 'commander';
import { addCommands } from './cli/commands.js';
import { beginOutput, say } from './cli/output.js';
import { packageVersion } from './package-files.js';
import { UsageError } from './usage-error.js';

const withSubcommands = (command: Command): Command[] => [command, ...command.commands.flatMap(withSubcommands)];

/** The message of the arguments parser; where an argument is missing, how the command is called. */
function refusal(command: Command, text: string): string {
  const message = text.replace(/^error: /, '').trimEnd();
  if (!message.startsWith('missing required argument')) return message;
  const names: string[] = [];
  for (let one: Command | null = command; one !== null; one = one.parent) names.unshift(one.name());
  return `${message}; it is called as: ${names.join(' ')} ${command.usage()}`;
}

function commands(): Command {
  const program = new Command('messages-conformance')
    .description(
      "Judges whether a server speaks Anthropic's Messages API: shapes, order of events, usage, errors, headers.",
    )
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .exitOverride()
    .addHelpText('after', EXIT_STATUS);
  addCommands(program, process.argv[2]);
  for (const command of withSubcommands(program))
    command.configureOutput({ outputError: (text) => say(refusal(command, text)) });
  return program;
}

const EXIT_STATUS = `
Exit status:
  0  no requirement failed, and enough was judged
  1  at least one failed
  2  wrong usage or configuration
  3  the target could not be judged, the run ended early, or too little was judged

  messages-conformance run                                          the embedded endpoint
  messages-conformance run --url https://api.example.com --model m  a deployment`;

async function main(): Promise<void> {
  beginOutput();
  process.on('uncaughtException', (error) => endWith(fault(error)));
  process.on('unhandledRejection', (error) => endWith(fault(error)));
  // Node's exit status for an unsettled top-level await.
  process.on('exit', () => {
    if (process.exitCode === 13) process.exitCode = fault(new Error('the command came to no end'));
  });
  const program = commands();
  try {
    if (process.argv.length <= 2) program.help();
    await program.parseAsync();
  } catch (error) {
    process.exitCode = statusOf(error);
    if (process.argv[2] === 'run' && process.exitCode === 2) await setOldReportsAside();
  }
}

/** Prints what went wrong and returns the exit status. Only a failed requirement is 1. */
function statusOf(error: unknown): number {
  // Commander has printed its message.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UsageError) {
    say(error.message);
    return 2;
  }
  if (error instanceof Error && error.name === 'NothingAccepted') {
    say(error.message);
    return 3;
  }
  return fault(error);
}

/** Prints one line for an unexpected error. */
function fault(error: unknown): number {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  const place =
    stack
      .split('\n')
      .find((line) => line.startsWith('    at '))
      ?.slice(7) ?? 'an unknown place';
  say(
    `messages-conformance ${versionOrNothing()}has an internal error, so nothing was judged: ${message.replaceAll('\n', ' ')} (${place}). ` +
      'Please report this line and the command; MESSAGES_CONFORMANCE_TRACE=1 prints the stack trace.',
  );
  if (process.env.MESSAGES_CONFORMANCE_TRACE) say(stack);
  return 3;
}

/** This must not throw: the package itself may be damaged. */
function versionOrNothing(): string {
  try {
    return `${packageVersion()} `;
  } catch {
    return '';
  }
}

function endWith(status: number): void {
  process.exitCode = status;
  process.exit();
}

/** A run with invalid options must not leave an old success behind. */
async function setOldReportsAside(): Promise<void> {
  const { DEFAULT_FOLDER, setAsideQuietly } = await import('./cli/output-folder.js');
  const at = process.argv.findIndex((argument) => /^--out(=|$)/.test(argument));
  const given = at === -1 ? DEFAULT_FOLDER : process.argv[at]!.slice('--out='.length) || process.argv[at + 1];
  const many = process.argv.some((argument) => /^--targets(=|$)/.test(argument));
  if (given !== undefined && !many && !process.argv.includes('--dry-run')) setAsideQuietly(given);
}

await main();
