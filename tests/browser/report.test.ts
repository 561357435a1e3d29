/** The HTML report in a real browser, opened from a file, with every request but those to files refused. */

import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../core/report.js';
import { html } from '../../reporters/html.js';
import { type PageOptions, pages, violations, violationsInDark, visibleIds } from '../support/page.js';
import {
  cleanReport,
  hostileReport,
  largeReport,
  reportOf,
  sampleReport,
  sampleResult,
} from '../support/sample-report.js';

const COLLISION = 'stream.order.index-consecutive';
/** For what a page does a moment later. */
const PATIENCE = { timeout: 60_000 };

const browser = pages();
let page: Page;

async function open(report: Report, hash = '', options: PageOptions = {}): Promise<void> {
  page = await browser.open(html(report), hash, options);
}

const requirement = (id: string) => page.locator(`[id="${id}"]`);
const toggle = (id: string) => requirement(id).locator('h3 button').first();
const shownIds = () => visibleIds(page, '.result');

describe('opened from a file', () => {
  beforeAll(() => open(sampleReport()));

  it('shows target, outcome, verdicts by profile and what was not judged', async () => {
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('https://gateway.example.com');
    expect(await page.locator('.headline').textContent()).toBe('Failed: 5 failures (2 silent, 1 known)');
    const core = page.getByRole('row', { name: /^core/ });
    expect(await core.getByRole('cell').allTextContents()).toEqual(['not conformant', '', '4', '2', '2', '1']);
    expect(await page.locator('.not-judged').textContent()).toContain(
      'the contract does not claim the profile batches',
    );
    expect(await page.getByRole('region', { name: 'Baseline' }).textContent()).toContain('remove its line');
  });

  it('puts silent failures first, then failures, known ones, errors and warnings', async () => {
    expect(await shownIds()).toEqual([
      'req.system.array',
      COLLISION,
      'resp.usage.ints',
      'stream.order.message-stop-last',
      'http.body.not-json',
      'msg.long-history',
      'hdr.request-id.present',
      'usage.stream-consistent',
    ]);
  });

  it('says that nothing is broken when nothing is', async () => {
    await open(cleanReport());
    expect(await page.locator('.headline.pass').textContent()).toBe('Passed: all 14 judged requirements');
    expect(await page.locator('.notices').count()).toBe(0);
  });

  it('shows a table without script', async () => {
    await open(sampleReport(), '', { javaScriptEnabled: false });
    expect(await page.getByRole('row').count()).toBe(1 + sampleReport().results.length);
  });
});

