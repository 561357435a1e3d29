/** Decides whether a URL belongs to the target. Other URLs never get a credential. */

/**
 * Whether a URL has the origin of the base URL and is below its path. Encoded dots and slashes count as if they were not encoded:
 * some servers decode them before they resolve `..`.
 */
export function isWithin(url: string, base: string): boolean {
  if (!URL.canParse(url)) return false;
  const { origin, username, password, pathname } = new URL(url);
  const home = new URL(base);
  if (origin !== home.origin || username !== '' || password !== '') return false;
  const folder = `${home.pathname.replace(/\/$/, '')}/`;
  const decoded = new URL(pathname.replace(/%2f|%5c/gi, '/'), `${origin}/`).pathname;
  return pathname.startsWith(folder) && decoded.startsWith(folder);
}
