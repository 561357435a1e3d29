/** A browser for tests, from the npm package that brings one: nothing needs to be installed on the machine. */

import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Browser, chromium, type LaunchOptions } from 'playwright-core';

/** Starts it, with more switches where they are named; the caller closes it. */
export const startBrowser = async (switches: readonly string[] = []): Promise<Browser> =>
  chromium.launch(await options(switches));

let shared: Promise<Browser> | undefined;

/**
 * The browser of all tests that this process runs. Who asks for it closes what it opens there; the browser ends with the process.
 * Its engine runs without helper threads: pages of tests live too short for them to pay off.
 */
export async function sharedBrowser(): Promise<Browser> {
  const before = await shared;
  if (before?.isConnected()) return before;
  shared = startBrowser(['--js-flags=--single-threaded']);
  return shared;
}

async function options(switches: readonly string[]): Promise<LaunchOptions> {
  const folder = await unpackBrowser();
  return {
    executablePath: join(folder, 'chromium'),
    args: [
      '--no-sandbox',
      '--no-zygote',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--font-render-hinting=none',
      ...switches,
    ],
    env: {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
      FONTCONFIG_PATH: join(folder, 'fonts'),
    },
  };
}

/**
 * The folder with the unpacked browser, the shared libraries that a bare machine lacks, and fonts. Unpacked once for each
 * version. The package decides by the environment where it unpacks and whether it brings its libraries, so both are set
 * for as long as it does; the folder gets its name only when it is whole, so that two tests may unpack at the same time.
 */
export async function unpackBrowser(): Promise<string> {
  const folder = join(tmpdir(), `messages-conformance-browser-${version()}`);
  if (existsSync(folder)) return folder;
  const draft = mkdtempSync(`${folder}-`);
  const before = { ...process.env };
  try {
    Object.assign(process.env, { TMPDIR: draft, AWS_LAMBDA_JS_RUNTIME: 'nodejs20.x' });
    const { default: packed } = await import('@sparticuz/chromium');
    await packed.executablePath();
    writeFileSync(join(draft, 'fonts', 'fonts.conf'), fontConfiguration(folder));
  } finally {
    for (const name of ['TMPDIR', 'AWS_LAMBDA_JS_RUNTIME', 'LD_LIBRARY_PATH', 'FONTCONFIG_PATH', 'HOME']) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
  try {
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** The fonts that came with the browser, behind those of the machine. */
const fontConfiguration = (folder: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>${join(folder, 'fonts')}</dir>
  <cachedir>${join(folder, 'fonts-cache')}</cachedir>
</fontconfig>
`;

function version(): string {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  let folder = dirname(entry);
  while (!existsSync(join(folder, 'bin', 'chromium.br'))) folder = dirname(folder);
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
}
