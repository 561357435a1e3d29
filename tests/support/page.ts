/** A page in a browser for the tests of one file: opened from the disk, with every other request refused and every trouble told. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type Axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { sharedBrowser } from './browser.js';

/** In the page, once it is loaded there. */
declare const axe: typeof Axe;

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface OpenedPages {
  /**
   * Writes the text to a file and opens that; fails the test afterwards when the page logged, threw or asked for anything. A test
   * that opens a second page has that in place of the first.
   */
  open(text: string, hash?: string, options?: PageOptions): Promise<Page>;
}

export interface PageOptions {
  /** A desk by default. */
  viewport?: { width: number; height: number };
  colorScheme?: 'light' | 'dark';
  permissions?: string[];
  javaScriptEnabled?: boolean;
}

const DESK = { width: 1280, height: 900 };

/**
 * Pages of one file of tests. They take turns in one tab, because a tab for each would take longer than most tests: storage and
 * permissions are cleared after a test, size and media are set before each page.
 */
export function pages(): OpenedPages {
  let browser: Browser;
  let folder: string;
  let tab: Page | undefined;
  let withoutScript: Page | undefined;
  let address = '';
  let opened = 0;
  let granted = false;
  const troubles: string[] = [];

  async function newTab(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({ viewport: DESK, ...options });
    await context.route('**/*', (route) => {
      const url = route.request().url();
      if (url === address) return route.continue();
      troubles.push(`asked for ${url}`);
      return route.abort();
    });
    const page = await context.newPage();
    page.on('console', (message) => troubles.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => troubles.push(String(error)));
    return page;
  }

  beforeAll(async () => {
    browser = await sharedBrowser();
    folder = mkdtempSync(join(tmpdir(), 'page-'));
  });
  afterEach(async () => {
    await withoutScript?.context().close();
    withoutScript = undefined;
    await tab?.evaluate(() => localStorage.clear());
    if (granted) await tab?.context().clearPermissions();
    granted = false;
    expect(troubles.splice(0)).toEqual([]);
  });
  afterAll(async () => {
    await tab?.context().close();
    rmSync(folder, { recursive: true, force: true });
  });

  return {
    async open(
      text,
      hash = '',
      { viewport = DESK, colorScheme = 'light', permissions = [], javaScriptEnabled = true } = {},
    ) {
      // A name of its own: another hash of the same file would not load it again.
      opened += 1;
      const file = join(folder, `${opened}.html`);
      writeFileSync(file, text);
      address = pathToFileURL(file).href;
      if (!javaScriptEnabled) {
        withoutScript = await newTab({ viewport, colorScheme, javaScriptEnabled });
        await withoutScript.goto(`${address}${hash}`);
        return withoutScript;
      }
      tab ??= await newTab();
      await tab.emulateMedia({ colorScheme, media: null });
      granted = permissions.length > 0;
      if (granted) await tab.context().grantPermissions(permissions);
      const now = tab.viewportSize();
      if (now?.width !== viewport.width || now.height !== viewport.height) {
        // What is open now need not be laid out in the other size.
        await tab.goto('about:blank');
        await tab.setViewportSize(viewport);
      }
      await tab.goto(`${address}${hash}`);
      return tab;
    },
  };
}

/** What axe finds against the page as it is now, one line for each element. */
export const violations = (page: Page): Promise<string[]> => violationsOf(page);

/** What it finds against the same page in dark: themes set nothing but colours, so that other rules find the same in both. */
export async function violationsInDark(page: Page): Promise<string[]> {
  await page.emulateMedia({ colorScheme: 'dark' });
  return violationsOf(page, ['color-contrast', 'link-in-text-block']);
}

async function violationsOf(page: Page, rules?: string[]): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE);
  const found = await page.evaluate(
    // Of what passed, axe need not describe every element.
    (runOnly) => axe.run({ resultTypes: ['violations'], ...(runOnly ? { runOnly } : {}) }),
    rules,
  );
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`),
  );
}

/** Ids of the elements that can be seen, of those that a selector finds. */
export const visibleIds = (page: Page, selector: string): Promise<string[]> =>
  page
    .locator(selector)
    .evaluateAll((elements) => elements.filter((element) => element.checkVisibility()).map((element) => element.id));
