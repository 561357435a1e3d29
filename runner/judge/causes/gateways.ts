/** Causes that only both sides of a gateway show: what it sends to its upstream, and what it makes of failures and counts. */

import { endsNormally, errorOf, succeeded } from '../../../core/answers.js';
import type { Exchange } from '../../../core/exchange.js';
import { TRANSPORTS } from '../../../core/protocol.js';
import type { Cause } from '../../../core/report.js';
import type { Judged } from '../judge.js';
import {
  allAbout,
  cause,
  type Detector,
  explainedBy,
  type FoundCause,
  grouped,
  largest,
  named,
  type Scene,
  share,
} from './scene.js';

/** Everything of gateways, the more certain causes first. None where nothing has two sides. */
export const ofGateways: readonly Detector[] = [
  requestsRejected,
  textsAdded,
  sentAgain,
  normalEndAfterError,
  failuresHidden,
  tokensNotReported,
  sameComplaint,
].map((detect) => (scene) => (scene.exchanges.some(({ upstream }) => upstream !== undefined) ? detect(scene) : []));

/** One requirement needs no cause to be understood. */
const together = (explained: readonly Judged[], title: string): Cause[] =>
  explained.length < 2 ? [] : [cause('same-fault', title, explained)];

/** Whatever else is said of a request that the upstream rejected rests on that. */
function requestsRejected({ open, exchanges }: Scene): Cause[] {
  const asked = exchanges.filter(({ upstream = [] }) => upstream.length > 0);
  const rejected = asked.filter(({ upstream = [] }) => upstream.some(({ refused }) => refused.length > 0));
  const [why, alike = []] = largest(
    rejected,
    ({ upstream = [] }) => upstream.find(({ refused }) => refused.length > 0)!.refused[0]!,
  );
  const often = alike.length < rejected.length ? `, ${alike.length} of them for one reason` : '';
  return together(
    explainedBy(open, rejected),
    `The API of the upstream rejects ${share(rejected.length, asked.length, 'translated requests')}${often}: ${why}`,
  );
}

/** One text of the gateway's own in all requests. */
function textsAdded({ open }: Scene): Cause[] {
  const added = allAbout(open, ({ message }) => message.startsWith('Text that the client did not send is added'));
  const texts = new Set(added.flatMap(({ findings }) => findings.map(({ actual }) => actual)));
  const [text] = texts;
  return texts.size === 1 ? together(added, `The gateway adds a text of its own to requests: ${text}.`) : [];
}

/** A request that is sent twice whatever becomes of it is sent twice after a failure, too. */
function sentAgain({ open }: Scene): Cause[] {
  const both = named(open, ['gw.request.once', 'gw.ops.no-retry-after-bytes']);
  return together(both, 'The gateway sends the same request to its upstream again, even after a complete answer.');
}

function normalEndAfterError({ open, exchanges }: Scene): Cause[] {
  const streams = exchanges.filter((exchange) => exchange.stream !== null && succeeded(exchange));
  const withError = streams.filter((exchange) => errorOf(exchange) !== null);
  const ended = withError.filter(endsNormally);
  return together(
    explainedBy(open, ended),
    `An \`error\` event is followed by a normal end: ${share(ended.length, withError.length, 'streams with an error')}.`,
  );
}

/** How a failure of the upstream looks to a client that gets no error. */
const HIDDEN: readonly { title: string; looks: (exchange: Exchange) => boolean }[] = [
  {
    title: 'A failure of the upstream reaches the client as a complete answer',
    looks: (exchange) => (exchange.transport === 'stream' ? endsNormally(exchange) : exchange.message !== null),
  },
  {
    title: 'A failure of the upstream ends the stream of the client without an `error` event',
    looks: (exchange) => exchange.transport === 'stream' && !endsNormally(exchange),
  },
];

function failuresHidden({ open, exchanges, fixture }: Scene): FoundCause[] {
  const failed = exchanges.filter(
    (exchange) => fixture(exchange.fixture).turns[exchange.turn - 1]?.upstream?.script.fails !== undefined,
  );
  return HIDDEN.flatMap(({ title, looks }) => {
    const hidden = failed.filter((exchange) => succeeded(exchange) && errorOf(exchange) === null && looks(exchange));
    // What is wrong with such an answer besides, such as an empty id, has the same cause.
    const explained = explainedBy(open, hidden);
    const ids = new Set<string | null>(hidden.map(({ id }) => id));
    const cited = new Set(open.flatMap(({ findings }) => findings.map(({ exchange }) => exchange)));
    const shown = hidden.filter(({ id }) => cited.has(id));
    return together(explained, `${title}: ${share(shown.length, failed.length, 'failures')}.`).map((one) => ({
      ...one,
      covers: ({ exchange }) => ids.has(exchange),
    }));
  });
}

/** Counts that are wrong in the plainest case are wrong in the others, too. */
function tokensNotReported({ open, exchanges }: Scene): Cause[] {
  const transports = TRANSPORTS.filter((transport) => named(open, [`gw.usage.${transport}`]).length > 0);
  const wrong = exchanges.filter(({ transport }) => transports.includes(transport));
  const where = transports.length > 1 ? 'Replies' : transports[0] === 'stream' ? 'Streams' : 'Replies without `stream`';
  return together(
    explainedBy(named(open, ['gw.usage.*']), wrong),
    `${where} do not report the tokens that the upstream counted.`,
  );
}

/** Requirements whose findings all say the same words. */
function sameComplaint({ open }: Scene): Cause[] {
  return grouped(
    open,
    ({ findings }) => {
      const messages = new Set(findings.map(({ message }) => message));
      return messages.size === 1 ? findings[0]!.message : null;
    },
    (message, number) => `${number} requirements fail alike: ${message}`,
  );
}
