import { type ErrorType, errorBody, reject } from '../errors.js';
import type { Alterations, Call } from '../stages.js';
import { late, pause } from './rewrite.js';
import type { VariantFamily } from './variant.js';

/** Rejects some requests before they are read. `ordinal` counts all requests from 0. */
function turnsAway(
  which: (call: Call) => boolean,
  [status, type, message]: readonly [number, ErrorType, string],
  headers: () => Record<string, string> = () => ({}),
): Alterations {
  return {
    request(request, call) {
      if (!which(call)) return request;
      const body = errorBody(reject(type, message), call.requestId);
      return Response.json(body, { status, headers: { 'request-id': call.requestId, ...headers() } });
    },
  };
}

const LIMITED = [429, 'rate_limit_error', 'This request would exceed the rate limit of your organization.'] as const;
const OVERLOADED = [529, 'overloaded_error', 'Overloaded'] as const;
const source = ['D:limits', 'D:errors'];

const everySixth = ({ ordinal }: Call): boolean => ordinal % 6 === 5;
const once = ({ ordinal }: Call): boolean => ordinal === 5;

/** Takes so many requests at a time, for some milliseconds each. */
function slots(most: number): Alterations {
  let busy = 0;
  return {
    ...turnsAway(
      () => busy >= most,
      [429, 'rate_limit_error', 'Too many concurrent requests.'],
      () => ({ 'retry-after-ms': '20' }),
    ),
    async response(response) {
      // One that was turned away passes here too.
      if (response.status === 429) return response;
      busy += 1;
      await pause(4);
      busy -= 1;
      return new Response(response.body, { status: response.status, headers: response.headers });
    },
  };
}

export const waiting: VariantFamily = {
  name: 'waiting',
  title: 'servers that are busy, slow, or limit their clients',
  variants: [
    {
      id: 'limits-every-sixth-request',
      title: 'The server answers every sixth request with 429 and a wait in milliseconds.',
      source: [...source, 'T:client'],
      alters: turnsAway(everySixth, LIMITED, () => ({ 'retry-after-ms': '5', 'retry-after': '1' })),
    },
    {
      id: 'limits-for-a-second',
      title: 'The server answers one request with 429 and `retry-after: 1`.',
      source,
      alters: turnsAway(once, LIMITED, () => ({ 'retry-after': '1' })),
    },
    {
      id: 'limits-until-a-date',
      title: 'The server answers one request with 429 and a date as `retry-after`.',
      source: [...source, 'T:client'],
      alters: turnsAway(once, LIMITED, () => ({ 'retry-after': new Date(Date.now() + 1_500).toUTCString() })),
    },
    {
      id: 'limits-the-first-request',
      title: 'The server answers the very first request with 429.',
      source,
      alters: turnsAway(
        ({ ordinal }) => ordinal === 0,
        LIMITED,
        () => ({ 'retry-after-ms': '5' }),
      ),
    },
    {
      id: 'two-requests-at-a-time',
      title: 'The server works on two requests at a time and answers the others with 429 and a wait.',
      source,
      alters: slots(2),
    },
    {
      id: 'limits-everything',
      title: 'The server answers every request with 429: nothing about it can be judged.',
      source,
      alters: turnsAway(
        () => true,
        LIMITED,
        () => ({ 'retry-after-ms': '1', 'retry-after': '1' }),
      ),
    },
    {
      id: 'overloaded-once',
      title: 'The server answers one request with 529 and no `retry-after`.',
      source: ['D:errors'],
      alters: turnsAway(once, OVERLOADED),
    },
    {
      id: 'overloaded-every-sixth-request',
      title: 'The server answers every sixth request with 529.',
      source: ['D:errors'],
      alters: turnsAway(everySixth, OVERLOADED, () => ({ 'retry-after-ms': '5' })),
    },
    {
      id: 'unavailable-for-a-moment',
      title: 'The server answers two requests with 503 and a wait, like a load balancer while servers start.',
      source: ['D:errors', 'https://www.rfc-editor.org/rfc/rfc9110#section-15.6.4'],
      alters: turnsAway(
        ({ ordinal }) => ordinal === 5 || ordinal === 9,
        [503, 'api_error', 'Starting'],
        () => ({ 'retry-after-ms': '5' }),
      ),
    },
    {
      id: 'slow-first-byte',
      title: 'The first byte of every response takes 30 ms, like long prompts.',
      source: ['D:errors'],
      alters: late(30),
    },
    {
      id: 'slow-now-and-then',
      title: 'The first byte of some responses takes 400 ms.',
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
