/** What `curl -i -N URL > file` writes: the head of the response, an empty line, the body. */

import { UsageError } from '../../runner/usage-error.js';
import type { HeaderLines } from '../raw-exchange.js';
import { baseOf, responseOnly, type Traffic, UNKNOWN_URL } from './traffic.js';

/** Longest text before the head that is skipped, such as the command line in a copy of a terminal. */
const MAX_BEFORE = 64 * 1024;

const HEAD = /^HTTP\/\d(?:\.\d)? +(\d{3})[^\r\n]*(\r?\n)/m;

/** Whether a head of HTTP stands at the beginning, after at most a command line. */
export const isCurlTranscript = (head: string): boolean =>
  /^HTTP\/\d/.test(head) || (/^\s*(\$ |# |> |% )?curl\s/.test(head) && HEAD.test(head));

/** Throws `UsageError` for a transcript without an empty line after the head. */
export function readCurlTranscript(bytes: Buffer): Traffic {
  const before = bytes.subarray(0, MAX_BEFORE).toString('latin1');
  let at = HEAD.exec(before)?.index ?? 0;
  const command = before.slice(0, at);
  for (;;) {
    const head = headAt(bytes, at);
    if (isInterim(head.status, head.headers) && /^HTTP\/\d/.test(bytes.toString('latin1', head.end, head.end + 8))) {
      at = head.end;
      continue;
    }
    const url = /https?:\/\/[^\s'"]+/.exec(command)?.[0] ?? UNKNOWN_URL;
    const isCopied = head.lineEnd === '\n';
    return {
      format: 'the transcript of curl -i',
      baseUrl: baseOf(url),
      startedAt: dateOf(head.headers),
      exchanges: [
        responseOnly(
          1,
          { status: head.status, headers: withoutEncoding(head.headers), body: bytes.subarray(head.end) },
          url,
          [...(isCopied ? (['bytes'] as const) : []), ...(isCopied || head.isEncoded ? (['framing'] as const) : [])],
        ),
      ],
      notices: isCopied ? ['Its lines end without CR: a copy, so what depends on exact bytes is not judged.'] : [],
    };
  }
}

interface Head {
  status: number;
  headers: HeaderLines;
  lineEnd: string;
  isEncoded: boolean;
  /** Offset of the byte after the empty line. */
  end: number;
}

function headAt(bytes: Buffer, at: number): Head {
  const text = bytes.toString('latin1', at, at + MAX_BEFORE);
  const first = HEAD.exec(text);
  const end = /\r?\n\r?\n/.exec(text);
  if (first === null || end === null)
    throw new UsageError(
      'the transcript of curl has no empty line after the header lines: record it with `curl -i -N`',
    );
  const headers = text
    .slice(first.index + first[0].length, end.index)
    .split(/\r?\n/)
    .filter((line) => line.includes(':'))
    .map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()] as const;
    });
  return {
    status: Number(first[1]),
    headers,
    lineEnd: first[2]!,
    isEncoded: headers.some(([name]) => name.toLowerCase() === 'content-encoding'),
    end: at + end.index + end[0].length,
  };
}

/** A head before the one that counts: `100 Continue`, the answer of a proxy, a redirect that `-L` followed. */
const isInterim = (status: number, headers: HeaderLines): boolean =>
  status < 200 || (status >= 300 && status < 400) || (status === 200 && headers.length === 0);

/** With `--compressed` curl writes the decoded body under the header of the encoded one. */
const withoutEncoding = (headers: HeaderLines): HeaderLines =>
  headers.filter(([name]) => name.toLowerCase() !== 'content-encoding');

function dateOf(headers: HeaderLines): Date {
  const date = new Date(headers.find(([name]) => name.toLowerCase() === 'date')?.[1] ?? '');
  return Number.isNaN(date.getTime()) ? new Date() : date;
}
