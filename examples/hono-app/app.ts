import { Hono } from 'hono';
import { proxy } from 'hono/proxy';

interface Options {
  /** Base URL of the server behind this app, without `/v1`. */
  upstream: string;
  upstreamKey: string;
}

/** An app for a closed network: it adds the key of the upstream, so that its users need none. */
export function createApp({ upstream, upstreamKey }: Options): Hono {
  const app = new Hono();

  app.all('/v1/*', ({ req }) => {
    const { pathname, search } = new URL(req.url);
    const headers = { ...req.header(), 'x-api-key': upstreamKey, authorization: undefined, host: undefined };
    return proxy(`${upstream}${pathname}${search}`, { ...req, headers });
  });
  app.notFound((c) => c.json({ type: 'error', error: { type: 'not_found_error', message: c.req.path } }, 404));
  app.onError(({ message }, c) => c.json({ type: 'error', error: { type: 'api_error', message } }, 502));

  return app;
}
