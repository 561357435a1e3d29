/** Two runs, and many targets, side by side in a real browser. */

import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../core/report.js';
import { compareReports } from '../../reporters/compare.js';
import { compareHtml } from '../../reporters/html-compare.js';
import { type MatrixEntry, matrixHtml } from '../../reporters/html-matrix.js';
import { pages, violations, violationsInDark, visibleIds } from '../support/page.js';
import { cleanReport, HOSTILE_TEXTS, hostileReport, sampleReport, targetReports } from '../support/sample-report.js';

const COLLISION = 'stream.order.index-consecutive';
const browser = pages();
let page: Page;

const shown = (selector: string) => visibleIds(page, selector);

describe('two runs side by side', () => {
  const worse = compareHtml(compareReports(cleanReport(), sampleReport()));

  it('show regressions first, silent ones before the others, and can be searched', async () => {
    page = await browser.open(worse);
    expect(await page.locator('.headline').textContent()).toBe('7 regressions (3 silent), 4 passes no longer judged');
    expect((await shown('.regressions .result')).slice(0, 3)).toEqual([
      'req.system.array',
      COLLISION,
      'usage.stream-consistent',
    ]);
    await page.getByRole('searchbox').fill('pineapple array');
    expect(await shown('.result')).toEqual([]);
    await page.getByRole('searchbox').fill('system prompt');
    expect(await shown('.result')).toEqual(['req.system.array']);
  });

  it('show the evidence of both sides, how to run it again, and nothing for axe to find in light and in dark', async () => {
    page = await browser.open(worse, `#${COLLISION}`);
    const row = page.locator(`[id="${COLLISION}"]`);
    const [before, after] = await row.locator('.side').allTextContents();
    expect(before).toBe('Beforepass');
    expect(after).toContain('Expectedindex 1Actualindex 0');
    expect(await row.locator('.reproduce').textContent()).toContain(`--only ${COLLISION}`);
    expect(await violations(page)).toEqual([]);
    expect(await violationsInDark(page)).toEqual([]);
  });

  it('say what of the runs differs and can change verdicts on its own', async () => {
    const other = sampleReport();
    const moved: Report = { ...other, target: { ...other.target, model: 'another-model' } };
    page = await browser.open(compareHtml(compareReports(sampleReport(), moved)));
    expect(await page.getByRole('row', { name: /^Model/ }).textContent()).toBe(
      'Modeldemo-largeanother-modelcan change verdicts on its own',
    );
    expect(await page.locator('.nothing').textContent()).toBe('Nothing changed in 14 requirements.');
  });

  it('are safe from what a target says', async () => {
    page = await browser.open(compareHtml(compareReports(sampleReport(), hostileReport())), '#evil.case-1');
    await page.locator('.side').first().waitFor();
    expect(await page.locator('#app img, #app style, #app script').count()).toBe(0);
    expect(await page.evaluate(() => (globalThis as { hacked?: boolean }).hacked)).toBeUndefined();
  });
});

