/** A page in a browser for the tests of one file: opened from the disk, with every other request refused and every trouble told. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject } from 'vitest';
import { startBrowser } from './browser.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface OpenedPages {
  /** Writes the text to a file and opens that; fails the test afterwards when the page logged, threw or asked for anything. */
  open(text: string, hash?: string, options?: BrowserContextOptions): Promise<Page>;
}

/** Pages of one file of tests, each in a context of its own, in the browser of the whole run where there is one. */
export function pages(): OpenedPages {
  let browser: Browser;
  let folder: string;
  let page: Page | null = null;
  let troubles: string[] = [];

  beforeAll(async () => {
    const shared = inject('browser');
    browser = await (shared === undefined ? startBrowser() : chromium.connect(shared));
    folder = mkdtempSync(join(tmpdir(), 'page-'));
  });
  afterEach(async () => {
    await page?.context().close();
    page = null;
    expect(troubles).toEqual([]);
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  return {
    async open(text, hash = '', options = {}) {
      const file = join(folder, 'index.html');
      const address = pathToFileURL(file).href;
      writeFileSync(file, text);
      troubles = [];
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
      await context.route('**/*', (route) => {
        const url = route.request().url();
        if (url === address) return route.continue();
        troubles.push(`asked for ${url}`);
        return route.abort();
      });
      page = await context.newPage();
      page.on('console', (message) => troubles.push(`${message.type()}: ${message.text()}`));
      page.on('pageerror', (error) => troubles.push(String(error)));
      await page.goto(`${address}${hash}`);
      return page;
    },
  };
}

/** What axe finds against the page as it is now, one line for each element. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const results = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`),
  );
}

/** Ids of the elements that can be seen, of those that a selector finds. */
export const visibleIds = (page: Page, selector: string): Promise<string[]> =>
  page
    .locator(selector)
    .evaluateAll((elements) => elements.filter((element) => element.checkVisibility()).map((element) => element.id));
