/** The headers that a user sends with every request: `--header 'name: value'` and `--header-env 'name: VARIABLE'`. */

import { isPublicHeader, variableOf } from '../../core/redact.js';
import { UsageError } from '../usage-error.js';

export interface GivenHeaders {
  /** Names in lower case. */
  headers: Record<string, string>;
  /** For each secret header the variable of its value, or a name derived from the header if the value came from the command line. */
  headerVariables: Record<string, string>;
  /** Secret headers whose value came from the command line or a file, where others can read it. */
  inTheOpen: string[];
}

const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/**
 * Merges the headers of the config file and of the command line, which wins. The message of a `UsageError` never quotes the line: a
 * line without a colon may be only a secret.
 */
export function readHeaders(
  lines: readonly string[],
  fromVariables: readonly string[],
  config: Readonly<Record<string, string>>,
  environment: NodeJS.ProcessEnv,
): GivenHeaders {
  const given: GivenHeaders = { headers: {}, headerVariables: {}, inTheOpen: [] };
  const add = (name: string, value: string, variable: string | null): void => {
    given.headers[name] = value;
    if (!isPublicHeader(name)) given.headerVariables[name] = variable ?? variableOf(name);
    if (variable === null && !isPublicHeader(name)) given.inTheOpen.push(name);
  };
  for (const [name, value] of Object.entries(config))
    add(nameGiven('header', `${name}:`), valueGiven('header', name, value), null);
  for (const line of lines) {
    const name = nameGiven('--header', line);
    add(name, valueGiven('--header', name, line.slice(line.indexOf(':') + 1)), null);
  }
  for (const line of fromVariables) {
    const name = nameGiven('--header-env', line);
    const variable = line.slice(line.indexOf(':') + 1).trim();
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable))
      throw new UsageError(
        `--header-env '${name}: …': expected the name of a variable after the colon, e.g. --header-env '${name}: ${variableOf(name)}'`,
      );
    const value = environment[variable];
    if (value === undefined || value === '')
      throw new UsageError(`--header-env '${name}: ${variable}': this variable is not set; export ${variable}=… first`);
    add(name, valueGiven('--header-env', name, value), variable);
  }
  return given;
}

function nameGiven(option: string, line: string): string {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
  if (colon < 1 || !NAME.test(name)) {
    const example = option === '--header-env' ? "'x-team-token: TEAM_TOKEN'" : "'x-team: platform'";
    throw new UsageError(
      `${option}: expected 'name: value', e.g. ${option} ${example}; the value is not shown because it may be a secret`,
    );
  }
  if (name === 'x-api-key' || name === 'authorization')
    throw new UsageError(
      `${option} ${name}: use --api-key-env for the key of the target, e.g. --api-key-env ANTHROPIC_API_KEY; the contract decides which header carries it`,
    );
  return name;
}

function valueGiven(option: string, name: string, value: string): string {
  const trimmed = value.trim();
  // Field values of RFC 9110, 5.5: visible ASCII, spaces, tabs, and bytes above 0x7f.
  if (!/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(trimmed))
    throw new UsageError(
      `${option} ${name}: the value has a character that is not allowed in a header; the value is not shown because it may be a secret`,
    );
  return trimmed;
}
