/** Ids of calls: clients take letters, digits, underscores and hyphens; an upstream may have others. */

const PREFIX = 'toolu_x';

/** An id that every client takes. What is changed can be undone. */
export function toolId(id: string): string {
  if (id === '' || (/^[a-zA-Z0-9_-]+$/.test(id) && !id.startsWith(PREFIX))) return id;
  return PREFIX + Buffer.from(id).toString('base64url');
}

/** The upstream's own id. */
export const upstreamId = (id: string): string =>
  id.startsWith(PREFIX) ? Buffer.from(id.slice(PREFIX.length), 'base64url').toString() : id;
