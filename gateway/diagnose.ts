/** Why a gateway cannot be judged: it does not reach the suite's upstream, or calls it without a key, or in another way than was said. */

import { answer, status, succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import type { Diagnosis } from '../core/report.js';
import { printable } from '../runner/send/failures.js';
import { CREDENTIAL_PLACES, type Target } from '../runner/send/requests.js';
import { apiAt, DIALECTS } from './dialects/index.js';
import type { Upstream } from './upstream/server.js';

/** `null` where the gateway reaches the upstream and the run can go on. */
export function diagnoseGateway(first: Exchange, upstream: Upstream, target: Target): Diagnosis | null {
  const calls = [...(first.upstream ?? []), ...upstream.strays];
  const right = calls.filter(({ speaks }) => speaks === upstream.dialect.name);
  if (right.some(({ credential }) => credential !== 'none')) return null;
  const [wrong] = calls;
  const tried = [
    { what: `${first.request.method} ${first.request.url}`, answer: answer(first) },
    ...calls.map(({ request }) => ({
      what: `at the upstream: ${request.method} ${printable(pathOf(request.url))}`,
      answer: right.length > 0 ? '401, no key' : 'not served',
    })),
  ];
  const says = (kind: Diagnosis['kind'], line: string, advice: string): Diagnosis => ({ kind, line, advice, tried });
  const configured = `Its base URL has to be ${baseUrlOf(upstream)}, with any key. docs/gateways.md has configurations to copy.`;
  if (right.length > 0)
    return says(
      'upstream-key',
      `The gateway calls its upstream without a key, which answers 401: ${answer(first)}.`,
      `Set its key for its upstream. If it passes on that of the client, it may only know the other header: --contract with "credentials": ["bearer"]. If it is made for upstreams without keys: --contract with "gateway": {"upstream": {"key": false}}. ${configured}`,
    );
  if (wrong !== undefined) {
    const path = printable(pathOf(wrong.request.url));
    const other = apiAt(pathOf(wrong.request.url));
    if (other !== null) {
      const again = DIALECTS.some(({ name }) => name === other) ? `Run again with --speaks ${other}, or set` : 'Set';
      return says(
        'other-dialect',
        `The gateway speaks ${other} to its upstream (POST ${path}), not ${upstream.dialect.name}.`,
        `${again} the gateway to ${upstream.dialect.title}. ${configured}`,
      );
    }
    return says(
      'other-dialect',
      `The gateway calls its upstream at POST ${path}, which is the path of no known API.`,
      configured,
    );
  }
  if (first.response === null)
    return says(
      'unreachable',
      `The gateway cannot be reached: ${answer(first)}.`,
      `Start it, or check --url ${target.baseUrl}.`,
    );
  const code = status(first);
  if (code === 401 || code === 403) {
    const own =
      target.apiKey === null
        ? `the variable ${target.apiKeyVariable} is not set`
        : `it got the key in ${target.apiKeyVariable}`;
    return says(
      'upstream-not-called',
      `The gateway answered ${code} itself, and its upstream got no request: ${answer(first)}.`,
      `Is the key for the gateway right (${own})? Is the gateway's key for its upstream set? ${configured}`,
    );
  }
  if (succeeded(first))
    return says(
      'upstream-not-called',
      `The gateway answered without calling its upstream: ${answer(first)}.`,
      `It serves this model from elsewhere, or from a cache. ${configured}`,
    );
  return says(
    'upstream-not-called',
    `The gateway never called its upstream: ${answer(first)}.`,
    `Is the model ${JSON.stringify(printable(target.model))} one of its own (--model)? ${configured}`,
  );
}

/** Whether the gateway itself rejects the sender: nothing reached the upstream. */
export const rejectsKey = (first: Exchange, { strays }: Upstream): boolean =>
  [401, 403].includes(status(first)) && (first.upstream ?? []).length === 0 && strays.length === 0;

/** Why a run goes on with the key in another header than it began with. */
export const otherCredential = (first: Exchange, { credential }: Target): Diagnosis => ({
  kind: 'other-credential',
  line: `The gateway takes the key ${CREDENTIAL_PLACES[credential]} only: ${CREDENTIAL_PLACES[credential === 'bearer' ? 'x-api-key' : 'bearer']} it answered ${answer(first)}.`,
  advice: `This run goes on with the key ${CREDENTIAL_PLACES[credential]}.`,
  tried: [{ what: `${first.request.method} ${first.request.url}`, answer: answer(first) }],
});

const pathOf = (url: string): string => (URL.canParse(url) ? new URL(url).pathname : url);

/** The base URL as a gateway is given it. */
export const baseUrlOf = ({ origin, dialect }: Upstream): string => `${origin}${dialect.basePath}`;
