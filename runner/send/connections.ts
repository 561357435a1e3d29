/** Who carries a request: a pool of connections to the target, one connection of its own, or a proxy. */

import { Agent } from 'node:http';

/**
 * Longest time that an idle connection is kept, in milliseconds: shorter than servers usually do, so that a request seldom meets
 * one that its server is about to close. An agent ends free connections by its `timeout`, never those in use.
 */
const IDLE_MS = 4_000;

/** Connections of one run, closed with `close()`. */
export interface Connections {
  /** The agent for a URL; a proxy's where a proxy variable names one for it. */
  agentFor(url: URL): Promise<Agent>;
  /** Ends idle connections: on a target that takes few at a time they would stand in the way of a new one. */
  endIdle(): Promise<void>;
  close(): void;
}

/** Whether an agent has a connection whose next request needs no new one. */
export const hasIdle = ({ freeSockets }: Agent): boolean =>
  Object.values(freeSockets).some((sockets) => sockets?.some(({ destroyed }) => !destroyed));

/** Ends the idle connections of an agent: its next request opens a new one. */
export function endIdle({ freeSockets }: Agent): void {
  for (const sockets of Object.values(freeSockets)) for (const socket of sockets ?? []) socket.destroy();
}

/** Names and addresses of the machine itself: never asked for through a proxy. */
const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/i;

export const isLoopback = (url: URL): boolean => LOOPBACK.test(url.hostname);

/**
 * A pool without a bound of its own: how many requests run at a time is for the caller to say.
 *
 * @param most At most so many connections, e.g. 1 for a conversation that has to stay on one.
 * @param idleMs Longest time that an idle connection is kept, in milliseconds; 0: until its server closes it.
 */
export function openConnections(most = Number.POSITIVE_INFINITY, idleMs = IDLE_MS): Connections {
  const options = { keepAlive: true, maxSockets: most, scheduling: 'lifo', timeout: idleMs } as const;
  const open = new Map<string, Promise<Agent>>();
  const make = async (url: URL): Promise<Agent> => {
    const proxy = isLoopback(url) ? '' : await proxyFor(url);
    if (proxy !== '') return proxied(url, proxy, options);
    if (url.protocol !== 'https:') return new Agent(options);
    const https = await import('node:https');
    return new https.Agent(options);
  };
  return {
    agentFor(url) {
      const known = open.get(url.origin) ?? make(url);
      open.set(url.origin, known);
      return known;
    },
    async endIdle() {
      for (const agent of await Promise.all(open.values())) endIdle(agent);
    },
    close() {
      for (const agent of open.values()) agent.then((one) => one.destroy()).catch(() => {});
    },
  };
}

/** Variables that name a proxy; `NO_PROXY` is read by the library. */
export const PROXY_VARIABLES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'];

/** The proxy that the environment names for a URL, empty for none. The library is loaded only where a variable is set. */
export async function proxyFor(url: URL): Promise<string> {
  if (!PROXY_VARIABLES.some((name) => process.env[name])) return '';
  const { getProxyForUrl } = await import('proxy-from-env');
  return getProxyForUrl(url.href);
}

async function proxied(url: URL, proxy: string, options: ConstructorParameters<typeof Agent>[0]): Promise<Agent> {
  if (url.protocol === 'https:') {
    const { HttpsProxyAgent } = await import('https-proxy-agent');
    return new HttpsProxyAgent(proxy, options);
  }
  const { HttpProxyAgent } = await import('http-proxy-agent');
  return new HttpProxyAgent(proxy, options);
}
