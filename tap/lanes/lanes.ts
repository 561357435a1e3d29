/** The real clients that can be driven: their manifests, and where they are installed. Nothing is installed unasked. */

import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { packageFile } from '../../runner/package-files.js';

/** `clients/<id>/lane.json`. */
export interface Lane {
  id: string;
  title: string;
  /** Name in its registry. */
  package: string;
  /** The version that is installed; empty for what the machine has. */
  version: string;
  /** What runs the probes. */
  kind: 'node' | 'python' | 'sh';
  /** What is installed, with versions. */
  install: readonly string[];
  /** File with the probes, beside the manifest. */
  probe: string;
  /** What this client wants behind the base URL. */
  basePath: string;
  /** Its own words for stop reasons of the protocol; those that it passes on as they are do not stand here. */
  stopReasons: Readonly<Record<string, string>>;
}

export function loadLanes(): Lane[] {
  const folder = packageFile('clients');
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'lane.json')))
    .map((name) => JSON.parse(readFileSync(join(folder, name, 'lane.json'), 'utf8')) as Lane)
    .sort((a, b) => a.title.localeCompare(b.title));
}

/** How the probes of a lane are run. */
export interface Ready {
  command: string;
  args: readonly string[];
  cwd: string;
}

/** A lane that can run, or the reason why not. */
export type Readiness = Ready | { reason: string };

/** Longest time of an installation. */
const INSTALL_MS = 600_000;

/** @param install Install what is missing, into the user's cache. */
export async function prepare(lane: Lane, install: boolean): Promise<Readiness> {
  if (lane.kind === 'sh') return prepareShell(lane);
  const runtime = lane.kind === 'node' ? process.execPath : 'python3';
  if (lane.kind === 'python' && (await run(runtime, ['--version'], process.cwd())) !== null)
    return { reason: 'python3 is not found' };
  const cwd = join(cacheFolder(), `${lane.id}-${lane.version}`);
  const ready = join(cwd, '.ready');
  if (!existsSync(ready)) {
    if (!install) return { reason: `${lane.package} ${lane.version} is not installed; --install puts it into ${cwd}` };
    const problem = await installInto(lane, cwd, runtime);
    if (problem !== null) return { reason: `the installation failed: ${problem}` };
    writeFileSync(ready, '');
  }
  copyFileSync(packageFile('clients', lane.id, lane.probe), join(cwd, lane.probe));
  return { command: lane.kind === 'node' ? runtime : join(cwd, 'bin', 'python'), args: [lane.probe], cwd };
}

/** A client that the machine has, run by a script of the shell. */
async function prepareShell({ id, package: program, probe }: Lane): Promise<Readiness> {
  if ((await run(program, ['--version'], process.cwd())) !== null) return { reason: `${program} is not found` };
  const cwd = join(cacheFolder(), id);
  mkdirSync(cwd, { recursive: true });
  return { command: 'sh', args: [packageFile('clients', id, probe)], cwd };
}

const cacheFolder = (): string =>
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'messages-conformance', 'clients');

/** What went wrong in one line; `null` when nothing did. */
async function installInto(lane: Lane, folder: string, runtime: string): Promise<string | null> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  if (lane.kind === 'node')
    return run(
      'npm',
      ['install', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts', '--silent', ...lane.install],
      folder,
    );
  return (
    (await run(runtime, ['-m', 'venv', folder], folder)) ??
    (await run(join(folder, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', ...lane.install], folder))
  );
}

/** Runs a command without the credentials of this environment; the end of what it says when it fails, else `null`. */
function run(command: string, args: readonly string[], cwd: string): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env: plainEnvironment(), timeout: INSTALL_MS });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (piece: string) => {
        text = (text + piece).slice(-2_000);
      });
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code) =>
      resolve(code === 0 ? null : (text.trim().split('\n').at(-1) ?? '') || `it ended with status ${code}`),
    );
  });
}

/** The environment without what looks like a credential. */
export const plainEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^ANTHROPIC_|KEY|TOKEN|SECRET|PASSWORD/i.test(name)),
  );
