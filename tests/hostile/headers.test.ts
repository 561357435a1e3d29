/** Whole runs against targets whose answers are small and whose header blocks are not. */

import { describe, expect, it } from 'vitest';
import { reply } from '../support/http-server.js';
import { chunk, LAST_CHUNK, STREAM_END, STREAM_START, wantsStream } from './target.js';
import { failuresOf, judgeAgainst, resultsWith, runAgainst } from './whole-run.js';

const BODY = JSON.stringify(reply('Hi'));

/** A right answer under so many lines more. */
const under =
  (lines: string): Parameters<typeof runAgainst>[0] =>
  (socket, request) => {
    const isStream = wantsStream(request);
    const type = isStream ? 'text/event-stream' : 'application/json';
    socket.write(
      `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\nrequest-id: req_1\r\ntransfer-encoding: chunked\r\n${lines}\r\n`,
    );
    socket.write(chunk(isStream ? STREAM_START + STREAM_END : BODY) + LAST_CHUNK);
  };

describe.concurrent('an answer with', { timeout: 120_000 }, () => {
  it('15,000 header lines keeps the first of them, and is not read further', async () => {
    const run = await judgeAgainst(under('a:\r\n'.repeat(15_000)), { profiles: ['core', 'tools', 'errors'] });
    expect(failuresOf(run)).toEqual(['too-large']);
    const { response, failure } = run.report.exchanges[0]!;
    expect(response?.headers.length).toBe(256);
    expect(failure?.message).toContain('more than 256 header lines; the report keeps these');
    expect(resultsWith(run, 'error')).toEqual([]);
  });

  it('60 KiB of header values in each of more than a hundred answers stays within the bounds of a report', async () => {
    const lines = Array.from({ length: 60 }, (_, index) => `x-${index}: ${'"'.repeat(1_000)}\r\n`).join('');
    const run = await runAgainst(under(lines), ['--profile', 'core']);
    expect(run.report.summary.requests).toBeGreaterThan(100);
    expect(run.report.exchanges[0]?.response?.headers.length).toBe(63);
  });

  it('a hundred header lines is read like any other', async () => {
    const run = await judgeAgainst(under('x-more: 1\r\n'.repeat(97)), { quick: true });
    expect(failuresOf(run)).toEqual([null]);
    expect(run.report.exchanges[0]?.response?.headers.length).toBe(100);
  });

  it('informational answers without end ends with the time of the exchange', async () => {
    const run = await judgeAgainst(
      (socket) => {
        const timer = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(100)), 5);
        socket.on('close', () => clearInterval(timer));
      },
      { quick: true, timeoutSeconds: 1 },
    );
    expect(failuresOf(run)).toEqual(['timeout-headers']);
  });
});
