/** Links from a matrix to the pages beside its reports: folders of strangers have any name. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { json } from '../../reporters/json.js';
import { command, scratch } from '../support/command.js';
import { pages } from '../support/page.js';
import { cleanReport } from '../support/sample-report.js';

const { folder, remove } = scratch();
const browser = pages();
afterAll(remove);

const NAMES = ['java\tscript:alert(1)', 'javascript:alert(2)', 'https:', 'a?b#c', '%2e%2e', 'plain', 'ünï"<cödé>'];

it('lead to the page beside each report, whatever its folder is called', async () => {
  for (const name of NAMES) {
    mkdirSync(join(folder, name, 'evil.example'), { recursive: true });
    writeFileSync(join(folder, name, 'evil.example', 'report.json'), json(cleanReport()));
    writeFileSync(join(folder, name, 'evil.example', 'index.html'), '');
  }
  const files = NAMES.map((name) => join(name, 'evil.example', 'report.json'));
  const { code, err } = await command(['matrix', ...files, '--out', 'matrix.html'], { cwd: folder });
  expect(code, err).toBe(0);
  const page = await browser.open(readFileSync(join(folder, 'matrix.html'), 'utf8'));
  const links = await page
    .locator('a[href*="index.html"]')
    .evaluateAll((anchors) =>
      anchors.map((anchor) => [(anchor as HTMLAnchorElement).protocol, anchor.getAttribute('href')]),
    );
  const own = new URL(page.url()).protocol;
  expect([...new Set(links.map(([protocol]) => protocol))]).toEqual([own]);
  const paths = links.map(([, href]) => decodeURIComponent(href ?? '').replace(/#.*/, ''));
  for (const name of NAMES.filter((one) => !one.includes('#')))
    expect(paths).toContain(`${name}/evil.example/index.html`);
});
