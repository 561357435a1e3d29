/** A terminal to write on: its colours, its width, and the few layouts that the text reporters need. */

import picocolors from 'picocolors';
import type { RenderOptions } from './options.js';
import { columns, isWebAddress, oneLine, wrap } from './text.js';

export type Ink = 'plain' | 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta';

export interface Paper {
  /** Columns that text may take. */
  width: number;
  ink(ink: Ink, text: string): string;
  /** A paragraph whose every line begins with so many blanks. Target text must have gone through `oneLine` before. */
  paragraph(text: string, indent: number, ink?: Ink): string[];
  /** A label and its text beside it; later lines stand under the text. */
  labelled(label: string, text: string, indent: number, ink?: Ink): string[];
  /** A title that leads to an address, as a hyperlink where the terminal can do it, otherwise with the address behind it. */
  link(title: string, url: string | null): string;
  /** Facts with dots between them, on as many lines as they need. */
  facts(parts: readonly string[]): string[];
  /** Two texts at the ends of one line; the right one goes to a line of its own when there is no room. */
  ends(left: string, right: string, indent: number): string;
}

/** Wider lines are hard to read, narrower ones cannot hold an id. */
const NARROWEST = 60;
const WIDEST = 110;
const LABEL = 11;

/** Lines for a terminal of this width, with or without colours. */
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

/** Only what `ink` put there: everything else was made visible before. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape of a colour
const stripInk = (text: string): string => text.replace(/\u001b\[\d+m/g, '');
