/**
 * Requests a URL that a target returned and that is not below its base URL: without a credential, never in a network that the target
 * is not part of, and keeping only status, type and length. Otherwise a target could make the suite read cloud metadata or local
 * services of the machine that runs it.
 */

import { lookup } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { proxyFor } from './connections.js';
import { describe, EndedByUs } from './failures.js';
import type { Bounds, Received } from './network.js';

/** Networks that are not the public Internet. */
export type NetworkKind = 'loopback' | 'link-local' | 'private' | 'public';

const NETWORKS: readonly (readonly [kind: Exclude<NetworkKind, 'public'>, ...subnets: string[]])[] = [
  ['loopback', '127.0.0.0/8', '0.0.0.0/8', '::1/128', '::/128'],
  ['link-local', '169.254.0.0/16', 'fe80::/10'],
  [
    'private',
    '10.0.0.0/8',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '100.64.0.0/10',
    '192.0.0.0/24',
    '198.18.0.0/15',
    '224.0.0.0/4',
    '240.0.0.0/4',
    'fc00::/7',
    'fec0::/10',
    'ff00::/8',
    '64:ff9b::/96',
    '2002::/16',
    '::/96',
  ],
];

const LISTS = NETWORKS.map(([kind, ...subnets]) => {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [address, bits] = subnet.split('/') as [string, string];
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return { kind, list };
});

/** The kind of network that an address is in. An IPv4-mapped IPv6 address counts as IPv4. */
export function networkOf(address: string): NetworkKind {
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address)?.[1] ?? address;
  const family = isIP(mapped);
  if (family === 0) return 'private';
  return LISTS.find(({ list }) => list.check(mapped, family === 6 ? 'ipv6' : 'ipv4'))?.kind ?? 'public';
}

/** Longest body that is counted, in bytes. */
const MAX_BYTES = 4 * 1024 * 1024;

type Resolve = (host: string) => Promise<readonly string[]>;

const resolveAll: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

/**
 * Sends one GET to a foreign URL; redirects are not followed. The result has a failure of kind `foreign`, which says why no request
 * was sent, or that the body was not kept.
 *
 * @param base Base URL of the target. A URL in the same kind of network as the target is allowed.
 */
export async function askForeign(
  url: URL,
  base: string,
  bounds: Bounds,
  signal: AbortSignal | undefined,
  resolve: Resolve = resolveAll,
): Promise<Received> {
  const not = (why: string): Received => ({
    response: null,
    failure: { kind: 'foreign', message: `${url.origin} was not requested: ${why}` },
  });
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return not(`${url.protocol} is neither http nor https`);
  if ((await proxyFor(url)) !== '') return not('it would go through a proxy, whose destination cannot be checked');
  const addresses = await resolve(bare(url.hostname)).catch(() => []);
  const [address] = addresses;
  if (address === undefined) return not('its host name cannot be resolved');
  const home = await resolve(bare(new URL(base).hostname)).catch(() => []);
  const allowed = new Set<NetworkKind>(['public', ...home.map(networkOf)]);
  const inside = addresses.map(networkOf).find((kind) => !allowed.has(kind));
  if (inside !== undefined) return not(`its address is ${inside}, and that of the target is not`);
  return ask(url, address, bounds, signal);
}

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '');

/** Connects to the address that was checked. The name could resolve to another address the next time. */
async function ask(url: URL, address: string, bounds: Bounds, signal: AbortSignal | undefined): Promise<Received> {
  const started = performance.now();
  const elapsed = () => Math.round((performance.now() - started) * 100) / 100;
  const family = isIP(address);
  const pinned: LookupFunction = (_host, options, done) =>
    options.all ? done(null, [{ address, family }]) : done(null, address, family);
  const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
    agent: false,
    method: 'GET',
    headers: { accept: '*/*', 'user-agent': 'messages-conformance' },
    lookup: pinned,
    maxHeaderSize: 64 * 1024,
  });
  const overtime = setTimeout(() => request.destroy(new EndedByUs('overtime')), bounds.timeoutMs);
  const stop = () => request.destroy(new EndedByUs('interrupted'));
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve);
      request.on('error', reject);
      request.end();
    });
    const headersMs = elapsed();
    let bytes = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) break;
    }
    const type = answer.headers['content-type'];
    const headers: [string, string][] = type === undefined ? [] : [['content-type', type]];
    const length = bytes > MAX_BYTES ? `more than ${MAX_BYTES}` : `${bytes}`;
    return {
      response: {
        status: answer.statusCode ?? 0,
        headers,
        body: '',
        bodyEncoding: 'utf8',
        chunks: [],
        headersMs,
        endMs: elapsed(),
      },
      failure: {
        kind: 'foreign',
        message: `${url.origin} is not below the base URL: only status and type were kept of its ${length} bytes`,
      },
    };
  } catch (error) {
    return { response: null, failure: describe(error, elapsed(), bounds) };
  } finally {
    clearTimeout(overtime);
    signal?.removeEventListener('abort', stop);
    request.destroy();
  }
}
