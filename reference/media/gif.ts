import type { PictureReader, Rgb } from './picture.js';

/** Reads a GIF up to the first pixel of its first frame. Source: https://www.w3.org/Graphics/GIF/spec-gif89a.txt */
export const readGif: PictureReader = (bytes) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = [view.getUint16(6, true), view.getUint16(8, true)];
  const flags = bytes[10]!;
  let offset = 13;
  let table = 0;
  if (flags & 0x80) {
    table = offset;
    offset += 3 * 2 ** ((flags & 7) + 1);
  }
  for (;;) {
    const kind = bytes[offset];
    if (kind === 0x21) {
      offset = afterBlocks(bytes, offset + 2);
    } else if (kind === 0x2c) {
      const local = bytes[offset + 9]!;
      offset += 10;
      if (local & 0x80) {
        table = offset;
        offset += 3 * 2 ** ((local & 7) + 1);
      }
      const index = firstIndex(bytes, offset);
      if (index === null || table === 0) return null;
      const at = table + index * 3;
      const colour: Rgb = [bytes[at]!, bytes[at + 1]!, bytes[at + 2]!];
      return { width, height, colour };
    } else {
      return null;
    }
  }
};

function afterBlocks(bytes: Uint8Array, start: number): number {
  let offset = start;
  while (offset < bytes.length && bytes[offset] !== 0) offset += bytes[offset]! + 1;
  return offset + 1;
}

/** The first code that does not clear the dictionary is the index of the first pixel. */
function firstIndex(bytes: Uint8Array, offset: number): number | null {
  const size = bytes[offset]! + 1;
  const data = bytes.subarray(offset + 2, offset + 2 + bytes[offset + 1]!);
  const clear = 2 ** (size - 1);
  for (let bit = 0; bit + size <= data.length * 8; bit += size) {
    let code = 0;
    for (let index = 0; index < size; index += 1) {
      code |= ((data[(bit + index) >> 3]! >> ((bit + index) & 7)) & 1) << index;
    }
    if (code !== clear) return code < clear ? code : null;
  }
  return null;
}
