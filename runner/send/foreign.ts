/**
 * Asks for an address that a target named and that is not its own: without a credential, never inside a network that the target is not
 * part of, and keeping nothing of the answer but its status, type and length. A target could otherwise have the suite read the cloud
 * metadata or the local services of the machine that runs it, and find the answer in the report.
 */

import { lookup } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { proxyFor } from './connections.js';
import { describe, EndedByUs } from './failures.js';
import type { Bounds, Received } from './network.js';

/** Networks that are not the Internet, by what they are. */
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

/** What network an address is in. An IPv4 address in the form of IPv6 counts as what it is. */
export function networkOf(address: string): NetworkKind {
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address)?.[1] ?? address;
  const family = isIP(mapped);
  if (family === 0) return 'private';
  return LISTS.find(({ list }) => list.check(mapped, family === 6 ? 'ipv6' : 'ipv4'))?.kind ?? 'public';
}

/** Longest name, and longest answer whose length is counted. */
const MAX_BYTES = 4 * 1024 * 1024;

type Resolve = (host: string) => Promise<readonly string[]>;

const resolveAll: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

/**
 * One GET of a foreign address. The failure of kind `foreign` says why nothing was asked for, or that little was kept; a redirect is
 * not followed.
 *
 * @param base Base URL of the target: what is in the same kind of network as the target itself may be asked.
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
    failure: { kind: 'foreign', message: `${url.origin} was not asked: ${why}` },
  });
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return not(`${url.protocol} is no protocol of the web`);
  if ((await proxyFor(url)) !== '') return not('a proxy stands between, and where it would lead cannot be checked');
  const addresses = await resolve(bare(url.hostname)).catch(() => []);
  const [address] = addresses;
  if (address === undefined) return not('its name cannot be resolved');
  const home = await resolve(bare(new URL(base).hostname)).catch(() => []);
  const allowed = new Set<NetworkKind>(['public', ...home.map(networkOf)]);
  const inside = addresses.map(networkOf).find((kind) => !allowed.has(kind));
  if (inside !== undefined) return not(`its address is ${inside}, and that of the target is not`);
  return ask(url, address, bounds, signal);
}

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '');

/** Connects to the address that was checked: a name may lead elsewhere when it is resolved again. */
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
        message: `${url.origin} is not the target's: of its ${length} bytes nothing was kept but the status and the type`,
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
