/** Names that the suite speaks of besides types: beta headers and error codes, as the installed official client lists them. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fixture } from '../../core/fixture.js';
import type { Requirement } from '../../core/requirement.js';

export interface Words {
  /** Values of `anthropic-beta`. */
  betas: string[];
  /** Values of `error.details.error_code`. */
  errorCodes: string[];
}

const SDK = 'node_modules/@anthropic-ai/sdk/resources';

/** The names in the published types of the installed client, sorted. */
export function sdkWords(root: string): Words {
  const read = (file: string): string => readFileSync(join(root, SDK, file), 'utf8');
  const betas = /type AnthropicBeta = ([^;]*);/.exec(read('beta/beta.d.ts'))?.[1] ?? '';
  const codes = [...read('shared.d.ts').matchAll(/\berror_code: ([^;]*);/g)].map(([, values]) => values ?? '');
  return { betas: quoted(betas), errorCodes: quoted(codes.join(' ')) };
}

const quoted = (text: string): string[] =>
  [...new Set([...text.matchAll(/'([^']+)'/g)].map(([, word]) => word!))].sort();

export const recordedWords = (root: string): Words =>
  JSON.parse(readFileSync(join(root, 'tests/drift/words.json'), 'utf8'));

/** One line for each name that the client has and the record does not, or the other way round, with the requirements that it touches. */
export function changedWords(
  recorded: Words,
  installed: Words,
  touched: (word: string) => readonly string[],
): string[] {
  return (['betas', 'errorCodes'] as const).flatMap((kind) => {
    const line = (word: string, what: string): string => {
      const ids = touched(word);
      return `${kind} | ${word} | ${what} | ${ids.length > 0 ? `touches ${ids.join(', ')}` : 'no requirement speaks of it'}`;
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
        ids.some((id) => betasOf(fixtures.get(id)!).some((beta) => stem(beta) === stem(word))),
    )
    .map(({ id }) => id);
}
