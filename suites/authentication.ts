import { answer, askedToWait, isMessagesCall, rejectedAsInvalid, status, succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import type { Fixture } from '../core/fixture.js';
import { quote } from '../core/json.js';
import type { Evidence, Finding, Judge, Judgement, Suite } from '../core/requirement.js';
import { inWholeSession, WHOLE_SESSION } from './judging/agent-session.js';
import { bundled, viaSdkOrRawHttp } from './judging/bundles.js';
import { whyControlFailed } from './judging/controls.js';
import { accepted, each, rejected } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { finding, inconclusive, notObserved, satisfied, verdictOf, violated } from './judging/outcomes.js';

export const authentication: Suite = {
  name: 'authentication',
  title: 'credential, version, betas, and the headers that answers carry',
  requirements: [
    {
      id: 'auth.x-api-key',
      level: 'MUST',
      profile: 'core',
      statement: 'A valid key in x-api-key alone is enough.',
      source: ['S1', 'T0', 'P'],
      fixtures: ['credential-x-api-key', 'cheap'],
      judge: ofAlone('credential-x-api-key', takes('x-api-key')),
    },
    {
      id: 'auth.bearer',
      level: 'MUST',
      profile: 'core',
      statement: 'The same key as a bearer token in authorization alone is enough.',
      source: ['T:client', 'X'],
      fixtures: ['client-replay', 'credential-bearer', 'cheap'],
      judge: takesBearer,
    },
    {
      id: 'auth.both-headers',
      level: 'SHOULD',
      profile: 'agent',
      statement: 'A request that carries the same key in both headers is served.',
      source: ['CC', 'Q'],
      fixtures: [WHOLE_SESSION, 'credential-both', 'cheap'],
      judge: bundled([inWholeSession('credential-both')], takes('x-api-key')),
    },
    {
      id: 'auth.missing',
      level: 'MUST',
      profile: 'errors',
      statement: 'A request without credential is answered with 401 (authentication_error documented).',
      source: ['D:errors', 'H5'],
      fixtures: ['credential-none', 'credential-none-plain', 'cheap'],
      judge: viaSdkOrRawHttp(unauthorized, { among: 'credential-none', alone: 'credential-none-plain' }),
    },
    {
      id: 'auth.invalid',
      level: 'MUST',
      profile: 'errors',
      statement:
        'A request with a wrong credential is answered with 401 (authentication_error documented), also when it asks for a stream.',
      source: ['D:errors', 'H1'],
      fixtures: ['credential-invalid', 'credential-invalid-json', 'cheap'],
      judge: unauthorized,
    },
    {
      id: 'ver.2023-06-01',
      level: 'MUST',
      profile: 'core',
      statement: 'Requests under anthropic-version 2023-06-01 are served.',
      source: ['S1', 'D:ver', 'P'],
      fixtures: ['version-2023-06-01'],
      judge: servedUnder('anthropic-version'),
    },
    {
      id: 'ver.2026-10-21',
      level: 'MUST',
      profile: 'core',
      statement: 'Requests under anthropic-version 2026-10-21 are served when they are legal in both versions.',
      source: ['T:client', 'D:mig'],
      fixtures: ['version-2026-10-21'],
      judge: servedUnder('anthropic-version'),
    },
    {
      id: 'ver.missing',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'A request without anthropic-version is refused as a client error (400 invalid_request_error documented).',
      source: ['D:ver', 'H5'],
      fixtures: ['version-missing', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'ver.2026-10-21.sampling',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'Under 2026-10-21 a body with temperature, top_p or top_k is refused as a client error, whatever the value (400 documented).',
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
        'Current values of anthropic-beta, one, a list, or one in each of two headers, are served or refused as a client error, never answered with a server error.',
      source: ['D:beta', 'CC'],
      fixtures: [WHOLE_SESSION, 'beta-header-list', 'beta-header-twice', 'beta-header', 'cheap'],
      judge: bundled(['beta-header-list', 'beta-header-twice'].map(inWholeSession), toleratesBetas),
    },
    {
      id: 'hdr.request-id.present',
      level: 'SHOULD',
      profile: 'core',
      statement: 'Every answer, also a stream or an error, has a request-id header that no other answer has.',
      source: ['D:errors', 'T:parse'],
      fixtures: ['minimal', 'max-tokens-missing'],
      judge: requestIds,
    },
    {
      id: 'hdr.ratelimit.shape',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'Where anthropic-ratelimit-* headers are sent, limit and remaining are whole numbers and reset is an RFC 3339 time.',
      source: ['D:limits'],
      fixtures: ['minimal'],
      judge: each((exchange) => rateLimitHeaders(exchange), rateLimitFindings, {
        nothing: 'no answer of this run has anthropic-ratelimit-* headers',
      }),
    },
    {
      id: 'hdr.retry-after.shape',
      level: 'MUST',
      profile: 'errors',
      statement:
        'Where retry-after or retry-after-ms is sent it is a number that is not negative or, for retry-after, an HTTP date.',
      source: ['T:client', 'D:limits'],
      fixtures: [],
      judge: each((exchange) => retryHeaders(exchange), retryFindings, {
        nothing: 'no answer of this run has a retry-after header',
      }),
    },
  ],
};

/** The judge with the exchanges of one fixture as its own. */
function ofAlone(fixture: string, judge: Judge): Judge {
  return (evidence) => judge({ ...evidence, own: evidence.of(fixture) });
}

/** `accepted`, where the run has a key to send at all. */
function takes(header: string): Judge {
  return (evidence) => {
    const { own } = evidence;
    if (own.length > 0 && own.every((exchange) => exchange.request.headers[header] === undefined)) {
      return notObserved('no key is configured, so none was sent');
    }
    return servedUnder(header)(evidence);
  };
}

/**
 * `accepted`; the control has the same header where it is the run's usual one, and fails with it. Then any request that was
 * served with another value of the header, or without it, shows that the header is what was refused.
 */
function servedUnder(header: string): Judge {
  return (evidence) => {
    const judgement = accepted()(evidence);
    const refusedOnes = evidence.own.filter((exchange) => !succeeded(exchange) && !askedToWait(exchange));
    const first = refusedOnes[0];
    if (judgement.outcome !== 'inconclusive' || first?.response == null) return judgement;
    const isAbout = header === 'anthropic-version' ? rejectedAsInvalid(first) : [401, 403].includes(status(first));
    const control = evidence.all.find(
      (exchange) => succeeded(exchange) && exchange.message !== null && differsIn(header, first, exchange),
    );
    if (!isAbout || control === undefined) return judgement;
    return violated(
      finding(
        first,
        `Requests are not served with ${header}${header === 'anthropic-version' ? `: ${first.request.headers[header]}` : ''}, though ${control.id} is without it.`,
        'HTTP 200 with a Message',
        answer(first),
        { header },
      ),
    );
  };
}

/** The official client sends the key as a bearer token alone; the suite does so by itself only when that was not served. */
function takesBearer(evidence: Evidence): Judgement {
  const byClient = evidence.of('client-replay').filter(({ turn }) => turn === 1);
  const alone = ({ request: { headers } }: Exchange) =>
    headers.authorization !== undefined && headers['x-api-key'] === undefined;
  if (byClient.some((exchange) => succeeded(exchange) && alone(exchange))) return satisfied();
  return ofAlone('credential-bearer', takes('authorization'))(evidence);
}

/** Whether a request differs in its version alone, or in its credential, whatever else: the status says what was refused. */
function differsIn(header: string, one: Exchange, other: Exchange): boolean {
  const same = (name: string) => name in one.request.headers === name in other.request.headers;
  if (header !== 'anthropic-version') return !same('x-api-key') || !same('authorization');
  const version = ({ request }: Exchange) => request.headers[header];
  return version(one) !== version(other) && same('x-api-key') && same('authorization');
}

function unauthorized(evidence: Evidence): Judgement {
  if (!evidence.claims.dialect.authentication) {
    return notObserved('the contract says that this target does not authenticate requests');
  }
  if (evidence.of('cheap').some((exchange) => succeeded(exchange) && !hasCredential(exchange))) {
    return notObserved('no key is configured, and requests are served without one: the target does not authenticate');
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
      return notObserved(`every request of this run has the header ${further}, which may be a credential`);
    const expected = succeeded(exchange) ? 'HTTP 401, or a contract whose dialect.authentication is false' : 'HTTP 401';
    findings.push(finding(exchange, `${fixture.title}: not answered with 401.`, expected, answer(exchange)));
  }
  return verdictOf(findings);
}

const CREDENTIAL = /^(proxy-)?authorization$|^cookie$|(key|token|secret|password)$/i;

/** A header by which a request may be let in beside the key that it has, or has not: the user of the suite may send it. */
function furtherCredential({ request: { headers } }: Exchange, { credential }: Fixture): string | null {
  const found = Object.keys(headers).filter((name) => CREDENTIAL.test(name));
  return found[credential === 'none' ? 0 : 1] ?? null;
}

const hasCredential = ({ request }: Exchange): boolean =>
  request.headers['x-api-key'] !== undefined || request.headers.authorization !== undefined;

/** Values of unsupported features may be refused (Anthropic does) or ignored (gateways should): only a crash is wrong. */
function toleratesBetas(evidence: Evidence): Judgement {
  const asked = [...evidence.own, ...evidence.of('beta-header')];
  const nothing = noAnswer(asked, evidence);
  if (nothing !== null) return nothing;
  for (const exchange of asked) {
    const trouble = whyControlFailed(evidence, evidence.fixture(exchange.fixture), exchange);
    if (trouble !== null) return inconclusive(trouble);
  }
  const bad = asked.filter((exchange) => !succeeded(exchange) && !rejectedAsInvalid(exchange));
  if (bad.length > 0) {
    return violated(
      bad.map((exchange) =>
        finding(
          exchange,
          'A current value of anthropic-beta is neither served nor refused as a client error.',
          'HTTP 200, or HTTP 400 that names the value',
          answer(exchange),
        ),
      ),
    );
  }
  const refusals = asked.filter(rejectedAsInvalid);
  return refusals.length === 0 ? satisfied() : satisfied(`refused, which is legal: ${answer(refusals[0]!)}`);
}

/** Answers of the endpoint itself; 413 comes from whatever stands in front of it, and so may be without the header. */
const ownAnswer = (exchange: Exchange): boolean =>
  exchange.response !== null && isMessagesCall(exchange) && status(exchange) !== 413;

function requestIds(evidence: Evidence): Judgement {
  const answers = evidence.all.filter(ownAnswer);
  if (answers.length === 0) return noAnswer(evidence.own, evidence) ?? notObserved('no answer of this run can show it');
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
      `${without.length} of ${answers.length} ${kind} have no request-id: clients have nothing to quote in a complaint.`,
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
        finding(exchange, `The request-id is that of ${earlier.id} as well.`, 'an id of its own', quote(id), {
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
    const expected = isTime ? 'an RFC 3339 time such as 2026-11-23T12:00:00Z' : 'a whole number';
    return [finding(exchange, `${name} is not ${expected}.`, expected, quote(value), { header: name })];
  });
}

function retryHeaders(exchange: Exchange): Header[] | null {
  const headers = (exchange.response?.headers ?? []).filter(([name]) => /^retry-after(-ms)?$/.test(name));
  return headers.length === 0 ? null : headers;
}

/** The three forms of an HTTP date (RFC 9110, 5.6.7) begin with the name of a day. */
const HTTP_DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/;

function retryFindings(headers: Header[], exchange: Exchange): Finding[] {
  return headers.flatMap(([name, value]) => {
    const isNumber = /^\d+(\.\d+)?$/.test(value.trim());
    const isDate = name === 'retry-after' && HTTP_DATE.test(value.trim()) && !Number.isNaN(Date.parse(value));
    if (isNumber || isDate) return [];
    const expected = name === 'retry-after' ? 'seconds, or an HTTP date' : 'milliseconds';
    return [
      finding(exchange, `Clients cannot tell from ${name} how long to wait.`, expected, quote(value), { header: name }),
    ];
  });
}
