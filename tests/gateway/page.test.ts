import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { gatewayPage } from '../../mutation/gateway/page.js';
import { packageFile } from '../../runner/package-files.js';

it('docs/gateway-faults.md lists every fault and every variant; `npm run proof -- --only gw-asks-twice --update` writes it', () => {
  expect(readFileSync(packageFile('docs', 'gateway-faults.md'), 'utf8')).toBe(gatewayPage());
});
