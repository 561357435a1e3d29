const ALPHABET = '0123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** A new id: the prefix and 24 characters that fit every id pattern of the protocol. */
export function newId(prefix: 'msg' | 'req' | 'toolu' | 'srvtoolu' | 'msgbatch' | 'file' | 'container'): string {
  const bytes = crypto.getRandomValues(new Uint8Array(22));
  let id = `${prefix}_01`;
  for (const byte of bytes) id += ALPHABET[byte % ALPHABET.length];
  return id;
}
