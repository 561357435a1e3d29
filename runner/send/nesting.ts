/** How deep the JSON of a body is nested. Reading it takes no stack; comparing it, checking it and writing it do. */

import { get } from '../../core/json.js';
import { parseJson } from '../read/sse.js';

/** Far deeper than an answer of the protocol, or the input of a tool, is. */
export const MAX_DEPTH = 500;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LF = 0x0a;
const CR = 0x0d;

/** Offset at which a JSON body is nested too deeply, `null` when it is not. Whether it is JSON does not matter. */
export function tooDeepAt(bytes: Uint8Array): number | null {
  return bytes.length > MAX_DEPTH ? new Depth().read(bytes) : null;
}

/**
 * The same for an event stream: of the data of each event, and of the JSON that its fragments add up to. Gives the offset of
 * the line, so that the event is left out as a whole.
 */
export function streamTooDeepAt(bytes: Uint8Array): number | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const hasFragments = buffer.includes('partial_json');
  const fragments = new Depth();
  for (const [start, end] of lines(buffer)) {
    const line = buffer.subarray(start, end);
    // Each level takes a byte, so that most lines need not be read.
    if (line.length > MAX_DEPTH && new Depth().read(line) !== null) return start;
    const fragment = hasFragments ? fragmentOf(line) : undefined;
    if (fragment === undefined) continue;
    if (fragment === null) fragments.reset();
    else if (fragments.read(Buffer.from(fragment)) !== null) return start;
  }
  return null;
}

/** A piece of the JSON that a block is made of; `null` where a new block begins, `undefined` for any other line. */
function fragmentOf(line: Buffer): string | null | undefined {
  if (line.includes('content_block_start')) return null;
  if (!line.includes('partial_json')) return undefined;
  const piece = get(parseJson(line.toString().replace(/^data:/, '')), 'delta', 'partial_json');
  return typeof piece === 'string' ? piece : undefined;
}

function* lines(bytes: Buffer): Generator<[start: number, end: number]> {
  let start = 0;
  const next = { lf: bytes.indexOf(LF), cr: bytes.indexOf(CR) };
  while (next.lf !== -1 || next.cr !== -1) {
    const end = next.cr === -1 || (next.lf !== -1 && next.lf < next.cr) ? next.lf : next.cr;
    if (end > start) yield [start, end];
    start = end + 1;
    if (end === next.lf) next.lf = bytes.indexOf(LF, start);
    else next.cr = bytes.indexOf(CR, start);
  }
  if (bytes.length > start) yield [start, bytes.length];
}

/** Counts brackets outside strings. */
class Depth {
  private depth = 0;
  private inString = false;
  private escaped = false;

  reset(): void {
    this.depth = 0;
    this.inString = false;
    this.escaped = false;
  }

  /** Index of the byte that goes too deep, `null` when none does. */
  read(bytes: Uint8Array): number | null {
    for (let index = 0; index < bytes.length; index += 1) {
      const byte = bytes[index]!;
      if (this.escaped) this.escaped = false;
      else if (byte === QUOTE) this.inString = !this.inString;
      else if (this.inString) this.escaped = byte === BACKSLASH;
      else if (byte === 0x5b || byte === 0x7b) {
        this.depth += 1;
        if (this.depth > MAX_DEPTH) return index;
      } else if ((byte === 0x5d || byte === 0x7d) && this.depth > 0) this.depth -= 1;
    }
    return null;
  }
}
