import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import express, { type Express, type Request, type Response } from 'express';

interface Options {
  /** Base URL of the server behind this gateway, without `/v1`. */
  upstream: string;
  upstreamKey: string;
  /** Keys of this gateway's own users. */
  keys: readonly string[];
}

/** A gateway: it knows its users by keys of its own, and forwards their requests with the key of the upstream. */
export function createApp({ upstream, upstreamKey, keys }: Options): Express {
  const app = express().disable('x-powered-by').disable('etag');

  app.get('/health', (_request, response) => void response.json({ status: 'ok' }));

  app.use('/v1', async (request, response) => {
    const key = request.get('x-api-key') ?? request.get('authorization')?.replace(/^Bearer /i, '');
    if (key === undefined || !keys.includes(key))
      return void reject(response, 401, 'authentication_error', 'invalid key');
    const hangUp = new AbortController();
    response.on('close', () => hangUp.abort());
    try {
      await forward(request, response, hangUp.signal);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else reject(response, 502, 'api_error', `the upstream did not answer: ${(error as Error).message}`);
    }
  });

  async function forward(request: Request, response: Response, signal: AbortSignal): Promise<void> {
    const hasBody = request.method !== 'GET' && request.method !== 'HEAD';
    const answer = await fetch(`${upstream}${request.originalUrl}`, {
      method: request.method,
      headers: { ...passedOn(request), 'x-api-key': upstreamKey },
      ...(hasBody && { body: Readable.toWeb(request) as ReadableStream, duplex: 'half' }),
      signal,
    });
    response.status(answer.status);
    for (const [name, value] of answer.headers) if (!OF_THE_CONNECTION.has(name)) response.setHeader(name, value);
    if (answer.body === null) return void response.end();
    await pipeline(Readable.fromWeb(answer.body as import('node:stream/web').ReadableStream), response);
  }

  return app;
}

/** `fetch` has decoded the body, and each connection counts and frames its own bytes. */
const OF_THE_CONNECTION = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'keep-alive',
  'transfer-encoding',
]);

function passedOn({ headers }: Request): Record<string, string> {
  const names = ['accept', 'anthropic-beta', 'anthropic-version', 'content-type'];
  return Object.fromEntries(
    names.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]])),
  );
}

/** Errors have the envelope of the protocol, also those of the gateway itself. */
function reject(response: Response, status: number, type: string, message: string): void {
  response.status(status).json({ type: 'error', error: { type, message } });
}
