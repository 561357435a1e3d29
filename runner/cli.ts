#!/usr/bin/env node
/** The command line. Parsing alone: what a command does is loaded when it is carried out. */

import { Command, CommanderError, Option } from 'commander';
import { beginOutput, say } from './cli/output.js';
import { counting, lines, number, printing, repeated, selecting, withHeaders } from './cli/shared-options.js';
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

/** `run http://…` is the same as `run --url http://…`; both at once contradict one another. */
function oneUrl(argument: string, option: string | undefined): string {
  if (option === undefined || option === argument) return argument;
  throw new UsageError(`run ${argument} --url ${option}: two addresses; give one`);
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

  const run = program
    .command('run')
    .description('judge a target; without a URL the embedded reference endpoint')
    .argument('[url]', 'the same as --url')
    .option('--url <url>', 'base URL of the target, without /v1 (or ANTHROPIC_BASE_URL)')
    .option(
      '--api-key-env <name>',
      'variable that holds the key (default: ANTHROPIC_API_KEY); a key is never an argument',
    )
    .option('--model <id>', 'model to ask for (or ANTHROPIC_MODEL)')
    .option('--contract <name|file>', 'what the target claims (default: core, tools, errors, agent)');
  selecting(run)
    .option('--concurrency <n>', 'requests in parallel (default: 4)', number)
    .option('--timeout <seconds>', 'time limit of one exchange (default: 120)', number)
    .option('--max-duration <minutes>', 'time limit of the whole run (default: 30)', number)
    .option('--max-requests <n>', 'send at most this many requests', number)
    .option('--max-tokens-total <n>', 'stop before the worst case exceeds this many tokens', number);
  withHeaders(run)
    .option('--follow-results', 'fetch results of batches from other origins too, without a key')
    .option('--with <fixture>', 'also send this conversation; repeatable', repeated)
    .option('--failed', 'judge only what did not pass in the last report')
    .option('--bail', 'end the run at the first failure')
    .option('--wait <seconds>', 'wait until the target answers', number)
    .option('--watch <files...>', 'run again when one of these files or folders changes, and print what changed')
    .option('--repeat <n>', 'judge this many times; verdicts that differ are flaky', number)
    .option('--min-judged <percent>', 'share of the required checks that has to be judged (default: 75)', number)
    .option('--config <file>', 'file with settings (default: conformance.config.json if it exists)')
    .option('--dry-run', 'print requests and worst-case tokens, send nothing')
    .addOption(new Option('--quick', 'send at most ten requests, for the most damaging faults').conflicts('thorough'))
    .option('--api-version <version>', 'anthropic-version of requests (default: both where they differ)')
    .option('--thorough', 'also send further variants of invalid requests');
  counting(run)
    .option(
      '--client <list>',
      'also drive these real clients, comma-separated: ai-sdk, claude-code, curl, go, python, typescript',
      repeated,
    )
    .option('--install', "install missing clients, in pinned versions, into the user's cache")
    .option('--require-client <list>', 'exit with status 2 if one of these cannot run', repeated)
    .option('--strict-clients', 'a client that returns something else than the response says counts as a failure')
    .option(
      '--out <dir>',
      'where report.json, index.html and junit.xml go (default: conformance-report); - with one --reporter: standard output',
    )
    .option(
      '--reporter <list>',
      'further reports, comma-separated: markdown, sarif, github, badge, openmetrics',
      repeated,
    )
    .option(
      '--targets <file>',
      'judge many targets: a report for each, a matrix and a summary; the worst status counts',
    )
    .option('--parallel <n>', 'with --targets: targets in parallel (default: 2)', number)
    .option('--shard <i/n>', 'with --targets: only part i of n, for several machines');
  printing(run).action(async (url, options) => {
    const { runCommand } = await import('./cli/run.js');
    process.exitCode = await runCommand({ ...options, ...(url !== undefined && { url: oneUrl(url, options.url) }) });
  });

  const gateway = program
    .command('gateway')
    .description(
      'judge a gateway from both sides, as its client and as its upstream; without a URL the embedded reference gateway',
    )
    .option('--url <url>', 'base URL of the gateway, without /v1')
    .option(
      '--api-key-env <name>',
      "variable that holds the gateway's key (default: ANTHROPIC_API_KEY); a key is never an argument",
    )
    .option('--model <id>', 'model to ask for')
    .option('--upstream-port <n>', 'port of the upstream that the suite opens on 127.0.0.1', number)
    .option('--speaks <api>', 'API of the upstream: openai-chat (default), openai-responses or messages')
    .option('--start <command>', 'start the gateway; {url}, {port} and {key} of the upstream are filled in')
    .option('--wait <seconds>', 'wait until the gateway answers (with --start: 60)', number)
    .option('--contract <name|file>', 'what the gateway claims, and fields that it documents as ignored');
  selecting(gateway)
    .option('--with <case>', 'also send this case; repeatable', repeated)
    .option('--cases <file>', 'cases of your own (schemas/gateway-case.schema.json); repeatable', lines)
    .option('--concurrency <n>', 'cases in parallel (default: 1)', number)
    .option('--timeout <seconds>', 'time limit of one exchange (default: 30)', number)
    .option(
      '--recovery <seconds>',
      'how long to wait for a gateway that holds back after a failure (default: 75)',
      number,
    );
  withHeaders(gateway)
    .option('--min-judged <percent>', 'share of the required checks that has to be judged (default: 75)', number)
    .option('--dry-run', 'print how many requests it takes, send nothing')
    .option('--thorough', 'also send the longer cases')
    .option('--fault <id>', 'make the embedded gateway misbehave in this way; repeatable (--list-faults)', repeated)
    .option('--list-faults', 'print the faults of the embedded gateway, and exit');
  counting(gateway)
    .option('--out <dir>', 'where report.json, index.html and junit.xml go (default: gateway-report)')
    .option('--reporter <list>', 'further reports, comma-separated: markdown, sarif, github, badge', repeated);
  printing(gateway).action(async (options) => {
    const { gatewayCommand } = await import('../gateway/cli/gateway.js');
    process.exitCode = await gatewayCommand(options);
  });

  program
    .command('list')
    .description('print the catalogue: ids, levels, profiles, sources')
    .option('--json', 'as JSON')
    .option('--gateway', 'the catalogue of the command gateway')
    .option('--profile <list>', 'only these profiles, comma-separated', repeated)
    .action(async (options) => {
      const { listCommand } = await import('./cli/list.js');
      const { GATEWAY_SUITES } = options.gateway ? await import('../gateway/suites/index.js') : {};
      process.exitCode = listCommand(options, GATEWAY_SUITES);
    });

  program
    .command('compare <before> <after>')
    .description(
      'compare two reports: regressions, fixes, added and removed requirements; status 1 on a regression or a lost pass',
    )
    .option('--format <name>', 'terminal, markdown, json or html (default: by the name of --out, or terminal)')
    .option('--out <file>', 'write to a file')
    .option('--allow-unjudged', 'do not count a pass that is no longer judged as a regression')
    .option('--verbose', 'print unchanged evidence too')
    .option('--no-color', 'no colours')
    .action(async (before, after, options) => {
      const { compareCommand } = await import('./cli/compare.js');
      process.exitCode = await compareCommand(before, after, options);
    });

  program
    .command('matrix <reports...>')
    .description('many reports side by side in one HTML file')
    .option('--clients', 'one column for each client in the reports (run --client), one row for each probe')
    .option('--out <file>', 'file to write', 'conformance-matrix.html')
    .action(async (reports, options) => {
      const { matrixCommand } = await import('./cli/matrix.js');
      process.exitCode = matrixCommand(reports, options);
    });

  program
    .command('history <folder>')
    .description('all reports below a folder, over time, in one HTML file')
    .option('--out <file>', 'file to write', 'conformance-history.html')
    .action(async (folder, options) => {
      const { historyCommand } = await import('./cli/history.js');
      process.exitCode = historyCommand(folder, options);
    });

  program
    .command('judge <file>')
    .description(
      'judge recorded traffic without the network: a report, a record of the tap, a HAR file, the output of curl -i -N, or the text of a stream',
    )
    .option(
      '--contract <name|file>',
      'what the server claims, for recorded traffic (default: core, tools, errors, agent)',
    )
    .option('--strict', 'a warning counts as a failure, for recorded traffic')
    .option('--out <file>', 'write the new report.json')
    .option('--quiet', 'print only failures and the closing line')
    .option('--verbose', 'print every requirement')
    .option('--no-color', 'no colours')
    .action(async (file, options) => {
      const { judgeCommand } = await import('./cli/judge.js');
      process.exitCode = await judgeCommand(file, options);
    });

  program
    .command('report')
    .description('work with a report')
    .helpCommand(false)
    .command('export <id>')
    .description('export one requirement with its conversations and raw responses, to attach to a bug report')
    .option('--from <file>', 'the report', 'conformance-report/report.json')
    .option('--out <file>', 'file to write (default: ID.json)')
    .action(async (id, options) => {
      const { exportCommand } = await import('./cli/export.js');
      process.exitCode = await exportCommand(id, options);
    });

  program
    .command('tap')
    .description('judge live traffic: a pass-through between any client and any server')
    .option('--upstream <url>', 'base URL of the server, without /v1')
    .addOption(new Option('--port <n>', 'port for clients').argParser(number).default(8787))
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--out <file>', 'record every exchange there, one line of JSON each; it must not exist yet')
    .option('--report <dir>', 'where the report goes at the end, and on SIGUSR2', 'conformance-tap')
    .option('--reporter <list>', 'further reports, comma-separated: markdown, sarif, github, badge', repeated)
    .option('--contract <name|file>', 'what the server claims (default: core, tools, errors, agent)')
    .option('--fail', 'answer a violation with an error instead of passing it on')
    .option('--strict', 'a warning counts as a failure')
    .option('--quiet', 'print only exchanges with a finding')
    .option('--verbose', 'print every requirement at the end')
    .option('--no-color', 'no colours (also NO_COLOR)')
    .action(async (options) => {
      const { tapCommand } = await import('./cli/tap.js');
      process.exitCode = await tapCommand(options);
    });

  const clients = program
    .command('clients')
    .description(
      'drive real clients against a target and compare what they return with the bytes; without a URL, against the embedded reference endpoint',
    )
    .option('--url <url>', 'base URL of the target, without /v1 (or ANTHROPIC_BASE_URL)')
    .option('--api-key-env <name>', 'variable that holds the key (default: ANTHROPIC_API_KEY)')
    .option('--model <id>', 'model to ask for (or ANTHROPIC_MODEL)')
    .option(
      '--client <list>',
      'only these, comma-separated: ai-sdk, curl, go, python, typescript; claude-code runs only when named',
      repeated,
    )
    .option('--install', "install missing clients, in pinned versions, into the user's cache")
    .option('--require-client <list>', 'exit with status 2 if one of these cannot run', repeated)
    .option('--strict-clients', 'exit with status 1 if a client returns something else than the response says')
    .option('--contract <name|file>', 'what the target claims (default: core, tools, errors, agent)');
  withHeaders(clients)
    .addOption(
      new Option('--timeout <seconds>', 'time limit of all probes of one client').argParser(number).default(120),
    )
    .option('--out <file>', 'write the results as JSON')
    .option('--no-color', 'no colours (also NO_COLOR)')
    .action(async (options) => {
      const { clientsCommand } = await import('./cli/clients.js');
      process.exitCode = await clientsCommand(options);
    });

  program
    .command('serve')
    .description('start the reference endpoint, for people who build clients')
    .addOption(new Option('--port <n>', 'port').argParser(number).default(8787))
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--api-key-env <name>', 'variable that holds the one accepted key; without it every key is accepted')
    .option('--contract <name|file>', 'whose dialect to speak (default: anthropic)')
    .option('--fault <id>', 'misbehave in this way; repeatable (--list-faults)', repeated)
    .option('--variant <id>', 'answer in this unusual but conformant way (--list-variants)', repeated)
    .addOption(new Option('--oddity <id>', 'an earlier name of --variant').argParser(repeated).hideHelp())
    .option('--model <id>', 'also serve this model; repeatable', repeated)
    .option('--any-model', 'accept any model name')
    .option('--quiet', 'print no line for each request')
    .option('--list-faults', 'print the faults by kind, each with the level of what it breaks, and exit')
    .option('--list-variants', 'print the conformant variants, and exit')
    .action(async (options) => {
      const { serveCommand } = await import('./cli/serve.js');
      process.exitCode = await serveCommand(options);
    });

  const init = program
    .command('contract')
    .description('contracts: files that say what a target claims')
    .helpCommand(false)
    .command('init')
    .description('ask a target a few questions and write a contract from its answers, to be edited')
    .option(
      '--url <url>',
      'base URL of the target, without /v1 (or ANTHROPIC_BASE_URL); without it the embedded endpoint',
    )
    .option('--api-key-env <name>', 'variable that holds the key (default: ANTHROPIC_API_KEY)')
    .option('--model <id>', 'model to ask for (or ANTHROPIC_MODEL)')
    .option('--out <file>', 'file to write; without it the contract is printed');
  withHeaders(init)
    .option('--concurrency <n>', 'requests in parallel (default: 4)', number)
    .option('--timeout <seconds>', 'time limit of one exchange (default: 120)', number)
    .option('--quiet', 'no progress')
    .action(async (options) => {
      const { contractInitCommand } = await import('./cli/contract-init.js');
      process.exitCode = await contractInitCommand(options);
    });
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
