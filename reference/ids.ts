const ALPHABET = '0123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** A new identifier: the prefix and 24 random characters that every id pattern of the protocol admits. */
export function newId(prefix: 'msg' | 'req' | 'toolu' | 'msgbatch' | 'file' | 'container'): string {
  const bytes = crypto.getRandomValues(new Uint8Array(22));
  let id = `${prefix}_01`;
  for (const byte of bytes) id += ALPHABET[byte % ALPHABET.length];
  return id;
}
