/** Why a target gave no answer, or led elsewhere, in the words of a diagnosis. */

import type { Exchange } from '../../core/exchange.js';
import type { Diagnosis } from '../../core/report.js';
import { withoutEnd } from '../../core/text.js';
import { proxyFor } from '../send/connections.js';
import { printable } from '../send/failures.js';

/** What is wrong, and what to do about it. */
export type Cause = Pick<Diagnosis, 'kind' | 'line' | 'advice'>;

/** A redirect that is not followed: the key belongs to the target's origin. */
export function redirected(exchange: Exchange): Cause {
  const location = exchange.header('location') ?? '';
  const to = URL.canParse(location, exchange.request.url) ? new URL(location, exchange.request.url) : null;
  const base =
    to === null ? null : `${to.origin}${withoutEnd(withoutEnd(to.pathname, '/').replace(/\/v1\/messages$/, ''), '/')}`;
  return {
    kind: 'redirect',
    line: `The target redirects elsewhere, and the key is not sent there: ${printable(exchange.failure?.message ?? '')}.`,
    advice: base === null ? 'Check --url.' : `If that is where the API is, use --url ${printable(base)}.`,
  };
}

/** Nothing that is an HTTP answer came. */
export async function unreachable(exchange: Exchange, baseUrl: string): Promise<Cause> {
  const message = exchange.failure?.message ?? 'nothing came';
  const url = new URL(baseUrl);
  const proxy = await proxyFor(url);
  const through =
    proxy === '' ? '' : ` (through the proxy ${shownProxy(proxy)} of HTTP_PROXY, HTTPS_PROXY or ALL_PROXY)`;
  const cause = (kind: Cause['kind'], line: string, advice: string): Cause => ({
    kind,
    line: `${line}${through}.`,
    advice,
  });
  const kind = exchange.failure?.kind;
  if (kind === 'timeout-headers') {
    return cause(
      'hangs',
      `${baseUrl} takes the request and does not answer: ${message}, twice`,
      'Check that the model is loaded; a slow target needs a longer --timeout.',
    );
  }
  if (message.startsWith('TLS:')) {
    return /wrong version number|packet length too long|EPROTO/i.test(message)
      ? cause(
          'tls',
          `${baseUrl} does not speak TLS: ${message.replace(/^TLS: /, '')}`,
          `Use --url ${baseUrl.replace(/^https:/, 'http:')}.`,
        )
      : cause(
          'tls',
          `The certificate of ${url.host} is not trusted: ${message}`,
          'For a certificate of your own authority set NODE_EXTRA_CA_CERTS=/path/to/ca.pem.',
        );
  }
  if (kind === 'protocol' && url.protocol === 'http:') {
    return cause(
      'not-http',
      `${baseUrl} answers with broken HTTP: ${message}`,
      `If it speaks TLS, use --url ${baseUrl.replace(/^http:/, 'https:')}.`,
    );
  }
  if (kind === 'unreachable') {
    const advice =
      proxy === ''
        ? 'Check --url, and that the server is running.'
        : 'Check --url and the proxy; NO_PROXY leaves a host out.';
    return cause('unreachable', `${baseUrl} cannot be reached: ${message}`, advice);
  }
  return cause('down', `${baseUrl} breaks the connection off: ${message}, twice`, 'Check the log of the server.');
}

/** A proxy's address without the password that it may hold. */
function shownProxy(proxy: string): string {
  if (!URL.canParse(proxy)) return 'that is set';
  const { protocol, host } = new URL(proxy);
  return `${protocol}//${host}`;
}
