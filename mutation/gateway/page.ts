/** What proves the gateway suite, as a Markdown page. Deterministic; written by `npm run proof`. */

import { DIALECTS } from '../../gateway/dialects/index.js';
import { GATEWAY_CATALOGUE } from '../../gateway/suites/index.js';
import { GATEWAY_FAULTS } from '../../reference/gateway/faults/index.js';
import { GATEWAY_SUBJECTS } from './subjects.js';
import { GATEWAY_VARIANTS } from './variants.js';

export function gatewayPage(): string {
  const own = GATEWAY_CATALOGUE.filter(({ id }) => id.startsWith('gw.'));
  const isHere = (name: string, speaks: readonly string[] | undefined): boolean => speaks?.includes(name) !== false;
  return [
    '# What the gateway suite is proved with',
    '',
    '<!-- Written by `npm run proof` from reference/gateway/faults/ and mutation/gateway/. -->',
    '',
    'The reference gateway works correctly. It can be made to misbehave by name (`messages-conformance gateway --fault ID`), and each fault',
    'has to be caught by the requirements beside it, with every API of the upstream with which it can happen. A conformant variant is an',
    'unusual and legal way to work, and must not fail. `npm run proof -- --check` runs every fault and every variant.',
    '',
    `${GATEWAY_FAULTS.length} faults, ${own.length} requirements of the command's own, ${GATEWAY_VARIANTS.length} conformant variants.`,
    '',
    '| upstream | requirements of its own | faults | variants |',
    '|---|---|---|---|',
    ...DIALECTS.map(({ name }) => {
      const mine = GATEWAY_SUBJECTS.filter(({ speaks }) => speaks === name);
      const proved = new Set(mine.flatMap(({ caughtBy }) => caughtBy.filter((id) => id.startsWith('gw.'))));
      const variants = GATEWAY_VARIANTS.filter(({ speaks }) => isHere(name, speaks)).length;
      return `| \`${name}\` | ${proved.size} | ${mine.length} | ${variants} |`;
    }),
    '',
    '## Faults',
    '',
    '| fault | what the gateway does wrong | upstream | caught by |',
    '|---|---|---|---|',
    ...GATEWAY_FAULTS.map(({ id, title, caughtBy }) => {
      const where = GATEWAY_SUBJECTS.filter(({ fault }) => fault.id === id).map(({ speaks }) => speaks);
      return `| \`${id}\` | ${title} | ${where.length === DIALECTS.length ? 'all' : where.join(', ')} | ${caughtBy.map((one) => `\`${one}\``).join(', ')} |`;
    }),
    '',
    '## Conformant variants',
    '',
    '| variant | what the gateway does otherwise than most | upstream |',
    '|---|---|---|',
    ...GATEWAY_VARIANTS.map(
      ({ id, title, speaks }) =>
        `| \`${id}\` | ${title} | ${speaks === undefined || speaks.length === DIALECTS.length ? 'all' : speaks.join(', ')} |`,
    ),
    '',
  ].join('\n');
}
