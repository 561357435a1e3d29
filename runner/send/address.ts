/** Whether an address belongs to the target: what does not never gets a credential. */

/**
 * Whether a URL is of the base URL's origin and below its path. Dots and slashes that a server may decode count as if they were
 * plain: some servers undo the encoding before they resolve `..`.
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
