/**
 * Masks secrets. Finds a secret in every spelling that encoders produce, and replaces it with as many asterisks as the spelling has
 * bytes, so that byte offsets stay correct.
 */

import { compact, type Layer, layersOf } from './decoded.js';
import { joinedStrings } from './joined-strings.js';
import { mayContain, mayEscape } from './spellings.js';

/** Whether a header of a recorded client looks like a credential by its name. For headers that the user adds, see `isPublicHeader`. */
export const isSecretHeader = (name: string): boolean =>
  /^(set-)?cookie$|(^|-)(auth|authorization|credentials?|jwt)(-|$)|(key|token|secret|password|signature)$/i.test(name);

/** Headers whose values are never secret. The value of every other header that the user adds is treated as a secret. */
const PUBLIC_HEADERS: readonly string[] = [
  'accept',
  'accept-encoding',
  'accept-language',
  'anthropic-beta',
  'anthropic-version',
  'cache-control',
  'content-type',
  'user-agent',
  'x-app',
];

export const isPublicHeader = (name: string): boolean => PUBLIC_HEADERS.includes(name.toLowerCase());

/**
 * Whether a header's value is no more than an address, such as the base URL of a gateway's upstream: no credentials, no query, and a path of
 * short words. Targets repeat addresses in what they answer, and a masked one is judged as no URL.
 */
export function isPlainAddress(value: string): boolean {
  if (!/^https?:\/\//i.test(value) || !URL.canParse(value)) return false;
  const { username, password, search, hash, pathname } = new URL(value);
  const words = pathname.split('/').filter((part) => part !== '');
  return (
    `${username}${password}${search}${hash}` === '' && words.every((word) => /^([a-z-]{1,16}|v\d\w{0,8})$/.test(word))
  );
}

/** The variable name that reports show instead of a header's value: `HELICONE_AUTH` for `helicone-auth`. */
export const variableOf = (header: string): string =>
  header
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '_')
    .replace(/^(?=[0-9])/, '_');

/**
 * The secrets in a header value: the whole value, the part after a scheme such as `Bearer`, the pair and the password of `Basic`,
 * and the value of each cookie or parameter.
 */
export function secretsIn(value: string): string[] {
  const [, scheme, credential] = /^([\w-]{1,40})\s+(\S.*)$/s.exec(value) ?? [];
  const pair = scheme?.toLowerCase() === 'basic' ? Buffer.from(credential ?? '', 'base64').toString('latin1') : '';
  const password = pair.includes(':') ? pair.slice(pair.indexOf(':') + 1) : '';
  const parameters = value.split(/[;,]/).flatMap((part) => {
    const equals = part.indexOf('=');
    return equals === -1
      ? []
      : [
          part
            .slice(equals + 1)
            .trim()
            .replace(/^"|"$/g, ''),
        ];
  });
  return [...new Set([value, credential ?? '', pair, password, ...parameters])].filter((secret) => secret !== '');
}

/** Masks secrets in a text. */
export interface Redactor {
  (text: string): string;
  /** Also finds a secret that is split over several strings of a JSON body or several deltas of an event stream. */
  body(text: string): string;
}

/** Shorter secrets are not masked: they occur in ordinary words, and masking those would make the report useless. */
export const SHORTEST_SECRET = 6;

/** Start (inclusive) and end (exclusive) in a text. */
type Range = readonly [start: number, end: number];

/** Masks all given secrets: in any case, escaped, percent-encoded, as HTML entities, as base64 or hex. */
export function redactor(secrets: readonly string[]): Redactor {
  const key = JSON.stringify(secrets);
  const known = latest.get(key) ?? makeRedactor(secrets);
  latest.delete(key);
  latest.set(key, known);
  for (const [oldest] of latest) {
    if (latest.size <= KEPT) break;
    latest.delete(oldest);
  }
  return known;
}

/** Making the patterns takes longer than most searches, and the same account or key comes again with every exchange. */
const latest = new Map<string, Redactor>();
const KEPT = 4;

function makeRedactor(secrets: readonly string[]): Redactor {
  const long = secrets.filter(({ length }) => length >= SHORTEST_SECRET);
  const encoded = forms(long.flatMap((secret) => [...base64(secret), hex(secret)]));
  const all = [...forms(long.flatMap(written)), ...encoded];
  if (all.length === 0) return Object.assign((text: string) => text, { body: (text: string) => text });
  const texts = all.map((form) => form.toString('latin1'));
  const secret = mayContain(texts);
  const hidden = mayEscape(texts.join(''));
  const find = (text: string): Range[] => (needsALook(text, secret, hidden) ? ranges(text, all, encoded) : []);
  const body = (text: string): string => {
    const joined = joinedStrings(text);
    return masked(text, [...find(text), ...joined.places(find(joined.text))]);
  };
  return Object.assign((text: string) => masked(text, find(text)), { body });
}

/** Whether a text may contain a secret in some layer of encoding. Many times as fast as `ranges`, which decides. */
function needsALook(text: string, secret: RegExp, hidden: RegExp): boolean {
  if (secret.test(text)) return true;
  if (!hidden.test(text)) return false;
  for (const { bytes } of layersOf(text, false)) {
    const layer = bytes.toString('latin1');
    if (secret.test(layer)) return true;
    if (!hidden.test(layer)) return false;
  }
  return false;
}

function ranges(text: string, all: readonly Buffer[], encoded: readonly Buffer[]): Range[] {
  const found: Range[] = [];
  for (const layer of layersOf(text, true)) {
    addPlaces(found, compact(layer, false), all);
    addPlaces(found, compact(layer, true), encoded);
  }
  return found;
}

function addPlaces(found: Range[], { bytes, places }: Layer, wanted: readonly Buffer[]): void {
  for (const form of wanted) {
    for (let at = bytes.indexOf(form); at !== -1; at = bytes.indexOf(form, at + form.length))
      found.push([places!.starts[at]!, places!.ends[at + form.length - 1]!]);
  }
}

/** The texts in the form in which they are searched for, without duplicates. */
function forms(texts: readonly string[]): Buffer[] {
  const dense = texts.map((text) => {
    const [layer] = layersOf(text, false);
    return compact(layer!, false).bytes.toString('latin1');
  });
  return [...new Set(dense)]
    .filter(({ length }) => length >= SHORTEST_SECRET)
    .map((text) => Buffer.from(text, 'latin1'));
}

/** The secret itself, and its UTF-8 bytes read as Latin-1. */
const written = (secret: string): string[] => [secret, Buffer.from(secret).toString('latin1')];

const hex = (secret: string): string => Buffer.from(secret).toString('hex');

/**
 * The base64 forms of a secret at the three possible offsets in the encoded bytes, in both alphabets. Characters that also hold bits
 * of adjacent bytes are left out.
 */
function base64(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const whole = text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    return [whole, whole.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** Keeps line ends: they are the structure of a stream and never part of a secret. */
function masked(text: string, ranges: readonly Range[]): string {
  if (ranges.length === 0) return text;
  const parts: string[] = [];
  let done = 0;
  for (const [start, end] of [...ranges].sort(([a], [b]) => a - b)) {
    const from = Math.max(start, done);
    if (end <= from) continue;
    parts.push(text.slice(done, from), asterisks(text.slice(from, end)));
    done = end;
  }
  return parts.join('') + text.slice(done);
}

const asterisks = (text: string): string =>
  text.replace(/[^\r\n]/gu, (character) => '*'.repeat(Buffer.byteLength(character)));
