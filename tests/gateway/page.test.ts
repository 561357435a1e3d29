import { expect, it } from 'vitest';
import { GATEWAY_CATALOGUE } from '../../gateway/suites/index.js';
import { GATEWAY_FAULTS } from '../../reference/gateway/faults/index.js';
import { GATEWAY_VARIANTS } from './legal-variants.js';

const own = GATEWAY_CATALOGUE.filter(({ id }) => id.startsWith('gw.'));

const page = `# What the gateway suite is proved with

The reference gateway translates correctly. It can be made to misbehave by name (\`messages-conformance gateway --fault ID\`), and
each fault has to be caught by the requirements beside it: \`tests/gateway/faults.test.ts\` runs every one. A conformant variant is an
unusual and legal way to work, and must not fail: \`tests/gateway/variants.test.ts\`. \`npx vitest run tests/gateway -u\` writes this page.

${GATEWAY_FAULTS.length} faults, ${own.length} requirements of the command's own, ${GATEWAY_VARIANTS.length} conformant variants.

## Faults

| fault | what the gateway does wrong | caught by |
|---|---|---|
${GATEWAY_FAULTS.map(({ id, title, caughtBy }) => `| \`${id}\` | ${title} | ${caughtBy.map((one) => `\`${one}\``).join(', ')} |`).join('\n')}

## Conformant variants

| variant | what the gateway does otherwise than most |
|---|---|
${GATEWAY_VARIANTS.map(({ id, title }) => `| \`${id}\` | ${title} |`).join('\n')}
`;

it('docs/gateway-faults.md lists every fault and every variant', async () => {
  await expect(page).toMatchFileSnapshot('../../docs/gateway-faults.md');
});
