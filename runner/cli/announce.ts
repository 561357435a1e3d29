/** Prints to standard error, before anything is sent, which config file was read and which secret goes where. */

import { redactor, secretsIn } from '../../core/redact.js';
import type { Target } from '../send/requests.js';
import { isNoSecret } from '../send/secrets.js';
import { say } from './output.js';
import type { Settings } from './settings.js';

/** Prints it and returns a function that masks the secrets of the settings. */
export function announce(settings: Settings): (text: string) => string {
  const { configFile, url, urlFrom, apiKey, apiKeyVariable, headerVariables, inTheOpen } = settings;
  if (configFile !== null) say(`settings from ${configFile}`);
  if (url !== undefined && /^https?:/i.test(url) && URL.canParse(url)) {
    const names = [...(apiKey === null ? [] : [apiKeyVariable]), ...Object.values(headerVariables)];
    const goes = names.length === 1 ? 'goes' : 'go';
    if (names.length > 0) say(`${names.join(', ')} ${goes} to ${new URL(url).origin} (from ${urlFrom})`);
    for (const name of inTheOpen) say(inTheOpenText(name));
  }
  return maskOf(settings);
}

export const inTheOpenText = (name: string): string =>
  `others can read the value of ${name} on the command line or in a file; use --header-env '${name}: VARIABLE' instead`;

/** Masks the key of a target and the headers that the user adds. */
export const maskOf = ({
  apiKey,
  headers,
  headerVariables = {},
}: Pick<Target, 'apiKey' | 'headers' | 'headerVariables'>): ((text: string) => string) =>
  redactor(
    [
      apiKey ?? '',
      ...Object.keys(headerVariables).flatMap((name) => (isNoSecret(headers[name] ?? '') ? [] : (headers[name] ?? ''))),
    ].flatMap(secretsIn),
  );
