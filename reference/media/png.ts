import { unpack } from './budget.js';
import type { PictureReader, Rgb } from './picture.js';

/** Channels by colour type. Source: https://www.w3.org/TR/png/#11IHDR */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
/** Interlacing adds filter bytes, and a sender may pad. */
const SLACK = 65_536;

/** Reads a PNG. Its pixel data is unpacked as a whole, so that a truncated file is not taken for a picture. */
export const readPng: PictureReader = (bytes, budget) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data: Uint8Array[] = [];
  let palette: Uint8Array = new Uint8Array();
  let header: { width: number; height: number; depth: number; type: number } | null = null;
  for (let offset = 8; offset + 12 <= bytes.length; ) {
    const length = view.getUint32(offset);
    const type = String.fromCharCode(...bytes.subarray(offset + 4, offset + 8));
    const body = bytes.subarray(offset + 8, offset + 8 + length);
    if (body.length < length) return null;
    if (type === 'IHDR') {
      const start = offset + 8;
      header = { width: view.getUint32(start), height: view.getUint32(start + 4), depth: body[8]!, type: body[9]! };
    }
    if (type === 'PLTE') palette = body;
    if (type === 'IDAT') data.push(body);
    if (type === 'IEND') break;
    offset += length + 12;
  }
  if (!header || data.length === 0) return null;
  const { width, height, depth, type } = header;
  const channels = CHANNELS[type];
  if (!channels) return null;
  const unpacked = (Math.ceil((width * channels * depth) / 8) + 1) * height + SLACK;
  if (unpacked > budget.left) return { width, height, colour: null };
  const pixels = unpack(Buffer.concat(data), budget, unpacked);
  if (!pixels || pixels.length < 1 + Math.ceil((channels * depth) / 8)) return null;
  return { width, height, colour: firstPixel(pixels.subarray(1), header, palette) };
};

/** Filters predict from pixels to the left and above. The first pixel has none, so its bytes are its value. */
function firstPixel(bytes: Uint8Array, { depth, type }: { depth: number; type: number }, palette: Uint8Array): Rgb {
  const sample = (index: number): number => {
    if (depth === 16) return bytes[index * 2]!;
    return depth === 8 ? bytes[index]! : bytes[0]! >> (8 - depth);
  };
  if (type === 3) {
    const at = sample(0) * 3;
    return [palette[at] ?? 0, palette[at + 1] ?? 0, palette[at + 2] ?? 0];
  }
  if (type === 0 || type === 4) {
    const grey = depth < 8 ? Math.round((sample(0) * 255) / (2 ** depth - 1)) : sample(0);
    return [grey, grey, grey];
  }
  return [sample(0), sample(1), sample(2)];
}
