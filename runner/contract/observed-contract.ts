/** Reads a contract out of what a target did: the draft that `contract init` writes and people then edit. Pure. */

import { API_VERSIONS, type ApiVersion, PROFILES, type Profile } from '../../core/protocol.js';
import type { Report, Result } from '../../core/report.js';
import type { Dialect } from '../../core/requirement.js';
import { publishedSchema } from '../schema-location.js';
import type { Contract } from './contracts.js';

/** A contract with a line beside each choice, for its readers. */
export interface ObservedContract extends Contract {
  $schema: string;
  comment: string[];
  profiles: Contract['profiles'] & { comment: string[] };
  dialect: Dialect & { comment: string[] };
}

/** How a simple request is served: found out first, as everything else depends on it. */
export interface Access {
  /** Headers in which the key is taken; empty when there is no key to send. */
  credentials: Dialect['credentials'];
  versions: readonly ApiVersion[];
}

/** Requirements that show which credentials are taken. */
export const CREDENTIAL_REQUIREMENTS = { 'x-api-key': 'auth.x-api-key', bearer: 'auth.bearer' } as const;

/** Requirements that show which versions are served. */
export const VERSION_REQUIREMENTS: Readonly<Record<ApiVersion, string>> = {
  '2023-06-01': 'ver.2023-06-01',
  '2026-10-21': 'ver.2026-10-21',
};

/** A choice that shows in whether one conversation is served. */
interface Choice<Value> {
  requirement: string;
  /** The conversation, or several that ask the same; the first one that was held counts. */
  fixtures: readonly string[];
  asked: string;
  /** The values to choose from, for readers of the file. */
  values: string;
  served: Value;
  refused: Value;
  /** Where neither shows. */
  otherwise: Value;
}

type Chosen = Omit<
  Dialect,
  'credentials' | 'versions' | 'authentication' | 'temperature' | 'toolChoice' | 'unknownModel' | 'ignoredFields'
>;

const CHOICES: { readonly [Key in keyof Chosen]: Choice<Chosen[Key]> } = {
  consecutiveRoles: {
    requirement: 'msg.same-role.consecutive',
    fixtures: ['consecutive-users'],
    asked: 'two user messages in a row',
    values: 'merge, strict',
    served: 'merge',
    refused: 'strict',
    otherwise: 'merge',
  },
  prefill: {
    requirement: 'msg.prefill.continues',
    fixtures: ['prefill'],
    asked: 'a final assistant message',
    values: 'continue, refuse, either',
    served: 'continue',
    refused: 'refuse',
    otherwise: 'either',
  },
  stopSequenceLimit: {
    requirement: 'req.stop-sequences.six',
    fixtures: ['stop-sequences-six'],
    asked: 'six stop sequences',
    values: 'the documented number, or null',
    served: null,
    refused: 5,
    otherwise: null,
  },
  sampling: {
    requirement: 'req.temperature.bounds',
    fixtures: ['temperature-zero', 'permitted-zero'],
    asked: 'temperature 0 under 2023-06-01',
    values: 'classic, fixed, either',
    served: 'classic',
    refused: 'fixed',
    otherwise: 'classic',
  },
  systemRole: {
    requirement: 'msg.role-system.later',
    fixtures: ['system-role-later'],
    asked: 'a message of the role system behind a user message',
    values: 'honour, refuse, either',
    served: 'honour',
    refused: 'refuse',
    otherwise: 'either',
  },
  unknownFields: {
    requirement: 'req.unknown-field',
    fixtures: ['unknown-field'],
    asked: 'a request field that does not exist',
    values: 'refuse, ignore, either',
    served: 'ignore',
    refused: 'refuse',
    otherwise: 'either',
  },
  doubledPath: {
    requirement: 'http.base-url.doubled-v1',
    fixtures: ['path-doubled'],
    asked: '/v1/v1/messages',
    values: 'true where the documented base URL ends in /v1',
    served: true,
    refused: false,
    otherwise: false,
  },
};

/** Requirements whose conversations show the choices of a dialect, credentials and versions aside. */
export const DIALECT_REQUIREMENTS: readonly string[] = [
  ...Object.values(CHOICES).map(({ requirement }) => requirement),
  'auth.missing',
];

/** The dialect to ask with: it takes nothing for granted, and has nothing left out. */
export const askingDialect = ({ credentials, versions }: Access): Dialect => ({
  consecutiveRoles: 'merge',
  prefill: 'either',
  stopSequenceLimit: null,
  sampling: 'classic',
  systemRole: 'either',
  unknownFields: 'either',
  credentials: credentials.length > 0 ? credentials : ['x-api-key'],
  authentication: true,
  doubledPath: true,
  versions,
});

/** What the target did, as a contract. `probes` says which requirement shows a profile. */
export function observedContract(
  report: Report,
  access: Access,
  probes: Readonly<Partial<Record<Profile, string>>>,
  base: Pick<Contract, 'name' | 'title' | 'description'>,
): ObservedContract {
  const profiles = observedProfiles(report, probes);
  const dialect = observedDialect(report, access);
  return {
    $schema: publishedSchema('contract'),
    ...base,
    comment: [
      'This file says what was seen, not what is promised. Read each line, and put right what your documentation says differently.',
      'A claimed profile is judged in full, and failing it fails the run. A disclaimed one may be refused. What is neither is asked for once, and reported.',
      'levels, not used here, raises or lowers single requirements: { "id": "…", "level": "SHOULD", "reason": "…" }.',
    ],
    profiles,
    dialect,
  };
}

