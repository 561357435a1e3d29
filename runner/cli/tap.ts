import type { Report } from '../../core/report.js';
import { REPORTERS } from '../../reporters/index.js';
import { startTap } from '../../tap/tap.js';
import { loadContract } from '../contract/contracts.js';
import { exitCode } from '../exit-code.js';
import { readBaseUrl } from '../run/target.js';
import { UsageError } from '../usage-error.js';
import { useColor } from './files.js';
import { programOf } from './invocation.js';
import { print, say } from './output.js';
import { takeFolder } from './output-folder.js';
import { knownReporters, withUsualReporters, writeReports } from './write-reports.js';

interface TapCommandOptions {
  upstream?: string;
  port: number;
  host: string;
  out?: string;
  report: string;
  reporter?: string[];
  contract?: string;
  fail?: boolean;
  strict?: boolean;
  quiet?: boolean;
  verbose?: boolean;
  color?: boolean;
}

/** `messages-conformance tap`: runs until it is interrupted, then writes the report on what passed. */
export async function tapCommand(options: TapCommandOptions): Promise<number> {
  const { port, host, report: folder, fail = false, strict = false, quiet = false } = options;
  if (options.upstream === undefined)
    throw new UsageError('tap needs the server that it stands in front of, e.g. --upstream https://api.example.com');
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`--port ${port}: expected a number from 0 to 65535`);
  const { baseUrl, notices } = readBaseUrl(options.upstream, '--upstream');
  const reporters = withUsualReporters(knownReporters(options.reporter ?? []));
  const contract = await loadContract(options.contract ?? 'default');
  const releaseFolder = takeFolder(folder, '--report');
  try {
    let broken: Error | null = null;
    const tap = await startTap({
      contract,
      upstream: baseUrl,
      program: programOf(process.argv, process.cwd()),
      out: options.out ?? null,
      strict,
      quiet,
      color: useColor(options.color),
      port,
      host,
      fail,
      documents,
      onText: (text) => print(text, true),
      onEnd: (error) => {
        broken = error;
        say(
          `judging ended with an internal error: ${error.message}. Traffic still passes; nothing is recorded or judged any more.`,
        );
      },
    }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === undefined) throw error;
      throw new UsageError(`--port ${port}: cannot listen there (${error.code})`);
    });
    for (const notice of notices) say(notice);
    print(greeting(tap.url, baseUrl, options));
    const write = async (report: Report | null, terminal: boolean): Promise<boolean> =>
      report !== null && (await writeReports(report, reporters, { ...options, folder, terminal }));
    const onDemand = async (): Promise<void> => {
      if (await write(await tap.report(), false)) print(`report in ${folder}/index.html\n`);
    };
    process.on('SIGUSR2', onDemand);
    await interrupted();
    process.off('SIGUSR2', onDemand);
    const report = await tap.close();
    const written = await write(report, true);
    return broken === null && report !== null && written ? exitCode(report) : 3;
  } finally {
    releaseFolder();
  }
}

const greeting = (url: string, upstream: string, { out, fail, report }: TapCommandOptions): string =>
  [
    `Traffic passes from ${url} to ${upstream}. Point a client at it: ANTHROPIC_BASE_URL=${url}`,
    ...(out === undefined ? [] : [`Exchanges are recorded in ${out}, without credentials, with prompts and replies.`]),
    ...(fail
      ? ['--fail: what violates the protocol is answered with an error. Streams are held until they are complete.']
      : []),
    `Report so far: ${url}/.conformance/, or kill -USR2 ${process.pid}. Ctrl-C ends the tap and writes ${report}/.`,
    '',
  ].join('\n');

/** Resolves at the first signal; the second one ends the process at once. */
const interrupted = (): Promise<void> =>
  new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(name, () => {
        process.once(name, () => process.exit(3));
        resolve();
      });
    }
  });

const TYPES: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'report.json': 'application/json',
  'junit.xml': 'application/xml',
};

/** The files of a report by their names. */
async function documents(name: string, report: Report): Promise<{ type: string; text: string } | null> {
  const type = Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
  const reporter = Object.values(REPORTERS).find(({ file }) => file === name);
  if (type === undefined || reporter === undefined) return null;
  return { type, text: await reporter.render(report) };
}
