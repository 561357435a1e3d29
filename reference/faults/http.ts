import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { rewriteBlocks, rewriteJsonMessages } from '../alterations/messages.js';
import { crashInstead, rejectWhen, rewriteHistory, rewriteRequestText } from '../alterations/requests.js';
import { errorAnswer, respondWith, rewriteResponse, withBody, withHeaders } from '../alterations/responses.js';
import { rewriteEachEvent, rewriteEventsOf } from '../alterations/stream.js';
import type { FaultFamily } from './fault.js';
import {
  AGENTS_SEND_THIS,
  because,
  NO_MESSAGE,
  STREAM_FIELD_UNREAD,
  STRUCTURED_TOO,
  UNREADABLE_BODIES,
  USUAL_ACCEPT,
  WRONG_REPLAY,
} from './reasons.js';
import { OTHER_ENDPOINTS } from './requirement-groups.js';

const isReply = (response: Response, path: string): boolean =>
  path === '/v1/messages' && response.ok && (response.headers.get('content-type') ?? '').includes('json');

const EMPTY_QUESTION = JSON.stringify({
  model: 'reference-1',
  max_tokens: 1,
  messages: [{ role: 'user', content: 'Hello' }],
});

/** Connections on which a rejected request has left its body unread. */
const UNREAD = new WeakSet<Socket>();

