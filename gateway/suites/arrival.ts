import { answer, endsNormally, errorOf, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { NeutralRequest } from '../../core/neutral.js';
import type { Evidence, Judge, Suite } from '../../core/requirement.js';
import { finding, notObserved, verdictOf } from '../../suites/judging/outcomes.js';
import { callsOf, type RequestPair, scriptOf } from '../judging/pairs.js';
import { textsOf } from '../judging/parts.js';
import { arrives, everyRequest } from '../judging/requests.js';
import { textFault } from '../judging/texts.js';
import { unlessWords } from '../judging/tool-history.js';

/** Whether the gateway gave a message: then its upstream has to have been asked. A stream may begin before that, and then break off. */
const gaveMessage = (exchange: Exchange): boolean =>
  succeeded(exchange) &&
  exchange.message !== null &&
  (exchange.stream === null || (endsNormally(exchange) && errorOf(exchange) === null));

/** Nobody sees a request whose connection was refused. */
function isRefused(exchange: Exchange, evidence: Evidence): boolean {
  const { fails } = scriptOf(exchange, evidence);
  return fails !== undefined && 'connection' in fails && fails.connection === 'refused';
}

const arrived: Judge = (evidence) => {
  const answered = evidence.all.filter((exchange) => gaveMessage(exchange) && !isRefused(exchange, evidence));
  if (answered.length === 0) return notObserved('The gateway gave no message in this run');
  return verdictOf(
    answered
      .filter(({ upstream = [] }) => upstream.length === 0)
      .map((exchange) =>
        finding(
          exchange,
          'The gateway answers without asking its upstream, from a cache or from elsewhere.',
          'a request at the upstream',
          answer(exchange),
        ),
      ),
    true,
  );
};

/** Whether the upstream answers the request as it should: nothing is to be tried again. */
const once: Judge = (evidence) => {
  const asked = evidence.all.filter(
    (exchange) => callsOf(exchange).length > 0 && scriptOf(exchange, evidence).fails === undefined,
  );
  if (asked.length === 0) return notObserved('No request reached the upstream');
  return verdictOf(
    asked
      .filter((exchange) => callsOf(exchange).length > 1 && callsOf(exchange)[0]!.refused.length === 0)
      .map((exchange) =>
        finding(
          exchange,
          'The upstream gets a request again that it has answered; it is paid for twice.',
          'one request',
          `${callsOf(exchange).length} requests`,
        ),
      ),
  );
};

const valid: Judge = ({ all }) => {
  const asked = all.flatMap((exchange) => callsOf(exchange).map((call) => ({ exchange, call })));
  if (asked.length === 0) return notObserved('No request reached the upstream');
  const invalid = asked.flatMap(({ exchange, call }) =>
    [...call.refused, ...(call.overlooked ?? [])].slice(0, 3).map((why) => ({ exchange, call, why })),
  );
  const often = new Map<string, number>();
  for (const { why } of invalid) often.set(why, (often.get(why) ?? 0) + 1);
  return verdictOf(
    invalid
      // What is wrong most often comes first.
      .sort((a, b) => often.get(b.why)! - often.get(a.why)!)
      .map(({ exchange, call, why }) =>
        finding(
          exchange,
          "The translated request is invalid; the upstream's API rejects it.",
          `a valid request for POST ${new URL(call.request.url).pathname}`,
          why,
        ),
      ),
  );
};

const key: Judge = ({ all }) => {
  const asked = all.flatMap((exchange) => callsOf(exchange).map((call) => ({ exchange, call })));
  if (asked.length === 0) return notObserved('No request reached the upstream');
  return verdictOf(
    asked
      .filter(({ call }) => call.credential === 'client')
      .map(({ exchange }) =>
        finding(
          exchange,
          "The client's key is sent to the upstream; whoever runs the upstream can use it.",
          'a key of the gateway',
          "the client's key",
        ),
      ),
  );
};

/** Calls and results of the second turn: every result has the id of its call, whatever the gateway makes of ids. */
const roundTrip = arrives(
  unlessWords(({ got }) => {
    const parts = got.turns.flatMap((turn) => turn.parts);
    const calls = parts.flatMap((part) => (part.kind === 'call' ? [part.id] : []));
    const results = parts.flatMap((part) => (part.kind === 'result' ? [part.id] : []));
    return calls.length > 0 && calls.join() === results.join()
      ? null
      : {
          message:
            calls.length === 0
              ? 'A call of the answer is lost when the client sends it back.'
              : results.length < calls.length
                ? 'A tool result is lost.'
                : 'Results arrive with other ids than their calls; the upstream cannot match them.',
          expected: calls.join(', ') || 'a call',
          actual: results.join(', ') || 'no results',
        };
  }),
  { turn: 2 },
);

/** What nobody asked for: a system prompt, tools, a format. */
const invented = everyRequest(({ sent, got }, run) => {
  if (sent.system.length === 0 && got.system.length > 0) {
    const whole = got.system.join('\n');
    // A message of the client that is moved to the front is no invention: its place is judged by requirements on messages.
    const own = sent.turns.flatMap(({ parts }) => textsOf(parts)).filter((text) => whole.includes(text));
    const others = run.flatMap(({ sent: other }) => other.system);
    const elsewhere = others.map((text) => ({ text, named: 'The system prompt of another request' }));
    return textFault('a request without a system prompt', own, got.system, elsewhere);
  }
  // A tool that runs on the server may arrive as a function of its name, which `gw.request.tools.server` judges.
  if (got.tools.length > sent.serverTools.length && sent.tools.length === 0) {
    const names = got.tools.map(({ name }) => name);
    const others = new Set(run.flatMap(({ sent: other }) => other.tools.map(({ name }) => name)));
    return {
      message: names.every((name) => others.has(name))
        ? 'Tools of another request are added; what one client sends reaches the answers of others.'
        : 'Tools that the client did not send are added.',
      expected: 'no tools',
      actual: names.join(', '),
    };
  }
  return null;
});

/** What only one request of the run has, and what it means to the others. */
const OWN: readonly { what: string; values: (side: Side) => readonly string[] }[] = [
  { what: 'The user id', values: ({ request }) => (request.user === null ? [] : [request.user]) },
  { what: 'A stop sequence', values: ({ request }) => request.stop },
  { what: 'A beta', values: ({ headers }) => (headers['anthropic-beta'] ?? '').match(/suite-[\w-]+/g) ?? [] },
  {
    what: 'The user profile',
    values: ({ headers }) => [headers['anthropic-user-profile-id'] ?? ''].filter((value) => value !== ''),
  },
];

interface Side {
  request: NeutralRequest;
  headers: Readonly<Record<string, string>>;
}

const clientSide = ({ sent, exchange }: RequestPair): Side => ({ request: sent, headers: exchange.request.headers });
const upstreamSide = ({ got, call }: RequestPair): Side => ({ request: got, headers: call.request.headers });

/** Nothing of one request arrives with another: a gateway keeps no request in what all of them share. */
const apart = everyRequest((pair, run) => {
  for (const { what, values } of OWN) {
    const own = values(clientSide(pair));
    const leaked = values(upstreamSide(pair)).find(
      (value) => !own.includes(value) && run.some((other) => values(clientSide(other)).includes(value)),
    );
    if (leaked !== undefined)
      return {
        message: `${what} of another request arrives with this one; what one client sends reaches the requests of others.`,
        expected: own.join(', ') || 'none',
        actual: leaked,
      };
  }
  return null;
});

export const arrival: Suite = {
  name: 'gateway-arrival',
  title: 'whether requests reach the upstream, once, and in a form that its API takes',
  requirements: [
    {
      id: 'gw.request.arrives',
      level: 'MUST',
      profile: 'core',
      statement: 'The gateway asks its upstream for every message that it answers with.',
      source: ['D:ref'],
      fixtures: ['plain', 'turns'],
      judge: arrived,
    },
    {
      id: 'gw.request.once',
      level: 'MUST',
      profile: 'core',
      statement: 'A request that the upstream answers is sent to it once.',
      source: ['D:ref'],
      fixtures: ['plain'],
      judge: once,
    },
    {
      id: 'gw.request.valid',
      level: 'MUST',
      profile: 'core',
      statement:
        'Every translated request is valid by the API of the upstream: known fields, allowed values, calls followed by their results.',
      source: ['O:types', 'O:chat'],
      fixtures: ['plain'],
      judge: valid,
    },
    {
      id: 'gw.request.nothing-invented',
      level: 'MUST',
      profile: 'core',
      statement: 'The gateway adds no system prompt and no tools of its own to a request that has none.',
      source: ['D:ref'],
      fixtures: ['plain'],
      judge: invented,
    },
    {
      id: 'gw.request.apart',
      level: 'MUST',
      profile: 'core',
      statement:
        'A user id, a stop sequence, a beta or a user profile reaches the upstream only with the request that has it.',
      source: ['D:ref'],
      fixtures: ['user-id', 'stops', 'pass-betas', 'pass-headers', 'turns'],
      judge: apart,
    },
    {
      id: 'gw.request.results.round-trip',
      level: 'MUST',
      profile: 'tools',
      statement: 'The result of a call reaches the upstream with the id that its call has there.',
      source: ['O:chat', 'D:handle'],
      fixtures: ['round-trip', 'round-trip-parallel'],
      judge: roundTrip,
    },
    {
      id: 'gw.request.query',
      level: 'MUST',
      profile: 'agent',
      statement:
        'The gateway accepts requests to `/v1/messages?beta=true` as to `/v1/messages`; Claude Code sends all its requests there.',
      source: ['CC'],
      fixtures: ['query-beta'],
      judge: arrives(() => null),
    },
    {
      id: 'gw.keys.client-key-stays',
      level: 'MUST',
      profile: 'core',
      statement: 'The key of the client never reaches the upstream: the gateway uses its own.',
      source: ['D:ref'],
      fixtures: ['plain'],
      judge: key,
      // A transparent gateway may pass the client's key on.
      speaks: ['openai-chat', 'openai-responses'],
    },
  ],
};
