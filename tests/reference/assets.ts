import { deflateSync } from 'node:zlib';

type Rgb = [red: number, green: number, blue: number];

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** A plain square in each of the formats, as base64, written by hand as their specifications say. */
export const square = {
  png: (colour: Rgb, side = 64): string => base64(png(colour, side)),
  gif: (colour: Rgb, side = 8): string => base64(gif(colour, side)),
  jpeg: (colour: Rgb): string => base64(jpeg(colour)),
  webp: (colour: Rgb, side = 8): string => base64(webp(colour, side)),
};

export function png([red, green, blue]: Rgb, side: number): Uint8Array {
  const row = [0, ...Array.from({ length: side }, () => [red, green, blue]).flat()];
  return pngOf(side, side, Buffer.from(Array.from({ length: side }, () => row).flat()));
}

/** A PNG in true colour whose header and pixel data need not agree. */
export function pngOf(width: number, height: number, pixels: Uint8Array): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const chunks = [chunk('IHDR', header), chunk('IDAT', deflateSync(pixels)), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks]);
}

function chunk(type: string, body: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, Buffer.from(type, 'latin1'), body, Buffer.alloc(4)]);
}

function gif([red, green, blue]: Rgb, side: number): Uint8Array {
  const head = [...Buffer.from('GIF89a'), side, 0, side, 0, 0x80, 0, 0, red, green, blue, 0, 0, 0];
  const data = [0x2c, 0, 0, 0, 0, side, 0, side, 0, 0, 2, ...subBlock(lzw(side * side)), 0, 0x3b];
  return Buffer.from([...head, ...data]);
}

/** Codes of three bits: clear, then pixels of index 0, cleared again before codes would grow, then end. */
function lzw(pixels: number): number[] {
  const codes = Array.from({ length: pixels }, (_, index) => (index % 2 === 0 ? [4, 0] : [0])).flat();
  const bits = [...codes, 5].flatMap((code) => [code & 1, (code >> 1) & 1, (code >> 2) & 1]);
  return bytesOf(bits);
}

function bytesOf(bits: number[]): number[] {
  return Array.from({ length: Math.ceil(bits.length / 8) }, (_, index) =>
    bits.slice(index * 8, index * 8 + 8).reduce((byte, bit, place) => byte | (bit << place), 0),
  );
}

function subBlock(bytes: number[]): number[] {
  return [bytes.length, ...bytes];
}

/** 8 × 8 pixels: one block of each component, each only its mean. */
export function jpeg([red, green, blue]: Rgb): Uint8Array {
  const y = 0.299 * red + 0.587 * green + 0.114 * blue;
  const means = [y - 128, 0.564 * (blue - y), 0.713 * (red - y)];
  const segment = (marker: number, body: number[]) => [
    0xff,
    marker,
    (body.length + 2) >> 8,
    (body.length + 2) & 255,
    ...body,
  ];
  const quantization = segment(0xdb, [0, ...Array.from({ length: 64 }, () => 8)]);
  const frame = segment(0xc0, [8, 0, 8, 0, 8, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]);
  const lengths = (list: Record<number, number>) => Array.from({ length: 16 }, (_, index) => list[index + 1] ?? 0);
  const dc = segment(0xc4, [0x00, ...lengths({ 4: 12 }), ...Array.from({ length: 12 }, (_, index) => index)]);
  const ac = segment(0xc4, [0x10, ...lengths({ 1: 1 }), 0]);
  const scan = segment(0xda, [3, 1, 0, 2, 0, 3, 0, 0, 63, 0]);
  const bits = means.map((mean) => coefficient(Math.round(mean))).join('');
  const data = (bits + '1'.repeat((8 - (bits.length % 8)) % 8)).match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2));
  const stuffed = data.flatMap((byte) => (byte === 0xff ? [0xff, 0] : [byte]));
  return Buffer.from([0xff, 0xd8, ...quantization, ...frame, ...dc, ...ac, ...scan, ...stuffed, 0xff, 0xd9]);
}

function coefficient(value: number): string {
  const size = value === 0 ? 0 : Math.floor(Math.log2(Math.abs(value))) + 1;
  const shown = value < 0 ? value + 2 ** size - 1 : value;
  const bits = size > 0 ? shown.toString(2).padStart(size, '0') : '';
  return `${size.toString(2).padStart(4, '0')}${bits}0`;
}

function webp([red, green, blue]: Rgb, side: number): Uint8Array {
  const bits: number[] = [];
  const put = (value: number, count: number) => {
    for (let index = 0; index < count; index += 1) bits.push((value >> index) & 1);
  };
  put(side - 1, 14);
  put(side - 1, 14);
  put(0, 4);
  put(0, 3);
  for (const channel of [green, red, blue, 255, 0]) {
    put(0b101, 3);
    put(channel, 8);
  }
  const body = [0x2f, ...bytesOf(bits)];
  if (body.length % 2) body.push(0);
  const size = Buffer.alloc(4);
  const inner = Buffer.alloc(4);
  inner.writeUInt32LE(body.length);
  size.writeUInt32LE(body.length + 12);
  return Buffer.concat([Buffer.from('RIFF'), size, Buffer.from('WEBPVP8L'), inner, Buffer.from(body)]);
}

/** A PDF with one line of text a page, as base64. */
export function pdf(pages: string[], deflate = false): string {
  const kids = pages.map((_, index) => `${3 + index * 2} 0 R`).join(' ');
  const objects = [
    '1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj',
    `2 0 obj << /Type /Pages /Kids [${kids}] /Count ${pages.length} >> endobj`,
  ];
  for (const [index, line] of pages.entries()) {
    const content = `BT /F1 12 Tf 72 720 Td (${line.replace(/[\\()]/g, '\\$&')}) Tj ET`;
    const data = deflate ? deflateSync(Buffer.from(content)).toString('latin1') : content;
    const filter = deflate ? '/Filter /FlateDecode ' : '';
    objects.push(
      `${3 + index * 2} 0 obj << /Type /Page /Parent 2 0 R /Contents ${4 + index * 2} 0 R >> endobj`,
      `${4 + index * 2} 0 obj << ${filter}/Length ${data.length} >> stream\n${data}\nendstream endobj`,
    );
  }
  const source = `%PDF-1.4\n${objects.join('\n')}\ntrailer << /Root 1 0 R >>\nstartxref\n0\n%%EOF`;
  return Buffer.from(source, 'latin1').toString('base64');
}
