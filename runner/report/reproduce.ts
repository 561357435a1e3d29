/** The command that shows a result again, as it can be pasted into a shell. */

import type { Exchange } from '../../core/exchange.js';
import type { Fixture } from '../../core/fixture.js';
import type { Finding, Requirement } from '../../core/requirement.js';
import { shellWord } from '../../core/shell.js';

/** What all commands of a report have in common. */
export interface Invocation {
  /** What the user typed to start the suite, e.g. `npx messages-conformance` or `node dist/runner/cli.js`. */
  program: string;
  /** Default: `run`. */
  command?: string;
  /** Options of the run that a repetition needs, by name without dashes; `true` for a flag. */
  options: readonly (readonly [name: string, value: string | true])[];
}

/** The options as words of a shell. */
export const optionWords = (options: Invocation['options']): string[] =>
  options.flatMap(([name, value]) => (value === true ? [`--${name}`] : [`--${name}`, shellWord(value)]));

/** One conversation shows most faults; what compares several needs another. More make no finding clearer. */
const MOST = 2;

/** Runs one requirement again, with the conversations that its findings name where these are not its own. */
export function reproduceCommand(
  { program, command = 'run', options }: Invocation,
  requirement: Requirement,
  findings: readonly Finding[],
  exchanges: ReadonlyMap<string, Exchange>,
  fixtures: ReadonlyMap<string, Fixture>,
): string {
  const words = [
    ...optionWords(options),
    '--only',
    shellWord(requirement.id),
    ...furtherFixtures(requirement, findings, exchanges, fixtures).flatMap((id) => ['--with', shellWord(id)]),
  ];
  return [program, command, ...words].join(' ');
}

/** Fixtures whose conversations show these findings, where those of the requirement itself do not. */
export function furtherFixtures(
  requirement: Requirement,
  findings: readonly Finding[],
  exchanges: ReadonlyMap<string, Exchange>,
  fixtures: ReadonlyMap<string, Fixture>,
): string[] {
  const own = ownFixtures(requirement, fixtures);
  const ids = findings.flatMap(({ exchange, comparedWith }) => [comparedWith ?? [], exchange ?? []].flat());
  const shown = ids.flatMap((id) => exchanges.get(id) ?? []);
  const named = [...new Set(shown.map(({ fixture }) => fixture))];
  // Where the conversations of the requirement show it, no other is needed.
  return named.some((id) => own.has(id)) ? [] : named.slice(0, MOST);
}

/** Fixtures that a run of this requirement alone sends in any case. */
function ownFixtures({ fixtures: ids }: Requirement, fixtures: ReadonlyMap<string, Fixture>): ReadonlySet<string> {
  const parts = new Set(ids.flatMap((id) => fixtures.get(id)?.splitInto ?? []));
  const own = new Set<string>();
  const add = (id: string | null): void => {
    if (id === null || own.has(id)) return;
    own.add(id);
    add(fixtures.get(id)?.control ?? null);
  };
  for (const id of ids) if (!parts.has(id)) add(id);
  return own;
}
