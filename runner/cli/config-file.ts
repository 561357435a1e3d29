/** `conformance.config.json`, or the file that `--config` names. */

import { existsSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { readJsonFile } from '../contract/contracts.js';
import { UsageError } from '../usage-error.js';
import type { GivenOptions } from './settings.js';

/** Read when it stands in the working directory and no `--config` is given. */
export const CONFIG_FILE = 'conformance.config.json';

/** The settings of a file, by the names of the command line. */
export type Config = Omit<GivenOptions, 'header' | 'headerEnv'> & { header?: Record<string, string> };

export interface ReadConfig {
  /** The file that was read, as it was found or named; `null` without one. */
  file: string | null;
  config: Config;
}

/**
 * What only somebody who runs the command may decide: where requests go, which secrets go with them, and what is written where. A file
 * that is found by itself may come with a stranger's repository or with a pull request.
 */
const NOT_UNASKED = ['url', 'apiKeyEnv', 'header', 'out'] as const;

/** Throws `UsageError` when the named file is missing, when it breaks its schema, or decides what an unnamed file may not. */
export function readConfig(named: string | undefined): ReadConfig {
  if (named === undefined && !existsSync(CONFIG_FILE)) return { file: null, config: {} };
  const file = named ?? CONFIG_FILE;
  if (!existsSync(file)) throw new UsageError(`--config ${file}: there is no such file`);
  const config = readJsonFile(file, 'config') as Config;
  if (named === undefined) refuseUnasked(config);
  const beside = (name: string | undefined) =>
    name !== undefined && /[./\\]/.test(name) ? resolve(dirname(file), name) : name;
  return {
    file,
    config: {
      ...config,
      contract: beside(config.contract),
      baseline: config.baseline === undefined ? undefined : resolve(dirname(file), config.baseline),
    },
  };
}

function refuseUnasked(config: Config): void {
  const taken = NOT_UNASKED.filter((name) => config[name] !== undefined);
  if (taken.length > 0)
    throw new UsageError(
      `${CONFIG_FILE} sets ${listed(taken)}. A file that nobody named may not decide where a key goes or what is written where; ` +
        `if it is yours, name it: --config ${CONFIG_FILE}`,
    );
  for (const name of ['contract', 'baseline'] as const) {
    const path = config[name];
    if (path !== undefined && /[./\\]/.test(path) && isOutside(path))
      throw new UsageError(
        `${CONFIG_FILE} sets ${name} to a file outside this folder. A file that nobody named may not do that; if it is yours, name it: --config ${CONFIG_FILE}`,
      );
  }
}

const isOutside = (path: string): boolean =>
  /^\.\.([/\\]|$)/.test(relative('.', resolve(path))) || resolve(path) === resolve('.');

const listed = (names: readonly string[]): string =>
  names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
