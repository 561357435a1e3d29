/** The kill matrix for people to read, as Markdown: the same text each time. Written by `npm run proof`. */

import type { FaultRow, Hit, KillMatrix } from './matrix.js';

/** Consequences of one reason that are named one by one; of more, the JSON knows the rest. */
const NAMED = 6;

/** `addresses` leads from the id of a public report to its thread. */
export function killPage(matrix: KillMatrix, addresses: ReadonlyMap<string, string>): string {
  return [
    '# What the suite catches',
    '',
    '<!-- Written by `npm run proof` from reference/faults/. -->',
    '',
    'The reference endpoint can be made to misbehave in named ways (`serve --fault ID`). A run judges it with each of these',
    'faults alone. A fault is **killed** when every requirement that has to catch it turns red, for a fault of level MUST with at',
    'least one `fail`. Whatever else turns red has to be declared with a reason, and the tests hold the suite to it.',
    '[kill-matrix.json](kill-matrix.json) has every cell.',
    '',
    ...figures(matrix),
    ...clean(matrix),
    ...exceptional(matrix),
    ...matrix.families.flatMap(({ name, title }) => [
      '',
      `## ${name}: ${title}`,
      '',
      '| fault | what the server does | level | killed by | besides |',
      '|---|---|---|---|---|',
      ...matrix.faults.filter(({ family }) => family === name).map((row) => faultLine(row, addresses)),
    ]),
    '',
  ].join('\n');
}

function figures({ families }: KillMatrix): string[] {
  const sum = (name: 'faults' | 'killed' | 'survivors' | 'unseen') =>
    families.reduce((total, family) => total + family[name], 0);
  return [
    '| family | killed / total | survivors | cannot be seen |',
    '|---|---|---|---|',
    ...families.map(
      ({ name, faults, killed, survivors, unseen }) => `| ${name} | ${killed} / ${faults} | ${survivors} | ${unseen} |`,
    ),
    `| **all** | **${sum('killed')} / ${sum('faults')}** | **${sum('survivors')}** | **${sum('unseen')}** |`,
  ];
}

function clean({ clean: rows }: KillMatrix): string[] {
  return [
    '',
    '## Without any fault',
    '',
    ...rows.map(
      ({ contract, passes, red }) =>
        `- contract \`${contract}\`: ${passes ? 'passes' : 'most of it is not judged'}, red: ${hits(red)}`,
    ),
  ];
}

/** What a reader has to doubt: faults that slip through, faults that nobody can see, requirements that nothing proves. */
function exceptional({ faults, requirements }: KillMatrix): string[] {
  const lines = (title: string, all: readonly string[]) => [
    '',
    `## ${title}`,
    '',
    ...(all.length > 0 ? all : ['None.']),
  ];
  const unproved = requirements.filter(({ catches }) => catches.length === 0);
  return [
    ...lines(
      'Survivors',
      faults.filter(({ survives }) => survives).map(({ id, missedBy }) => `- \`${id}\`: missed by ${hits(missedBy)}`),
    ),
    ...lines(
      'Faults that cannot be seen',
      faults.flatMap(({ id, unseen }) => (unseen === null ? [] : [`- \`${id}\`: ${unseen}`])),
    ),
    ...lines(
      'Requirements without a fault',
      unproved.map(({ id, exception }) => `- \`${id}\`: ${exception ?? '**no reason is given**'}`),
    ),
    ...lines(
      'Red, and nobody has said why',
      faults.flatMap(({ id, collateral }) => (collateral.length === 0 ? [] : [`- \`${id}\`: ${hits(collateral)}`])),
    ),
  ];
}

function faultLine(row: FaultRow, addresses: ReadonlyMap<string, string>): string {
  const { id, title, level, contract, reports, killedBy, unseen } = row;
  const where = contract === 'anthropic' ? '' : ` Contract: \`${contract}\`.`;
  const seen = reports.length === 0 ? '' : ` Seen: ${reports.map((report) => link(report, addresses)).join(', ')}.`;
  const killers = unseen === null ? hits(killedBy) : 'cannot be seen';
  return `| \`${id}\` | ${cell(`${title}${where}${seen}`)} | ${level} | ${killers} | ${cell(besides(row))} |`;
}

/** Consequences by their reason. */
function besides({ besides: all }: FaultRow): string {
  const reasons = [...new Set(all.map(({ reason }) => reason))];
  return reasons
    .map((reason) => {
      const ids = all.filter((hit) => hit.reason === reason).map(({ requirement }) => `\`${requirement}\``);
      const more = ids.length > NAMED ? ` and ${ids.length - NAMED} more` : '';
      return `${ids.slice(0, NAMED).join(', ')}${more}: ${reason}`;
    })
    .join('<br>');
}

const hits = (all: readonly Hit[]): string =>
  all.length === 0
    ? 'none'
    : all
        .map(({ requirement, verdict }) => `\`${requirement}\`${verdict === 'fail' ? '' : ` (${verdict})`}`)
        .join(', ');

function link(report: string, addresses: ReadonlyMap<string, string>): string {
  const address = addresses.get(report);
  return address === undefined ? report : `[${report}](${address})`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
