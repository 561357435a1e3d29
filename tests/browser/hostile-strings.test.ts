/** A whole run against a target that puts hostile text, and the key, wherever a report may print it; its page in a browser. */

import { describe, expect, it } from 'vitest';
import { type Answer, chunk, event, LAST_CHUNK, STREAM_HEAD, wantsStream, whole } from '../hostile/target.js';
import { KEY, resultsWith, runAgainst } from '../hostile/whole-run.js';
import { pages } from '../support/page.js';
import { HOSTILE_TEXTS } from '../support/sample-report.js';

const browser = pages();

/** Forms in which a server may echo a key; the last one adds up only behind the parser of JSON. */
const KEYS = [KEY, Buffer.from(KEY).toString('base64'), encodeURIComponent(KEY)];
const EVIL = [...HOSTILE_TEXTS, ...KEYS].join(' ');
/** As one line of a stream, and as what a header line may hold: no controls, one byte a character. */
const EVIL_LINE = EVIL.replace(/[\r\n]/g, ' ');
const EVIL_HEADER = EVIL_LINE.replace(/[^\u0020-\u007e]/g, '?');

const usage = { input_tokens: EVIL, output_tokens: 2, [EVIL]: EVIL };
const message = (content: unknown[]) => ({
  id: EVIL,
  type: 'message',
  role: EVIL,
  model: EVIL,
  content,
  stop_reason: EVIL,
  stop_sequence: EVIL,
  usage,
});
const BLOCKS: { [key: string]: unknown }[] = [
  { type: 'text', text: EVIL, citations: [{ type: EVIL, cited_text: EVIL, document_index: { toString: 1 } }] },
  { type: EVIL, [EVIL]: EVIL },
  { type: 'tool_use', id: EVIL, name: EVIL, input: { [EVIL]: EVIL, __proto__: { polluted: EVIL } } },
  { type: 'thinking', thinking: EVIL, signature: EVIL },
  { type: { toString: EVIL }, constructor: EVIL },
];

const [HALF, OTHER_HALF] = [KEY.slice(0, 12), KEY.slice(12)];
const delta = (index: number, change: object) =>
  event({ type: 'content_block_delta', index, delta: change as { type: string } });

const EVIL_STREAM = [
  event({ type: 'message_start', message: message([]) }),
  `event: ${EVIL_LINE}\ndata: ${JSON.stringify({ type: EVIL, text: EVIL })}\n\n`,
  `: ${EVIL_LINE}\n${EVIL_LINE}\nid: ${EVIL_LINE}\nretry: ${EVIL_LINE}\n\n`,
  ...BLOCKS.map((content_block, index) => event({ type: 'content_block_start', index, content_block })),
  delta(0, { type: 'text_delta', text: EVIL }),
  delta(0, { type: 'text_delta', text: HALF }),
  delta(0, { type: 'text_delta', text: OTHER_HALF }),
  delta(0, { type: EVIL, [EVIL]: EVIL }),
  delta(2, { type: 'input_json_delta', partial_json: `{"key":${JSON.stringify(KEY)}, ${EVIL}` }),
  `event: content_block_stop\ndata: ${EVIL_LINE}\n\n`,
  event({ type: 'message_delta', delta: { stop_reason: { toString: EVIL } }, usage }),
  event({ type: 'error', error: { type: EVIL, message: EVIL } }),
].join('');

const EVIL_HEADERS = `server: ${EVIL_HEADER}\r\nrequest-id: ${EVIL_HEADER}\r\nx-echo: ${EVIL_HEADER}\r\nretry-after: ${EVIL_HEADER}\r\n`;
const ofType = (type: string, status = `200 ${EVIL_HEADER}`): string =>
  `HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\n${EVIL_HEADERS}`;

/** Streams, replies, errors in the envelope and pages, in turn; a message first, as nothing is judged without one. */
const evil: Answer = (socket, request, call) => {
  if (wantsStream(request)) {
    const head = STREAM_HEAD.replace('request-id: req_1\r\n', EVIL_HEADERS);
    socket.write(Buffer.from(head, 'latin1'));
    socket.write(chunk(EVIL_STREAM) + LAST_CHUNK);
    return;
  }
  const error = { type: 'error', error: { type: EVIL, message: EVIL }, request_id: EVIL };
  const answers: readonly [head: string, body: string][] = [
    [ofType('application/json'), JSON.stringify(message(BLOCKS))],
    [ofType('application/json'), JSON.stringify({ data: [message(BLOCKS)], has_more: EVIL, [EVIL]: EVIL, id: EVIL })],
    [ofType('application/json', `400 ${EVIL_HEADER}`), JSON.stringify(error)],
    [ofType(`text/html; ${EVIL_HEADER}`, '500 Oops'), `<html><script>globalThis.hacked = true</script>${EVIL}`],
  ];
  const [head, body] = answers[(call - 1) % answers.length]!;
  socket.write(whole(body, head));
};

describe('hostile text in every place that a target can choose', () => {
  it('is reported, shows no key, and does not run', async () => {
    const run = await runAgainst(evil, ['--verbose']);
    expect(run.code).toBe(1);
    expect(resultsWith(run, 'fail').length).toBeGreaterThan(20);
    expect(resultsWith(run, 'error').filter((result) => result.includes('judge itself'))).toEqual([]);
    expect(run.report.target.server).toContain('*'.repeat(KEY.length));
    const page = await browser.open(run.files.get('index.html') ?? '');
    await page.getByRole('button', { name: /^All exchanges/ }).click();
    for (const buttons of ['.failures .result h3 button', '.exchange h4 button', '.part button'])
      await page.locator(`${buttons}[aria-expanded=false]`).evaluateAll((folds) => {
        for (const fold of folds.slice(0, 40)) (fold as HTMLElement).click();
      });
    expect(await page.locator('.result .detail').count()).toBeGreaterThan(5);
    expect(await page.locator('.exchange-body').count()).toBeGreaterThan(5);
    expect(await page.locator('#app').textContent()).toContain('<img src=x onerror=');
    expect(await page.evaluate(() => (globalThis as { hacked?: boolean }).hacked)).toBeUndefined();
    expect(await page.locator('#app img, #app style, #app script, #app failure').count()).toBe(0);
    expect(await page.locator('#app a[href^="javascript"], #app a[href^="data"]').count()).toBe(0);
    const shown = await page.content();
    expect(shown).not.toContain(KEY);
    expect(await page.locator('body').isVisible()).toBe(true);
  });
});
