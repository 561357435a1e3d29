import type { Budget } from './budget.js';
import { readGif } from './gif.js';
import { type DecodeJpeg, jpegReader } from './jpeg.js';
import { readPng } from './png.js';
import { readWebp } from './webp.js';

export type Rgb = readonly [red: number, green: number, blue: number];

/** What the model sees of a picture: its size and its first pixel, which stands for the colour of a plain square. */
export interface Picture {
  mediaType: string;
  width: number;
  height: number;
  /** `null` when the picture is not decoded: in an encoding without a decoder here, or beyond the budget. */
  colour: Rgb | null;
}

/** Reads one format; `null` for bytes that are not a whole picture of that format. */
export type PictureReader = (bytes: Uint8Array, budget: Budget) => Omit<Picture, 'mediaType'> | null;

const SIGNATURES: readonly { mediaType: string; starts: (bytes: Uint8Array) => boolean }[] = [
  { mediaType: 'image/png', starts: (bytes) => startsWith(bytes, 0, '\x89PNG\r\n\x1a\n') },
  { mediaType: 'image/jpeg', starts: (bytes) => startsWith(bytes, 0, '\xff\xd8\xff') },
  { mediaType: 'image/gif', starts: (bytes) => startsWith(bytes, 0, 'GIF8') },
  { mediaType: 'image/webp', starts: (bytes) => startsWith(bytes, 0, 'RIFF') && startsWith(bytes, 8, 'WEBP') },
];

/** The media type according to the first bytes. */
export function sniff(bytes: Uint8Array): string | null {
  return SIGNATURES.find(({ starts }) => starts(bytes))?.mediaType ?? null;
}

/** Reads pictures of the four formats of the protocol; `null` for bytes that are none, or a broken one. */
export function pictureReader(budget: Budget, decodeJpeg: DecodeJpeg | null): (bytes: Uint8Array) => Picture | null {
  const readers: Readonly<Record<string, PictureReader>> = {
    'image/png': readPng,
    'image/jpeg': jpegReader(decodeJpeg),
    'image/gif': readGif,
    'image/webp': readWebp,
  };
  return (bytes) => {
    const mediaType = sniff(bytes);
    if (mediaType === null) return null;
    try {
      const found = readers[mediaType]!(bytes, budget);
      return found && found.width > 0 && found.height > 0 ? { mediaType, ...found } : null;
    } catch {
      return null;
    }
  };
}

function startsWith(bytes: Uint8Array, offset: number, text: string): boolean {
  return [...text].every((character, index) => bytes[offset + index] === character.charCodeAt(0));
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

/** The everyday word for the colour of a picture. */
export function colourWord({ colour }: Picture): string {
  if (colour === null) return 'unclear';
  const [red, green, blue] = colour;
  const distance = ([, r, g, b]: (typeof NAMES)[number]) => (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2;
  return NAMES.reduce((best, name) => (distance(name) < distance(best) ? name : best))[0];
}
