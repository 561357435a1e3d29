import type { PictureReader, Rgb } from './picture.js';

/**
 * Reads the size of a WebP, and the colour of a lossless one whose channels have a single value each.
 * Source: https://developers.google.com/speed/webp/docs/riff_container
 */
export const readWebp: PictureReader = (bytes) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let size: { width: number; height: number } | null = null;
  for (let offset = 12; offset + 8 <= bytes.length; ) {
    const type = String.fromCharCode(...bytes.subarray(offset, offset + 4));
    const length = view.getUint32(offset + 4, true);
    const body = bytes.subarray(offset + 8, offset + 8 + length);
    const at = offset + 8;
    if (type === 'VP8X' && body.length >= 10) size = { width: uint24(body, 4) + 1, height: uint24(body, 7) + 1 };
    if (type === 'VP8L' && body[0] === 0x2f) return { ...lossless(body), ...size };
    if (type === 'VP8 ' && body[3] === 0x9d && body[4] === 0x01 && body[5] === 0x2a) {
      const lossy = { width: view.getUint16(at + 6, true) & 0x3fff, height: view.getUint16(at + 8, true) & 0x3fff };
      return { ...lossy, ...size, colour: null };
    }
    offset += 8 + length + (length % 2);
  }
  return null;
};

function uint24(bytes: Uint8Array, offset: number): number {
  return bytes[offset]! | (bytes[offset + 1]! << 8) | (bytes[offset + 2]! << 16);
}

function lossless(body: Uint8Array): { width: number; height: number; colour: Rgb | null } {
  let bit = 8;
  const take = (count: number): number => {
    let value = 0;
    for (let index = 0; index < count; index += 1, bit += 1) value |= ((body[bit >> 3]! >> (bit & 7)) & 1) << index;
    return value;
  };
  const [width, height] = [take(14) + 1, take(14) + 1];
  take(4);
  const plain = { width, height, colour: null };
  const [transforms, cache, groups] = [take(1), take(1), take(1)];
  if (transforms || cache || groups) return plain;
  const channels: number[] = [];
  for (let channel = 0; channel < 4; channel += 1) {
    const [simple, two] = [take(1), take(1)];
    if (!simple || two) return plain;
    channels.push(take(take(1) ? 8 : 1));
  }
  const [green, red, blue] = channels;
  return { width, height, colour: [red!, green!, blue!] };
}
