/** A finding of a gateway in a real browser: what the client sent and got beside what its upstream got and sent. */

import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { html } from '../../reporters/html.js';
import { judgedGateway } from '../gateway/support.js';
import { pages, violations } from '../support/page.js';

const REQUEST = 'gw.request.text.unicode';
const STREAM = 'gw.answer.text';
const browser = pages();
let report: string;

beforeAll(async () => {
  report = html(
    await judgedGateway({ only: [REQUEST, STREAM], embedded: { faults: ['gw-ascii-only', 'gw-last-text-lost'] } }),
  );
});

const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth));

/** Places of the two columns of each pair that is shown. */
const columns = (page: Page, id: string) =>
  page.locator(`[id="${id}"] .exchange.open .beside`).evaluateAll((pairs) =>
    pairs.map((pair) =>
      [...pair.children].map((column) => {
        const { x, y, width } = column.getBoundingClientRect();
        return { x, y, width, title: column.querySelector('h4, h5')?.textContent ?? '' };
      }),
    ),
  );

const WIDE = { width: 1400, height: 900 };
const SCREENS = [
  ['a wide screen', WIDE],
  ['a phone', { width: 390, height: 844 }],
] as const;

describe('a request that the gateway changed', () => {
  let page: Page;
  beforeAll(async () => {
    page = await browser.open(report, `#${REQUEST}`, { viewport: WIDE });
    await page.locator(`[id="${REQUEST}"] .beside`).first().waitFor();
  });

  it.each(SCREENS)(
    'stands beside the translated one, and the answers beside each other, on %s',
    async (_, viewport) => {
      await page.setViewportSize(viewport);
      const [requests, answers] = await columns(page, REQUEST);
      expect(requests!.map(({ title }) => title)).toEqual(['Request body', 'At the upstream: the request']);
      expect(answers!.map(({ title }) => title)).toEqual(['Response body', 'At the upstream: the response']);
      for (const [left, right] of [requests!, answers!]) {
        if (viewport === WIDE) expect(right!.x).toBeGreaterThanOrEqual(left!.x + left!.width);
        else expect(right!.y).toBeGreaterThan(left!.y);
        if (viewport === WIDE) expect(right!.y).toBeCloseTo(left!.y, 0);
      }
      expect(await overflow(page)).toBe(0);
    },
  );

  it('has nothing for axe to find', async () => {
    await page.setViewportSize(WIDE);
    expect(await violations(page)).toEqual([]);
  });
});

it('streams have one time axis, and nothing stands out of the page', async () => {
  const page = await browser.open(report, `#${STREAM}`, { viewport: WIDE });
  const stream = page.locator(`[id="${STREAM}"] .exchange`).filter({ hasText: 'plain/stream' });
  await stream.getByRole('button', { name: /plain\/stream/ }).click();
  const drawings = stream.locator('.drawing');
  await drawings.nth(1).waitFor();
  const ticks = (index: number) =>
    drawings
      .nth(index)
      .locator('.tick line')
      .evaluateAll((lines) => lines.map((line) => line.getAttribute('x1')));
  expect((await ticks(0)).length).toBeGreaterThan(0);
  for (const [name, viewport] of SCREENS) {
    await page.setViewportSize(viewport);
    expect(await ticks(1), name).toEqual(await ticks(0));
    const ends = await stream.locator('.stream-sum').allTextContents();
    expect(new Set(ends.map((text) => / in ([^,]+),/.exec(text)?.[1])).size, name).toBe(1);
    const data = await stream
      .locator('.gist')
      .evaluateAll((cells) => cells.map((cell) => cell.getBoundingClientRect().width));
    expect(Math.min(...data), name).toBeGreaterThan(60);
    expect(await overflow(page), name).toBe(0);
  }
});
