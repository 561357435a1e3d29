/** Names that the suite speaks of besides types: beta headers, error codes and types, and the types of what replies hold, as clients list them. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fixture } from '../../core/fixture.js';
import type { Requirement } from '../../core/requirement.js';

export interface Words {
  /** Values of `anthropic-beta`. */
  betas: string[];
  /** Values of `error.details.error_code`. */
  errorCodes: string[];
  /** Values of `error.type`. */
  errorTypes: string[];
  stopReasons: string[];
  /** Types of the content blocks of a reply. */
  contentBlocks: string[];
  /** Types of the events of a stream. */
  events: string[];
}

export const KINDS = ['betas', 'errorCodes', 'errorTypes', 'stopReasons', 'contentBlocks', 'events'] as const;

/** What the official clients for Python and Go publish, as `scripts/client-words.mjs` has read it. */
export interface RecordedClients {
  /** Differences from the client for TypeScript that were looked at: `python betas some-name`. */
  known: { difference: string; reason: string }[];
  clients: Record<string, Words & { version: string }>;
}

const SDK = 'node_modules/@anthropic-ai/sdk/resources';

/** The names in the published types of the installed client, sorted. */
export function sdkWords(root: string): Words {
  const read = (file: string): string => readFileSync(join(root, SDK, file), 'utf8');
  const alias = (text: string, name: string): string => new RegExp(`type ${name} = ([^;]*);`).exec(text)?.[1] ?? '';
  const messages = read('messages/messages.d.ts');
  /** The `type` of every member of a union of interfaces. */
  const members = (name: string): string[] =>
    alias(messages, name)
      .split('|')
      .flatMap((member) => {
        const body = new RegExp(`export interface ${member.trim()} \\{([^]*?)\\n\\}`).exec(messages)?.[1] ?? '';
        return quoted(/^ {4}type: ([^;]*);/m.exec(body)?.[1] ?? '');
      })
      .sort();
  const files = readdirSync(join(root, SDK), { recursive: true, encoding: 'utf8' });
  const codes = files
    .filter((file) => file.endsWith('.d.ts'))
    .flatMap((file) => [...read(file).matchAll(/\berror_code: ('\w+');/g)].map(([, value]) => value ?? ''));
  return {
    betas: quoted(alias(read('beta/beta.d.ts'), 'AnthropicBeta')),
    errorCodes: quoted(codes.join(' ')),
    errorTypes: quoted(alias(read('shared.d.ts'), 'ErrorType')),
    stopReasons: quoted(alias(messages, 'StopReason')),
    contentBlocks: members('ContentBlock'),
    events: members('RawMessageStreamEvent'),
  };
}

const quoted = (text: string): string[] =>
  [...new Set([...text.matchAll(/'([^']+)'/g)].map(([, word]) => word!))].sort();

export const recordedWords = (root: string): Words =>
  JSON.parse(readFileSync(join(root, 'tests/drift/words.json'), 'utf8'));

export const recordedClients = (root: string): RecordedClients =>
  JSON.parse(readFileSync(join(root, 'tests/drift/clients.json'), 'utf8'));

/** One line for each name that another client has and the one for TypeScript does not, or the other way round, unless it is known. */
export function clientDifferences(
  { known, clients }: RecordedClients,
  typescript: Words,
  touched: (word: string) => readonly string[],
): string[] {
  const excused = new Set(known.map(({ difference }) => difference));
  const seen = new Set<string>();
  const lines = Object.entries(clients).flatMap(([client, words]) =>
    KINDS.flatMap((kind) => {
      const line = (word: string, what: string): string[] => {
        const difference = `${client} ${kind} ${word}`;
        seen.add(difference);
        if (excused.has(difference)) return [];
        return [`${kind} | ${word} | ${what} | ${touches(touched(word))}`];
      };
      const more = words[kind].filter((word) => !typescript[kind].includes(word));
      const fewer = typescript[kind].filter((word) => !words[kind].includes(word));
      return [
        ...more.flatMap((word) => line(word, `only in the client for ${client}, ${words.version}`)),
        ...fewer.flatMap((word) => line(word, `not in the client for ${client}, ${words.version}`)),
      ];
    }),
  );
  const idle = known.filter(({ difference }) => !seen.has(difference));
  return [
    ...lines,
    ...idle.map(({ difference }) => `${difference} | no longer a difference: remove it from tests/drift/clients.json`),
  ];
}

const touches = (ids: readonly string[]): string =>
  ids.length > 0 ? `touches ${ids.join(', ')}` : 'no requirement speaks of it';

/** One line for each name that the client has and the record does not, or the other way round, with the requirements that it touches. */
export function changedWords(
  recorded: Words,
  installed: Words,
  touched: (word: string) => readonly string[],
): string[] {
  return KINDS.flatMap((kind) => {
    const line = (word: string, what: string): string => {
      return `${kind} | ${word} | ${what} | ${touches(touched(word))}`;
    };
    const added = installed[kind].filter((word) => !recorded[kind].includes(word));
    const gone = recorded[kind].filter((word) => !installed[kind].includes(word));
    return [
      ...added.map((word) => line(word, 'new in the client: add it to tests/drift/words.json')),
      ...gone.map((word) => line(word, 'no longer in the client: remove it from tests/drift/words.json')),
    ];
  });
}

const betasOf = ({ headers }: Fixture): string[] =>
  [headers['anthropic-beta'] ?? []].flat().flatMap((line) => line.split(',').map((beta) => beta.trim()));

/** Every beta header that a fixture sends. */
export const spokenBetas = (fixtures: Iterable<Fixture>): string[] =>
  [...new Set([...fixtures].flatMap(betasOf))].sort();

/** Ids of the requirements that name a word, or send it as a beta header. A newer date of the same beta counts as the same word. */
export function touchedBy(
  word: string,
  catalogue: readonly Requirement[],
  fixtures: ReadonlyMap<string, Fixture>,
): string[] {
  const stem = (name: string): string => name.replace(/-\d{4}-\d{2}-\d{2}$/, '');
  return catalogue
    .filter(
      ({ statement, fixtures: ids }) =>
        statement.includes(`"${word}"`) ||
        statement.includes(`\`${word}\``) ||
        ids.some((id) => betasOf(fixtures.get(id)!).some((beta) => stem(beta) === stem(word))),
    )
    .map(({ id }) => id);
}
