/** What every run says about itself on standard error before anything is sent: which file was read, and which secret goes where. */

import { redactor, secretsIn } from '../../core/redact.js';
import { say } from './output.js';
import type { Settings } from './settings.js';

/** Says it, and returns what masks the secrets of the settings. */
export function announce(settings: Settings): (text: string) => string {
  const { configFile, url, urlFrom, apiKey, apiKeyVariable, headers, headerVariables, inTheOpen } = settings;
  if (configFile !== null) say(`settings from ${configFile}`);
  if (url !== undefined && /^https?:/i.test(url) && URL.canParse(url)) {
    const names = [...(apiKey === null ? [] : [apiKeyVariable]), ...Object.values(headerVariables)];
    const goes = names.length === 1 ? 'goes' : 'go';
    if (names.length > 0) say(`${names.join(', ')} ${goes} to ${new URL(url).origin} (from ${urlFrom})`);
    for (const name of inTheOpen)
      say(
        `the value of ${name} stands on the command line or in a file, where others can read it; --header-env '${name}: VARIABLE' takes it from a variable`,
      );
  }
  return redactor(
    [apiKey ?? '', ...Object.keys(headerVariables).map((name) => headers[name] ?? '')].flatMap(secretsIn),
  );
}
