import { type ErrorType, errorBody, refuse } from '../errors.js';
import type { Alterations, Call } from '../stages.js';
import { late } from './rewrite.js';
import type { VariantFamily } from './variant.js';

/** Turns some requests away before they are read. `ordinal` counts all requests from 0. */
function turnsAway(
  which: (call: Call) => boolean,
  [status, type, message]: readonly [number, ErrorType, string],
  headers: () => Record<string, string> = () => ({}),
): Alterations {
  return {
    request(request, call) {
      if (!which(call)) return request;
      const body = errorBody(refuse(type, message), call.requestId);
      return Response.json(body, { status, headers: { 'request-id': call.requestId, ...headers() } });
    },
  };
}

const LIMITED = [429, 'rate_limit_error', 'This request would exceed the rate limit of your organization.'] as const;
const OVERLOADED = [529, 'overloaded_error', 'Overloaded'] as const;
const source = ['D:limits', 'D:errors'];

const everySixth = ({ ordinal }: Call): boolean => ordinal % 6 === 5;
const once = ({ ordinal }: Call): boolean => ordinal === 5;

export const waiting: VariantFamily = {
  name: 'waiting',
  title: 'servers that are busy, slow, or limit their clients',
  variants: [
    {
      id: 'limits-every-sixth-request',
      title: 'Every sixth request is a 429 that names a time in milliseconds.',
      source: [...source, 'T:client'],
      alters: turnsAway(everySixth, LIMITED, () => ({ 'retry-after-ms': '5', 'retry-after': '1' })),
    },
    {
      id: 'limits-for-a-second',
      title: 'One request is a 429 with retry-after: 1.',
      source,
      alters: turnsAway(once, LIMITED, () => ({ 'retry-after': '1' })),
    },
    {
      id: 'limits-until-a-date',
      title: 'One request is a 429 with a date as retry-after.',
      source: [...source, 'T:client'],
      alters: turnsAway(once, LIMITED, () => ({ 'retry-after': new Date(Date.now() + 1_500).toUTCString() })),
    },
    {
      id: 'limits-the-first-request',
      title: 'The very first request is a 429.',
      source,
      alters: turnsAway(
        ({ ordinal }) => ordinal === 0,
        LIMITED,
        () => ({ 'retry-after-ms': '5' }),
      ),
    },
    {
      id: 'limits-everything',
      title: 'Every request is a 429: nothing can be known about such a target.',
      source,
      alters: turnsAway(
        () => true,
        LIMITED,
        () => ({ 'retry-after-ms': '1', 'retry-after': '1' }),
      ),
    },
    {
      id: 'overloaded-once',
      title: 'One request is a 529 that names no time.',
      source: ['D:errors'],
      alters: turnsAway(once, OVERLOADED),
    },
    {
      id: 'overloaded-every-sixth-request',
      title: 'Every sixth request is a 529.',
      source: ['D:errors'],
      alters: turnsAway(everySixth, OVERLOADED, () => ({ 'retry-after-ms': '5' })),
    },
    {
      id: 'unavailable-for-a-moment',
      title: 'Some requests are a 503 that names a time, as a load balancer answers while servers start.',
      source: ['D:errors', 'https://www.rfc-editor.org/rfc/rfc9110#section-15.6.4'],
      alters: turnsAway(
        ({ ordinal }) => ordinal === 5 || ordinal === 9,
        [503, 'api_error', 'Starting'],
        () => ({ 'retry-after-ms': '5' }),
      ),
    },
    {
      id: 'slow-first-byte',
      title: 'Every answer takes 30 ms before its first byte, as long prompts do.',
      source: ['D:errors'],
      alters: late(30),
    },
    {
      id: 'slow-now-and-then',
      title: 'Some answers take 400 ms before their first byte.',
      source: ['D:errors'],
      alters: late(400, ({ ordinal }) => ordinal % 40 === 3),
    },
    {
      id: 'paced-stream',
      title: 'Events of a stream are 2 ms apart.',
      source: ['D:stream'],
      options: { paceMs: 2 },
    },
  ],
};
