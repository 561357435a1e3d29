/** `conformance.config.json`, or the file that `--config` names. */

import { existsSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { readJsonFile } from '../contract/contracts.js';
import { UsageError } from '../usage-error.js';
import type { GivenOptions } from './settings.js';

/** Read from the working directory if `--config` is not given. */
export const CONFIG_FILE = 'conformance.config.json';

/** The settings of a config file; names as on the command line. */
export type Config = Omit<GivenOptions, 'header' | 'headerEnv'> & { header?: Record<string, string> };

export interface ReadConfig {
  /** Path of the file; `null` if none was read. */
  file: string | null;
  config: Config;
}

/**
 * Settings that only the user may decide: where requests go, which secrets they carry, and where files are written. A file that the
 * user did not name may come from somebody else's repository or pull request.
 */
const NOT_UNASKED = ['url', 'apiKeyEnv', 'header', 'out'] as const;

/** Throws `UsageError` if the named file is missing, the file does not fit its schema, or an unnamed file has a setting that it may not have. */
export function readConfig(named: string | undefined): ReadConfig {
  if (named === undefined && !existsSync(CONFIG_FILE)) return { file: null, config: {} };
  const file = named ?? CONFIG_FILE;
  if (!existsSync(file)) throw new UsageError(`--config ${file}: there is no such file`);
  const config = readJsonFile(file, 'config') as Config;
  if (named === undefined) refuseUnasked(config);
  return { file, config: withOwnPaths(config, file) };
}

/** Settings whose paths are relative to the file that names them. */
export function withOwnPaths(config: Config, file: string): Config {
  const beside = (name: string | undefined) =>
    name !== undefined && /[./\\]/.test(name) ? resolve(dirname(file), name) : name;
  return {
    ...config,
    contract: beside(config.contract),
    baseline: config.baseline === undefined ? undefined : resolve(dirname(file), config.baseline),
  };
}

function refuseUnasked(config: Config): void {
  const taken = NOT_UNASKED.filter((name) => config[name] !== undefined);
  if (taken.length > 0)
    throw new UsageError(
      `${CONFIG_FILE} sets ${listed(taken)}. A config file that you did not name may not decide where a key goes or where files are written. ` +
        `If the file is yours, use --config ${CONFIG_FILE}`,
    );
  for (const name of ['contract', 'baseline'] as const) {
    const path = config[name];
    if (path !== undefined && /[./\\]/.test(path) && isOutside(path))
      throw new UsageError(
        `${CONFIG_FILE} sets ${name} to a file outside this folder. A config file that you did not name may not do that. If the file is yours, use --config ${CONFIG_FILE}`,
      );
  }
}

/** Whether a path leads out of the working directory, also through a symbolic link. */
function isOutside(path: string): boolean {
  const real = existsSync(path) ? realpathSync(path) : resolve(path);
  const way = relative(existsSync(path) ? realpathSync('.') : '.', real);
  return way === '' || way.split(sep)[0] === '..' || isAbsolute(way);
}

const listed = (names: readonly string[]): string =>
  names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
