import { succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { get } from '../../core/json.js';
import type { Judge, Suite } from '../../core/requirement.js';
import { finding, notObserved, verdictOf } from '../../suites/judging/outcomes.js';
import { answers } from '../judging/answers.js';
import { sameCalls, sameText } from '../judging/contents.js';
import { callsOf, scriptOf } from '../judging/pairs.js';

/** The upstream waits until the gateway has closed its connection. */
const leaves: Judge = ({ own }) => {
  const waited = own.flatMap((exchange) =>
    callsOf(exchange).flatMap(({ waits }) =>
      waits.filter((wait) => wait.for === 'hang-up').map((wait) => ({ exchange, wait })),
    ),
  );
  if (waited.length === 0) return notObserved('None of its requests reached the upstream');
  return verdictOf(
    waited
      .filter(({ wait }) => !wait.came)
      .map(({ exchange, wait }) =>
        finding(
          exchange,
          'The upstream goes on generating for a client that has left; every such answer is paid for.',
          'the connection to the upstream closed within 2 s',
          `still open after ${Math.round(wait.ms)} ms`,
        ),
      ),
  );
};

const bytesOf = (exchange: Exchange): number =>
  callsOf(exchange)[0]?.response?.chunks.reduce((sum, { bytes }) => sum + bytes, 0) ?? 0;

/** An answer that has begun is not asked for again: the client would get the beginning twice. */
const noRetry: Judge = (evidence) => {
  const begun = evidence.own.filter((exchange) => {
    const { fails } = scriptOf(exchange, evidence);
    return fails !== undefined && 'ending' in fails && bytesOf(exchange) > 0;
  });
  if (begun.length === 0) return notObserved('None of its requests reached the upstream');
  return verdictOf(
    begun
      .filter((exchange) => callsOf(exchange).length > 1)
      .map((exchange) =>
        finding(
          exchange,
          'An answer that has begun is asked for again; the client gets its beginning twice.',
          'one request at the upstream',
          `${callsOf(exchange).length} requests`,
        ),
      ),
  );
};

const AGAIN = 'again';

/** The first answer again, and nobody asked the model: a store that its users do not know of. */
const asksAgain: Judge = ({ own, copies }) => {
  // A stored answer with the same ids is a copy, which judges see apart.
  const sent = [...own, ...copies.map(({ exchange }) => exchange).filter(({ fixture }) => fixture === AGAIN)];
  const again = sent.filter(({ turn }) => turn === 2);
  const first = sent.find((exchange) => exchange.turn === 1 && succeeded(exchange) && callsOf(exchange).length > 0);
  if (first === undefined || again.length === 0) return notObserved('None of its requests reached the upstream');
  return verdictOf(
    again
      .filter((exchange) => succeeded(exchange) && callsOf(exchange).length === 0)
      .map((exchange) =>
        finding(
          exchange,
          'A request that is sent again gets the stored answer of the first one; the model is not asked.',
          'a request at the upstream',
          'the upstream was not asked',
        ),
      ),
    true,
  );
};

/** Marked by the run: nobody else can tell a gateway that is gone from one that never was there. */
const staysUp: Judge = ({ all }) => {
  if (all.every(({ response }) => response === null)) return notObserved('No request was answered');
  return verdictOf(
    all.flatMap((exchange) =>
      exchange.gatewayGone === undefined
        ? []
        : [
            finding(
              exchange,
              'The gateway is gone after this case; one request stops it for everybody.',
              'the next connection is accepted',
              exchange.gatewayGone,
            ),
          ],
    ),
  );
};

const keyStays: Judge = ({ all }) => {
  const answered = all.filter(({ response, upstream }) => response !== null && upstream !== undefined);
  if (answered.length === 0) return notObserved('No request was answered');
  return verdictOf(
    answered
      .filter(({ upstreamKeyIn }) => upstreamKeyIn !== undefined)
      .map((exchange) =>
        finding(
          exchange,
          "The gateway's key for its upstream reaches the client, who can use it.",
          'no key in the response',
          `in ${exchange.upstreamKeyIn!.join(', ')}`,
        ),
      ),
    true,
  );
};

const ownRequestIds: Judge = ({ all }) => {
  const ids = all.flatMap((exchange) => {
    const id = exchange.header('request-id');
    return id === null ? [] : [{ exchange, id }];
  });
  if (ids.length === 0) return notObserved('No response has a request-id');
  const seen = new Set<string>();
  return verdictOf(
    ids.flatMap(({ exchange, id }) => {
      if (!seen.has(id)) {
        seen.add(id);
        return [];
      }
      return [
        finding(exchange, 'Two responses have the same request-id.', 'an id of its own', id, { header: 'request-id' }),
      ];
    }),
  );
};

/** One that waited for the others until its time was over, and none of them came meanwhile: the gateway asks for one after the other. */
const sideBySide: Judge = (evidence) => {
  const served = answers((pair) => sameText(pair) ?? sameCalls(pair))(evidence);
  if (served.outcome !== 'satisfied') return served;
  const calls = evidence.own.flatMap((exchange) =>
    callsOf(exchange).map(({ waits, arrivedMs }) => ({
      exchange,
      wait: waits.find((wait) => wait.for === 'all-here'),
      arrived: (exchange.startedMs ?? 0) + arrivedMs,
    })),
  );
  // Reports of earlier versions do not have it.
  if (evidence.own.some(({ startedMs }) => startedMs === undefined)) return served;
  const alone = calls.filter(
    ({ exchange, wait, arrived }) =>
      wait?.came === false &&
      !calls.some(
        (other) =>
          other.exchange !== exchange &&
          other.exchange.transport === exchange.transport &&
          other.arrived >= arrived &&
          other.arrived <= arrived + wait.ms,
      ),
  );
  return verdictOf(
    alone.map(({ exchange, wait }) =>
      finding(
        exchange,
        'The gateway asks its upstream for one answer after the other; while one is generated, everybody else waits.',
        '20 requests at the upstream side by side',
        `1 request within ${Math.round(wait!.ms)} ms`,
      ),
    ),
  );
};

const distinctMessages: Judge = ({ own }) => {
  const ids = own.flatMap((exchange) => {
    const id = get(exchange.message, 'id');
    return typeof id === 'string' ? [{ exchange, id }] : [];
  });
  if (ids.length === 0) return notObserved('None of its requests was answered');
  return verdictOf(
    ids
      .filter(({ id }, index) => ids.findIndex((other) => other.id === id) < index)
      .map(({ exchange, id }) => finding(exchange, 'Two messages have the same id.', 'an id of its own', id)),
  );
};

export const operations: Suite = {
  name: 'gateway-operations',
  title: 'clients that leave, retries, many at once, keys',
  requirements: [
    {
      id: 'gw.ops.hang-up',
      level: 'MUST',
      profile: 'core',
      statement: 'When the client leaves in mid-stream, the gateway ends its request to the upstream within 2 seconds.',
      source: ['D:stream'],
      fixtures: ['hang-up'],
      judge: leaves,
      onIncomplete: true,
    },
    {
      id: 'gw.ops.hang-up.waiting',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'When the client leaves before the answer begins, the gateway ends its request to the upstream within 2 seconds.',
      source: ['D:stream'],
      fixtures: ['hang-up-waiting'],
      judge: leaves,
      onIncomplete: true,
    },
    {
      id: 'gw.ops.no-retry-after-bytes',
      level: 'MUST',
      profile: 'core',
      statement: 'An answer that has begun is not asked for again.',
      source: ['D:stream'],
      fixtures: ['cut-reset', 'cut-half-event'],
      judge: noRetry,
      onIncomplete: true,
    },
    {
      id: 'gw.ops.again',
      level: 'SHOULD',
      profile: 'core',
      statement: 'A request that a client sends again reaches the upstream again.',
      source: ['D:ref'],
      fixtures: [AGAIN],
      judge: asksAgain,
    },
    {
      id: 'gw.ops.stays-up',
      level: 'MUST',
      profile: 'core',
      statement:
        'After each case the gateway accepts the next connection: no answer, failure or leaving client ends its process.',
      source: ['D:ref'],
      fixtures: ['plain', 'answer-long', 'hang-up', 'cut-reset'],
      judge: staysUp,
      onIncomplete: true,
    },
    {
      id: 'gw.ops.parallel',
      level: 'MUST',
      profile: 'agent',
      statement: 'Twenty requests at the same moment are served side by side, each with its own text and its own call.',
      source: ['D:ref'],
      fixtures: ['parallel'],
      judge: sideBySide,
    },
    {
      id: 'gw.ops.message-ids',
      level: 'MUST',
      profile: 'core',
      statement: 'Every message has an id of its own.',
      source: ['D:ref'],
      fixtures: ['parallel'],
      judge: distinctMessages,
    },
    {
      id: 'gw.ops.request-ids',
      level: 'SHOULD',
      profile: 'core',
      statement: 'Every response has a `request-id` of its own.',
      source: ['D:errors'],
      fixtures: ['plain', 'parallel'],
      judge: ownRequestIds,
    },
    {
      id: 'gw.keys.upstream-key-stays',
      level: 'MUST',
      profile: 'core',
      statement: "The gateway's key for its upstream never reaches the client.",
      source: ['D:ref'],
      fixtures: ['plain', 'error-authentication'],
      judge: keyStays,
    },
  ],
};
