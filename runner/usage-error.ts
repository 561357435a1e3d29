import { distance } from 'fastest-levenshtein';

/** Wrong usage or configuration: exit status 2, the message alone, no stack. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Why a file or folder could not be read, in words of its user where there are some. */
export function unread(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file or folder';
  if (code === 'EISDIR') return 'expected a file, this is a folder';
  if (code === 'ENOTDIR') return 'a part of this path is a file where a folder is expected';
  if (code === 'EACCES' || code === 'EPERM') return 'no permission to read it';
  return `cannot be read: ${message}`;
}

/** `did you mean "x"?` for the nearest of the right names; all of them, or similar ones of many, when none is near. */
export function nearest(word: string, names: readonly string[]): string {
  const ranked = names
    .map((name) => ({ name, gap: distance(word.toLowerCase(), name.toLowerCase()), start: sharedStart(word, name) }))
    .sort((a, b) => a.gap - b.gap || b.start - a.start);
  const best = ranked[0];
  if (best !== undefined && best.gap <= Math.min(Math.max(2, Math.floor(word.length / 3)), (word.length - 1) / 2))
    return `did you mean ${JSON.stringify(best.name)}?`;
  if (names.length <= 16) return `choose from ${names.join(', ')}`;
  // Of hundreds of names some are always nearest; one that shares nothing with the word is no help.
  const near = ranked.filter(({ gap, start }) => start >= 2 || gap <= word.length / 2).slice(0, 3);
  return near.length === 0 ? 'no name is similar' : `the nearest are ${near.map(({ name }) => name).join(', ')}`;
}

/** How many characters two names begin with alike. */
function sharedStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}

/** Throws for a member that no options have, with the nearest one that they do: a misspelt option must not be taken for none. */
export function unknownKeys(given: object, known: readonly string[], where: string): void {
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw new UsageError(`${where}({ ${unknown}: … }): there is no such option; ${nearest(unknown, known)}`);
}
