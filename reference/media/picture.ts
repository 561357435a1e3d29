import { readGif } from './gif.js';
import { readJpeg } from './jpeg.js';
import { readPng } from './png.js';
import { readWebp } from './webp.js';

export type Rgb = readonly [red: number, green: number, blue: number];

/** A picture as far as it is looked at: its size and the colour of its first pixel, which stands for a plain square. */
export interface Picture {
  mediaType: string;
  width: number;
  height: number;
  /** `null` when the encoding is one that is not decoded here. */
  colour: Rgb | null;
}

/** What a format's reader finds; `null` for bytes that are not a whole picture of that format. */
export type PictureReader = (bytes: Uint8Array) => Omit<Picture, 'mediaType'> | null;

const FORMATS: { mediaType: string; starts: (bytes: Uint8Array) => boolean; read: PictureReader }[] = [
  { mediaType: 'image/png', starts: (bytes) => startsWith(bytes, 0, '\x89PNG\r\n\x1a\n'), read: readPng },
  { mediaType: 'image/jpeg', starts: (bytes) => startsWith(bytes, 0, '\xff\xd8\xff'), read: readJpeg },
  { mediaType: 'image/gif', starts: (bytes) => startsWith(bytes, 0, 'GIF8'), read: readGif },
  {
    mediaType: 'image/webp',
    starts: (bytes) => startsWith(bytes, 0, 'RIFF') && startsWith(bytes, 8, 'WEBP'),
    read: readWebp,
  },
];

/** The media type that the first bytes speak of. */
export function sniff(bytes: Uint8Array): string | null {
  return FORMATS.find((format) => format.starts(bytes))?.mediaType ?? null;
}

/** Reads a picture of one of the four formats that the protocol knows; `null` when it is none or broken. */
export function readPicture(bytes: Uint8Array): Picture | null {
  const format = FORMATS.find((candidate) => candidate.starts(bytes));
  if (!format) return null;
  try {
    const found = format.read(bytes);
    return found && found.width > 0 && found.height > 0 ? { mediaType: format.mediaType, ...found } : null;
  } catch {
    return null;
  }
}

function startsWith(bytes: Uint8Array, offset: number, text: string): boolean {
  return [...text].every((sign, index) => bytes[offset + index] === sign.charCodeAt(0));
}

const NAMES: readonly (readonly [name: string, ...Rgb])[] = [
  ['black', 0, 0, 0],
  ['white', 255, 255, 255],
  ['grey', 128, 128, 128],
  ['red', 255, 0, 0],
  ['red', 200, 30, 30],
  ['green', 0, 255, 0],
  ['green', 0, 128, 0],
  ['green', 40, 170, 60],
  ['blue', 0, 0, 255],
  ['blue', 30, 60, 200],
  ['blue', 60, 120, 230],
  ['yellow', 255, 255, 0],
  ['yellow', 240, 210, 30],
  ['orange', 255, 150, 0],
  ['purple', 128, 0, 128],
  ['purple', 140, 40, 200],
  ['magenta', 255, 0, 255],
  ['pink', 255, 180, 200],
  ['cyan', 0, 255, 255],
  ['cyan', 0, 180, 190],
  ['brown', 130, 70, 20],
];

/** The everyday word for a colour. */
export function colourName([red, green, blue]: Rgb): string {
  const distance = ([, r, g, b]: (typeof NAMES)[number]) => (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2;
  return NAMES.reduce((best, name) => (distance(name) < distance(best) ? name : best))[0];
}
