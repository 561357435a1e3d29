/** What of a target is secret, and what stands for it wherever a request is shown. */

import { readFileSync } from 'node:fs';
import { ERROR_STATUS, EVENT_TYPES, STOP_REASONS } from '../../core/protocol.js';
import { isPublicHeader, type Redactor, redactor, SHORTEST_SECRET, secretsIn, variableOf } from '../../core/redact.js';
import { CATALOGUE } from '../../suites/index.js';
import { packageFile } from '../package-files.js';
import type { Conversation } from '../plan/plan.js';
import type { Target } from './requests.js';

type Secretive = Pick<Target, 'apiKey' | 'apiKeyVariable' | 'headers' | 'headerVariables'>;

/** The target's own headers as they may be shown: `$NAME` for every value but those of public headers. */
export function shownHeaders({ headers, headerVariables = {} }: Secretive): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      isPublicHeader(name) ? value : `$${headerVariables[name] ?? variableOf(name)}`,
    ]),
  );
}

/** Headers that somebody else put together, with `$NAME` in place of the key and of the target's own headers. */
export function withoutSecrets(headers: Readonly<Record<string, string>>, target: Secretive): Record<string, string> {
  const { apiKey, apiKeyVariable } = target;
  const own = shownHeaders(target);
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      if (own[name] !== undefined && value === target.headers[name]) return [name, own[name]];
      return [name, apiKey === null || apiKey === '' ? value : value.replaceAll(apiKey, `$${apiKeyVariable}`)];
    }),
  );
}

export interface MaskedTarget {
  redact: Redactor;
  /** What a reader has to know: secrets that cannot be looked for in answers, by the names that stand for them. */
  notices: string[];
}

/**
 * A redactor for everything secret about a target. A value that the suite sends or expects anyway, such as the name of the model, is
 * not looked for: masking it would make right answers look wrong.
 */
export function maskSecrets(
  target: Secretive & Pick<Target, 'model' | 'baseUrl'>,
  planned: readonly Conversation[],
): MaskedTarget {
  const named = [
    ...(target.apiKey === null || target.apiKey === '' ? [] : [{ name: target.apiKeyVariable, value: target.apiKey }]),
    ...Object.entries(target.headers)
      .filter(([name, value]) => !isPublicHeader(name) && value !== '')
      .map(([name, value]) => ({ name: target.headerVariables?.[name] ?? variableOf(name), value })),
  ];
  if (named.length === 0) return { redact: redactor([]), notices: [] };
  const words = publicText(target, planned).toLowerCase();
  const isWord = (secret: string): boolean => words.includes(secret.toLowerCase());
  const notices: string[] = [];
  const hidden = named.flatMap(({ name, value }) => {
    const secrets = secretsIn(value).filter((secret) => secret.length >= SHORTEST_SECRET && !isWord(secret));
    if (value.length < SHORTEST_SECRET)
      notices.push(notLookedFor(name, `it has fewer than ${SHORTEST_SECRET} characters`));
    else if (!secrets.includes(value)) notices.push(notLookedFor(name, 'the suite uses it as a word itself'));
    return secrets;
  });
  return { redact: redactor(hidden), notices };
}

const notLookedFor = (name: string, why: string): string =>
  `The value of ${name} is not masked where the target repeats it: ${why}, so masking it would change answers that have nothing to do with it. Requests show $${name} all the same.`;

/** Words of the protocol and of the reports' formats, in none of which a secret may be masked. */
const WORDS =
  'anthropic message assistant content usage input_tokens output_tokens request-id application/json text/event-stream ' +
  'testsuites testcase classname timestamp hostname properties system-out sarif automationDetails invocations notifications ' +
  'doctype viewport noscript content-security-policy messages-conformance';

/** Everything that the suite sends, the words of the protocol that it expects, and those that its reports are written in. */
const publicText = ({ model, baseUrl }: Pick<Target, 'model' | 'baseUrl'>, planned: readonly Conversation[]): string =>
  JSON.stringify([
    model,
    new URL(baseUrl).host,
    EVENT_TYPES,
    STOP_REASONS,
    ERROR_STATUS,
    WORDS,
    planned.map(({ fixture }) => fixture),
    CATALOGUE.map(({ id, statement, profile }) => [id, statement, profile]),
    readFileSync(packageFile('schemas', 'report.schema.json'), 'utf8'),
  ]);
