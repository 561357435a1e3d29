import type { PictureReader, Rgb } from './picture.js';

export type DecodeJpeg = typeof import('jpeg-js').decode;

/** What decoding one pixel costs: its colour and its coefficients. 8 megapixels take about a second. */
const BYTES_PER_PIXEL = 16;
/** Pictures have about ten scans; each one makes the decoder go over all blocks. */
const MAX_SCANS = 64;

/** Loads the decoder. */
export async function loadJpeg(): Promise<DecodeJpeg> {
  return (await import('jpeg-js')).default.decode;
}

/** Reads the size from the frame header, and the first pixel by `decode`. */
export function jpegReader(decode: DecodeJpeg | null): PictureReader {
  return (bytes, budget) => {
    const frame = readFrame(bytes);
    if (!frame) return null;
    const { width, height } = frame;
    const pixels = width * height;
    const undecoded = { width, height, colour: null };
    if (!decode || !frame.huffman || countScans(bytes) > MAX_SCANS) return undecoded;
    if (!budget.take(pixels * BYTES_PER_PIXEL)) return undecoded;
    try {
      const { data } = decode(bytes, {
        useTArray: true,
        formatAsRGBA: false,
        tolerantDecoding: false,
        maxResolutionInMP: Math.max(1, pixels / 1e6),
        maxMemoryUsageInMB: 64 + (pixels * BYTES_PER_PIXEL) / 2 ** 20,
      });
      return { width, height, colour: [data[0], data[1], data[2]] as unknown as Rgb };
    } catch {
      return endsWhole(bytes) ? undecoded : null;
    }
  };
}

/** Size and coding of the picture: the first segment that describes a frame. Source: ITU T.81, B.2.2 */
function readFrame(bytes: Uint8Array): { width: number; height: number; huffman: boolean } | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let offset = 2; offset + 9 <= bytes.length; ) {
    if (bytes[offset] !== 0xff) return null;
    const marker = bytes[offset + 1]!;
    if (marker === 0xff) {
      offset += 1;
      continue;
    }
    const describesFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (describesFrame) {
      return { height: view.getUint16(offset + 5), width: view.getUint16(offset + 7), huffman: marker <= 0xc2 };
    }
    if (marker === 0xda) return null;
    offset += 2 + view.getUint16(offset + 2);
  }
  return null;
}

function countScans(bytes: Uint8Array): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let count = 0;
  for (let at = buffer.indexOf('\xff\xda', 0, 'latin1'); at >= 0 && count <= MAX_SCANS; count += 1) {
    at = buffer.indexOf('\xff\xda', at + 2, 'latin1');
  }
  return count;
}

/** Whether the file ends with the marker of its end, perhaps with padding after it. */
function endsWhole(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(-1024)).includes('\xff\xd9', 0, 'latin1');
}