describe('search and filters', () => {
  it('narrow the list by id and text, and stand in the address', async () => {
    await open(sampleReport());
    await page.keyboard.press('/');
    await page.keyboard.type('message_stop last');
    expect(await shownIds()).toEqual(['stream.order.message-stop-last']);
    expect(await page.locator('.toolbar [role=status]').textContent()).toBe('1 of 14 requirements');
    await expect.poll(() => new URL(page.url()).hash).toBe('#?q=message_stop+last');
  });

  it('find names that the page shows as code, with and without backticks', async () => {
    const findings = [{ message: '`stop_reason` is null.', expected: 'e', actual: '`a`', at: null, exchange: null }];
    const coded = sampleResult('resp.stop', 'fail', {
      statement: 'A message has a `stop_reason`, <b>set</b>.',
      findings,
    });
    await open(reportOf([coded, ...sampleReport().results], sampleReport().exchanges));
    for (const query of ['a stop_reason,', '`stop_reason`,']) {
      await page.getByRole('searchbox').fill(query);
      expect(await shownIds()).toEqual(['resp.stop']);
    }
    expect(await requirement('resp.stop').locator('.statement').innerHTML()).toBe(
      'A message has a <code>stop_reason</code>, &lt;b&gt;set&lt;/b&gt;.',
    );
    await toggle('resp.stop').click();
    expect(await requirement('resp.stop').locator('.message code').allTextContents()).toEqual(['stop_reason']);
    expect(await requirement('resp.stop').locator('.actual pre').textContent()).toBe('`a`');
  });

  it('unfold groups that hold a hit', async () => {
    await open(sampleReport());
    await page.getByRole('searchbox').fill('http.post');
    expect(await shownIds()).toEqual(['http.post.messages']);
  });

  it('go together: verdict, level, profile, suite', async () => {
    await open(sampleReport());
    await page.getByRole('button', { name: 'silent only' }).click();
    expect(await shownIds()).toEqual(['req.system.array', COLLISION, 'usage.stream-consistent']);
    await page.getByRole('combobox', { name: 'Level' }).selectOption('MUST');
    await page.getByRole('combobox', { name: 'Suite' }).selectOption('stream');
    await page.getByRole('combobox', { name: 'Profile' }).selectOption('core');
    expect(await shownIds()).toEqual([COLLISION]);
    await expect.poll(() => new URL(page.url()).hash).toBe('#?verdict=silent&level=MUST&profile=core&suite=stream');
    await page.getByRole('button', { name: 'Clear' }).click();
    expect(await shownIds()).toHaveLength(8);
    await expect.poll(() => new URL(page.url()).hash).toBe('');
  });

  it('come back from the address', async () => {
    await open(sampleReport(), `#${COLLISION}?verdict=fail&suite=stream`);
    expect(await shownIds()).toEqual([COLLISION, 'stream.order.message-stop-last']);
    expect(await toggle(COLLISION).getAttribute('aria-expanded')).toBe('true');
  });

  it('say so when nothing fits', async () => {
    await open(sampleReport());
    await page.getByRole('searchbox').fill('nothing has this text');
    await page.getByRole('button', { name: 'Show all 14' }).click();
    expect(await shownIds()).toHaveLength(8);
  });
});

describe('links', () => {
  it('to a requirement open it, scroll to it and focus it', async () => {
    await open(sampleReport(), '#http.post.messages');
    await requirement('http.post.messages').locator('.detail').waitFor();
    // The page does both after it has drawn what the link opens.
    await expect
      .poll(() => toggle('http.post.messages').evaluate((button) => button === document.activeElement), PATIENCE)
      .toBe(true);
    await expect
      .poll(async () => (await requirement('http.post.messages').boundingBox())!.y, PATIENCE)
      .toBeLessThan(900);
  });

  it('to a requirement win over filters that hide it', async () => {
    await open(sampleReport(), '#http.post.messages?verdict=fail');
    await requirement('http.post.messages').locator('.detail').waitFor();
  });

  it('to an exchange open it, whatever its id', async () => {
    await open(sampleReport(), '#exchange/stop-sequence/json%233');
    const exchange = requirement('exchange/stop-sequence/json#3');
    await exchange.locator('.exchange-body').waitFor();
    expect(await exchange.textContent()).toContain('I would rather not.');
  });

  it('in the page keep the filters', async () => {
    await open(sampleReport(), '#?level=MUST');
    await page.getByRole('link', { name: `Link to ${COLLISION}` }).click();
    await expect.poll(() => new URL(page.url()).hash).toBe(`#${COLLISION}?level=MUST`);
    await requirement(COLLISION).locator('.detail').waitFor();
  });
});

describe('a requirement', () => {
  beforeAll(() => open(sampleReport()));

  const unfold = async (id: string) => {
    if ((await toggle(id).getAttribute('aria-expanded')) === 'false') await toggle(id).click();
  };

  it('shows what was expected, what came, where, what it breaks, and how to run it alone', async () => {
    await toggle(COLLISION).press('Enter');
    const detail = requirement(COLLISION).locator('.detail');
    expect(await detail.locator('.expected').textContent()).toBe('Expectedindex 1');
    expect(await detail.locator('.actual').textContent()).toBe('Actualindex 0');
    expect(await detail.locator('.place').textContent()).toBe('tool-forced/streamevent 9byte 882pointer /index');
    expect(await detail.locator('.incidents').textContent()).toContain('Claude Code drops the tool call');
    expect(await detail.getByRole('link', { name: 'oMLX' }).getAttribute('href')).toBe(
      'https://github.com/jundot/omlx/issues/1353',
    );
    expect(await detail.locator('.reproduce').textContent()).toContain(`--only ${COLLISION}`);
    await toggle(COLLISION).press('Enter');
    expect(await detail.count()).toBe(0);
  });

  it('tells a level that the contract set, and a known failure', async () => {
    await unfold('resp.usage.ints');
    expect(await requirement('resp.usage.ints').textContent()).toContain('The provider documents counts as strings.');
    await unfold('http.body.not-json');
    expect(await requirement('http.body.not-json').textContent()).toContain(
      'Known failure. Fixed in the next release.',
    );
  });

  it('marks the place in a JSON body, and a header that is missing', async () => {
    await unfold('resp.usage.ints');
    const line = requirement('resp.usage.ints').locator('.json-line.marked');
    expect(await line.textContent()).toBe('"input_tokens": "21",expected a non-negative integer');
    await unfold('hdr.request-id.present');
    expect(await requirement('hdr.request-id.present').locator('tr.marked').textContent()).toBe('request-idmissing');
  });
});

