/** The HTML report as its readers meet it, on a desk and on a phone: what comes first, and how long the page is. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../core/report.js';
import { html } from '../../reporters/html.js';
import { matrixHtml } from '../../reporters/html-matrix.js';
import { json } from '../../reporters/json.js';
import { pages, violations, visibleIds } from '../support/page.js';
import {
  cleanReport,
  reportOf,
  sampleExchange,
  sampleReport,
  sampleResult,
  targetReports,
} from '../support/sample-report.js';

const DESK = { width: 1400, height: 900 };
const PHONE = { width: 390, height: 844 };
const SCREENS = [
  ['a desk', DESK],
  ['a phone', PHONE],
] as const;

const browser = pages();

const FAILING = [...Array(40).keys()].map((index) => `req.case-${index + 1}`);

/** A proxy that turns every rejection into 502: many failures of one cause, and one of its own. */
function causedReport(): Report {
  const exchange = sampleExchange(
    'model-missing/json',
    { messages: [] },
    { status: 502, headers: [['content-type', 'text/html']], body: 'Bad Gateway', chunks: [{ bytes: 11, atMs: 4 }] },
  );
  const finding = {
    message: 'Server error for an invalid request: `model` is missing.',
    expected: 'HTTP 400 invalid_request_error',
    actual: 'HTTP 502 "Bad Gateway"',
    at: { pointer: '/model' },
    exchange: exchange.id,
  };
  const failing = FAILING.map((id) =>
    sampleResult(id, 'fail', {
      statement: 'The server rejects an invalid request with 400.',
      findings: [finding],
      exchanges: [exchange.id],
    }),
  );
  const sample = sampleReport();
  const report = reportOf([...failing, ...sample.results], [exchange, ...sample.exchanges]);
  const title = 'Rejections have the status 502, whatever is wrong with the request: 40 of 40 invalid requests.';
  return {
    ...report,
    baseline: undefined,
    causes: [{ kind: 'rejection-status', title, requirements: FAILING, exchange: exchange.id }],
    summary: { ...report.summary, must: { judged: 52, total: 54 } },
  };
}

/** A target that answers 503 to everything. */
function deadReport(): Report {
  const skipped = sampleReport().results.map((result) => ({
    ...result,
    verdict: 'skipped' as const,
    silent: false,
    findings: [],
    exchanges: [],
    reason: 'the target cannot be judged',
  }));
  return {
    ...reportOf(skipped, []),
    diagnosis: {
      kind: 'down',
      line: 'The target answers a plain request with a server error: HTTP 503 overloaded_error "busy".',
      advice: 'Check the log of the server.',
      tried: [{ what: 'POST /v1/messages', answer: 'HTTP 503 overloaded_error "busy"' }],
    },
  };
}

const top = async (page: Page, selector: string): Promise<number> =>
  (await page.locator(selector).first().boundingBox())!.y + (await page.evaluate(() => scrollY));
const bottom = async (page: Page, selector: string): Promise<number> => {
  const box = (await page.locator(selector).first().boundingBox())!;
  return box.y + box.height;
};
const height = (page: Page) => page.evaluate(() => document.documentElement.scrollHeight);
const overflow = (page: Page) => page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth));

/** Lays the page out for one screen after the other, and measures on each. */
async function onEachScreen(page: Page, measure: (name: string, screen: typeof DESK) => Promise<void>): Promise<void> {
  for (const [name, screen] of SCREENS) {
    await page.setViewportSize(screen);
    await measure(name, screen);
  }
}

