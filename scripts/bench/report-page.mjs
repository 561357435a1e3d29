/** Figures of the HTML report in a browser: how large it is, how fast it opens, how fast its search answers. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildReportPage } from '../build-report-page.mjs';
import { loadTypeScript } from '../load-typescript.mjs';

const TYPED = 'stream subject 12';

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/**
 * Opens a report of 300 requirements and 200 exchanges so many times.
 * @param {number} [runs]
 * @returns {Promise<{ what: string, figure: number, unit: string, limit: number }[]>}
 */
export async function benchReport(runs = 5) {
  await buildReportPage();
  const { html, largeReport, sampleReport, startBrowser } = await loadTypeScript(`
    export { html } from './reporters/html.ts';
    export { largeReport, sampleReport } from './tests/support/sample-report.ts';
    export { startBrowser } from './tests/support/browser.ts';`);
  const scratch = mkdtempSync(join(tmpdir(), 'bench-report-'));
  const browser = await startBrowser();
  try {
    const page = html(largeReport());
    const empty = html({ ...sampleReport(), results: [], exchanges: [], notices: [] });
    const file = join(scratch, 'index.html');
    writeFileSync(file, page);
    const measured = [];
    for (let run = 0; run <= runs; run += 1) measured.push(await measure(browser, pathToFileURL(file).href));
    const counted = measured.slice(1);
    return [
      { what: 'HTML report: the page before its data', figure: Buffer.byteLength(empty) / 1e3, unit: 'kB', limit: 150 },
      { what: '  with 300 requirements, 200 exchanges', figure: Buffer.byteLength(page) / 1e6, unit: 'MB', limit: 3 },
      { what: '  opened and searched', figure: median(counted.map(({ opened }) => opened)) / 1e3, unit: 's', limit: 1 },
      {
        what: '  slowest key in the search box',
        figure: median(counted.map(({ slowest }) => slowest)),
        unit: 'ms',
        limit: 50,
      },
    ];
  } finally {
    await browser.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function measure(browser, url) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const started = performance.now();
    await page.goto(url, { waitUntil: 'commit' });
    await page.getByRole('searchbox').fill('stream.subject-7.rule');
    await page.getByText('1 of 300 requirements').waitFor();
    const opened = performance.now() - started;
    const slowest = await page.evaluate(slowestKey, TYPED);
    return { opened, slowest };
  } finally {
    await context.close();
  }
}

/** Runs in the page: types a text and returns the longest time from a key to the frame that shows its answer. */
async function slowestKey(text) {
  const box = document.querySelector('#search');
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  let slowest = 0;
  for (let length = 0; length <= text.length; length += 1) {
    await painted();
    const started = performance.now();
    box.value = text.slice(0, length);
    box.dispatchEvent(new InputEvent('input', { bubbles: true }));
    await painted();
    slowest = Math.max(slowest, performance.now() - started);
  }
  return slowest;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) console.table(await benchReport());