describe('a request that should have been refused', () => {
  it('is marked where it breaks the rule', async () => {
    const { id, ...rest } = sampleReport().exchanges[0]!;
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'tool', content: 'hi' }] });
    const exchange = { ...rest, id, request: { ...rest.request, body } };
    const finding = {
      message: 'A role outside the documented ones: not refused as a client fault.',
      expected: 'HTTP 400 invalid_request_error',
      actual: 'HTTP 200',
      at: { pointer: '/messages/0/role' },
      exchange: id,
    };
    const result = sampleResult('req.messages.role-unknown', 'fail', { statement: 's', findings: [finding] });
    await open(reportOf([result], [exchange]), `#${result.id}`);
    expect(await page.locator('.json-line.marked').allTextContents()).toEqual([
      '"role": "tool",expected HTTP 400 invalid_request_error',
    ]);
  });
});

describe('a stream', () => {
  beforeAll(() => open(sampleReport(), `#${COLLISION}`));

  it('is drawn over time, with long silences shortened, lanes and the offending event marked', async () => {
    const stream = requirement(COLLISION).locator('.stream');
    expect(await stream.locator('.lane-names span').allTextContents()).toEqual(['message', 'block 0', 'ping']);
    expect(await stream.locator('.quiet-time').allTextContents()).toEqual(['// 1.56 s silent', '414 ms silent']);
    const axis = (await stream.locator('.lanes > svg').boundingBox())!;
    const flag = (await stream.locator('.flag').boundingBox())!;
    // 1,565 ms of silence take 15 % of the width, the other 899.5 ms share the rest.
    const perMs = 0.85 / (2_464.5 - 1_565);
    expect((flag.x - axis.x) / axis.width).toBeCloseTo(0.15 + (325 + 414) * perMs, 2);
    const marked = stream.locator('tr.marked');
    expect(await marked.allTextContents()).toEqual([
      '92.30 s+414 mscontent_block_startblock 0tool_use get_weather',
      'expected index 1, got index 0',
    ]);
  });

  it('shows the raw frame and its data on demand, with the pointer marked', async () => {
    await page.getByRole('button', { name: 'Go to event 9' }).click();
    const frame = requirement(COLLISION).locator('tr.frame');
    expect(await frame.locator('.raw').textContent()).toMatch(
      /^event: content_block_start\ndata: \{"type":"content_block_start","index":0/,
    );
    expect(await frame.locator('.json-line.marked').textContent()).toBe('"index": 0,expected index 1');
  });

  it('folds runs of deltas and unfolds them', async () => {
    await open(sampleReport(), '#stream.order.message-stop-last');
    const rows = requirement('stream.order.message-stop-last').locator('.events tbody tr');
    expect(await rows.count()).toBe(7);
    await page.getByRole('button', { name: /^40 ×/ }).click();
    expect(await rows.count()).toBe(46);
  });
});

describe('the curl line', () => {
  it('is copied whole', async () => {
    const report = sampleReport();
    await open(report, `#${COLLISION}`, { permissions: ['clipboard-read', 'clipboard-write'] });
    await page.getByRole('button', { name: 'Copy curl line of tool-forced/stream' }).click();
    await page.getByText('Copied to the clipboard').waitFor({ state: 'attached' });
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toBe(report.exchanges.find(({ id }) => id === 'tool-forced/stream')!.curl);
  });
});

describe('colours', () => {
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

  it('follow the system and the choice of the reader', async () => {
    await open(sampleReport(), '', { colorScheme: 'dark' });
    expect(await paper()).toBe('rgb(19, 20, 23)');
    await page.getByRole('radio', { name: 'light' }).check();
    expect(await paper()).toBe('rgb(250, 250, 248)');
    // The browser stores the choice on its own time.
    await expect
      .poll(async () => {
        await page.reload();
        return paper();
      })
      .toBe('rgb(250, 250, 248)');
    await page.getByRole('radio', { name: 'auto' }).check();
    expect(await paper()).toBe('rgb(19, 20, 23)');
  });
});

describe('on paper', () => {
  it('everything that did not pass is unfolded, on white, without controls', async () => {
    await open(sampleReport(), '', { colorScheme: 'dark' });
    await page.emulateMedia({ media: 'print' });
    await requirement(COLLISION).locator('.expected').waitFor();
    expect(await page.locator('.findings').count()).toBe(7);
    expect(await page.locator('.toolbar').isVisible()).toBe(false);
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(255, 255, 255)');
    expect(await requirement('http.post.messages').isVisible()).toBe(true);
  });
});

describe('axe finds nothing', () => {
  it('in head, list, requirements with streams and bodies, exchanges; in light and in dark', async () => {
    await open(sampleReport(), '#exchange/counting/stream');
    for (const id of [COLLISION, 'resp.usage.ints', 'http.body.not-json', 'msg.long-history']) await toggle(id).click();
    await page.getByRole('button', { name: 'Go to event 9' }).first().click();
    for (const fold of await page.getByRole('button', { name: /^Request body/ }).all()) await fold.click();
    expect(await violations(page)).toEqual([]);
    expect(await violationsInDark(page)).toEqual([]);
  });

  it('on a narrow screen, where nothing is wider than the page', async () => {
    await open(sampleReport(), `#${COLLISION}`, { viewport: { width: 360, height: 740 } });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    expect(await violations(page)).toEqual([]);
  });
});

describe('hostile text', () => {
  it('does not run, does not leave its place, and can be read', async () => {
    await open(hostileReport({ longText: 100_000 }), '#evil.case-1');
    for (const id of ['evil.case-2', 'evil.case-3', 'evil.case-4', 'evil.case-5', 'evil.case-6'])
      await toggle(id).click();
    await page.locator('.exchange-body .part button[aria-expanded=false]').evaluateAll((folds) => {
      for (const fold of folds) (fold as HTMLElement).click();
    });
    expect(await page.evaluate(() => (globalThis as { hacked?: boolean }).hacked)).toBeUndefined();
    expect(await page.locator('#app img, #app style, #app script, #app failure').count()).toBe(0);
    expect(await page.locator('#app a[href^="javascript"], #app a[href^="data"]').count()).toBe(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1280);
    expect(await requirement('evil.case-1').textContent()).toContain('</script><script>globalThis.hacked = true');
    expect(await requirement('evil.case-1').textContent()).toContain('U+202E');
    expect(await page.locator('body').isVisible()).toBe(true);
  });

  it('of 10 MB leaves the page usable', async () => {
    await open(hostileReport({ longText: 10_000_000 }), '#evil.case-5');
    await requirement('evil.case-5').locator('.exchange-body').waitFor();
    await page.getByRole('searchbox').fill('evil.case-3');
    expect(await shownIds()).toEqual(['evil.case-3']);
  });
});

describe('a large run', () => {
  it('shows every requirement and every exchange', async () => {
    const report = largeReport();
    await open(report);
    expect(await page.locator('.result').count()).toBe(300);
    await page.getByRole('button', { name: /^All exchanges/ }).click();
    expect(await page.locator('.exchange').count()).toBe(200);
    await page.getByRole('searchbox').fill(report.results[123]!.id);
    expect(await shownIds()).toEqual([report.results[123]!.id]);
  });
});
