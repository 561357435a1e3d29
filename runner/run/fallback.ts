/** Which conversations have to be sent because a larger one fell short: its parts, or its control. */

import { isAccepted, isWhole, neverEnds, rejectsSender, staysOpen } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import type { Fixture, Turn } from '../../core/fixture.js';
import type { Conversation } from '../plan/plan.js';
import { shows } from './cooperation.js';

/** What tells whether a fixture fell short. */
type Shown = Pick<Fixture, 'id' | 'turns' | 'violates' | 'credential'>;

/** Exchanges of a fixture, its own and those that it shares. */
export const exchangesOf = (exchanges: readonly Exchange[], id: string): Exchange[] =>
  exchanges.filter(({ fixture, sharedBy, replaced }) => !replaced && (fixture === id || sharedBy?.includes(id)));

/** Whether a conversation made this exchange, at any attempt. A turn may have a transport of its own. */
export const isPartOf = (
  { fixture: id, transport: sent, turn }: Exchange,
  { fixture, transport }: Pick<Conversation, 'fixture' | 'transport'>,
): boolean => fixture.id === id && (fixture.turns[turn - 1]?.transport ?? transport) === sent;

/** Of conversations that are only fallbacks, those that are needed by now. */
export function neededFallbacks(
  rest: readonly Conversation[],
  planned: readonly Conversation[],
  exchanges: readonly Exchange[],
): Conversation[] {
  // A part may have parts of its own.
  const fixtures = new Map(planned.flatMap(standingFor));
  // A control stands behind many conversations.
  const known = new Map<string, boolean>();
  // Where no stream comes to its end, those of the parts do not either.
  const shown = exchanges.some((exchange) => exchange.stream !== null && isWhole(exchange))
    ? exchanges
    : exchanges.filter((exchange) => exchange.transport !== 'stream' || !(isMute(exchange) || neverEnds(exchange)));
  const fallsShort = (id: string): boolean => {
    const short = known.get(id) ?? (fixtures.has(id) && needsFallback(fixtures.get(id)!, shown));
    known.set(id, short);
    return short;
  };
  return rest.filter(({ fixture, fallbackFor }) =>
    fallbackFor?.some(
      (id) => fallsShort(id) && (!fixture.onlyIfAccepted || exchangesOf(exchanges, id).some(isAccepted)),
    ),
  );
}

const isMute = ({ failure }: Exchange): boolean => failure?.kind === 'timeout-headers';

/** The fixture of a conversation, and those that get its first exchange, each with what it is to show. */
const standingFor = ({ fixture, sharedBy }: Conversation): [string, Shown][] => [
  [fixture.id, fixture],
  ...sharedBy.map((id): [string, Shown] => [id, { ...fixture, id, turns: fixture.turns.slice(0, 1) }]),
];

/**
 * Rejected, or accepted without showing what it asks for, each time: its parts, or its control, have to be tried. A negative of
 * the official client has to be tried without it where this client itself is what may have been rejected.
 */
function needsFallback({ id, turns, violates, credential }: Shown, all: readonly Exchange[]): boolean {
  const sent = exchangesOf(all, id);
  if (violates !== null) {
    const isSdkAccepted = all.some((exchange) => exchange.client !== undefined && isAccepted(exchange));
    return !isSdkAccepted && sent.some((exchange) => rejectsSender(exchange, credential));
  }
  const attempts = new Map<string, Exchange[]>();
  for (const exchange of sent) {
    const key = `${exchange.transport}#${exchange.attempt}`;
    attempts.set(key, [...(attempts.get(key) ?? []), exchange]);
  }
  return attempts.size > 0 && ![...attempts.values()].some((exchanges) => isShown(turns, exchanges));
}

/** Whether a conversation was accepted, and every turn that is to show something did. A turn that is to be rejected is no reason. */
function isShown(turns: readonly Turn[], exchanges: readonly Exchange[]): boolean {
  const accepted = exchanges.filter(
    (exchange) =>
      isAccepted(exchange) &&
      (exchange.failure === null || exchange.failure.kind === 'abandoned' || staysOpen(exchange)),
  );
  return (
    accepted.length > 0 &&
    turns.every(
      ({ cooperation }, index) =>
        cooperation === undefined ||
        accepted.some((exchange) => exchange.turn === index + 1 && shows(exchange, cooperation)),
    )
  );
}
