/** Contracts: the built-in ones by name, others by file, checked against their schema. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import picomatch from 'picomatch';
import type { LevelOverride, ReportContract } from '../../core/report.js';
import type { Claims, Requirement } from '../../core/requirement.js';
import { isNewMust, minorOf } from '../../suites/catalogue/since.js';
import { type Violation, violations } from '../../validation/index.js';
import { MAX_WRITTEN, readBounded } from '../bounded-file.js';
import { packageFile, packageVersion } from '../package-files.js';
import { nearest, UsageError, unread } from '../usage-error.js';

const VERSION = packageVersion();

/** A contract as its file writes it (`schemas/contract.schema.json`). */
export type Contract = ReportContract;

export const builtInContracts = (): string[] =>
  readdirSync(packageFile('contracts'))
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();

/** A contract by its name, or by the path of a file. Throws `UsageError` for what is neither, breaks the schema or contradicts itself. */
export async function loadContract(nameOrFile: string): Promise<Contract> {
  const isFile = /[./\\]/.test(nameOrFile);
  if (!isFile) {
    const names = builtInContracts();
    if (!names.includes(nameOrFile)) {
      throw new UsageError(
        `--contract ${nameOrFile}: no built-in contract has this name; ${nearest(nameOrFile, names)} (a file is given with a path, e.g. ./${nameOrFile}.json)`,
      );
    }
    return builtIn(nameOrFile);
  }
  if (!existsSync(nameOrFile)) throw new UsageError(`--contract ${nameOrFile}: there is no such file`);
  const contract = completed(readJsonFile(nameOrFile, 'contract') as GivenContract, nameOrFile);
  const { contradictions } = await import('./contradictions.js');
  const found = contradictions(contract, readBounded(nameOrFile, MAX_WRITTEN));
  if (found.length > 0)
    throw new UsageError([`${nameOrFile} contradicts itself:`, ...found.map((line) => `  ${line}`)].join('\n'));
  return contract;
}

const builtIn = (name: string): Contract =>
  JSON.parse(readFileSync(packageFile('contracts', `${name}.json`), 'utf8')) as Contract;

/** A contract file may say only what is particular about a target. */
type GivenContract = Partial<Omit<Contract, 'dialect'>> & { dialect?: Partial<Contract['dialect']> };

/** What a file leaves out is as in the contract `default`; the name comes from the file. */
function completed(given: GivenContract, file: string): Contract {
  const { profiles, dialect } = builtIn('default');
  const words = basename(file, '.json')
    .toLowerCase()
    .match(/[a-z0-9]+/g) ?? ['contract'];
  const named = { name: words.join('-'), title: `The contract of ${basename(file)}` };
  return { ...named, profiles, ...given, dialect: { ...dialect, ...given.dialect } };
}

/** Reads a JSON file of the user's and checks it; the error names file, pointer and what was expected. */
export function readJsonFile(file: string, schema: 'contract' | 'config' | 'fleet'): unknown {
  let value: unknown;
  try {
    value = JSON.parse(readBounded(file, MAX_WRITTEN));
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof SyntaxError ? `not JSON: ${error.message}` : unread(error)}`);
  }
  const faults = violations(schema, value);
  if (faults.length > 0) {
    throw new UsageError(
      [
        `${file} does not fit schemas/${schema}.schema.json:`,
        ...faults.slice(0, 10).map((fault) => `  ${fault.message}${likelyName(fault, schema)}`),
      ].join('\n'),
    );
  }
  return value;
}

/** The member that an unknown one at the top of a file stands for, most likely. */
function likelyName({ keyword, pointer }: Violation, schema: string): string {
  const name = /^\/([^/~]+)$/.exec(pointer)?.[1];
  if (keyword !== 'additionalProperties' || name === undefined) return '';
  const { properties } = JSON.parse(readFileSync(packageFile('schemas', `${schema}.schema.json`), 'utf8'));
  const hint = nearest(name, Object.keys(properties));
  return hint.startsWith('did you mean') ? `; ${hint}` : '';
}

export const claimsOf = (contract: Contract): Claims => ({
  name: contract.name,
  profiles: contract.profiles.claimed,
  dialect: contract.dialect,
  ...(contract.gateway && {
    gateway: { speaks: contract.gateway.speaks ?? 'openai-chat', ignores: contract.gateway.ignores ?? [] },
  }),
});

/**
 * The level of a requirement where it is not that of the catalogue: the contract's word on it, its last matching line, or SHOULD for a MUST
 * that is new in this minor version of the suite. `undefined` otherwise.
 */
export function levelOverride(
  contract: Contract,
  requirement: Pick<Requirement, 'id' | 'level'>,
  since?: Readonly<Record<string, string>>,
): LevelOverride | undefined {
  const line = contract.levels?.findLast(({ id }) => picomatch(id)(requirement.id));
  if (line !== undefined) return { level: line.level, reason: line.reason };
  if (!isNewMust(requirement, VERSION, since)) return undefined;
  return {
    level: 'SHOULD',
    reason: `new in ${minorOf(VERSION)}: it warns in this minor version, and is a MUST from the next one on`,
  };
}
