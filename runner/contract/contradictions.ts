/** What a contract says twice and differently. JSON Schema sees one place at a time, this looks at two. */

import { type DocumentNode, parse, type ValueNode } from '@humanwhocodes/momoa';
import type { Contract } from './contracts.js';

interface Contradiction {
  message: string;
  /** JSON pointers of the two places. */
  places: readonly [string, string];
}

/** One line for each contradiction, naming both lines of the file. */
export function contradictions(contract: Contract, text: string): string[] {
  const found = [...claimsAndDisclaims(contract), ...oneLevelTwice(contract), ...checksNoCredential(contract)];
  if (found.length === 0) return [];
  const lines = linesByPointer(parse(text, { ranges: false }));
  return found.map(
    ({ message, places: [first, second] }) =>
      `${message}: line ${lines.get(first) ?? '?'} (${first}) and line ${lines.get(second) ?? '?'} (${second})`,
  );
}

function claimsAndDisclaims({ profiles }: Contract): Contradiction[] {
  return (profiles.disclaimed ?? []).flatMap((profile, index) => {
    const claimed = profiles.claimed.indexOf(profile);
    if (claimed < 0) return [];
    return [
      {
        message: `the profile ${profile} is claimed and disclaimed`,
        places: [`/profiles/claimed/${claimed}`, `/profiles/disclaimed/${index}`] as const,
      },
    ];
  });
}

function oneLevelTwice({ levels = [] }: Contract): Contradiction[] {
  return levels.flatMap(({ id, level }, index) => {
    const earlier = levels.findIndex((other, position) => position < index && other.id === id && other.level !== level);
    if (earlier < 0) return [];
    return [
      {
        message: `${id} has the level ${levels[earlier]!.level} and the level ${level}`,
        places: [`/levels/${earlier}`, `/levels/${index}`] as const,
      },
    ];
  });
}

/** Requirements about credentials cannot be told from each other when none is asked for. */
function checksNoCredential({ dialect, profiles, levels = [] }: Contract): Contradiction[] {
  const raised = levels.findIndex(({ id, level }) => /^auth\.(missing|invalid)$/.test(id) && level === 'MUST');
  if (dialect.authentication || raised < 0 || !profiles.claimed.includes('errors')) return [];
  return [
    {
      message: 'credentials are not checked, and a requirement says that they must be',
      places: ['/dialect/authentication', `/levels/${raised}`],
    },
  ];
}

function linesByPointer(document: DocumentNode): Map<string, number> {
  const lines = new Map<string, number>();
  const visit = (node: ValueNode, pointer: string): void => {
    lines.set(pointer, node.loc.start.line);
    if (node.type === 'Array')
      for (const [index, { value }] of node.elements.entries()) visit(value, `${pointer}/${index}`);
    if (node.type === 'Object') {
      for (const { name, value } of node.members)
        visit(value, `${pointer}/${name.type === 'String' ? name.value : name.name}`);
    }
  };
  visit(document.body, '');
  return lines;
}
