/**
 * Exchanges with the official API as public client libraries keep them for their own tests. They are no part of the project and may be
 * absent. Their format is described in the README beside them.
 */

import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Exchange, RecordedExchange } from '../../core/exchange.js';
import type { Fixture } from '../../core/fixture.js';
import { get } from '../../core/json.js';
import { readExchange } from '../../runner/read/read.js';
import { parseJson } from '../../runner/read/sse.js';
import { fixtures } from './exchange.js';

const FILE = new URL('../../../shared/recorded/official/exchanges.jsonl.gz', import.meta.url);

/** One line of the file. */
interface Line {
  source: string;
  file: string;
  step: number;
  request: { method: string; url: string; headers: [string, string][]; body: string | null };
  response: { status: number; headers: [string, string][]; body: string; bodyEncoding: 'utf8' | 'base64' };
}

/** The exchanges of one file: steps of one conversation, or of several in a row. */
export interface Recording {
  /** `owner/repository: path of the file`. */
  name: string;
  exchanges: Exchange[];
}

/** The fixture that every recorded exchange stands for: a valid request without a control. */
export const RECORDED = 'recorded';

export const recordedFixture = (): Fixture => ({
  ...fixtures().get('minimal')!,
  id: RECORDED,
  title: 'A request that a client library recorded',
});

/** All recordings, by file; `null` without the folder. `POST /v1/complete` belongs to an older API and is left out. */
export function officialRecordings(): Recording[] | null {
  if (!existsSync(FILE)) return null;
  const lines = gunzipSync(readFileSync(FILE))
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
    .filter(({ request }) => !/\/v1\/complete$/.test(request.url));
  const files = new Map<string, Line[]>();
  for (const line of lines) {
    const name = `${line.source}: ${line.file}`;
    files.set(name, [...(files.get(name) ?? []), line]);
  }
  return [...files].map(([name, steps]) => ({
    name,
    exchanges: steps.sort((a, b) => a.step - b.step).map((line, index) => readExchange(recorded(line, index + 1))),
  }));
}

function recorded({ request, response }: Line, turn: number): RecordedExchange {
  const headers = Object.fromEntries(request.headers.map(([name, value]) => [name.toLowerCase(), value]));
  const bytes = Buffer.from(response.body, response.bodyEncoding === 'base64' ? 'base64' : 'utf8').length;
  const isStream = get(parseJson(request.body ?? ''), 'stream') === true;
  return {
    id: `${RECORDED}/${isStream ? 'stream' : 'json'}.${turn}`,
    fixture: RECORDED,
    transport: isStream ? 'stream' : 'json',
    turn,
    attempt: 1,
    apiVersion: headers['anthropic-version'] ?? null,
    request: { method: request.method, url: request.url, headers, body: request.body },
    response: {
      status: response.status,
      headers: response.headers.map(([name, value]) => [name.toLowerCase(), value]),
      body: response.body,
      bodyEncoding: response.bodyEncoding,
      chunks: [{ bytes, atMs: 20 }],
      headersMs: 10,
      endMs: 25,
    },
    failure: null,
  };
}
