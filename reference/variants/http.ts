import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { rewriteHeaders, withHeaders } from '../alterations/responses.js';
import { isStream } from '../alterations/stream.js';
import type { Alterations } from '../stages.js';
import type { VariantFamily } from './variant.js';

const RFC = 'https://www.rfc-editor.org/rfc/rfc9110';

/** Rewrites the status line and the headers where Node writes them. */
function head(
  response: ServerResponse,
  change: (headers: OutgoingHttpHeaders) => OutgoingHttpHeaders,
  phrase?: string,
) {
  const write = response.writeHead.bind(response);
  response.writeHead = ((status: number, given: OutgoingHttpHeaders = {}) => {
    const changed = change(given);
    return phrase === undefined ? write(status, changed) : write(status, phrase, changed);
  }) as typeof response.writeHead;
}

const capitals = (name: string): string => name.replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase());

const renamed =
  (name: (old: string) => string) =>
  (given: OutgoingHttpHeaders): OutgoingHttpHeaders =>
    Object.fromEntries(Object.entries(given).map(([old, value]) => [name(old), value]));

/** Redirects every request once; `redirect` gets the new location. */
const moved = (redirect: (location: URL) => Response): Alterations => ({
  request(request) {
    const url = new URL(request.url);
    if (url.searchParams.has('moved')) return request;
    url.searchParams.set('moved', '1');
    return redirect(url);
  },
});

export const http: VariantFamily = {
  name: 'http',
  title: 'what HTTP itself allows',
  variants: [
    {
      id: 'no-keep-alive',
      title: 'The server closes every connection after its response.',
      source: ['https://www.rfc-editor.org/rfc/rfc9112#section-9.6'],
      socket: 'it is about the connection',
      alters: rewriteHeaders(() => ({ connection: 'close' })),
    },
    {
      id: 'header-names-in-capitals',
      title: 'Header names begin with capitals.',
      source: [`${RFC}#section-5.1`],
      connection: (_request, response) => head(response, renamed(capitals)),
    },
    {
      id: 'header-names-all-capitals',
      title: 'Header names are all capitals.',
      source: [`${RFC}#section-5.1`],
      connection: (_request, response) =>
        head(
          response,
          renamed((name) => name.toUpperCase()),
        ),
    },
    {
      id: 'other-reason-phrase',
      title: 'The status line has a reason phrase of its own.',
      source: ['https://www.rfc-editor.org/rfc/rfc9112#section-4'],
      connection: (_request, response) => head(response, (given) => given, 'As You Like It'),
    },
    {
      id: 'early-hints',
      title: 'A 103 Early Hints precedes every response.',
      source: ['https://www.rfc-editor.org/rfc/rfc8297'],
      connection: (_request, response) => response.writeEarlyHints({ link: '</docs>; rel=help' }),
    },
    {
      id: 'trailers',
      title: 'Streams end with a trailer.',
      source: [`${RFC}#section-6.5`],
      connection(_request, response) {
        head(response, (given) =>
          String(given['content-type']).startsWith('text/event-stream')
            ? { ...given, trailer: 'server-timing' }
            : given,
        );
        const end = response.end.bind(response) as (...all: unknown[]) => ServerResponse;
        response.end = ((...all: unknown[]) => {
          if (response.hasHeader('trailer')) response.addTrailers({ 'server-timing': 'total;dur=1' });
          return end(...all);
        }) as typeof response.end;
      },
    },
    {
      id: 'end-of-connection-ends-the-stream',
      title: 'A stream has neither chunks nor a length: it ends with its connection.',
      source: ['https://www.rfc-editor.org/rfc/rfc9112#section-6.3'],
      connection(_request, response) {
        head(response, (given) => {
          if (!String(given['content-type']).startsWith('text/event-stream')) return given;
          const { 'transfer-encoding': _chunked, ...rest } = given;
          response.removeHeader('transfer-encoding');
          response.useChunkedEncodingByDefault = false;
          return { ...rest, connection: 'close' };
        });
      },
      warns: { 'stream.http.chunked': 'a truncated stream looks complete' },
    },
    {
      id: 'redirect-on-the-same-host',
      title: 'Every path answers 307 with a new location on the same host.',
      source: [`${RFC}#section-15.4.8`],
      socket: 'msw does not send the request body to the new location',
      alters: moved(
        (url) => new Response(null, { status: 307, headers: { location: `${url.pathname}${url.search}` } }),
      ),
    },
    {
      id: 'permanent-redirect-with-full-address',
      title: 'Every path answers 308 with the full URL of a new location on the same host.',
      source: [`${RFC}#section-15.4.9`],
      socket: 'msw does not send the request body to the new location',
      alters: moved(({ href }) => Response.json({ moved: href }, { status: 308, headers: { location: href } })),
    },
    {
      id: 'content-types-with-parameters',
      title: 'Content types have parameters, quoted or in capitals.',
      source: [`${RFC}#section-8.3.1`, 'T:parse'],
      alters: rewriteHeaders((response) => ({
        'content-type': isStream(response)
          ? 'text/event-stream;Charset="UTF-8"'
          : 'application/json; Charset=UTF-8; v=1',
      })),
    },
    {
      id: 'json-by-another-name',
      title: 'The server labels JSON `application/vnd.messages+json`.',
      source: ['T:parse'],
      alters: rewriteHeaders((response) =>
        response.headers.get('content-type') === 'application/json'
          ? { 'content-type': 'application/vnd.messages+json' }
          : null,
      ),
    },
    {
      id: 'cookies-and-caches',
      title: 'Proxies add cookies, dates, ages and cache directives.',
      source: [RFC],
      alters: rewriteHeaders(() => ({
        'set-cookie': '__lb=1; Path=/; HttpOnly',
        age: '0',
        'cache-control': 'no-store, private',
        'strict-transport-security': 'max-age=31536000',
        'x-cache': 'MISS',
        server: 'cloudfront',
      })),
    },
    {
      id: 'retry-advice-on-every-answer',
      title: 'Every response has `retry-after`, like polls of batches.',
      source: ['H1'],
      alters: rewriteHeaders(() => ({ 'retry-after': '10', 'x-should-retry': 'false' })),
    },
    {
      id: 'methods-refused',
      title: 'HEAD and OPTIONS are answered with 405 and no body.',
      source: [`${RFC}#section-15.5.6`],
      alters: {
        request: (request) =>
          ['HEAD', 'OPTIONS'].includes(request.method)
            ? new Response(null, { status: 405, headers: { allow: 'GET, POST, DELETE' } })
            : request,
      },
    },
    {
      id: 'blanks-before-json',
      title: 'JSON responses begin with blanks, with which a server keeps a connection alive while its model works.',
      source: ['https://www.rfc-editor.org/rfc/rfc8259#section-2'],
      alters: {
        async response(response) {
          if (response.headers.get('content-type') !== 'application/json') return response;
          const json = await response.text();
          return new Response(json && `${' '.repeat(40)}\n${json}`, response);
        },
      },
    },
    {
      id: 'status-200-with-length',
      title: 'JSON responses have a `content-length`.',
      source: [`${RFC}#section-8.6`],
      alters: {
        async response(response) {
          if (isStream(response) || response.body === null) return response;
          const body = new Uint8Array(await response.arrayBuffer());
          return withHeaders(new Response(body, { status: response.status, headers: response.headers }), {
            'content-length': String(body.length),
          });
        },
      },
    },
  ],
};
