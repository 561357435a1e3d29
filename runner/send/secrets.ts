/** The secrets of a target, and how requests are shown without them. */

import { readFileSync } from 'node:fs';
import { ERROR_STATUS, EVENT_TYPES, STOP_REASONS } from '../../core/protocol.js';
import {
  isPlainAddress,
  isPublicHeader,
  type Redactor,
  redactor,
  SHORTEST_SECRET,
  secretsIn,
  variableOf,
} from '../../core/redact.js';
import { CATALOGUE } from '../../suites/index.js';
import { packageFile } from '../package-files.js';
import type { Conversation } from '../plan/plan.js';
import type { Target } from './requests.js';

type Secretive = Pick<Target, 'apiKey' | 'apiKeyVariable' | 'isKeyPublic' | 'headers' | 'headerVariables'>;

/** The user's headers as reports show them: `$NAME` instead of every value, except for public headers. */
export function shownHeaders({
  headers,
  headerVariables = {},
}: Pick<Target, 'headers' | 'headerVariables'>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      isPublicHeader(name) ? value : `$${headerVariables[name] ?? variableOf(name)}`,
    ]),
  );
}

/** Headers of a request that the official client built, with `$NAME` instead of the key and of the user's headers. */
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
  /** Notices about secrets that cannot be masked in responses. */
  notices: string[];
}

/**
 * The redactor for all secrets of a target. A value that the suite itself sends or expects, such as the name of the model, is not
 * masked: that would make correct responses look wrong.
 */
export function maskSecrets(
  target: Secretive & Pick<Target, 'model' | 'baseUrl'>,
  planned: readonly Conversation[],
): MaskedTarget {
  const named = [
    ...(target.apiKey === null || target.apiKey === '' || target.isKeyPublic
      ? []
      : [{ name: target.apiKeyVariable, value: target.apiKey }]),
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
    if (isPlainAddress(value)) {
      notices.push(notLookedFor(name, 'it is an address and nothing else'));
      return [];
    }
    if (value.length < SHORTEST_SECRET)
      notices.push(notLookedFor(name, `it has fewer than ${SHORTEST_SECRET} characters`));
    else if (!secrets.includes(value)) notices.push(notLookedFor(name, 'the suite uses it as a word itself'));
    return secrets;
  });
  return { redact: redactor(hidden), notices };
}

const notLookedFor = (name: string, why: string): string =>
  `The value of ${name} is not masked if the target repeats it: ${why}, so masking it would change unrelated text. Requests show $${name} instead.`;

/** Words of the protocol and of the report formats, which must never be masked. */
const WORDS =
  'anthropic message assistant content usage input_tokens output_tokens request-id application/json text/event-stream ' +
  'testsuites testcase classname timestamp hostname properties system-out sarif automationDetails invocations notifications ' +
  'doctype viewport noscript content-security-policy messages-conformance openai';

/** Whether the value of a header is no secret: an address, or a word that the suite itself prints. */
export const isNoSecret = (value: string): boolean => isPlainAddress(value) || WORDS.includes(value.toLowerCase());

/** Everything that the suite sends, the protocol words that it expects, and the vocabulary of its reports. */
export const publicText = (
  { model, baseUrl }: Pick<Target, 'model' | 'baseUrl'>,
  planned: readonly Conversation[],
): string =>
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
