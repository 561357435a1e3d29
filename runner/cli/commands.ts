/** The commands and their options. What a command does is loaded when it is carried out. */

import { type Command, Option } from 'commander';
import { UsageError } from '../usage-error.js';
import { counting, lines, number, printing, repeated, selecting, withHeaders } from './shared-options.js';

/** `run http://…` is the same as `run --url http://…`; both at once contradict one another. */
function oneUrl(argument: string, option: string | undefined): string {
  if (option === undefined || option === argument) return argument;
  throw new UsageError(`run ${argument} --url ${option}: two addresses; give one`);
}

/** By name, in the order of the help: each adds itself to the program. */
const COMMANDS: Readonly<Record<string, (program: Command) => void>> = {
  run(program) {
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
      const { runCommand } = await import('./run.js');
      process.exitCode = await runCommand({ ...options, ...(url !== undefined && { url: oneUrl(url, options.url) }) });
    });
  },
  gateway(program) {
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
      const { gatewayCommand } = await import('../../gateway/cli/gateway.js');
      process.exitCode = await gatewayCommand(options);
    });
  },
  list(program) {
    program
      .command('list')
      .description('print the catalogue: ids, levels, profiles, sources')
      .option('--json', 'as JSON')
      .option('--gateway', 'the catalogue of the command gateway')
      .option('--profile <list>', 'only these profiles, comma-separated', repeated)
      .action(async (options) => {
        const { listCommand } = await import('./list.js');
        const { GATEWAY_SUITES } = options.gateway ? await import('../../gateway/suites/index.js') : {};
        process.exitCode = listCommand(options, GATEWAY_SUITES);
      });
  },
  compare(program) {
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
        const { compareCommand } = await import('./compare.js');
        process.exitCode = await compareCommand(before, after, options);
      });
  },
  matrix(program) {
    program
      .command('matrix <reports...>')
      .description('many reports side by side in one HTML file')
      .option('--clients', 'one column for each client in the reports (run --client), one row for each probe')
      .option('--out <file>', 'file to write', 'conformance-matrix.html')
      .action(async (reports, options) => {
        const { matrixCommand } = await import('./matrix.js');
        process.exitCode = matrixCommand(reports, options);
      });
  },
  history(program) {
    program
      .command('history <folder>')
      .description('all reports below a folder, over time, in one HTML file')
      .option('--out <file>', 'file to write', 'conformance-history.html')
      .action(async (folder, options) => {
        const { historyCommand } = await import('./history.js');
        process.exitCode = historyCommand(folder, options);
      });
  },
  judge(program) {
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
      .option('--out <file>', 'write the new report: x.html, x.md, x.xml (JUnit) or x.sarif, any other name is JSON')
      .option('--quiet', 'print only failures and the closing line')
      .option('--verbose', 'print every requirement')
      .option('--no-color', 'no colours')
      .action(async (file, options) => {
        const { judgeCommand } = await import('./judge.js');
        process.exitCode = await judgeCommand(file, options);
      });
  },
  report(program) {
    program
      .command('report')
      .description('work with a report')
      .helpCommand(false)
      .command('export <id>')
      .description('export one requirement with its conversations and raw responses, to attach to a bug report')
      .option('--from <file>', 'the report', 'conformance-report/report.json')
      .option('--out <file>', 'file to write (default: ID.json)')
      .action(async (id, options) => {
        const { exportCommand } = await import('./export.js');
        process.exitCode = await exportCommand(id, options);
      });
  },
  tap(program) {
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
        const { tapCommand } = await import('./tap.js');
        process.exitCode = await tapCommand(options);
      });
  },
  clients(program) {
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
        const { clientsCommand } = await import('./clients.js');
        process.exitCode = await clientsCommand(options);
      });
  },
  serve(program) {
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
        const { serveCommand } = await import('./serve.js');
        process.exitCode = await serveCommand(options);
      });
  },
  contract(program) {
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
        const { contractInitCommand } = await import('./contract-init.js');
        process.exitCode = await contractInitCommand(options);
      });
  },
};

/**
 * Adds the command that is asked for, or all of them where none is: their options take 4 ms of CPU, the twentieth part of `list`.
 *
 * @param asked The first argument.
 */
export function addCommands(program: Command, asked: string | undefined): void {
  const isKnown = asked !== undefined && Object.hasOwn(COMMANDS, asked);
  for (const [name, add] of Object.entries(COMMANDS)) if (!isKnown || name === asked) add(program);
}
