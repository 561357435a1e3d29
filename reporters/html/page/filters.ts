/** Which results are shown. The filters are part of the URL, so that a link keeps them. */

import { searchable } from '../../code-spans.js';
import type { PageData, PageResult } from '../data.js';

/** Stands among the verdicts of a filter: results with this mark. */
export const SILENT = 'silent';

export interface Filters {
  query: string;
  /** Verdicts, of which one has to fit, and `silent`, which narrows them; empty for all. */
  verdicts: readonly string[];
  level: string;
  profile: string;
  suite: string;
}

export interface Address {
  /** Id of a requirement, `exchange/…`, or a part of the page. */
  anchor: string;
  filters: Filters;
}

export const NO_FILTERS: Filters = { query: '', verdicts: [], level: '', profile: '', suite: '' };

export const isFiltered = (filters: Filters): boolean =>
  filters.query.trim() !== '' ||
  filters.verdicts.length > 0 ||
  Boolean(filters.level || filters.profile || filters.suite);

/** Parses `#anchor?name=value&…`. Never throws. */
export function readParts(hash: string): { anchor: string; parameters: URLSearchParams } {
  const [anchor = '', search = ''] = hash.replace(/^#/, '').split(/\?(.*)/s);
  return { anchor: decoded(anchor), parameters: new URLSearchParams(search) };
}

/** The hash for an anchor and parameters; empty parameters are left out. */
export function writeParts(anchor: string, parameters: Readonly<Record<string, string>>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== '');
  const search = new URLSearchParams(given).toString().replaceAll('%2C', ',');
  return `#${encodeAnchor(anchor)}${search ? `?${search}` : ''}`;
}

/** `#anchor?q=…&verdict=fail,warn&level=MUST`, or `#anchor` without filters. */
export function readHash(hash: string): Address {
  const { anchor, parameters } = readParts(hash);
  return {
    anchor,
    filters: {
      query: parameters.get('q') ?? '',
      verdicts: (parameters.get('verdict') ?? '').split(',').filter(Boolean),
      level: parameters.get('level') ?? '',
      profile: parameters.get('profile') ?? '',
      suite: parameters.get('suite') ?? '',
    },
  };
}

export function writeHash({ anchor, filters: { query, verdicts, level, profile, suite } }: Address): string {
  return writeParts(anchor, { q: query, verdict: verdicts.join(','), level, profile, suite });
}

/** The id of the requirement that an anchor leads to: `id`, or `id~2` for its second finding. */
export const requirementOf = (anchor: string): string => anchor.replace(/~\d+$/, '');

export const encodeAnchor = (anchor: string): string =>
  encodeURIComponent(anchor.replace(/\p{Cs}/gu, '\ufffd'))
    .replaceAll('%2F', '/')
    .replaceAll('%3A', ':')
    .replaceAll('%40', '@');

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The text of each result, for the search. */
export function searchTexts(data: PageData): string[] {
  return data.results.map((result) =>
    searchable(
      [
        result.id,
        result.statement,
        result.reason,
        ...result.source.flatMap(({ tag, title }) => [tag, title]),
        ...result.findings.flatMap(({ message, expected, actual, exchange }) => [
          message,
          expected,
          actual,
          exchange ?? '',
        ]),
        ...(result.incidents ?? []).flatMap(({ server, effect }) => [server, effect]),
        result.known?.reason ?? '',
      ]
        .join('\n')
        .slice(0, 20_000),
    ),
  );
}

/** Whether a result is shown: its text contains every word of the query. */
export function matcher(filters: Filters): (result: PageResult, text: string) => boolean {
  const words = searchable(filters.query).split(/\s+/).filter(Boolean);
  const verdicts = new Set(filters.verdicts);
  const silentOnly = verdicts.delete(SILENT);
  return (result, text) =>
    (verdicts.size === 0 || verdicts.has(result.verdict)) &&
    (!silentOnly || result.silent) &&
    (filters.level === '' || filters.level === result.level) &&
    (filters.profile === '' || filters.profile === result.profile) &&
    (filters.suite === '' || filters.suite === result.suite) &&
    words.every((word) => text.includes(word));
}
