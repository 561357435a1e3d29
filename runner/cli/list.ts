import { PROFILES } from '../../core/protocol.js';
import type { Requirement, Suite } from '../../core/requirement.js';
import { source } from '../../suites/catalogue/sources.js';
import { EXCUSED } from '../../suites/catalogue/untestable.js';
import { SUITES } from '../../suites/index.js';
import { nearest, UsageError } from '../usage-error.js';
import { print } from './output.js';

/** `messages-conformance list`: the catalogue, and beside it what is excused, with the reason. */
export function listCommand(
  options: { json?: boolean; profile?: string[] },
  suites: readonly Suite[] = SUITES,
): number {
  for (const name of options.profile ?? []) {
    if (!(PROFILES as readonly string[]).includes(name))
      throw new UsageError(`--profile ${name}: there is no such profile; ${nearest(name, PROFILES)}`);
  }
  const chosen = ({ profile }: { profile: string }) =>
    options.profile === undefined || options.profile.includes(profile);
  const requirements = suites.flatMap((suite) => suite.requirements).filter(chosen);
  const excused = suites === SUITES ? EXCUSED.filter(chosen) : [];
  print(options.json ? asJson(requirements, excused, suites) : asText(requirements, excused));
  return 0;
}

function asJson(requirements: readonly Requirement[], excused: typeof EXCUSED, suites: readonly Suite[]): string {
  const suiteOf = new Map(suites.flatMap(({ name, requirements: own }) => own.map(({ id }) => [id, name] as const)));
  const entries = requirements.map(
    ({ id, level, profile, statement, source: tags, fixtures, editions, onRequest }) => ({
      id,
      level,
      profile,
      suite: suiteOf.get(id),
      statement,
      source: tags.map(source),
      fixtures,
      ...(editions === undefined ? {} : { editions }),
      ...(onRequest === undefined ? {} : { onRequest }),
    }),
  );
  return `${JSON.stringify({ requirements: entries, excused }, null, 2)}\n`;
}

function asText(requirements: readonly Requirement[], excused: typeof EXCUSED): string {
  const width = Math.max(...requirements.map(({ id }) => id.length), 0);
  const lines = requirements.map(
    ({ id, level, profile, statement, onRequest }) =>
      `${id.padEnd(width)}  ${level.padEnd(6)}  ${profile.padEnd(17)}  ${statement}${onRequest === undefined ? '' : ' [on request]'}`,
  );
  const left = excused.map(({ id, reason }) => `${id.padEnd(width)}  excused: ${reason}`);
  return `${[...lines, ...left, '', `${requirements.length} requirements, ${excused.length} excused`].join('\n')}\n`;
}
