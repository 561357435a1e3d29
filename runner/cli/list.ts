import { PROFILES } from '../../core/protocol.js';
import type { Suite } from '../../core/requirement.js';
import { source } from '../../suites/catalogue/sources.js';
import { EXCUSED } from '../../suites/catalogue/untestable.js';
import { nearest, UsageError } from '../usage-error.js';
import { CATALOGUE } from './catalogue.js';
import { type Entry, entriesOf } from './entries.js';
import { print } from './output.js';

/**
 * `messages-conformance list`: the catalogue, and beside it what is excused, with the reason.
 * @param suites Those of another catalogue; `run`'s when absent.
 */
export function listCommand(options: { json?: boolean; profile?: string[] }, suites?: readonly Suite[]): number {
  for (const name of options.profile ?? []) {
    if (!(PROFILES as readonly string[]).includes(name))
      throw new UsageError(`--profile ${name}: there is no such profile; ${nearest(name, PROFILES)}`);
  }
  const chosen = ({ profile }: { profile: string }) =>
    options.profile === undefined || options.profile.includes(profile);
  const entries = (suites === undefined ? CATALOGUE : entriesOf(suites)).filter(chosen);
  const excused = suites === undefined ? EXCUSED.filter(chosen) : [];
  print(options.json ? asJson(entries, excused) : asText(entries, excused));
  return 0;
}

function asJson(all: readonly Entry[], excused: typeof EXCUSED): string {
  const requirements = all.map(({ id, level, profile, suite, statement, source: tags, ...rest }) => ({
    id,
    level,
    profile,
    suite,
    statement,
    source: tags.map(source),
    ...rest,
  }));
  return `${JSON.stringify({ requirements, excused }, null, 2)}\n`;
}

function asText(all: readonly Entry[], excused: typeof EXCUSED): string {
  const width = Math.max(...all.map(({ id }) => id.length), 0);
  const lines = all.map(
    ({ id, level, profile, statement, onRequest }) =>
      `${id.padEnd(width)}  ${level.padEnd(6)}  ${profile.padEnd(17)}  ${statement}${onRequest === undefined ? '' : ' [on request]'}`,
  );
  const left = excused.map(({ id, reason }) => `${id.padEnd(width)}  excused: ${reason}`);
  return `${[...lines, ...left, '', `${all.length} requirements, ${excused.length} excused`].join('\n')}\n`;
}
