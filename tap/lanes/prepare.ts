/** Where the clients of the lanes are installed. Nothing is installed unasked. */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { packageFile } from '../../runner/package-files.js';
import { binaryIn } from './claude-code.js';
import type { Lane } from './lanes.js';

/** How the probes of a lane are run. */
export interface Ready {
  command: string;
  args: readonly string[];
  cwd: string;
  /** Its whole environment. Default: that of this process without what looks like a credential. */
  env?: NodeJS.ProcessEnv;
}

/** A lane that can run, or the reason why not. */
export type Readiness = Ready | { reason: string };

/** Longest time of an installation. The first compilation of the Go client takes minutes on a small machine. */
const INSTALL_MS = 900_000;

/**
 * @param install Install what is missing, into the user's cache.
 * @param limitMs Longest time of one command of the installation.
 */
export async function prepare(lane: Lane, install: boolean, limitMs = INSTALL_MS): Promise<Readiness> {
  switch (lane.kind) {
    case 'sh':
      return prepareShell(lane);
    case 'claude-code':
      return prepareCode(lane, install, limitMs);
    case 'go':
      return prepareGo(lane, install, limitMs);
    default:
      return preparePackage(lane, install, limitMs);
  }
}

/** A client that the machine has, run by a script of the shell. */
async function prepareShell({ id, package: program, probe }: Lane): Promise<Readiness> {
  if ((await run(program, ['--version'], process.cwd())) !== null) return { reason: `${program} is not found` };
  const cwd = join(cacheFolder(), id);
  mkdirSync(cwd, { recursive: true });
  return { command: 'sh', args: [packageFile('clients', id, probe)], cwd };
}

/** A native binary, which the package of npm brings for each platform as a dependency of its own. */
async function prepareCode(lane: Lane, install: boolean, limitMs: number): Promise<Readiness> {
  const cwd = folderOf(lane);
  const absent = await installed(lane, install, process.execPath, limitMs);
  if (absent !== null) return absent;
  const command = binaryIn(cwd);
  if (command === null)
    return { reason: `its package brought no binary for ${process.platform} ${process.arch} into ${cwd}` };
  return { command, args: [], cwd };
}

/** A package of npm, or one of Python in a virtual environment of its own. */
async function preparePackage(lane: Lane, install: boolean, limitMs: number): Promise<Readiness> {
  const runtime = lane.kind === 'node' ? process.execPath : 'python3';
  if (lane.kind === 'python' && (await run(runtime, ['--version'], process.cwd())) !== null)
    return { reason: 'python3 is not found' };
  const cwd = folderOf(lane);
  const absent = await installed(lane, install, runtime, limitMs);
  if (absent !== null) return absent;
  copyFileSync(packageFile('clients', lane.id, lane.probe), join(cwd, lane.probe));
  return { command: lane.kind === 'node' ? runtime : join(cwd, 'bin', 'python'), args: [lane.probe], cwd };
}

/** Why the package is not in the cache; `null` when it is, or has been installed now. */
async function installed(
  lane: Lane,
  install: boolean,
  runtime: string,
  limitMs: number,
): Promise<{ reason: string } | null> {
  const cwd = folderOf(lane);
  const ready = join(cwd, '.ready');
  if (existsSync(ready)) return null;
  if (!install) return notInstalled(lane);
  const problem = await installInto(lane, cwd, runtime, limitMs);
  if (problem !== null) return { reason: `the installation failed: ${problem}` };
  writeFileSync(ready, '');
  return null;
}

/** Neither the toolchain nor the versions of `go.mod` are replaced by what the environment says. */
const GO_SETTINGS = { GOTOOLCHAIN: 'local', GOWORK: 'off', GOFLAGS: '-mod=readonly' };

/** A Go module, whose probes are compiled. */
async function prepareGo(lane: Lane, install: boolean, limitMs: number): Promise<Readiness> {
  if ((await run('go', ['version'], process.cwd())) !== null) return { reason: 'go is not found' };
  const cwd = folderOf(lane);
  const ready = join(cwd, '.ready');
  const sources = ['go.mod', 'go.sum', lane.probe];
  const digest = createHash('sha256');
  for (const name of sources) digest.update(readFileSync(packageFile('clients', lane.id, name)));
  const state = digest.digest('hex');
  const known = existsSync(ready) ? readFileSync(ready, 'utf8') : null;
  if (known !== state) {
    if (known === null && !install) return notInstalled(lane);
    rmSync(ready, { force: true });
    mkdirSync(cwd, { recursive: true });
    for (const name of sources) copyFileSync(packageFile('clients', lane.id, name), join(cwd, name));
    const problem = await run('go', ['build', '-o', 'probe', '.'], cwd, {
      limitMs,
      // Modules are there when only the probes are newer.
      settings: { ...GO_SETTINGS, ...(install ? {} : { GOPROXY: 'off' }) },
    });
    if (problem !== null) return { reason: `the compilation failed: ${problem}` };
    writeFileSync(ready, state);
  }
  return { command: join(cwd, 'probe'), args: [], cwd };
}

const cacheFolder = (): string =>
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'messages-conformance', 'clients');

const folderOf = ({ id, version }: Lane): string => join(cacheFolder(), `${id}-${version}`);

const notInstalled = (lane: Lane): { reason: string } => ({
  reason: `${lane.package} ${lane.version} is not installed; --install puts it into ${folderOf(lane)}`,
});

/** What went wrong in one line; `null` when nothing did. */
async function installInto(lane: Lane, folder: string, runtime: string, limitMs: number): Promise<string | null> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  if (lane.kind !== 'python')
    return run(
      'npm',
      ['install', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts', '--silent', ...lane.install],
      folder,
      { limitMs },
    );
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...lane.install];
  return (
    (await run(runtime, ['-m', 'venv', folder], folder, { limitMs })) ??
    (await run(join(folder, 'bin', 'python'), pip, folder, { limitMs }))
  );
}

/** Runs a command without the credentials of this environment; the end of what it says when it fails, else `null`. */
function run(
  command: string,
  args: readonly string[],
  cwd: string,
  { settings = {}, limitMs = INSTALL_MS }: { settings?: Readonly<Record<string, string>>; limitMs?: number } = {},
): Promise<string | null> {
  return new Promise((resolve) => {
    const env = { ...plainEnvironment(), ...settings };
    const child = spawn(command, args, { cwd, env });
    // Not the timeout of `spawn`: it keeps the process alive when there is no such command.
    const timer = setTimeout(() => child.kill(), limitMs);
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (piece: string) => {
        text = (text + piece).slice(-2_000);
      });
    const done = (problem: string | null): void => {
      clearTimeout(timer);
      resolve(problem);
    };
    child.on('error', (error) => done(error.message));
    child.on('close', (code) =>
      done(code === 0 ? null : (text.trim().split('\n').at(-1) ?? '') || `it ended with status ${code}`),
    );
  });
}

/** The environment without what looks like a credential. */
export const plainEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^ANTHROPIC_|KEY|TOKEN|SECRET|PASSWORD/i.test(name)),
  );
