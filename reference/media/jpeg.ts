import type { PictureReader, Rgb } from './picture.js';

interface Component {
  id: number;
  blocks: number;
  quantization: number;
  dc: number;
  ac: number;
}

/** Code lengths and symbols of a Huffman table in the order of the file. */
interface Huffman {
  counts: Uint8Array;
  symbols: Uint8Array;
}

/**
 * Reads a JPEG up to its first block of pixels. The mean of a block is its first coefficient, and in a plain square the
 * mean is the colour. Arithmetic coding is not decoded.
 */
export const readJpeg: PictureReader = (bytes) => {
  const quantization = new Map<number, number>();
  const tables = new Map<number, Huffman>();
  let size: { width: number; height: number } | null = null;
  let components: Component[] = [];
  let progressive = false;
  for (let offset = 2; offset + 4 <= bytes.length; ) {
    if (bytes[offset] !== 0xff) return null;
    const marker = bytes[offset + 1]!;
    if (marker === 0xff) {
      offset += 1;
      continue;
    }
    const length = (bytes[offset + 2]! << 8) | bytes[offset + 3]!;
    const body = bytes.subarray(offset + 4, offset + 2 + length);
    if (marker === 0xdb) readQuantization(body, quantization);
    if (marker === 0xc4) readTables(body, tables);
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      progressive = marker === 0xc2;
      size = { height: (body[1]! << 8) | body[2]!, width: (body[3]! << 8) | body[4]! };
      components = readComponents(body);
      if (marker > 0xc2) return { ...size, colour: null };
    }
    offset += 2 + length;
    if (marker === 0xda) {
      if (!size) return null;
      const scan = bytes.subarray(offset);
      return { ...size, colour: meanOrNull(body, scan, components, { quantization, tables, progressive }) };
    }
  }
  return null;
};

function readQuantization(body: Uint8Array, into: Map<number, number>): void {
  for (let offset = 0; offset < body.length; ) {
    const head = body[offset]!;
    const wide = head >> 4 !== 0;
    into.set(head & 15, wide ? (body[offset + 1]! << 8) | body[offset + 2]! : body[offset + 1]!);
    offset += 1 + (wide ? 128 : 64);
  }
}

function readTables(body: Uint8Array, into: Map<number, Huffman>): void {
  for (let offset = 0; offset + 17 <= body.length; ) {
    const counts = body.subarray(offset + 1, offset + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    into.set(body[offset]!, { counts, symbols: body.subarray(offset + 17, offset + 17 + total) });
    offset += 17 + total;
  }
}

function readComponents(body: Uint8Array): Component[] {
  return Array.from({ length: body[5]! }, (_, index) => {
    const at = 6 + index * 3;
    const sampling = body[at + 1]!;
    return { id: body[at]!, blocks: (sampling >> 4) * (sampling & 15), quantization: body[at + 2]!, dc: 0, ac: 0 };
  });
}

interface Decoding {
  quantization: Map<number, number>;
  tables: Map<number, Huffman>;
  progressive: boolean;
}

/** A picture in a variant that is not decoded here is still a picture. */
function meanOrNull(...of: Parameters<typeof meanOfFirstBlock>): Rgb | null {
  try {
    return meanOfFirstBlock(...of);
  } catch {
    return null;
  }
}

function meanOfFirstBlock(head: Uint8Array, scan: Uint8Array, components: Component[], decoding: Decoding): Rgb | null {
  const bits = bitReader(scan);
  const shift = decoding.progressive ? head[head.length - 1]! & 15 : 0;
  const means: number[] = [];
  const inScan = Array.from({ length: head[0]! }, (_, index) => {
    const component = components.find((candidate) => candidate.id === head[1 + index * 2]);
    const selector = head[2 + index * 2]!;
    return component && { ...component, dc: selector >> 4, ac: selector & 15 };
  });
  for (const component of inScan) {
    const dcTable = decoding.tables.get(component?.dc ?? 0);
    const acTable = decoding.tables.get(0x10 | (component?.ac ?? 0));
    if (!component || !dcTable || (!acTable && !decoding.progressive)) return null;
    const blocks = inScan.length === 1 ? 1 : component.blocks;
    let value = 0;
    for (let block = 0; block < blocks; block += 1) {
      value += signed(bits, symbol(bits, dcTable));
      if (block === 0) means.push(((value << shift) * (decoding.quantization.get(component.quantization) ?? 1)) / 8);
      if (!decoding.progressive) skipBlock(bits, acTable!);
    }
  }
  const [y = 0, cb = 0, cr = 0] = means;
  const clamp = (level: number) => Math.max(0, Math.min(255, Math.round(level + 128)));
  return [clamp(y + 1.402 * cr), clamp(y - 0.344 * cb - 0.714 * cr), clamp(y + 1.772 * cb)];
}

type BitReader = () => number;

function bitReader(scan: Uint8Array): BitReader {
  let offset = 0;
  let bit = 8;
  return () => {
    if (bit === 8) {
      bit = 0;
      if (offset > 0 && scan[offset - 1] === 0xff && scan[offset] === 0) offset += 1;
      offset += 1;
    }
    const byte = scan[offset - 1];
    if (byte === undefined) throw new RangeError('the scan ends early');
    bit += 1;
    return (byte >> (8 - bit)) & 1;
  };
}

function symbol(bits: BitReader, { counts, symbols }: Huffman): number {
  let code = 0;
  let first = 0;
  let index = 0;
  for (const count of counts) {
    code |= bits();
    if (code - first < count) return symbols[index + code - first]!;
    index += count;
    first = (first + count) << 1;
    code <<= 1;
  }
  throw new RangeError('not a code of the table');
}

function signed(bits: BitReader, length: number): number {
  let value = 0;
  for (let index = 0; index < length; index += 1) value = (value << 1) | bits();
  return length > 0 && value < 2 ** (length - 1) ? value - 2 ** length + 1 : value;
}

function skipBlock(bits: BitReader, table: Huffman): void {
  for (let index = 1; index < 64; index += 1) {
    const code = symbol(bits, table);
    if (code === 0) return;
    index += code >> 4;
    signed(bits, code & 15);
  }
}
