/** A target that sends the key back in every spelling that encoders have: it is in no report, no log, and nowhere in a page. */

import { describe, expect, it } from 'vitest';
import { pages } from '../support/page.js';
import {
  type Answer,
  chunk,
  event,
  LAST_CHUNK,
  STREAM_END,
  STREAM_HEAD,
  STREAM_START,
  wantsStream,
  whole,
} from './target.js';
import { KEY, resultsWith, runAgainst } from './whole-run.js';

const browser = pages();

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
const unit = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
const bytes = Buffer.from(KEY);
const percent = [...bytes].map((byte) => `%${byte.toString(16).toUpperCase()}`).join('');

/** As they stand between the quotes of a JSON string. */
const SPELLINGS: Readonly<Record<string, string>> = {
  plain: inJson(KEY),
  capitals: inJson(KEY.toUpperCase()),
  php: inJson(KEY).replaceAll('/', '\\/'),
  dotnet: inJson(KEY).replaceAll('+', '\\u002B').replaceAll('\\"', '\\u0022'),
  units: [...KEY].map(unit).join(''),
  nested: inJson(inJson(KEY).replaceAll('+', '\\u002b')),
  percent: encodeURIComponent(KEY),
  lower: encodeURIComponent(KEY).replace(/%../g, (code) => code.toLowerCase()),
  everyByte: percent,
  twice: encodeURIComponent(percent),
  decimal: [...KEY].map((character) => `&#${character.charCodeAt(0)};`).join(''),
  hexadecimal: [...KEY].map((character) => `&#x${character.charCodeAt(0).toString(16)};`).join(''),
  named: inJson(KEY.replaceAll('"', '&quot;').replaceAll('+', '&plus;')),
  base64: bytes.toString('base64'),
  user: Buffer.from(`user:${KEY}`).toString('base64').replaceAll('/', '\\/'),
  url: Buffer.from(`ab${KEY}`).toString('base64url'),
  hex: bytes.toString('hex').toUpperCase(),
};
const ALL = Object.entries(SPELLINGS)
  .map(([name, text]) => `${name}(${text})`)
  .join(' ');
/** Parts of the key, none of which says much; joined they say all. */
const PARTS = [KEY.slice(0, 7), KEY.slice(7, 15), KEY.slice(15)];
const parts = (kind: string, name: string, index: number): string =>
  PARTS.map((part) => event({ type: 'content_block_delta', index, delta: { type: kind, [name]: part } })).join('');

const message = (text: string): string =>
  `{"id":"msg_1","type":"message","role":"assistant","model":"${text}","content":[{"type":"text","text":"${text}"},${PARTS.map((part) => JSON.stringify({ type: 'text', text: part })).join()}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":7,"output_tokens":2}}`;

/** Header values hold no line ends; what JSON escapes stands there as it is. */
const HEADER = `x-echo: ${ALL}\r\nrequest-id: ${encodeURIComponent(KEY)}\r\nserver: ${KEY.toUpperCase()}\r\n`;

const echo: Answer = (socket, request, call) => {
  if (wantsStream(request)) {
    socket.write(STREAM_HEAD.replace('request-id: req_1\r\n', HEADER));
    const block = { type: 'tool_use', id: 'toolu_1', name: 'x', input: {} };
    const stream = [
      STREAM_START,
      `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"${ALL}"}}\n\n`,
      parts('text_delta', 'text', 0),
      `: ${ALL}\n\n`,
      event({ type: 'content_block_stop', index: 0 }),
      event({ type: 'content_block_start', index: 1, content_block: block }),
      parts('input_json_delta', 'partial_json', 1),
      STREAM_END.replace('"index":0', '"index":1'),
    ].join('');
    // Chunks end in the midst of the key.
    for (let at = 0; at < stream.length; at += 97) socket.write(chunk(stream.slice(at, at + 97)));
    socket.write(LAST_CHUNK);
    return;
  }
  const error = `{"type":"error","error":{"type":"invalid_request_error","message":"${ALL}"},"request_id":"${ALL}"}`;
  if (call % 3 === 0)
    socket.write(whole(error, `HTTP/1.1 400 Bad ${KEY}\r\ncontent-type: application/json\r\n${HEADER}`));
  else if (call % 3 === 1)
    socket.write(whole(message(ALL), `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${HEADER}`));
  else
    socket.write(
      whole(
        Buffer.concat([Buffer.from([0xff]), Buffer.from(`<html>${ALL}`)]),
        `HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n${HEADER}`,
      ),
    );
};

/** What a reader can make of a text: every escape undone, as often as it takes. */
function readable(text: string): string {
  let before = '';
  let now = text;
  while (before !== now) {
    before = now;
    now = now
      .replace(/\\u([0-9a-f]{4})/gi, (_all, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
      .replace(/%([0-9a-f]{2})/gi, (_all, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
      .replace(/&#x([0-9a-f]+);/gi, (_all, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
      .replace(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code)))
      .replaceAll('&quot;', '"')
      .replaceAll('&plus;', '+')
      .replaceAll('\\', '');
  }
  return now.toLowerCase();
}

function expectNone(name: string, text: string): void {
  const shown = readable(text);
  expect(shown.includes(KEY.toLowerCase()), `${name} holds the key`).toBe(false);
  // A part of four characters of base64 may hold bits of a neighbour.
  for (const prefix of ['', 'a', 'ab']) {
    const core = Buffer.from(prefix + KEY)
      .toString('base64')
      .slice(4, -4)
      .toLowerCase();
    expect(
      shown.replaceAll('-', '+').replaceAll('_', '/').includes(core.replaceAll('-', '+')),
      `${name} holds base64`,
    ).toBe(false);
  }
  expect(shown.includes(bytes.toString('hex')), `${name} holds hex`).toBe(false);
  for (const part of [PARTS[1]!, PARTS[2]!])
    expect(shown.includes(part.toLowerCase()), `${name} holds ${part}`).toBe(false);
}

describe('a key that is sent back in every spelling', () => {
  it('is in no file, on no stream, and nowhere in the page', { timeout: 240_000 }, async () => {
    const run = await runAgainst(echo, ['--profile', 'core,tools,errors', '--verbose']);
    expect(run.report.exchanges.length).toBeGreaterThan(50);
    expect(run.received.join()).toContain(KEY);
    expect(resultsWith(run, 'error')).toEqual([]);
    for (const [name, text] of [...run.files, ['standard output', run.out], ['standard error', run.err]] as const)
      expectNone(name, text);
    for (const name of Object.keys(SPELLINGS)) expect(run.files.get('report.json')).toContain(`${name}(`);

    const page = await browser.open(run.files.get('index.html') ?? '');
    await page.getByRole('button', { name: /^All exchanges/ }).click();
    const unfold = async () => {
      for (const buttons of ['.failures .result h3 button', '.exchange :is(h3, h4) button', '.part button'])
        await page.locator(`${buttons}[aria-expanded=false]`).evaluateAll((folds) => {
          for (const fold of folds.slice(0, 60)) (fold as HTMLElement).click();
        });
      return page.locator('.exchange-body').count();
    };
    // The list appears a moment after the click.
    await expect.poll(unfold, { timeout: 30_000 }).toBeGreaterThan(10);
    expectNone('the page', await page.content());
    expectNone('the text of the page', (await page.locator('body').textContent()) ?? '');
    const attributes = await page.evaluate(() =>
      [...document.querySelectorAll('*')]
        .flatMap((element) => [...element.attributes].map(({ value }) => value))
        .join(' '),
    );
    expectNone('the attributes of the page', attributes);
  });
});
