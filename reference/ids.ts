import { randomFillSync } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

const LENGTH = 22;
/** Random bytes for many ids: one call for each id was a tenth of a request. */
const pool = new Uint8Array(LENGTH * 128);
let used = pool.length;

/** A new id: the prefix and 24 characters that fit every id pattern of the protocol. */
export function newId(prefix: 'msg' | 'req' | 'toolu' | 'srvtoolu' | 'msgbatch' | 'file' | 'container'): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  let id = `${prefix}_01`;
  for (const end = used + LENGTH; used < end; used += 1) id += ALPHABET[pool[used]! % ALPHABET.length];
  return id;
}