function observedProfiles(
  report: Report,
  probes: Readonly<Partial<Record<Profile, string>>>,
): ObservedContract['profiles'] {
  const claimed: Profile[] = ['core'];
  const disclaimed: Profile[] = [];
  const comment = ['core: what every target is held to.'];
  for (const profile of PROFILES) {
    const result = report.results.find(({ id }) => id === probes[profile]);
    if (profile === 'core') continue;
    const say = (line: string) => comment.push(`${profile}: ${line}`);
    const seen = result === undefined ? '' : ` (${result.id})`;
    if (result === undefined || result.verdict === 'skipped')
      say('not claimed: no single request shows it. Claim it to have it judged.');
    else if (result.verdict === 'pass') {
      claimed.push(profile);
      say(`claimed: it works${seen}.`);
    } else if (result.verdict === 'declined') {
      disclaimed.push(profile);
      say(`disclaimed: refused, ${oneLine(result.findings[0]?.actual ?? result.reason)}${seen}.`);
    } else if (result.silent)
      say(
        `neither: accepted and without effect, ${oneLine(result.reason)}${seen}. A fault: refuse it, or make it work.`,
      );
    else say(`neither: it could not be told, ${oneLine(result.reason)}${seen}.`);
  }
  return { claimed, disclaimed, comment };
}

function observedDialect(report: Report, access: Access): ObservedContract['dialect'] {
  const comment: string[] = [];
  const say = (key: keyof Dialect, values: string, line: string) => comment.push(`${key} (${values}): ${line}`);
  const choose = <Key extends keyof Chosen>(key: Key): Chosen[Key] => {
    const { value, line } = observe<Chosen[Key]>(report, CHOICES[key] as Choice<Chosen[Key]>);
    say(key, CHOICES[key].values, line);
    return value;
  };
  const chosen: Chosen = {
    consecutiveRoles: choose('consecutiveRoles'),
    prefill: choose('prefill'),
    stopSequenceLimit: choose('stopSequenceLimit'),
    sampling: choose('sampling'),
    systemRole: choose('systemRole'),
    unknownFields: choose('unknownFields'),
    doubledPath: choose('doubledPath'),
  };
  const { credentials } = access;
  say(
    'credentials',
    'x-api-key, bearer',
    credentials.length === 0
      ? 'no key was given, so x-api-key stands here for want of anything seen.'
      : `the key was taken in ${credentials.join(' and ')}. The first one listed is used for most requests.`,
  );
  const without = answerTo(report, ['credential-none']);
  const authentication = credentials.length > 0 && without.kind !== 'served';
  say(
    'authentication',
    'true, false',
    without.kind === 'none' ? 'not seen.' : `a request without a key was answered ${without.shown}.`,
  );
  say(
    'versions',
    API_VERSIONS.join(', '),
    `requests were served under ${access.versions.join(' and ')}. The first one listed is used for most requests.`,
  );
  return {
    ...chosen,
    credentials: credentials.length > 0 ? credentials : ['x-api-key'],
    authentication,
    versions: access.versions,
    comment,
  };
}

function observe<Value>(report: Report, choice: Choice<Value>): { value: Value; line: string } {
  const { kind, shown } = answerTo(report, choice.fixtures);
  const result = resultOf(report, choice.requirement);
  const seen = `${choice.asked}: answered ${shown} (${choice.requirement})`;
  // Inconclusive beside a refusal means that the same request without the thing in question was not served either.
  if (kind === 'refused' && result?.verdict !== 'inconclusive') return { value: choice.refused, line: `${seen}.` };
  if (kind !== 'served') return { value: choice.otherwise, line: `${seen}, which tells nothing; this is a guess.` };
  if (result?.silent === true)
    return { value: choice.otherwise, line: `${seen}, but: ${oneLine(result.reason)} A fault under every contract.` };
  if (result?.verdict === 'inconclusive')
    return { value: choice.served, line: `${seen}; whether it had its effect, the model did not show.` };
  return { value: choice.served, line: `${seen}.` };
}

interface Answer {
  kind: 'served' | 'refused' | 'other' | 'none';
  /** `HTTP 400`, and the beginning of the error. */
  shown: string;
}

/** Statuses that speak of the caller or the moment, not of what was asked. */
const ABOUT_THE_CALLER = [401, 402, 403, 407, 408, 429];

/** The last answer to the first of these conversations that was held. */
function answerTo(report: Report, fixtures: readonly string[]): Answer {
  for (const id of fixtures) {
    const exchange = report.exchanges.findLast(({ fixture, sharedBy = [] }) => fixture === id || sharedBy.includes(id));
    if (exchange === undefined) continue;
    if (exchange.response === null)
      return { kind: 'other', shown: `not at all (${exchange.failure?.kind ?? 'no answer'})` };
    const { status } = exchange.response;
    const about = ABOUT_THE_CALLER.includes(status);
    const kind =
      status >= 200 && status < 300 ? 'served' : status >= 400 && status < 500 && !about ? 'refused' : 'other';
    return { kind, shown: `HTTP ${status}` };
  }
  return { kind: 'none', shown: 'nothing, as it was not asked' };
}

const resultOf = (report: Report, id: string): Result | undefined => report.results.find((result) => result.id === id);

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, 200);