describe('many targets side by side', () => {
  const names = ['gateway', 'relay', 'local', 'vendor', 'cloud', 'proxy', 'router', 'edge'];
  const entries = (count: number, rows = 60): MatrixEntry[] =>
    targetReports(count, { results: rows, exchanges: 40 }).map((report, index) => ({
      name: names[index]!,
      report,
      page: index === 0 ? null : `${names[index]}/index.html`,
    }));
  const cell = (id: string, name: string) =>
    page.locator(`[id="${id}"]`).getByRole('button', { name: `${id}, ${name}` });

  describe('of three targets', () => {
    const reports = entries(3);
    beforeAll(async () => {
      page = await browser.open(matrixHtml(reports));
    });

    it('have a column for each target, a row for each requirement and a group for each profile', async () => {
      const matrix = page.getByRole('table', { name: 'Requirements by targets' });
      const failures = reports.map(({ report }) => report.summary.fail);
      expect(await matrix.getByRole('columnheader').allTextContents()).toEqual([
        'Requirement',
        `gateway${failures[0]} failures`,
        `relay${failures[1]} failures`,
        `local${failures[2]} failures`,
      ]);
      expect(await page.locator('.matrix tr[id]').count()).toBe(60);
      const [first] = reports;
      const core = first!.report.results.filter(({ profile }) => profile === 'core');
      const counted = core.filter(({ verdict }) => ['pass', 'fail', 'warn'].includes(verdict)).length;
      const passed = core.filter(({ verdict }) => verdict === 'pass').length;
      expect(await page.locator('.profile-row').first().locator('td').first().textContent()).toBe(
        `${passed}/${counted}`,
      );
    });

    it('can be walked with arrow keys', async () => {
      const [first, second] = await shown('.matrix tr[id]');
      await cell(first!, 'gateway').focus();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowDown');
      const label = await page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
      expect(label).toContain(`${second}, relay`);
    });

    it('show the rule of a row on demand', async () => {
      const { id, statement } = reports[0]!.report.results[5]!;
      expect(await page.getByText(statement).count()).toBe(0);
      await page.getByRole('button', { name: id, exact: true }).click();
      expect(await page.locator('.evidence .why').textContent()).toBe(statement);
      await page.getByRole('button', { name: id, exact: true }).click();
      expect(await page.locator('.evidence').count()).toBe(0);
    });

    it('open the evidence of a cell, with its exchange, and keep it in the address', async () => {
      const failing = reports[1]!.report.results.find(
        ({ verdict, findings }) => verdict === 'fail' && findings.length > 0,
      )!;
      await cell(failing.id, 'relay').click();
      const evidence = page.locator('.evidence');
      expect(await evidence.locator('.message').first().textContent()).toBe(failing.findings[0]!.message);
      expect(await evidence.locator('.exchange').first().textContent()).toContain('shows it');
      expect(await evidence.getByRole('link', { name: 'its own report' }).getAttribute('href')).toBe(
        `relay/index.html#${failing.id}`,
      );
      await expect.poll(() => new URL(page.url()).hash).toBe(`#${failing.id}@relay`);
      await page.reload();
      await evidence.waitFor();
      await cell(failing.id, 'relay').click();
      expect(await evidence.count()).toBe(0);
    });

    it('open the evidence of a cell that passed, with what was sent and what came back', async () => {
      const passing = reports[1]!.report.results.find(
        ({ verdict, exchanges }) => verdict === 'pass' && exchanges.length > 0,
      )!;
      await cell(passing.id, 'relay').click();
      const evidence = page.locator('.evidence');
      expect(await evidence.locator('.why').textContent()).toBe(passing.statement);
      await evidence.locator('.exchange button').first().click();
      expect(await evidence.locator('.exchange-body').first().textContent()).toContain('curl -sS');
      const sources = await evidence.locator('.sources li').allTextContents();
      expect(sources).toEqual(passing.source.map(({ title }) => title));
    });

    it('are filtered by difference, verdict and text', async () => {
      await page.getByRole('checkbox', { name: 'differences only' }).check();
      const standing = (report: Report, id: string) => {
        const result = report.results.find((candidate) => candidate.id === id);
        return `${result?.silent} ${result?.verdict}`;
      };
      const ids = reports[0]!.report.results.map(({ id }) => id);
      const differing = ids.filter((id) => new Set(reports.map(({ report }) => standing(report, id))).size > 1);
      expect(new Set(await shown('.matrix tr[id]'))).toEqual(new Set(differing));
      await page.getByRole('combobox', { name: 'Verdict' }).selectOption('fail');
      const failing = differing.filter((id) => reports.some(({ report }) => / fail/.test(standing(report, id))));
      expect(new Set(await shown('.matrix tr[id]'))).toEqual(new Set(failing));
      await page.getByRole('button', { name: 'Clear' }).click();
      await page.getByRole('searchbox').fill(ids[7]!);
      expect(await shown('.matrix tr[id]')).toEqual([ids[7]]);
    });
  });

  it.each([
    [3, 60],
    // All verdicts stand in thirty rows of eight targets.
    [8, 30],
  ])('have nothing for axe to find with %i targets, in light and in dark', async (count, rows) => {
    const reports = entries(count, rows);
    const failing = reports[1]!.report.results.find(({ verdict }) => verdict === 'fail')!;
    page = await browser.open(matrixHtml(reports), `#${failing.id}@relay`);
    await page.locator('.evidence').waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await violationsInDark(page)).toEqual([]);
  });

  it('are safe from what targets and file names say', async () => {
    const evil = HOSTILE_TEXTS.map(
      (text, index): MatrixEntry => ({
        name: `${text}${index}`,
        report: hostileReport(),
        page: index % 2 ? 'javascript:globalThis.hacked=true' : text,
      }),
    );
    page = await browser.open(matrixHtml(evil));
    await page.locator('.cell button').first().click();
    await page.locator('.evidence').waitFor();
    expect(await page.locator('#app img, #app style, #app script').count()).toBe(0);
    expect(await page.locator('#app a[href^="javascript" i], #app a[href^="data" i]').count()).toBe(0);
    expect(await page.evaluate(() => (globalThis as { hacked?: boolean }).hacked)).toBeUndefined();
  });
});
