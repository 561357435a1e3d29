import { composeAlterations } from '../alterations/compose.js';
import { rewriteErrors, rewriteJsonMessages } from '../alterations/messages.js';
import { rewriteHeaders } from '../alterations/responses.js';
import { rewriteEachEvent, rewriteEvents } from '../alterations/stream.js';
import type { Alterations } from '../stages.js';
import type { Json } from '../wire.js';
import type { VariantFamily } from './variant.js';

const NEWS = { type: 'model_status', state: 'warm', details: { queue: [1, null, { deep: true }] } };
const source = ['D:ver', 'D:stream'];

/** Adds unknown members to every object. */
function extended(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(extended);
  if (typeof value !== 'object' || value === null) return value;
  const all = Object.entries(value).map(([name, member]) => [name, CLIENT_OWNED.has(name) ? member : extended(member)]);
  return { ...Object.fromEntries(all), x_new: { since: '2027-01-01', list: [] } };
}

/** Objects whose members the client's own schema defines. */
const CLIENT_OWNED = new Set(['input']);

/** Accepts its own unknown members when they come back. */
const takesBack: Alterations = { body: (body) => shortened(body) as Json };

function shortened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shortened);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'x_new')
      .map(([name, member]) => [name, shortened(member)]),
  );
}

export const unknown: VariantFamily = {
  name: 'unknown',
  title: 'what later versions may add',
  variants: [
    {
      id: 'unknown-events-everywhere',
      title: 'Events of an unknown type come between all others.',
      source,
      alters: rewriteEachEvent((event) => [event, NEWS]),
    },
    {
      id: 'unknown-event-first',
      title: 'An event of an unknown type comes before message_start.',
      source,
      alters: rewriteEvents((events) => [NEWS, ...events]),
    },
    {
      id: 'unknown-event-last',
      title: 'An event of an unknown type comes after message_stop.',
      source,
      alters: rewriteEvents((events) => [...events, NEWS]),
    },
    {
      id: 'unknown-fields-in-messages',
      title: 'Messages, their blocks and their `usage` have unknown fields.',
      source,
      alters: composeAlterations([takesBack, rewriteJsonMessages(extended)]),
    },
    {
      id: 'unknown-fields-in-events',
      title: 'Events, their deltas and all objects in them have unknown fields.',
      source,
      alters: composeAlterations([takesBack, rewriteEachEvent((event) => extended(event) as object)]),
    },
    {
      id: 'unknown-fields-in-errors',
      title: 'Errors have unknown fields, inside `error` and beside it.',
      source: ['D:errors', 'D:ver'],
      alters: rewriteErrors(extended),
    },
    {
      id: 'unknown-fields-in-everything-else',
      title: 'Token counts, models, files, batches and pages have unknown fields.',
      source,
      alters: composeAlterations([takesBack, { json: extended }]),
    },
    {
      id: 'unknown-headers',
      title: 'Responses have dozens of unknown headers.',
      source: ['D:ver'],
      alters: rewriteHeaders(() =>
        Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`x-gateway-${index}`, 'v'.repeat(index)])),
      ),
    },
    {
      id: 'all-of-the-unknown',
      title: 'Unknown events, fields and headers come together.',
      source,
      alters: composeAlterations([
        takesBack,
        rewriteEachEvent((event) => [extended(event) as object, extended(NEWS) as object]),
        { json: extended },
        rewriteHeaders(() => ({ 'x-gateway': 'yes', via: '1.1 gateway', 'alt-svc': 'h3=":443"; ma=86400' })),
      ]),
    },
  ],
};
