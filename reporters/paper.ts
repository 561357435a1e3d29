/** Layout for terminals: colors, width, paragraphs and labels. */

import picocolors from 'picocolors';
import type { RenderOptions } from './options.js';
import { columns, isWebAddress, oneLine, wrap } from './text.js';

export type Ink = 'plain' | 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta';

export interface Paper {
  /** Usable columns. */
  width: number;
  ink(ink: Ink, text: string): string;
  /** A paragraph with this indent on every line. Target text must have gone through `oneLine` before. */
  paragraph(text: string, indent: number, ink?: Ink): string[];
  /** A label with its text on the right; further lines align with the text. */
  labelled(label: string, text: string, indent: number, ink?: Ink): string[];
  /** A title with its URL: a hyperlink if the terminal supports it, otherwise the URL after the title. */
  link(title: string, url: string | null): string;
  /** Facts separated by dots, on as many lines as needed. */
  facts(parts: readonly string[]): string[];
  /** Two texts, left and right aligned on one line; two spaces between them if they do not fit. */
  ends(left: string, right: string, indent: number): string;
}

/** Wider lines are hard to read; narrower ones cannot hold an id. */
const NARROWEST = 60;
const WIDEST = 110;
const LABEL = 11;

/** Layout functions for a terminal of this width, with or without colors. */
export function paper({ color = false, width = 80, links = false }: RenderOptions): Paper {
  const colors = picocolors.createColors(color);
  const usable = Math.min(WIDEST, Math.max(NARROWEST, Math.floor(width) || 80));
  const ink = (name: Ink, text: string): string => (name === 'plain' || text === '' ? text : colors[name](text));
  const paragraph = (text: string, indent: number, name: Ink = 'plain'): string[] =>
    wrap(text, usable - indent).map((line) => ' '.repeat(indent) + ink(name, line));
  return {
    width: usable,
    ink,
    paragraph,
    labelled(label, text, indent, name = 'plain') {
      const lines = wrap(text, usable - indent - LABEL);
      return lines.map((line, index) => {
        const head = index === 0 ? ink('dim', label.padEnd(LABEL)) : ' '.repeat(LABEL);
        return ' '.repeat(indent) + head + ink(name, line);
      });
    },
    link(title, url) {
      const shown = oneLine(title, 160);
      if (!isWebAddress(url)) return shown;
      return links ? `\u001b]8;;${url}\u001b\\${shown}\u001b]8;;\u001b\\` : `${shown}  ${ink('dim', url)}`;
    },
    facts(parts) {
      const lines: string[] = [];
      for (const part of parts) {
        const longer = lines.length === 0 ? part : `${lines.at(-1)}${ink('dim', ' · ')}${part}`;
        if (lines.length > 0 && columns(stripInk(longer)) > usable) lines.push(part);
        else lines.splice(-1, 1, longer);
      }
      return lines;
    },
    ends(left, right, indent) {
      const gap = usable - indent - columns(stripInk(left)) - columns(stripInk(right));
      return `${' '.repeat(indent)}${left}${gap < 2 ? '  ' : ' '.repeat(gap)}${right}`;
    },
  };
}

/** Removes only the escapes that `ink` added; `oneLine` has already replaced all others. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape of a color
const stripInk = (text: string): string => text.replace(/\u001b\[\d+m/g, '');
