import { Readable } from 'node:stream';
import { constants, createBrotliCompress, createDeflate, createGzip } from 'node:zlib';
import type { Alterations } from '../stages.js';
import type { Variant, VariantFamily } from './variant.js';

const CODINGS = {
  gzip: () => createGzip({ flush: constants.Z_SYNC_FLUSH }),
  deflate: () => createDeflate({ flush: constants.Z_SYNC_FLUSH }),
  br: () => createBrotliCompress({ flush: constants.BROTLI_OPERATION_FLUSH }),
} as const;

/** Compresses responses to requests that offer the coding; each write is flushed. */
function compressed(coding: keyof typeof CODINGS, name: string = coding): Alterations {
  return {
    response(response, call) {
      const offered = (call.headers.get('accept-encoding') ?? '').split(',').some((one) => one.trim() === coding);
      if (!offered || response.body === null) return response;
      const headers = new Headers(response.headers);
      headers.set('content-encoding', name);
      headers.set('vary', 'accept-encoding');
      const packed = Readable.from(response.body as unknown as AsyncIterable<Uint8Array>).pipe(CODINGS[coding]());
      return new Response(Readable.toWeb(packed) as ReadableStream, { status: response.status, headers });
    },
  };
}

const variant = (coding: keyof typeof CODINGS, title: string): Variant => ({
  id: `compressed-with-${coding}`,
  title,
  source: ['X', 'https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3'],
  clientSends: { 'accept-encoding': 'gzip, deflate, br' },
  alters: compressed(coding),
});

export const compression: VariantFamily = {
  name: 'compression',
  title: 'compression that the request offers',
  variants: [
    variant('gzip', 'The server compresses bodies and streams with gzip and flushes every event.'),
    variant('deflate', 'The server compresses bodies and streams with deflate and flushes every event.'),
    variant('br', 'The server compresses bodies and streams with Brotli and flushes every event.'),
    {
      id: 'compressed-in-capitals',
      title: 'The value of `content-encoding` is in capitals.',
      source: ['https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1'],
      clientSends: { 'accept-encoding': 'gzip' },
      alters: compressed('gzip', 'GZIP'),
    },
    {
      id: 'not-compressed-and-said-so',
      title: 'Responses have `content-encoding: identity`.',
      source: ['https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1'],
      alters: {
        response(response) {
          const headers = new Headers(response.headers);
          headers.set('content-encoding', 'identity');
          return new Response(response.body, { status: response.status, headers });
        },
      },
    },
  ],
};
