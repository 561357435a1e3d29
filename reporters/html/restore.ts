/** The report document from the data of its page, for readers who have the page alone. */

import { REPORT_FORMAT, type Report, type ReportExchange, type Result } from '../../core/report.js';
import { insideQuotes } from '../../core/shell.js';
import type { PageData, PageExchange, PageResponse, PageResult } from './data.js';

/**
 * The report that the page was made from. A body that the page has only in part carries `truncatedBytes`, so that nothing judges
 * it again, and a notice says so.
 */
export function reportOfPage(data: PageData): Report {
  const { results, exchanges, notices, ...rest } = data;
  const shortened = exchanges.filter(isShortened).length;
  const note = `Saved from the page, which has ${shortened} of ${exchanges.length} exchanges in part. The report.json of the run has them whole.`;
  return {
    ...rest,
    format: REPORT_FORMAT,
    results: results.map((result) => resultOf(result, exchanges)),
    exchanges: exchanges.map(exchangeOf),
    notices: shortened === 0 ? notices : [...notices, note],
  };
}

function resultOf({ moreFindings: _, ...result }: PageResult, exchanges: readonly PageExchange[]): Result {
  const ids = result.exchanges.map((entry) => (typeof entry === 'string' ? entry : (exchanges[entry]?.id ?? '')));
  return { ...result, exchanges: ids };
}

const isShortened = ({ requestShortened, response, upstream = [] }: PageExchange): boolean =>
  [{ requestShortened, response }, ...upstream].some(
    (pair) => pair.requestShortened === true || (pair.response !== null && missingBytes(pair.response) > 0),
  );

function exchangeOf(exchange: PageExchange): ReportExchange {
  const { requestShortened: _, curl, response, upstream, ...rest } = exchange;
  // One byte stands for a request that is not whole either.
  const missing = [{ response, requestShortened: exchange.requestShortened }, ...(upstream ?? [])].reduce(
    (sum, pair) => sum + (pair.response === null ? 0 : missingBytes(pair.response)) + (pair.requestShortened ? 1 : 0),
    0,
  );
  return {
    ...rest,
    curl: curl?.join(insideQuotes(exchange.request.body ?? '')) ?? '',
    response: response === null ? null : responseOf(response),
    ...(upstream === undefined
      ? {}
      : {
          upstream: upstream.map(({ requestShortened: _, ...call }) => ({
            ...call,
            response: call.response === null ? null : responseOf(call.response),
          })),
        }),
    ...(missing > 0 ? { truncatedBytes: (exchange.truncatedBytes ?? 0) + missing } : {}),
  };
}

function responseOf({ status, headers, encoding, pieces, reads, headersMs, endMs }: PageResponse) {
  const chunks = [];
  for (let index = 0; index < reads.length; index += 2)
    chunks.push({ bytes: reads[index]!, atMs: reads[index + 1] ?? 0 });
  const body = pieces.map(({ text }) => text).join('');
  return { status, headers, body, bodyEncoding: encoding, chunks, headersMs, endMs };
}

function missingBytes({ pieces, bytes, encoding, shortened }: PageResponse): number {
  const text = pieces.map((piece) => piece.text).join('');
  const kept = encoding === 'utf8' ? new TextEncoder().encode(text).length : Math.floor((text.length * 3) / 4);
  return shortened ? Math.max(1, bytes - kept) : Math.max(0, bytes - kept);
}