describe('on a desk and on a phone', () => {
  it('the first failure stands within the first screen', async () => {
    const page = await browser.open(html(sampleReport()), '', { viewport: DESK });
    await onEachScreen(page, async (name, screen) => {
      expect(await bottom(page, '.silent .result'), name).toBeLessThan(screen.height);
      expect(await overflow(page), name).toBe(0);
    });
  });

  it('a cause stands within the first screen with what was expected and what came', async () => {
    const page = await browser.open(html(causedReport()), '', { viewport: DESK });
    await onEachScreen(page, async (name, screen) => {
      expect(await bottom(page, '.cause .actual'), name).toBeLessThan(screen.height);
      expect(await overflow(page), name).toBe(0);
    });
  });

  it('forty failures of one cause make the page no longer', async () => {
    const plain = new Map<string, number>();
    let page = await browser.open(html(sampleReport()), '', { viewport: DESK });
    await onEachScreen(page, async (name) => {
      plain.set(name, await height(page));
    });
    page = await browser.open(html(causedReport()), '', { viewport: DESK });
    await onEachScreen(page, async (name, screen) => {
      expect(await height(page), name).toBeLessThan(plain.get(name)! + screen.height * 0.75);
    });
  });

  it('why a target cannot be judged stands within the first screen', async () => {
    const page = await browser.open(html(deadReport()), '', { viewport: DESK });
    expect(await page.locator('.headline').textContent()).toBe(
      'Not judged: The target answers a plain request with a server error: HTTP 503 overloaded_error "busy".',
    );
    expect(await page.locator('.stopped').textContent()).toBe(
      'Check the log of the server.POST /v1/messagesHTTP 503 overloaded_error "busy"',
    );
    await onEachScreen(page, async (name, screen) => {
      expect(await bottom(page, '.stopped'), name).toBeLessThan(screen.height / 2);
      expect(await overflow(page), name).toBe(0);
      expect(await violations(page), name).toEqual([]);
    });
  });

  it('twenty equal findings are said once, with their places', async () => {
    const sample = sampleReport();
    const collision = sample.results.find(({ id }) => id === 'stream.order.index-consecutive')!;
    const findings = [...Array(20).keys()].map((index) => ({
      ...collision.findings[0]!,
      at: { event: index + 2 },
      message: 'A block has the index of another.',
    }));
    const page = await browser.open(
      html(reportOf([{ ...collision, findings }], sample.exchanges)),
      `#${collision.id}`,
      { viewport: DESK },
    );
    expect(await page.locator('.finding').count()).toBe(1);
    expect(await page.locator('.places-title').textContent()).toBe('20 places');
    expect(await page.locator('.place').count()).toBe(5);
    await page.getByRole('button', { name: 'Show 15 more' }).click();
    expect(await page.locator('.place').count()).toBe(20);
    await onEachScreen(page, async (name, screen) => {
      const finding = page.locator('.finding').first();
      expect(await finding.evaluate(({ clientHeight }) => clientHeight), name).toBeLessThan(screen.height);
      expect(await overflow(page), name).toBe(0);
    });
  });

  it('causes have nothing for axe to find, folded and unfolded', async () => {
    const page = await browser.open(html(causedReport()), '', { viewport: DESK });
    await page.getByRole('button', { name: 'Show the 40 requirements' }).click();
    await onEachScreen(page, async (name) => {
      expect(await violations(page), name).toEqual([]);
    });
  });
});

describe('a stream on a phone', () => {
  it('has the finding in full width under its event', async () => {
    const id = 'stream.order.index-consecutive';
    const page = await browser.open(html(sampleReport()), `#${id}`, { viewport: PHONE });
    const part = (selector: string) => page.locator(`[id="${id}"] ${selector}`).first();
    const event = (await part('tr.marked:not(.notes)').boundingBox())!;
    const note = (await part('tr.notes .note').boundingBox())!;
    const table = (await part('.events').boundingBox())!;
    expect(note.y).toBeGreaterThanOrEqual(event.y + event.height - 1);
    expect(note.x).toBeGreaterThanOrEqual(0);
    expect(note.x + note.width).toBeLessThanOrEqual(PHONE.width);
    expect(note.width).toBeGreaterThan(table.width * 0.85);
    expect((await part('.events td.gist').boundingBox())!.width).toBeGreaterThan(80);
    expect(await part('.scroll').evaluate((box) => box.scrollWidth - box.clientWidth)).toBe(0);
    expect(await violations(page)).toEqual([]);
  });
});

describe('the order', () => {
  let page: Page;
  beforeAll(async () => {
    page = await browser.open(html(causedReport()), '', { viewport: DESK });
  });

  it('is head, causes and failures, profiles and run, what passed, what was not judged', async () => {
    const parts = ['.headline', '.cause', '.group.silent', '.group.warn', '.profiles', '.group.pass', '.not-judged'];
    const tops = [];
    for (const part of [...parts, '.group.skipped']) tops.push(await top(page, part));
    expect(tops).toEqual([...tops].sort((a, b) => a - b));
  });

  it('leads from the finding of a cause to its exchange', async () => {
    await page.locator('.cause').getByRole('button', { name: 'model-missing/json' }).click();
    await page.locator('[id="exchange/model-missing/json"] .exchange-body').waitFor();
  });

  it('lists what a cause explains below it and not once more', async () => {
    expect(await page.locator('.headline').textContent()).toBe(
      'Failed: 45 failures (2 silent, 1 known), 40 of them from 1 cause',
    );
    expect(await page.locator('.standing').textContent()).toBe('52 of 54 required judged · not offered: vision');
    expect(await page.locator('.kicker').textContent()).toBe('One cause explains 40 failures');
    expect(await visibleIds(page, '.result')).not.toContain('req.case-7');
    await page.getByRole('button', { name: 'Show the 40 requirements' }).click();
    expect(await visibleIds(page, '.cause .result')).toEqual(FAILING);
    expect(await page.locator('[id="req.case-7"]').count()).toBe(1);
  });
});

it('a cause that holds what the reader looks for is unfolded', async () => {
  const page = await browser.open(html(causedReport()), '#req.case-7', { viewport: DESK });
  await page.locator('[id="req.case-7"] .detail').waitFor();
  await page.getByRole('searchbox').fill('req.case-33');
  expect(await visibleIds(page, '.result')).toEqual(['req.case-33']);
});

