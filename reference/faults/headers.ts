import {
  acceptDespite,
  errorAnswer,
  headers,
  isStream,
  rejectWhen,
  respondWith,
  responses,
  rewriteBody,
  withBody,
  withHeaders,
} from './alter.js';
import type { FaultFamily } from './fault.js';
import { AGENT_ASKS_SO, ALL_REFUSED, because, USUAL_ACCEPT, USUAL_VERSION } from './reasons.js';

const unauthorized = (): Response => errorAnswer(401, 'authentication_error', 'API key is invalid.');

export const headerFaults: FaultFamily = {
  name: 'headers',
  title: 'credentials, versions, betas, paths, and headers of answers',
  faults: [
    {
      id: 'x-api-key-refused',
      title: 'Only authorization: Bearer is read; a key in x-api-key is answered with 401.',
      level: 'MUST',
      mutant: 'HD-a',
      reports: ['HD-01', 'HD-02', 'HD-03', 'HD-04'],
      caughtBy: ['auth.x-api-key'],
      alsoFails: because(ALL_REFUSED, 'http.post.messages'),
      alters: respondWith(/./, (request) => (request.headers.has('authorization') ? null : unauthorized())),
    },
    {
      id: 'bearer-refused',
      title: 'Only x-api-key is read; a bearer token is answered with 401.',
      level: 'MUST',
      caughtBy: ['auth.bearer', 'sdk.ts.create'],
      alters: respondWith(/./, (request) => (request.headers.has('x-api-key') ? null : unauthorized())),
    },
    {
      id: 'two-credentials-refused',
      title: 'A request that carries the key in both headers is refused.',
      level: 'SHOULD',
      caughtBy: ['auth.both-headers'],
      alsoFails: because(AGENT_ASKS_SO, 'agent.request.shape'),
      alters: respondWith(/./, (request) =>
        request.headers.has('x-api-key') && request.headers.has('authorization')
          ? errorAnswer(400, 'invalid_request_error', 'Only one credential may be sent.')
          : null,
      ),
    },
    {
      id: 'keys-unchecked',
      title: 'Every key is accepted, and none is needed.',
      level: 'MUST',
      caughtBy: ['auth.missing', 'auth.invalid'],
      alters: { refusal: (refusal) => (refusal.refusal === 'authentication_error' ? null : refusal) },
    },
    {
      id: 'missing-key-as-403',
      title: 'A missing or wrong key is answered with 403.',
      level: 'MUST',
      caughtBy: ['auth.missing', 'auth.invalid'],
      alters: {
        refusal: (refusal) =>
          refusal.refusal === 'authentication_error' ? { ...refusal, refusal: 'permission_error' } : refusal,
      },
    },
    {
      id: 'wrong-key-as-200',
      title: 'A wrong key is answered with 200 and an error in its body.',
      level: 'MUST',
      caughtBy: ['auth.missing', 'auth.invalid', 'stream.error.pre-stream'],
      alters: responses((response) => (response.status === 401 ? withHeaders(response, {}, 200) : response)),
    },
    {
      id: 'version-2023-refused',
      title: 'anthropic-version 2023-06-01 is refused.',
      level: 'MUST',
      caughtBy: ['ver.2023-06-01'],
      alsoFails: because(
        USUAL_VERSION,
        'http.post.messages',
        'models.list.shape',
        'models.item.shape',
        'models.retrieve',
        'models.paging',
        'models.consistent',
        'batch.create',
        'batch.object.shape',
        'batch.params.async',
        'batch.retrieve',
        'batch.list',
        'batch.results-url',
        'batch.results.jsonl',
        'batch.results.types',
        'batch.results.early',
        'batch.cancel',
        'batch.delete',
        'batch.counts.sum',
      ),
      alters: respondWith(/./, (request) =>
        request.headers.get('anthropic-version') === '2023-06-01'
          ? errorAnswer(400, 'invalid_request_error', 'anthropic-version: "2023-06-01" is not a valid version')
          : null,
      ),
    },
    {
      id: 'version-2026-refused',
      title: 'anthropic-version 2026-10-21 is refused.',
      level: 'MUST',
      caughtBy: ['ver.2026-10-21', 'sdk.ts.create'],
      alters: respondWith(/./, (request) =>
        request.headers.get('anthropic-version') === '2026-10-21'
          ? errorAnswer(400, 'invalid_request_error', 'anthropic-version: "2026-10-21" is not a valid version')
          : null,
      ),
    },
    {
      id: 'version-unread',
      title: 'anthropic-version is never read: a request without it succeeds.',
      level: 'SHOULD',
      mutant: 'HD-c',
      reports: ['HD-09'],
      caughtBy: ['ver.missing'],
      alters: acceptDespite(/^anthropic-version: /),
    },
    {
      id: 'version-2026-like-2023',
      title: 'Under 2026-10-21 sampling parameters are taken as before.',
      level: 'SHOULD',
      caughtBy: ['ver.2026-10-21.sampling'],
      alters: rewriteBody((body, call) => {
        if (call.version !== '2026-10-21') return body;
        const { temperature, top_p, top_k, ...rest } = body;
        return rest;
      }),
    },
    {
      id: 'betas-crash',
      title: 'A value of anthropic-beta makes the server fail.',
      level: 'SHOULD',
      caughtBy: ['beta.header.tolerated'],
      alsoFails: because(AGENT_ASKS_SO, 'agent.request.shape', 'agent.context-management'),
      alters: respondWith(/./, (request) =>
        request.headers.has('anthropic-beta') ? errorAnswer(500, 'api_error', 'Internal server error') : null,
      ),
    },
    {
      id: 'unknown-headers-refused',
      title: 'A request with headers that the server does not know is refused.',
      level: 'MUST',
      caughtBy: ['http.request.unknown-headers', 'sdk.ts.create'],
      alsoFails: because(AGENT_ASKS_SO, 'agent.request.shape'),
      alters: respondWith(/./, (request) =>
        [...request.headers.keys()].some((name) => name.startsWith('x-stainless-'))
          ? errorAnswer(400, 'invalid_request_error', 'Unexpected header')
          : null,
      ),
    },
    {
      id: 'accept-json-taken-literally',
      title: 'A request for a stream with accept: application/json is answered with 406.',
      level: 'MUST',
      caughtBy: ['http.accept.json-on-stream'],
      alsoFails: because(USUAL_ACCEPT, 'stop.sequence.multichar', 'stream.http.status-type', 'cite.stream.delta'),
      alters: rejectWhen((request, call) =>
        request.stream && !/event-stream|\*\/\*/.test(call.headers.get('accept') ?? '*/*')
          ? 'accept: has to be text/event-stream for a stream'
          : null,
      ),
    },
    {
      id: 'query-matched',
      title: 'The path is matched together with the query: /v1/messages?beta=true is not found.',
      level: 'MUST',
      mutant: 'RQ-q',
      reports: ['RQ-52', 'RQ-53', 'RQ-54'],
      caughtBy: ['http.query.beta-true'],
      alsoFails: because(AGENT_ASKS_SO, 'agent.request.shape', 'agent.context-management'),
      alters: respondWith(/^\/v1\/messages$/, (request) =>
        new URL(request.url).search === '' ? null : errorAnswer(404, 'not_found_error', 'Not found'),
      ),
    },
    {
      id: 'doubled-path-missing',
      title: 'The base URL is documented with /v1, and /v1/v1/messages is not found.',
      level: 'SHOULD',
      mutant: 'BP-a',
      reports: ['BP-01', 'BP-02', 'BP-03'],
      caughtBy: ['http.base-url.doubled-v1'],
      contract: 'relax-ai',
      alters: {
        request: (request, call) =>
          new URL(request.url).pathname.startsWith('/v1/v1/')
            ? new Response('Not found', {
                status: 404,
                headers: { 'content-type': 'text/plain', 'request-id': call.requestId },
              })
            : request,
      },
    },
    {
      id: 'paths-unknown-as-200',
      title: 'Paths that do not exist are answered with the start page.',
      level: 'SHOULD',
      caughtBy: ['http.path.unknown'],
      alters: responses((response, call) =>
        response.status === 404 && !/^\/v1\/(messages|models|files)(\/|$)/.test(call.path)
          ? withHeaders(withBody(response, '<html>Welcome</html>', 'text/html'), {}, 200)
          : response,
      ),
    },
    {
      id: 'request-id-missing',
      title: 'Answers have no request-id header.',
      level: 'SHOULD',
      caughtBy: ['hdr.request-id.present'],
      alters: headers(() => ({ 'request-id': null })),
    },
    {
      id: 'request-id-constant',
      title: 'All answers have the same request-id.',
      level: 'SHOULD',
      caughtBy: ['hdr.request-id.present'],
      alters: {
        request(request, call) {
          call.requestId = 'req_0';
          return request;
        },
      },
    },
    {
      id: 'rate-limit-headers-in-words',
      title: 'Rate limit headers say "unlimited", and reset is a number of seconds.',
      level: 'SHOULD',
      caughtBy: ['hdr.ratelimit.shape'],
      alters: headers((response) =>
        response.headers.has('anthropic-ratelimit-requests-limit')
          ? { 'anthropic-ratelimit-requests-limit': 'unlimited', 'anthropic-ratelimit-requests-reset': '60' }
          : null,
      ),
    },
    {
      id: 'rate-limit-headers-dropped',
      title: 'The rate limit headers of the upstream are dropped.',
      level: 'MAY',
      mutant: 'HD-m',
      reports: ['HD-26'],
      caughtBy: [],
      undetectable: 'The headers are optional: their absence is legal, and nobody can see what the upstream sent.',
      alters: headers((response) =>
        Object.fromEntries(
          [...response.headers.keys()]
            .filter((name) => name.startsWith('anthropic-ratelimit-'))
            .map((name) => [name, null]),
        ),
      ),
    },
    {
      id: 'no-cors',
      title: 'A browser gets no CORS headers, and OPTIONS is answered with 405.',
      level: 'MAY',
      mutant: 'HD-e',
      reports: ['HD-14', 'HD-15'],
      caughtBy: [],
      undetectable: 'No profile claims use in browsers; servers that only other servers talk to need no CORS.',
      alters: responses((response, call) =>
        call.method === 'OPTIONS'
          ? errorAnswer(405, 'invalid_request_error', 'Method not allowed')
          : withHeaders(response, { 'access-control-allow-origin': null, 'access-control-expose-headers': null }),
      ),
    },
    {
      id: 'stream-cacheable',
      title: 'Streams come without cache-control and without x-accel-buffering.',
      level: 'MAY',
      mutant: 'HD-k',
      reports: ['HD-24'],
      caughtBy: [],
      undetectable:
        'Advice for servers behind a buffering proxy; no source requires it, and what it prevents stream.frame.incremental sees.',
      alters: headers((response) => (isStream(response) ? { 'cache-control': null, 'x-accel-buffering': null } : null)),
    },
  ],
};
