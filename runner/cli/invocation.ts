/** How a run was started, so that the commands that its report prints begin with what the user typed. */

import { isPublicHeader } from '../../core/redact.js';
import { shellWord } from '../../core/shell.js';
import { withoutEnd } from '../../core/text.js';
import type { Invocation } from '../report/reproduce.js';
import type { Settings } from './settings.js';

/** `npx messages-conformance`, `messages-conformance`, or `node dist/runner/cli.js`, as it was. */
export function programOf(argv: readonly string[], cwd: string): string {
  const file = argv[1] ?? '';
  if (/[\\/]node_modules[\\/]/.test(file)) return 'npx messages-conformance';
  if (!/[\\/]cli\.[jt]s$/.test(file)) return 'messages-conformance';
  const folder = `${withoutEnd(cwd, '/')}/`;
  return `node ${shellWord(file.startsWith(folder) ? file.slice(folder.length) : file)}`;
}

/** The options that another run of the same target needs, as they were given. */
export function invocation(
  settings: Settings,
  argv: readonly string[] = process.argv,
  cwd = process.cwd(),
): Invocation {
  const { url, model, contract, apiKeyVariable, apiVersion, timeoutSeconds, profiles, configGiven } = settings;
  const options: (readonly [string, string | true])[] = [
    ...(configGiven === undefined ? [] : ([['config', configGiven]] as const)),
    ...(url === undefined ? [] : ([['url', url]] as const)),
    ...(url === undefined || model === undefined ? [] : ([['model', model]] as const)),
    ...(contract === 'default' ? [] : ([['contract', contract]] as const)),
    ...(apiKeyVariable === 'ANTHROPIC_API_KEY' ? [] : ([['api-key-env', apiKeyVariable]] as const)),
    ...(apiVersion === undefined ? [] : ([['api-version', apiVersion]] as const)),
    ...(timeoutSeconds === 120 ? [] : ([['timeout', String(timeoutSeconds)]] as const)),
    ...(settings.thorough ? ([['thorough', true]] as const) : []),
    ...(settings.followResults ? ([['follow-results', true]] as const) : []),
    ...(profiles === undefined ? [] : ([['profile', profiles.join(',')]] as const)),
    ...Object.entries(settings.headers).map(([name, value]) =>
      isPublicHeader(name)
        ? (['header', `${name}: ${value}`] as const)
        : (['header-env', `${name}: ${settings.headerVariables[name]}`] as const),
    ),
  ];
  return { program: programOf(argv, cwd), options };
}