describe('each profile', () => {
  it('has its verdict in words', async () => {
    const page = await browser.open(html(sampleReport()), '', { viewport: PHONE });
    const lines = await page
      .locator('.profiles tbody tr')
      .evaluateAll((rows) =>
        rows.map((row) => [row.querySelector('th button')?.textContent, row.querySelector('.verdict')?.textContent]),
      );
    expect(lines).toEqual([
      ['core', 'not conformant'],
      ['errors', 'not conformant'],
      ['vision', 'not offered'],
      ['batches', 'not judged'],
      ['agent', 'not judged'],
    ]);
  });
});

describe('silent', () => {
  it('is a mark that narrows verdicts, and is counted among the failures', async () => {
    const page = await browser.open(html(sampleReport()), '', { viewport: DESK });
    expect(await page.locator('.chip').allTextContents()).toEqual([
      '5 fail 2 silent',
      '1 error',
      '2 warn',
      '1 inconclusive',
      '1 declined',
      '2 skipped',
      '2 pass',
      'silent only',
    ]);
    await page.getByRole('button', { name: 'silent only' }).click();
    await page.getByRole('button', { name: /fail/ }).first().click();
    expect(await visibleIds(page, '.result')).toEqual(['req.system.array', 'stream.order.index-consecutive']);
  });
});

describe('what a reader takes away', () => {
  it('is report.json as the run wrote it', async () => {
    const report = causedReport();
    const page = await browser.open(html(report), '', { viewport: PHONE });
    const waiting = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save report.json' }).click();
    const download = await waiting;
    expect(download.suggestedFilename()).toBe('report.json');
    const file = join(mkdtempSync(join(tmpdir(), 'saved-')), 'report.json');
    await download.saveAs(file);
    expect(readFileSync(file, 'utf8')).toBe(json(report));
    rmSync(dirname(file), { recursive: true });
  });

  it('is a link to one finding, which one click copies', async () => {
    const sample = sampleReport();
    const page = await browser.open(html(sample), '#usage.stream-consistent', {
      viewport: DESK,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await page.getByRole('link', { name: 'Link to this finding' }).nth(1).click();
    const address = 'usage.stream-consistent~2';
    await expect.poll(() => page.evaluate(() => location.hash)).toBe(`#${address}`);
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toMatch(new RegExp(`#${address}$`));
    await page.reload();
    await page.locator(`[id="${address}"]`).waitFor();
  });
});

describe('a run without failures', () => {
  it('says so, and begins with its profiles', async () => {
    const page = await browser.open(html(cleanReport()), '', { viewport: PHONE });
    expect(await bottom(page, '.profiles h2')).toBeLessThan(PHONE.height);
  });
});

describe('many targets side by side on a desk and a phone', () => {
  const side = (count: number, size: { results?: number; exchanges?: number } = {}) =>
    targetReports(count, size).map((report, index) => ({
      name: `gateway-${index + 1}.example.com`,
      report,
      page: null,
    }));

  it('thirty fit 300 requirements on few screens, with the first column fixed and nothing wider than the page', async () => {
    const page = await browser.open(matrixHtml(side(30)), '', { viewport: DESK });
    expect(await page.locator('.matrix tr[id]').count()).toBe(300);
    const box = page.locator('.matrix-box');
    const scrollTo = (left: number, top: number) =>
      box.evaluate((element, to) => element.scrollTo({ ...to, behavior: 'instant' }), { left, top });
    const left = async () => (await page.locator('.matrix tbody th').nth(5).boundingBox())!.x;
    await onEachScreen(page, async (name, screen) => {
      await scrollTo(0, 0);
      expect(await overflow(page), name).toBe(0);
      const inner = await box.evaluate((element) => element.scrollHeight);
      expect(inner, name).toBeLessThan(12 * screen.height);
      expect(await height(page), name).toBeLessThan(6 * screen.height);
      expect((await box.boundingBox())!.height, name).toBeLessThanOrEqual(screen.height);
      const before = await left();
      await scrollTo(5_000, 2_000);
      expect(await left(), name).toBe(before);
      const [head, top] = [(await page.locator('.corner').boundingBox())!.y, (await box.boundingBox())!.y];
      expect(Math.abs(head - top), name).toBeLessThan(3);
    });
  });

  it('open the evidence of a cell in the width that can be seen', async () => {
    // Wider than the screen, with every verdict, and no more: axe takes half a minute for 2,400 cells.
    const entries = side(12, { results: 16, exchanges: 20 });
    const [, target] = entries;
    const failing = target!.report.results.find(({ verdict }) => verdict === 'fail')!;
    const page = await browser.open(matrixHtml(entries), `#${failing.id}@${target!.name}`, { viewport: DESK });
    const expected = page.locator('.evidence .expected').first();
    await expected.waitFor();
    await onEachScreen(page, async (name, screen) => {
      await page.locator('.matrix-box').evaluate((element) => {
        element.scrollLeft = 5_000;
      });
      const box = (await expected.boundingBox())!;
      expect(box.x, name).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width, name).toBeLessThanOrEqual(screen.width);
      expect(await violations(page), name).toEqual([]);
    });
  });
});
