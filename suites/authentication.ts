import { answer, askedToWait, isMessagesCall, rejectedAsInvalid, status, succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import type { Fixture } from '../core/fixture.js';
import { quote } from '../core/json.js';
import type { Evidence, Finding, Judge, Judgement, Suite } from '../core/requirement.js';
import { inWholeSession, WHOLE_SESSION } from './judging/agent-session.js';
import { bundled, viaSdkOrRawHttp } from './judging/bundles.js';
import { controlTrouble, whyControlFailed } from './judging/controls.js';
import { onlyEmpty } from './judging/empty-replies.js';
import { accepted, each, rejected } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { finding, inconclusive, notObserved, satisfied, verdictOf, violated } from './judging/outcomes.js';
import { described } from './judging/request-findings.js';

export const authentication: Suite = {
  name: 'authentication',
  title: 'credentials, versions, beta headers, and headers of responses',
  requirements: [
    {
      id: 'auth.x-api-key',
      level: 'MUST',
      profile: 'core',
      statement: 'The server accepts a valid key in `x-api-key` as the only credential.',
      source: ['S1', 'T0', 'P1'],
      fixtures: ['credential-x-api-key', 'cheap'],
      judge: ofOnly('credential-x-api-key', acceptsKeyIn('x-api-key')),
    },
    {
      id: 'auth.bearer',
      level: 'MUST',
      profile: 'core',
      statement: 'The server accepts the same key as a bearer token in `authorization` as the only credential.',
      source: ['T:client', 'X'],
      fixtures: ['client-replay', 'credential-bearer', 'cheap'],
      judge: acceptsBearer,
    },
    {
      id: 'auth.both-headers',
      level: 'SHOULD',
      profile: 'agent',
      statement: 'The server accepts a request with the same key in both headers.',
      source: ['CC', 'Q'],
      fixtures: [WHOLE_SESSION, 'credential-both', 'cheap'],
      judge: bundled([inWholeSession('credential-both')], acceptsKeyIn('x-api-key')),
    },
    {
      id: 'auth.missing',
      level: 'MUST',
      profile: 'errors',
      statement: 'The server rejects a request without credentials with 401 (documented: `authentication_error`).',
      source: ['D:errors', 'H5'],
      fixtures: ['credential-none', 'credential-none-plain', 'cheap'],
      judge: viaSdkOrRawHttp(unauthorized, { whole: 'credential-none', part: 'credential-none-plain' }),
    },
    {
      id: 'auth.invalid',
      level: 'MUST',
      profile: 'errors',
      statement:
        'The server rejects a request with a wrong key with 401 (documented: `authentication_error`), streamed or not.',
      source: ['D:errors', 'H1'],
      fixtures: ['credential-invalid', 'credential-invalid-json', 'cheap'],
      judge: unauthorized,
    },
    {
      id: 'ver.2023-06-01',
      level: 'MUST',
      profile: 'core',
      statement: 'The server accepts `anthropic-version: 2023-06-01`.',
      source: ['S1', 'D:ver', 'P1'],
      fixtures: ['version-2023-06-01'],
      judge: acceptsHeader('anthropic-version'),
    },
    {
      id: 'ver.2026-10-21',
      level: 'MUST',
      profile: 'core',
      statement: 'The server accepts `anthropic-version: 2026-10-21` with a request that is valid in both versions.',
      source: ['T:client', 'D:mig'],
      fixtures: ['version-2026-10-21'],
      judge: acceptsHeader('anthropic-version'),
    },
    {
      id: 'ver.missing',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'The server rejects a request without `anthropic-version` as a client error (documented: 400 `invalid_request_error`).',
      source: ['D:ver', 'H5'],
      fixtures: ['version-missing', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'ver.2026-10-21.sampling',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'Under 2026-10-21 the server rejects `temperature`, `top_p` and `top_k` with any value as a client error (documented: 400).',
      source: ['D:mig', 'Q'],
      fixtures: ['newer-version-temperature', 'newer-version-top-p', 'newer-version-top-k', 'version-2026-10-21'],
      editions: ['2026-10-21'],
      judge: rejected(),
    },
    {
      id: 'beta.header.tolerated',
      level: 'SHOULD',
      profile: 'agent',
      statement:
        'The server accepts `anthropic-beta` with one value, a list, or two header lines, or rejects it as a client error. It never answers with a 5xx.',
      source: ['D:beta', 'CC'],
      fixtures: [WHOLE_SESSION, 'beta-header-list', 'beta-header-twice', 'beta-header', 'cheap'],
      judge: bundled(['beta-header-list', 'beta-header-twice'].map(inWholeSession), toleratesBetas),
    },
    {
      id: 'hdr.request-id.present',
      level: 'SHOULD',
      profile: 'core',
      statement: 'Every response, including streams and errors, has a unique `request-id` header.',
      source: ['D:errors', 'T:parse'],
      fixtures: ['minimal', 'max-tokens-missing'],
      judge: requestIds,
    },
    {
      id: 'hdr.ratelimit.shape',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'If the server sends `anthropic-ratelimit-*` headers, limit and remaining are integers and reset is an RFC 3339 time.',
      source: ['D:limits'],
      fixtures: ['minimal'],
      judge: each((exchange) => rateLimitHeaders(exchange), rateLimitFindings, {
        nothing: 'No response of this run has `anthropic-ratelimit-*` headers',
      }),
    },
    {
      id: 'hdr.retry-after.shape',
      level: 'MUST',
      profile: 'errors',
      statement:
        'If the server sends `retry-after` or `retry-after-ms`, the value is a number of 0 or more; `retry-after` may be an HTTP date.',
      source: ['T:client', 'D:limits'],
      fixtures: [],
      judge: each((exchange) => retryHeaders(exchange), retryFindings, {
        nothing: 'No response of this run has a `retry-after` header',
      }),
    },
  ],
};

/** The judge, with only the exchanges of one fixture. */
function ofOnly(fixture: string, judge: Judge): Judge {
  return (evidence) => judge({ ...evidence, own: evidence.of(fixture) });
}

/** Like `accepted`, for runs that have a key to send. */
function acceptsKeyIn(header: string): Judge {
  return (evidence) => {
    const { own } = evidence;
    if (own.length > 0 && own.every((exchange) => exchange.request.headers[header] === undefined)) {
      return notObserved('No key is configured, so none was sent');
    }
    return acceptsHeader(header)(evidence);
  };
}

/**
 * Like `accepted`. When the control sends the same header it fails too. Then an accepted request without the header, or with another
 * value, shows that the target rejects the header.
 */
function acceptsHeader(header: string): Judge {
  return (evidence) => {
    const judgement = accepted()(evidence);
    const rejections = evidence.own.filter((exchange) => !succeeded(exchange) && !askedToWait(exchange));
    const first = rejections[0];
    if (judgement.outcome !== 'inconclusive' || first?.response == null) return judgement;
    const isAbout = header === 'anthropic-version' ? rejectedAsInvalid(first) : [401, 403].includes(status(first));
    const control = evidence.all.find(
      (exchange) => succeeded(exchange) && exchange.message !== null && differsIn(header, first, exchange),
    );
    if (!isAbout || control === undefined) return judgement;
    return violated(
      finding(
        first,
        `The server rejects requests with \`${header}${header === 'anthropic-version' ? `: ${first.request.headers[header]}` : ''}\`; it accepts ${control.id} without it.`,
        'HTTP 200 with a Message',
        answer(first),
        { header },
      ),
    );
  };
}

/** The official client sends only a bearer token. The suite sends such a request of its own when the target rejects that client. */
function acceptsBearer(evidence: Evidence): Judgement {
  const viaSdk = evidence.of('client-replay').filter(({ turn }) => turn === 1);
  const isOnlyBearer = ({ request: { headers } }: Exchange) =>
    headers.authorization !== undefined && headers['x-api-key'] === undefined;
  if (viaSdk.some((exchange) => succeeded(exchange) && isOnlyBearer(exchange))) return satisfied();
  return ofOnly('credential-bearer', acceptsKeyIn('authorization'))(evidence);
}

/** Whether two requests differ only in their version, or in their credential: the status shows whether that is what the target rejects. */
function differsIn(header: string, one: Exchange, other: Exchange): boolean {
  const same = (name: string) => name in one.request.headers === name in other.request.headers;
  if (header !== 'anthropic-version') return !same('x-api-key') || !same('authorization');
  const version = ({ request }: Exchange) => request.headers[header];
  return version(one) !== version(other) && same('x-api-key') && same('authorization');
}

function unauthorized(evidence: Evidence): Judgement {
  if (!evidence.claims.dialect.authentication) {
    return notObserved('By the contract this target does not authenticate requests');
  }
  if (evidence.of('cheap').some((exchange) => succeeded(exchange) && !hasCredential(exchange))) {
    return notObserved('The target does not authenticate: it accepts requests without a key, and no key is configured');
  }
  const all = evidence.own.filter((exchange) => evidence.fixture(exchange.fixture).violates !== null);
  const answered = all.filter((exchange) => !askedToWait(exchange));
  const nothing = noAnswer(answered.length > 0 ? answered : all, evidence);
  if (nothing !== null) return nothing;
  const findings: Finding[] = [];
  for (const exchange of answered) {
    const fixture = evidence.fixture(exchange.fixture);
    const trouble = whyControlFailed(evidence, fixture, exchange);
    if (trouble !== null) return inconclusive(trouble);
    if (status(exchange) === 401) continue;
    const further = furtherCredential(exchange, fixture);
    if (further !== null)
      return notObserved(`Every request of this run has the header ${further}, which may be a credential`);
    const expected = succeeded(exchange) ? 'HTTP 401, or a contract whose dialect.authentication is false' : 'HTTP 401';
    const message = `No HTTP 401 for an invalid request: ${described(evidence, exchange)}.`;
    findings.push(finding(exchange, message, expected, answer(exchange)));
  }
  return verdictOf(findings);
}

const CREDENTIAL = /^(proxy-)?authorization$|^cookie$|(key|token|secret|password)$/i;

/** Another header that may authenticate a request: the user of the suite can add headers to all requests. */
function furtherCredential({ request: { headers } }: Exchange, { credential }: Fixture): string | null {
  const found = Object.keys(headers).filter((name) => CREDENTIAL.test(name));
  return found[credential === 'none' ? 0 : 1] ?? null;
}

const hasCredential = ({ request }: Exchange): boolean =>
  request.headers['x-api-key'] !== undefined || request.headers.authorization !== undefined;

/** A server may reject values of unsupported features (Anthropic does) or ignore them (gateways should). Only a 5xx is wrong. */
function toleratesBetas(evidence: Evidence): Judgement {
  const asked = [...evidence.own, ...evidence.of('beta-header')];
  const nothing = noAnswer(asked, evidence);
  if (nothing !== null) return nothing;
  const untested = controlTrouble(evidence, asked);
  if (untested !== null) return untested;
  const bad = asked.filter((exchange) => !succeeded(exchange) && !rejectedAsInvalid(exchange));
  if (bad.length > 0) {
    return violated(
      bad.map((exchange) =>
        finding(
          exchange,
          'A current value of `anthropic-beta` is neither accepted nor rejected as a client error.',
          'HTTP 200, or HTTP 400 that names the value',
          answer(exchange),
        ),
      ),
    );
  }
  const rejections = asked.filter(rejectedAsInvalid);
  return rejections.length === 0
    ? (onlyEmpty(asked, evidence) ?? satisfied())
    : satisfied(`Rejected, which is allowed: ${answer(rejections[0]!)}`);
}

/** Responses of the endpoint itself. A proxy in front of it often sends 413, without the header. */
const ownAnswer = (exchange: Exchange): boolean =>
  exchange.response !== null && isMessagesCall(exchange) && status(exchange) !== 413;

function requestIds(evidence: Evidence): Judgement {
  const answers = evidence.all.filter(ownAnswer);
  if (answers.length === 0)
    return noAnswer(evidence.own, evidence) ?? notObserved('No response of this run can show it');
  const kinds: readonly [string, Exchange[]][] = [
    ['replies', answers.filter((exchange) => succeeded(exchange) && exchange.stream === null)],
    ['streams', answers.filter((exchange) => succeeded(exchange) && exchange.stream !== null)],
    ['errors', answers.filter((exchange) => !succeeded(exchange))],
  ];
  return verdictOf([...kinds.flatMap(([kind, some]) => withoutId(kind, some)), ...sharedIds(answers)]);
}

function withoutId(kind: string, answers: readonly Exchange[]): Finding[] {
  const without = answers.filter((exchange) => (exchange.header('request-id') ?? '').trim() === '');
  if (without.length === 0) return [];
  return [
    finding(
      without[0]!,
      `\`request-id\` is missing in ${without.length} of ${answers.length} ${kind}; users cannot report a failed request.`,
      'request-id: req_…',
      without[0]!.header('request-id') === null ? 'no such header' : 'an empty header',
      { header: 'request-id' },
    ),
  ];
}

function sharedIds(answers: readonly Exchange[]): Finding[] {
  const holders = new Map<string, Exchange>();
  const findings: Finding[] = [];
  for (const exchange of answers) {
    const id = exchange.header('request-id') ?? '';
    const earlier = holders.get(id);
    if (id.trim() === '') continue;
    if (earlier === undefined) holders.set(id, exchange);
    else if (findings.length === 0) {
      findings.push(
        finding(exchange, `\`request-id\` is not unique: ${earlier.id} has the same.`, 'a unique id', quote(id), {
          header: 'request-id',
        }),
      );
    }
  }
  return findings;
}

type Header = readonly [name: string, value: string];

const RATE_LIMIT =
  /^anthropic-(ratelimit-(requests|tokens|input-tokens|output-tokens)|(priority|fast)-(input|output)-tokens)-(limit|remaining|reset)$/;
const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function rateLimitHeaders(exchange: Exchange): Header[] | null {
  const headers = (exchange.response?.headers ?? []).filter(([name]) => RATE_LIMIT.test(name));
  return headers.length === 0 ? null : headers;
}

function rateLimitFindings(headers: Header[], exchange: Exchange): Finding[] {
  return headers.flatMap(([name, value]) => {
    const isTime = name.endsWith('-reset');
    const fits = isTime ? RFC_3339.test(value) && !Number.isNaN(Date.parse(value.toUpperCase())) : /^\d+$/.test(value);
    if (fits) return [];
    const expected = isTime ? 'an RFC 3339 time such as 2026-11-23T12:00:00Z' : 'an integer';
    return [finding(exchange, `\`${name}\` is not ${expected}.`, expected, quote(value), { header: name })];
  });
}

function retryHeaders(exchange: Exchange): Header[] | null {
  const headers = (exchange.response?.headers ?? []).filter(([name]) => /^retry-after(-ms)?$/.test(name));
  return headers.length === 0 ? null : headers;
}

/** The three forms of an HTTP date (RFC 9110, 5.6.7) start with the name of a day. */
const HTTP_DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/;

function retryFindings(headers: Header[], exchange: Exchange): Finding[] {
  return headers.flatMap(([name, value]) => {
    const isNumber = /^\d+(\.\d+)?$/.test(value.trim());
    const isDate = name === 'retry-after' && HTTP_DATE.test(value.trim()) && !Number.isNaN(Date.parse(value));
    if (isNumber || isDate) return [];
    const expected = name === 'retry-after' ? 'seconds, or an HTTP date' : 'milliseconds';
    return [
      finding(exchange, `\`${name}\` is not a delay; clients cannot tell how long to wait.`, expected, quote(value), {
        header: name,
      }),
    ];
  });
}