export const httpFaults: FaultFamily = {
  name: 'http',
  title: 'requests and JSON answers as HTTP carries them',
  faults: [
    {
      id: 'first-delta-swallowed',
      title: 'The server loses the first delta of every block.',
      level: 'MUST',
      mutant: 'EV-o',
      reports: ['EV-27', 'EV-28'],
      caughtBy: ['http.utf8.roundtrip', 'stream.equivalence', 'stream.text.equal'],
      alsoFails: {
        ...because(WRONG_REPLAY, 'stream.thinking.signature-once', 'think.replay', 'think.display.omitted'),
        ...because(STRUCTURED_TOO, 'so.format.stream'),
      },
      alters: rewriteEachEvent((event, { events, index }) => {
        if (event.type !== 'content_block_delta') return event;
        const before = events
          .slice(0, index)
          .filter((other) => other.type !== 'ping')
          .at(-1);
        const swallows = (text: string) => text !== '';
        if (before?.type === 'content_block_start') {
          return event.delta.type === 'input_json_delta' && !swallows(event.delta.partial_json) ? event : [];
        }
        return event;
      }),
    },
    {
      id: 'compressed-unlabelled',
      title: 'The server compresses bodies without a `content-encoding` header.',
      level: 'MUST',
      mutant: 'HD-i',
      reports: ['HD-21'],
      caughtBy: ['http.response.single-object', 'http.post.messages', 'stream.sdk.ts'],
      alsoFails: because(
        UNREADABLE_BODIES,
        ...OTHER_ENDPOINTS,
        'stream.frame.utf8-no-bom',
        'stream.frame.lf',
        'stream.order.message-start-first',
        'stream.error.pre-stream',
        'err.envelope.type',
      ),
      alters: rewriteResponse(async (response) => {
        const bytes = new Uint8Array(await response.arrayBuffer());
        return bytes.length === 0 ? withBody(response, '') : withBody(response, new Uint8Array(gzipSync(bytes)));
      }),
    },
    {
      id: 'compression-mislabelled',
      title: 'The server sends `content-encoding: gzip` with uncompressed bodies.',
      level: 'MUST',
      mutant: 'HD-i',
      reports: ['HD-21'],
      caughtBy: ['http.post.messages', 'stream.sdk.ts'],
      alsoFails: because(UNREADABLE_BODIES, ...OTHER_ENDPOINTS),
      alters: rewriteResponse((response) =>
        response.ok ? withHeaders(response, { 'content-encoding': 'gzip' }) : response,
      ),
    },
    {
      id: 'stream-unasked',
      title: 'The server answers a request without `stream` with an event stream.',
      level: 'MUST',
      caughtBy: ['http.response.single-object'],
      alsoFails: because(STREAM_FIELD_UNREAD, 'req.stream.type', 'sdk.ts.create'),
      alters: { body: (body, call) => (call.path === '/v1/messages' ? { ...(body as object), stream: true } : body) },
    },
    {
      id: 'unknown-headers-refused',
      title: 'The server rejects requests with headers that it does not know.',
      level: 'MUST',
      caughtBy: ['http.request.unknown-headers', 'sdk.ts.create'],
      alsoFails: because(AGENTS_SEND_THIS, 'agent.request.shape', 'agent.counts.at-once'),
      alters: respondWith(/./, (request) =>
        [...request.headers.keys()].some((name) => name.startsWith('x-stainless-'))
          ? errorAnswer(400, 'invalid_request_error', 'Unexpected header')
          : null,
      ),
    },
    {
      id: 'accept-json-taken-literally',
      title: 'The server answers a stream request with `accept: application/json` with 406.',
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
      title: 'The server matches the path together with the query: `/v1/messages?beta=true` is not found.',
      level: 'MUST',
      mutant: 'RQ-q',
      reports: ['RQ-52', 'RQ-53', 'RQ-54'],
      caughtBy: ['http.query.beta-true'],
      alsoFails: because(AGENTS_SEND_THIS, 'agent.request.shape', 'agent.context-management'),
      alters: respondWith(/^\/v1\/messages$/, (request) =>
        new URL(request.url).search === '' ? null : errorAnswer(404, 'not_found_error', 'Not found'),
      ),
    },
    {
      id: 'doubled-path-missing',
      title: 'The documented base URL ends in `/v1`, and `/v1/v1/messages` is not found.',
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
      title: 'The server answers unknown paths with its start page.',
      level: 'SHOULD',
      caughtBy: ['http.path.unknown'],
      alters: rewriteResponse((response, call) =>
        response.status === 404 && !/^\/v1\/(messages|models|files)(\/|$)/.test(call.path)
          ? withHeaders(withBody(response, '<html>Welcome</html>', 'text/html'), {}, 200)
          : response,
      ),
    },
    {
      id: 'no-cors',
      title: 'The server sends no CORS headers to browsers and answers `OPTIONS` with 405.',
      level: 'MAY',
      mutant: 'HD-e',
      reports: ['HD-14', 'HD-15'],
      caughtBy: [],
      undetectable: 'No profile claims use in browsers; servers that only other servers call need no CORS.',
      alters: rewriteResponse((response, call) =>
        call.method === 'OPTIONS'
          ? errorAnswer(405, 'invalid_request_error', 'Method not allowed')
          : withHeaders(response, { 'access-control-allow-origin': null, 'access-control-expose-headers': null }),
      ),
    },
    {
      id: 'reply-labelled-text',
      title: 'The server labels messages `text/plain`.',
      level: 'MUST',
      caughtBy: ['http.response.content-type-json', 'sdk.ts.create'],
      alters: rewriteResponse((response, call) =>
        isReply(response, call.path) ? withHeaders(response, { 'content-type': 'text/plain' }) : response,
      ),
    },
    {
      id: 'reply-as-json-lines',
      title: 'A second line of JSON follows the message.',
      level: 'MUST',
      caughtBy: ['http.response.single-object'],
      alsoFails: because(NO_MESSAGE, 'http.post.messages', 'models.consistent'),
      alters: rewriteResponse(async (response, call) =>
        isReply(response, call.path) ? withBody(response, `${await response.text()}\n{"done":true}\n`) : response,
      ),
    },
    {
      id: 'reply-in-array',
      title: 'The message is the only item of an array.',
      level: 'MUST',
      caughtBy: ['http.response.single-object'],
      alsoFails: because(NO_MESSAGE, 'http.post.messages', 'models.consistent'),
      alters: rewriteJsonMessages((message) => [message]),
    },
    {
      id: 'reply-empty',
      title: 'The server answers a valid request with status 200 and an empty body.',
      level: 'MUST',
      reports: ['EV-09'],
      caughtBy: ['http.post.messages', 'http.response.single-object'],
      alsoFails: because(NO_MESSAGE, 'models.consistent'),
      alters: rewriteResponse((response, call) => (isReply(response, call.path) ? withBody(response, '') : response)),
    },
    {
      id: 'text-damaged',
      title: 'A gateway reads UTF-8 as Latin-1 on the way to the client.',
      level: 'MUST',
      caughtBy: ['http.utf8.roundtrip'],
      alters: rewriteBlocks((block) =>
        block.type === 'text' ? { ...block, text: Buffer.from(block.text, 'utf8').toString('latin1') } : block,
      ),
    },
    {
      id: 'streamed-non-ascii-lost',
      title: 'A gateway drops text deltas that have characters beyond ASCII.',
      level: 'MUST',
      caughtBy: ['http.utf8.roundtrip'],
      alters: rewriteEventsOf('content_block_delta', (event) =>
        event.delta.type === 'text_delta' && /\P{ASCII}/u.test(event.delta.text) ? [] : event,
      ),
    },
    {
      id: 'escapes-kept',
      title: 'The model reads every character beyond ASCII as its escape sequence.',
      level: 'MUST',
      caughtBy: ['http.utf8.roundtrip'],
      alters: rewriteHistory((all) =>
        all.map((message) => ({
          ...message,
          content:
            typeof message.content === 'string'
              ? message.content.replace(
                  /\P{ASCII}/gu,
                  (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
                )
              : message.content,
        })),
      ),
    },
    {
      id: 'previous-request-remembered',
      title: 'The server puts the prompt of the previous request before the next one.',
      level: 'MUST',
      caughtBy: ['http.stateless'],
      alsoFails: because('The prompt of the previous request is counted too.', 'usage.input.deterministic'),
      sequential: true,
      alters: {
        prompt(request, call) {
          const before = call.state.notes.get('said') as string | undefined;
          const said = request.messages.map(({ content }) => (typeof content === 'string' ? content : '')).join(' ');
          if (said.includes('Remember')) call.state.notes.set('said', said);
          else call.state.notes.delete('said');
          return before === undefined
            ? request
            : { ...request, messages: [{ role: 'user', content: before }, ...request.messages] };
        },
      },
    },
    {
      id: 'lone-surrogates-crash',
      title: 'A body with half of a surrogate pair causes a 500.',
      level: 'MUST',
      mutant: 'EN-i',
      caughtBy: ['http.body.lone-surrogate', 'err.client-fault-not-5xx'],
      alters: crashInstead((rejection) => rejection.message.includes('surrogate')),
    },
    {
      id: 'lone-surrogates-replaced',
      title: 'The server silently replaces half of a surrogate pair.',
      level: 'SHOULD',
      mutant: 'EN-i',
      caughtBy: ['http.body.lone-surrogate'],
      alters: rewriteRequestText((text) => text.replace(/\\ud[89ab][0-9a-f]{2}(?!\\ud[c-f])/gi, '\\ufffd')),
    },
    {
      id: 'not-json-as-500',
      title: 'A body that is not JSON causes a 500.',
      level: 'MUST',
      caughtBy: ['http.body.not-json', 'err.client-fault-not-5xx', 'http.body.lone-surrogate'],
      alters: crashInstead((rejection) => rejection.message.includes('is not valid JSON')),
    },
    {
      id: 'any-json-taken',
      title: 'The server answers a body that is JSON but not an object as if it were an empty question.',
      level: 'SHOULD',
      caughtBy: ['http.body.not-object'],
      alters: rewriteRequestText((text) => (/^\s*\{|oops/.test(text) ? null : EMPTY_QUESTION)),
    },
    {
      id: 'clear-thinking-added',
      title: 'A gateway adds `context_management` to requests without it, and the upstream rejects it.',
      level: 'MUST',
      mutant: 'RQ-w',
      reports: ['RQ-64', 'RQ-65'],
      caughtBy: ['http.post.messages'],
      alsoFails: because('Its requests have no betas.', 'ver.2026-10-21'),
      alters: respondWith(/^\/v1\/messages$/, (request) =>
        request.headers.has('anthropic-beta')
          ? null
          : errorAnswer(400, 'invalid_request_error', 'context_management: Extra inputs are not permitted'),
      ),
    },
    {
      id: 'rejected-body-unread',
      title: 'The server leaves the body of a rejected request on the connection and reads it as the next request.',
      level: 'MUST',
      caughtBy: ['http.connection.after-refusal'],
      socket: 'it is about the connection',
      connection(request, response) {
        const { socket } = request;
        if (UNREAD.delete(socket)) request.url = '/a-path-read-from-the-body-before';
        response.once('finish', () => {
          if (response.statusCode >= 400 && request.headers['content-length'] !== undefined) UNREAD.add(socket);
        });
      },
      alters: {},
    },
  ],
};
