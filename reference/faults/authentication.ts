import { acceptDespite, rewriteBody } from '../alterations/requests.js';
import {
  crashResponse,
  errorAnswer,
  respondOnRepeat,
  respondWith,
  rewriteHeaders,
  rewriteResponse,
  withHeaders,
} from '../alterations/responses.js';
import type { Alterations } from '../stages.js';
import type { FaultFamily } from './fault.js';
import { AGENTS_SEND_THIS, ALL_REJECTED, because, USUAL_VERSION } from './reasons.js';
import { NEED_MODEL_LIST } from './requirement-groups.js';

const unauthorized = (): Response => errorAnswer(401, 'authentication_error', 'API key is invalid.');

const rejectVersion = (version: string): Alterations =>
  respondWith(/./, (request) =>
    request.headers.get('anthropic-version') === version
      ? errorAnswer(400, 'invalid_request_error', `anthropic-version: "${version}" is not a valid version`)
      : null,
  );

export const authenticationFaults: FaultFamily = {
  name: 'authentication',
  title: 'credentials, versions, betas, and the headers of answers',
  faults: [
    {
      id: 'retry-after-in-words',
      title: '`retry-after` is "soon".',
      level: 'MUST',
      caughtBy: ['hdr.retry-after.shape'],
      alters: respondOnRepeat(() =>
        errorAnswer(429, 'rate_limit_error', 'Too many requests', { 'retry-after': 'soon' }),
      ),
    },
    {
      id: 'retry-after-negative',
      title: '`retry-after` is negative.',
      level: 'MUST',
      caughtBy: ['hdr.retry-after.shape'],
      alters: respondOnRepeat(() => errorAnswer(429, 'rate_limit_error', 'Too many requests', { 'retry-after': '-5' })),
    },
    {
      id: 'x-api-key-refused',
      title: 'The server reads only `authorization: Bearer` and answers a key in `x-api-key` with 401.',
      level: 'MUST',
      mutant: 'HD-a',
      reports: ['HD-01', 'HD-02', 'HD-03', 'HD-04'],
      caughtBy: ['auth.x-api-key'],
      alsoFails: because(ALL_REJECTED, 'http.post.messages'),
      alters: respondWith(/./, (request) => (request.headers.has('authorization') ? null : unauthorized())),
    },
    {
      id: 'bearer-refused',
      title: 'The server reads only `x-api-key` and answers a bearer token with 401.',
      level: 'MUST',
      caughtBy: ['auth.bearer', 'sdk.ts.create'],
      alters: respondWith(/./, (request) => (request.headers.has('x-api-key') ? null : unauthorized())),
    },
    {
      id: 'two-credentials-refused',
      title: 'The server rejects requests with the key in both headers.',
      level: 'SHOULD',
      caughtBy: ['auth.both-headers'],
      alsoFails: because(AGENTS_SEND_THIS, 'agent.request.shape'),
      alters: respondWith(/./, (request) =>
        request.headers.has('x-api-key') && request.headers.has('authorization')
          ? errorAnswer(400, 'invalid_request_error', 'Only one credential may be sent.')
          : null,
      ),
    },
    {
      id: 'keys-unchecked',
      title: 'The server accepts every key, and requests without a key.',
      level: 'MUST',
      caughtBy: ['auth.missing', 'auth.invalid'],
      alters: { rejection: (rejection) => (rejection.errorType === 'authentication_error' ? null : rejection) },
    },
    {
      id: 'missing-key-as-403',
      title: 'The server answers a missing or wrong key with 403.',
      level: 'MUST',
      caughtBy: ['auth.missing', 'auth.invalid'],
      alters: {
        rejection: (rejection) =>
          rejection.errorType === 'authentication_error' ? { ...rejection, errorType: 'permission_error' } : rejection,
      },
    },
    {
      id: 'wrong-key-as-200',
      title: 'The server answers a wrong key with 200 and an error in the body.',
      level: 'MUST',
      caughtBy: ['auth.missing', 'auth.invalid', 'stream.error.pre-stream'],
      alsoFails: because('The error of a streamed request has status 200 too.', 'stream.http.status-type'),
      alters: rewriteResponse((response) => (response.status === 401 ? withHeaders(response, {}, 200) : response)),
    },
    {
      id: 'version-2023-refused',
      title: 'The server rejects `anthropic-version: 2023-06-01`.',
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
      alters: rejectVersion('2023-06-01'),
    },
    {
      id: 'version-2026-refused',
      title: 'The server rejects `anthropic-version: 2026-10-21`.',
      level: 'MUST',
      caughtBy: ['ver.2026-10-21', 'sdk.ts.create'],
      alters: rejectVersion('2026-10-21'),
    },
    {
      id: 'version-unread',
      title: 'The server never reads `anthropic-version`: a request without it succeeds.',
      level: 'SHOULD',
      mutant: 'HD-c',
      reports: ['HD-09'],
      caughtBy: ['ver.missing'],
      alters: acceptDespite(/^anthropic-version: /),
    },
    {
      id: 'version-2026-like-2023',
      title: 'The server accepts sampling parameters under 2026-10-21 as under 2023-06-01.',
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
      title: 'An `anthropic-beta` header causes a 500.',
      level: 'SHOULD',
      caughtBy: ['beta.header.tolerated'],
      alsoFails: because(AGENTS_SEND_THIS, 'agent.request.shape'),
      alters: respondWith(/./, (request) => (request.headers.has('anthropic-beta') ? crashResponse() : null)),
    },
    {
      id: 'request-id-missing',
      title: 'Responses have no `request-id` header.',
      level: 'SHOULD',
      caughtBy: ['hdr.request-id.present'],
      alters: rewriteHeaders(() => ({ 'request-id': null })),
    },
    {
      id: 'request-id-constant',
      title: 'All responses have the same `request-id`.',
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
      title: 'A gateway drops the rate limit headers of the upstream.',
      level: 'MAY',
      mutant: 'HD-m',
      reports: ['HD-26'],
      caughtBy: [],
      undetectable: 'The headers are optional, so their absence is legal; a client cannot see what the upstream sent.',
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
