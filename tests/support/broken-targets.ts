/** Targets that real runs met and misjudged once, made of the reference endpoint on a socket of loopback. */

import { expect } from 'vitest';
import { isObject } from '../../core/json.js';
import type { Report } from '../../core/report.js';
import { type RunningEndpoint, type ServeOptions, startEndpoint } from '../../reference/serve.js';
import type { Alterations } from '../../reference/stages.js';
import { terminal } from '../../reporters/terminal.js';
import { type RunOptions, type RunResult, run } from '../../runner/run.js';

export const KEY = 'the-right-key-of-this-target';

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  Response.json(body, { status, headers });
export const error = (status: number, type: string, message: string, headers: Record<string, string> = {}): Response =>
  json(status, { type: 'error', error: { type, message }, request_id: 'req_1' }, { 'request-id': 'req_1', ...headers });

/** Answers every request the same way. */
export const always = (answer: () => Response): Alterations => ({ request: () => answer() });

/** Answers like the reference endpoint, and after so many requests like this. */
export function after(requests: number, answer: () => Response): Alterations {
  let seen = 0;
  return {
    request: (request) => {
      seen += 1;
      return seen > requests ? answer() : request;
    },
  };
}

/** Answers requests to these paths in another way. */
export const at = (path: RegExp, answer: (request: Request) => Response | Request): Alterations => ({
  request: (request) => (path.test(new URL(request.url).pathname) ? answer(request) : request),
});

/** A proxy that hides every client error behind one status. */
export const hiding = (status: number): Alterations => ({
  response: (response) =>
    response.status >= 400 && response.status < 500
      ? new Response(response.body, { status, headers: response.headers })
      : response,
});

/** A gateway with an error envelope of its own. */
export const foreignErrors: Alterations = {
  response: async (response) => {
    if (response.status < 400) return response;
    const { error: inner } = (await response.json()) as { error: { message: string } };
    return json(response.status, { detail: inner.message });
  },
};

/** A translator that never reports tokens. */
export const withoutUsage: Alterations = {
  json: (body) => {
    if (!isObject(body) || body.type !== 'message') return body;
    const { usage: _, ...message } = body;
    return message;
  },
  events: (events) =>
    events.map((event) => {
      if (event.type === 'message_start') {
        const { usage: _, ...message } = event.message;
        return { ...event, message } as never;
      }
      if (event.type !== 'message_delta') return event;
      const { usage: _, ...delta } = event;
      return delta as never;
    }),
};

/** A model that never writes anything, and says that it was cut. */
export const mute: Alterations = at(/\/v1\/messages$/, () =>
  json(200, {
    id: `msg_${Math.random()}`,
    type: 'message',
    role: 'assistant',
    model: 'reference-1',
    content: [],
    stop_reason: 'max_tokens',
    stop_sequence: null,
    usage: { input_tokens: 10, output_tokens: 0 },
  }),
);

/** Three endpoints that many gateways do without. */
export const withoutOptionalEndpoints: Alterations = at(/^\/v1\/(models|files|messages\/batches)/, () =>
  error(404, 'not_found_error', 'There is no such endpoint.'),
);

/** One credential header of the two. */
export const onlyBearer: Alterations = {
  request: (request) =>
    request.headers.has('authorization') ? request : error(401, 'authentication_error', 'Send a bearer token.'),
};

/** Starts a target and judges it; the caller ends it. */
export async function judged(
  alterations: Alterations,
  options: RunOptions & { endpoint?: ServeOptions } = {},
): Promise<RunResult & { target: RunningEndpoint }> {
  const { endpoint, ...rest } = options;
  const target = await startEndpoint({ apiKey: KEY, alterations, ...endpoint });
  try {
    const result = await run({ url: target.url, apiKey: KEY, model: 'reference-1', ...rest });
    return { ...result, target };
  } finally {
    await target.close();
  }
}

/** The line that says how a run ended. */
export const headline = (report: Report): string =>
  terminal(report, { width: 200 })
    .split('\n')
    .findLast((line) => /^(PASSED|FAILED|INCOMPLETE|NOT JUDGED)/.test(line)) ?? '';

/** What counts as silent is a failure under a 2xx, and never one under a rejection. */
export function expectSilence(report: Report): void {
  for (const result of report.results.filter(({ silent }) => silent)) {
    const shown = result.findings.flatMap(({ exchange }) => report.exchanges.filter(({ id }) => id === exchange));
    expect(
      shown.some(({ response }) => response !== null && response.status < 300),
      result.id,
    ).toBe(true);
  }
  expect(report.summary.silent).toBe(
    report.results.filter(({ silent, verdict }) => silent && verdict === 'fail').length,
  );
}
