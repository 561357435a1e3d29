/**
 * Takes the pictures of the documentation: a run against a faulty target, its report and a matrix, in a browser.
 * `npm run build && node scripts/report-pictures.mjs`
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { loadTypeScript } from './load-typescript.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = `${root}docs/pictures`;
const KEY = 'some-key';

const { faults, startBrowser } = await loadTypeScript(`
  export { faults } from './tests/support/faulty-target.ts';
  export { startBrowser } from './tests/support/browser.ts';`);
const { startEndpoint } = await import(`${root}dist/reference/serve.js`);
const { run } = await import(`${root}dist/runner/run.js`);
const { html } = await import(`${root}dist/reporters/html.js`);
const { matrixHtml } = await import(`${root}dist/reporters/html-matrix.js`);

/** Judges the reference endpoint with these options. */
async function judged(options, port) {
  const endpoint = await startEndpoint({ apiKey: KEY, port, ...options });
  try {
    return (await run({ url: `http://localhost:${port}`, model: 'reference-1', apiKey: KEY, concurrency: 8 })).report;
  } finally {
    await endpoint.close();
  }
}

const faulty = await judged({ alterations: faults(900), paceMs: 8 }, 8787);
const lenient = await judged(
  { dialect: { unknownFields: 'ignore' }, features: { vision: false, documents: false } },
  8788,
);
const sound = await judged({}, 8789);

const scratch = mkdtempSync(join(tmpdir(), 'pictures-'));
const browser = await startBrowser();
try {
  mkdirSync(out, { recursive: true });
  writeFileSync(join(scratch, 'report.html'), html(faulty));
  writeFileSync(
    join(scratch, 'matrix.html'),
    matrixHtml([
      { name: 'faulty', report: faulty, page: null },
      { name: 'lenient', report: lenient, page: null },
      { name: 'sound', report: sound, page: null },
    ]),
  );
  await picture('report', 'report.html', {});
  await picture('stream-dark', 'report.html#stream.order.index-consecutive', {
    part: 'li[id="stream.order.index-consecutive"] .stream',
    colorScheme: 'dark',
  });
  await picture('matrix', 'matrix.html#?differ=yes', {});
} finally {
  await browser.close();
  rmSync(scratch, { recursive: true, force: true });
}

async function picture(name, address, { part, colorScheme = 'light' }) {
  const page = await browser.newPage({ viewport: { width: 1200, height: 1000 }, deviceScaleFactor: 1.25, colorScheme });
  await page.goto(`${pathToFileURL(scratch).href}/${address}`);
  await page.evaluate(() => document.activeElement?.blur());
  await (part ? page.locator(part).first() : page).screenshot({ path: join(out, `${name}.png`) });
  await page.close();
}
