/** The kill matrix as a Markdown page. Deterministic; written by `npm run proof`. */

import type { FaultRow, Hit, KillMatrix } from './matrix.js';

/** Requirements named per reason; the JSON has all of them. */
const NAMED = 6;

/** `addresses`: the URL of each public report by its id. */
export function killPage(matrix: KillMatrix, addresses: ReadonlyMap<string, string>): string {
  return [
    '# What the suite catches',
    '',
    '<!-- Written by `npm run proof` from reference/faults/. -->',
    '',
    'A fault is a named way to make the reference endpoint misbehave (`serve --fault ID`). A run judges the endpoint with one',
    'fault at a time. A fault is **caught** when every requirement that has to catch it reports `fail`, `warn` or `error`; a',
    'fault of level MUST needs at least one `fail`. Other requirements may fail too only with a declared reason; the tests',
    'check both. [kill-matrix.json](kill-matrix.json) has every verdict.',
    '',
    ...figures(matrix),
    ...clean(matrix),
    ...exceptional(matrix),
    ...matrix.families.flatMap(({ name, title }) => [
      '',
      `## ${name}: ${title}`,
      '',
      '| fault | what the server does | level | caught by | also fails |',
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
    '| family | caught / total | missed | undetectable |',
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
    '## Without a fault',
    '',
    ...rows.map(
      ({ contract, passes, red }) =>
        `- contract \`${contract}\`: ${passes ? 'passes' : 'too little is judged'}; failures and warnings: ${hits(red)}`,
    ),
  ];
}

/** Exceptions: missed faults, undetectable faults, requirements without a fault, undeclared failures. */
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
      'Missed faults',
      faults.filter(({ survives }) => survives).map(({ id, missedBy }) => `- \`${id}\`: missed by ${hits(missedBy)}`),
    ),
    ...lines(
      'Undetectable faults',
      faults.flatMap(({ id, unseen }) => (unseen === null ? [] : [`- \`${id}\`: ${unseen}`])),
    ),
    ...lines(
      'Requirements without a fault',
      unproved.map(({ id, exception }) => `- \`${id}\`: ${exception ?? '**no reason given**'}`),
    ),
    ...lines(
      'Undeclared failures',
      faults.flatMap(({ id, collateral }) => (collateral.length === 0 ? [] : [`- \`${id}\`: ${hits(collateral)}`])),
    ),
  ];
}

function faultLine(row: FaultRow, addresses: ReadonlyMap<string, string>): string {
  const { id, title, level, contract, reports, killedBy, unseen } = row;
  const where = contract === 'anthropic' ? '' : ` Contract: \`${contract}\`.`;
  const seen = reports.length === 0 ? '' : ` Reported: ${reports.map((report) => link(report, addresses)).join(', ')}.`;
  const killers = unseen === null ? hits(killedBy) : 'undetectable';
  return `| \`${id}\` | ${cell(`${title}${where}${seen}`)} | ${level} | ${killers} | ${cell(besides(row))} |`;
}

/** Requirements that fail too, by reason. */
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
