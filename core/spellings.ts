/**
 * Two quick questions about a text, each answered by one pass of a compiled pattern: may it contain one of these secrets, and has it
 * escapes that could hide one? Most texts need nothing else.
 */

import { ENTITIES } from './decoded.js';

/** Characters that decide whether a text is looked at closely; few, so that a line break in base64 spares one of two such parts. */
const PART = 8;

/** Backslashes of escapes and white space. No secret has them in the form in which it is searched for, so the pattern is linear. */
const BETWEEN = '[\\\\\\s]*';

/** Matches every text that contains one of the forms, and a few others. The forms have at least six characters. */
export function mayContain(forms: readonly string[]): RegExp {
  const parts = new Set(forms.flatMap((form) => [form.slice(0, PART), form.slice(PART, 2 * PART)]).filter(isTelling));
  return new RegExp([...parts].map((part) => [...part].map(literal).join(BETWEEN)).join('|'), 'i');
}

const isTelling = (part: string): boolean => part.length >= 6;

const literal = (character: string): string => `\\u${hex(character.charCodeAt(0), 4)}`;
const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');

/** Matches a text with an escape for one of these characters, or for one that is part of an escape itself. */
export function mayEscape(characters: string): RegExp {
  const codes = [...new Set(`${characters.toLowerCase()}${characters.toUpperCase()}${PART_OF_ESCAPE}`)]
    .map((character) => character.charCodeAt(0))
    .filter((code) => code <= 0xff);
  const bytes = codes.map((code) => hex(code, 2)).join('|');
  const names = Object.keys(ENTITIES).filter((name) => codes.includes(ENTITIES[name]!.charCodeAt(0)));
  return new RegExp(
    `[\\\\%]u00(?:${bytes})|(?:\\\\x|%)(?:${bytes})|&#(?:x0{0,6}(?:${bytes})|0{0,6}(?:${codes.join('|')}))|&(?:${names.join('|')});`,
    'i',
  );
}

const PART_OF_ESCAPE = '\\%&#;0123456789abcdefghijklmnopqrstuvwxyz';
