/** What the tap answers itself: the report on everything that passed so far. */

import type { IncomingMessage, ServerResponse } from 'node:http';

/** Paths below this one belong to the tap. No path of the protocol begins like it. */
const LOCAL = '/.conformance/';

/** A document by its name, with its content type; `null` when there is none. */
export type Documents = (name: string) => Promise<{ type: string; text: string } | null>;

/**
 * Answers requests for `/.conformance/…`, such as `/.conformance/report.json`. The documents hold prompts and replies: a page of another
 * origin does not get them, whether it asks directly or under a name of its own that resolves to this machine.
 */
export function localAnswers(documents: Documents): (request: IncomingMessage, response: ServerResponse) => boolean {
  return (request, response) => {
    const path = (request.url ?? '').replace(/\?.*$/s, '');
    if (!path.startsWith(LOCAL)) return false;
    request.resume();
    if (!isFromHere(request)) {
      plain(
        response,
        403,
        'The report of the tap is for requests to localhost or its address, not for pages of other origins.\n',
      );
    } else if (request.method !== 'GET' && request.method !== 'HEAD') plain(response, 405, 'GET only\n');
    else void answer(path.slice(LOCAL.length) || 'index.html', response, documents);
    return true;
  };
}

async function answer(name: string, response: ServerResponse, documents: Documents): Promise<void> {
  try {
    const found = await documents(name);
    if (found === null) return plain(response, 404, 'There are index.html, report.json and junit.xml.\n');
    response.writeHead(200, { 'content-type': found.type, 'cache-control': 'no-store' });
    response.end(found.text);
  } catch (error) {
    plain(response, 500, `The report could not be made: ${(error as Error).message}\n`);
  }
}

/** Only an address or `localhost` in `host`, and no page of another origin. */
function isFromHere({ headers }: IncomingMessage): boolean {
  const name = (headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  const isAddress = name === 'localhost' || /^\d+(\.\d+){3}$/.test(name) || /^\[[0-9a-f:.]+\]$/.test(name);
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  const isOwn = origin === undefined || origin === `http://${headers.host}`;
  return isAddress && isOwn && (site === undefined || site === 'same-origin' || site === 'none');
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(text);
}
