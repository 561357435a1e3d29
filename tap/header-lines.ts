/** Header lines on their way through: what belongs to a connection stays there, everything else is passed on as it was written. */

import type { HeaderLines } from './raw-exchange.js';

/** Node's flat list as pairs. */
export function pairs(raw: readonly string[]): HeaderLines {
  const lines: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) lines.push([raw[index]!, raw[index + 1]!]);
  return lines;
}

/**
 * Headers that announce another protocol on the same connection. The tap speaks HTTP/1.1 and does not offer them to the server
 * (RFC 9110, 7.8: an intermediary removes them).
 */
const UPGRADE = ['upgrade', 'http2-settings', 'proxy-connection'];

/** The request's header lines as a flat list, for the server at `host`. */
export function toServer(raw: readonly string[], host: string): string[] {
  const lines: string[] = [];
  let hasHost = false;
  for (const [name, value] of pairs(raw)) {
    const key = name.toLowerCase();
    if (UPGRADE.includes(key)) continue;
    if (key === 'host') {
      if (!hasHost) lines.push(name, host);
      hasHost = true;
    } else if (key === 'connection') {
      const kept = value
        .split(',')
        .map((token) => token.trim())
        .filter((token) => token !== '' && !UPGRADE.includes(token.toLowerCase()));
      if (kept.length > 0) lines.push(name, kept.join(', '));
    } else lines.push(name, value);
  }
  return hasHost ? lines : ['Host', host, ...lines];
}

/** Whether a flat list has a header. */
export const has = (raw: readonly string[], name: string): boolean =>
  raw.some((text, index) => index % 2 === 0 && text.toLowerCase() === name);
