import { acceptDespite, rewriteBody } from '../alterations/requests.js';
import {
  errorAnswer,
  respondOnRepeat,
  respondWith,
  rewriteHeaders,
  rewriteResponse,
  withHeaders,
} from '../alterations/responses.js';
import type { FaultFamily } from './fault.js';
import { AGENT_ASKS_SO, ALL_REFUSED, because, USUAL_VERSION } from './reasons.js';
import { NEED_MODEL_LIST } from './requirement-groups.js';

const unauthorized = (): Response => errorAnswer(401, 'authentication_error', 'API key is invalid.');

export const authenticationFaults: FaultFamily = {
  name: 'authentication',
  title: 'credentials, versions, betas, and the headers of answers',
  faults: [
    {
      id: 'retry-after-in-words',
      title: 'retry-after says "soon".',
      level: 'MUST',
      caughtBy: ['hdr.retry-after.shape'],
      alters: respondOnRepeat(() =>
        errorAnswer(429, 'rate_limit_error', 'Too many requests', { 'retry-after': 'soon' }),
      ),
    },
    {
      id: 'retry-after-negative',
      title: 'retry-after is negative.',
      level: 'MUST',
      caughtBy: ['hdr.retry-after.shape'],
      alters: respondOnRepeat(() => errorAnswer(429, 'rate_limit_error', 'Too many requests', { 'retry-after': '-5' })),
    },
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
      alters: rewriteResponse((response) => (response.status === 401 ? withHeaders(response, {}, 200) : response)),
    },
    {
      id: 'version-2023-refused',
      title: 'anthropic-version 2023-06-01 is refused.',
      level: 'MUST',
      caughtBy: ['ver.2023-06-01'],
      alsoFails: because(
        USUAL_VERSION,
        ...NEED_MODEL_LIST,
        'http.post.messages',
        'models.list.shape',
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
      id: 'request-id-missing',
      title: 'Answers have no request-id header.',
      level: 'SHOULD',
      caughtBy: ['hdr.request-id.present'],
      alters: rewriteHeaders(() => ({ 'request-id': null })),
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
      alters: rewriteHeaders((response) =>
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
      alters: rewriteHeaders((response) =>
        Object.fromEntries(
          [...response.headers.keys()]
            .filter((name) => name.startsWith('anthropic-ratelimit-'))
            .map((name) => [name, null]),
        ),
      ),
    },
  ],
};
