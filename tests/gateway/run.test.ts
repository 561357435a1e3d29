import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Speaks } from '../../core/upstream.js';
import { gatewayBasis } from '../../gateway/basis.js';
import { prepareGateway, runGateway } from '../../gateway/run.js';
import { type Clock, REAL_CLOCK } from '../../gateway/upstream/live.js';
import { startGateway } from '../../reference/gateway/serve.js';
import type { GatewayAlterations } from '../../reference/gateway/stages.js';
import { html } from '../../reporters/html.js';
import { junit } from '../../reporters/junit.js';
import { terminal } from '../../reporters/terminal.js';
import { type Contract, loadContract } from '../../runner/contract/contracts.js';
import { rejudge } from '../../runner/judge/rejudge.js';
import { UsageError } from '../../runner/usage-error.js';
import { violations } from '../../validation/index.js';
import { idsWith, judgedGateway } from './support.js';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

/** A program at a port of its own, in the place of a gateway. */
async function program(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({ close: () => server.closeAllConnections() }, server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A port that is free now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const part of request) text += String(part);
  return text;
};

describe('a report of a gateway', () => {
  it('fits the schema, holds both sides, and is judged again to the same verdicts', async () => {
    const report = await judgedGateway({ only: ['gw.request'], embedded: { faults: ['gw-ascii-only'] } });
    expect(violations('report', JSON.parse(JSON.stringify(report)))).toEqual([]);
    expect(report.target.upstream?.speaks).toBe('openai-chat');
    const shown = report.exchanges.find(({ id }) => id === 'text-unicode/json');
    expect(shown?.upstream?.[0]?.request.body).toContain('text-unicode/json');
    expect(shown?.upstream?.[0]?.response?.body).toContain('chat.completion');
    const again = rejudge(report, gatewayBasis('openai-chat'));
    expect(again.results.map(({ id, verdict }) => [id, verdict])).toEqual(
      report.results.map(({ id, verdict }) => [id, verdict]),
    );
  });

  it('shows a silent failure in every view, with the command that shows it again', async () => {
    const report = await judgedGateway({ only: ['gw.request.text'], embedded: { faults: ['gw-ascii-only'] } });
    const failed = report.results.find(({ id }) => id === 'gw.request.text.unicode')!;
    expect(failed).toMatchObject({ verdict: 'fail', silent: true });
    expect(failed.reproduce).toContain(' gateway --only gw.request.text.unicode');
    expect(terminal(report)).toContain('the embedded reference gateway');
    expect(terminal(report)).toContain('gw.request.text.unicode');
    expect(await html(report)).toContain('gw.request.text.unicode');
    expect(junit(report)).toContain('gw.request.text.unicode');
  });

  it('calls a stream without an end what it is, long before the time limit', async () => {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    open.push({ close: release });
    const alterations: GatewayAlterations = {
      async *events(events) {
        for await (const event of events) if (event.type !== 'message_stop') yield event;
        await released;
      },
    };
    const only = ['stream.order.message-stop-last'];
    const report = await judgedGateway({ only, timeoutSeconds: 1, embedded: { alterations } });
    const failed = report.results.find(({ id }) => id === only[0]);
    expect(failed?.verdict).toBe('fail');
    const shown = report.exchanges.find(({ id }) => id === 'plain/stream');
    expect(shown?.failure?.message).toBe('no message_stop within 0.5 s after the stop reason');
  });

  it('says how much time the gateway adds, and does not judge it', async () => {
    const report = await judgedGateway({ only: ['gw.request.text', 'gw.request.turns'] });
    expect(report.notices).toEqual([
      expect.stringMatching(
        /^Added by the gateway, not judged: \d+\.\d ms until .*, \d+\.\d ms until .*\(medians of \d+ requests\)$/,
      ),
    ]);
    const few = await judgedGateway({ only: ['gw.request.text.string'] });
    expect(few.notices).toEqual([]);
  });

  it('keeps the keys of both sides out', async () => {
    const report = await judgedGateway({ only: ['gw.request.arrives'] });
    const text = JSON.stringify(report);
    expect(text).not.toContain('sk-client-6f1b0c9d27');
    expect(text).not.toContain('sk-upstream-9b2d41c7e0');
    expect(text).toContain('$UPSTREAM_KEY');
  });
});

describe('the API of the upstream', () => {
  const contract = async (speaks: string): Promise<Contract> => {
    const usual = await loadContract('default');
    return { ...usual, name: 'mine', gateway: { ...usual.gateway, speaks: speaks as Speaks } };
  };

  it('comes from the contract', async () => {
    const { speaks } = await prepareGateway({ contract: await contract('messages') });
    expect(speaks).toBe('messages');
  });

  it.each<[string, { contract?: string; speaks?: string }, RegExp]>([
    [
      'a contract',
      { contract: 'ollama' },
      /^The contract mine, gateway\.speaks: .* does not speak "ollama"; it speaks .*messages/,
    ],
    ['an option', { speaks: 'gemini' }, /^speaks: .* does not speak "gemini"; it speaks .*messages/],
  ])('has to be a known one, in %s', async (_where, { contract: named, speaks }, message) => {
    const options = { ...(named && { contract: await contract(named) }), ...(speaks && { speaks: speaks as Speaks }) };
    await expect(prepareGateway(options)).rejects.toThrow(UsageError);
    await expect(prepareGateway(options)).rejects.toThrow(message);
  });
});

describe('a transparent gateway that documents what it ignores', () => {
  const judgedWith = async (ignores: string[]) => {
    const usual = await loadContract('default');
    return judgedGateway({
      contract: { ...usual, gateway: { speaks: 'messages', ignores } },
      only: ['gw.pass.body', 'gw.pass.thinking.settings', 'gw.request.effort'],
      embedded: { faults: ['gw-pass-effort-dropped'] },
    });
  };

  it('may drop that, and nothing else', async () => {
    const ids = ['gw.request.effort', 'gw.pass.body', 'gw.pass.thinking.settings'];
    expect(idsWith(await judgedWith(['output_config.effort']), 'fail', 'warn')).toEqual([]);
    expect(idsWith(await judgedWith(['top_k']), 'fail', 'warn')).toEqual(ids);
  });
});

describe('a gateway that asks its upstream for one answer after the other', () => {
  /** How long the upstream waits for all: not at all where nobody else can come. */
  const waiting = (most: number): Clock => ({
    ...REAL_CLOCK,
    sleep: (ms, signal) => REAL_CLOCK.sleep(ms === 3_000 ? most : ms, signal),
  });

  const judgedBehind = async (clock: Clock, front: (gateway: string) => RequestListener) => {
    const port = await freePort();
    const keys = { apiKey: 'sk-client-of-test-1', upstreamKey: 'sk-upstream-of-test-1' };
    const gateway = await startGateway({ upstream: `http://127.0.0.1:${port}`, speaks: 'openai-chat', ...keys });
    open.push({ close: () => void gateway.close() });
    const url = await program(front(gateway.url));
    const only = ['gw.ops.parallel', 'gw.ops.message-ids'];
    const options = { url, apiKey: keys.apiKey, model: 'm', upstreamPort: port, only, clock };
    return (await runGateway(options)).report;
  };

  const passedOn = async (gateway: string, request: IncomingMessage): Promise<Response> => {
    const { 'x-api-key': key, 'content-type': type } = request.headers as Record<string, string>;
    const headers = { 'x-api-key': key!, 'content-type': type!, 'anthropic-version': '2023-06-01' };
    return fetch(`${gateway}${request.url}`, { method: 'POST', headers, body: await bodyOf(request) });
  };

  const answered = async (response: ServerResponse, from: Response): Promise<void> => {
    const text = await from.text();
    response.writeHead(from.status, { 'content-type': from.headers.get('content-type')! }).end(text);
  };

  it('is told as that: no answer is lost', async () => {
    let before: Promise<void> = Promise.resolve();
    const report = await judgedBehind(waiting(20), (gateway) => (request, response) => {
      before = before.then(async () => answered(response, await passedOn(gateway, request)));
    });
    expect(idsWith(report, 'fail')).toEqual(['gw.ops.parallel']);
    const [failure] = report.results.filter(({ verdict }) => verdict === 'fail');
    expect(failure?.findings.map(({ exchange }) => exchange)).toEqual(['parallel/json', 'parallel/stream']);
    expect(failure?.findings[0]?.message).toMatch(/^The gateway asks its upstream for one answer after the other/);
    expect(failure?.silent).toBe(false);
  });

  it('is not told of one that asks for two at a time', async () => {
    const lanes: Promise<void>[] = [Promise.resolve(), Promise.resolve()];
    let number = 0;
    const report = await judgedBehind(waiting(1_000), (gateway) => (request, response) => {
      number += 1;
      const lane = number % 2;
      lanes[lane] = lanes[lane]!.then(async () => answered(response, await passedOn(gateway, request)));
    });
    expect(idsWith(report, 'fail')).toEqual([]);
  });
});

/** Passes a request of the Messages API on to the upstream at this port. */
async function asMessages(port: number, request: IncomingMessage): Promise<{ status: number; text: string }> {
  const headers = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'x-api-key': 'sk-up-12345' };
  const body = await bodyOf(request);
  const answer = await fetch(`http://127.0.0.1:${port}${request.url}`, { method: 'POST', headers, body });
  return { status: answer.status, text: await answer.text() };
}

describe('a gateway that serves nothing any more after a rejected key, as a pool of one account', () => {
  const judgedPool = async (isOurs: boolean) => {
    const port = await freePort();
    let isOut = false;
    let starts = 1;
    const url = await program(async (request, response) => {
      const { status, text } = isOut ? { status: 503, text: '{}' } : await asMessages(port, request);
      isOut ||= status === 401;
      response.writeHead(status, {
        'content-type': status === 200 && text.startsWith('event') ? 'text/event-stream' : 'application/json',
      });
      response.end(text);
    });
    const { report } = await runGateway({
      url,
      model: 'm',
      apiKey: 'sk-of-client-12345',
      upstreamPort: port,
      speaks: 'messages',
      only: ['gw.errors.authentication.envelope', 'gw.errors.server'],
      recoverySeconds: 1,
      startAnew: async () => {
        starts += 1;
        isOut = false;
        return isOurs;
      },
    });
    return { report, starts };
  };

  it('is started anew, and what comes after is judged', async () => {
    const { report, starts } = await judgedPool(true);
    expect(starts).toBe(3);
    expect(report.run.interrupted).toBeNull();
    expect(report.notices.join()).toMatch(
      /did not serve again within 1 s, and was started anew, after error-authentication,/,
    );
    expect(report.results.find(({ id }) => id === 'gw.errors.server')?.verdict).not.toBe('skipped');
  });

  it('ends the run where it is not ours to start', async () => {
    const { report } = await judgedPool(false);
    expect(report.run.interrupted).toMatch(/did not serve again within 1 s after the case error-authentication/);
  });
});

describe('a transparent gateway that collects each stream', () => {
  it('may break off with its upstream before it has passed on anything', async () => {
    const port = await freePort();
    const url = await program(async (request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
      await asMessages(port, request).then(
        ({ text }) => response.end(text),
        () => response.destroy(),
      );
    });
    const { report } = await runGateway({
      url,
      model: 'm',
      apiKey: 'sk-of-client-12345',
      upstreamPort: port,
      speaks: 'messages',
      only: ['gw.errors.cut.never-normal', 'stream.order.message-start-first'],
      recoverySeconds: 0,
    });
    const broken = report.exchanges.filter(({ failure }) => failure?.kind === 'reset');
    expect(broken.map(({ id }) => id)).toContain('cut-reset/stream');
    expect(idsWith(report, 'pass')).toEqual(
      expect.arrayContaining(['gw.errors.cut.never-normal', 'stream.order.message-start-first']),
    );
  });
});

describe('a gateway that cannot be judged', () => {
  it('rejects the request itself', async () => {
    const url = await program((_request, response) => {
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end('{"type":"error","error":{"type":"authentication_error","message":"no key"}}');
    });
    const { report, exitCode } = await runGateway({ url, model: 'm', upstreamPort: await freePort() });
    expect(exitCode).toBe(3);
    expect(report.diagnosis).toMatchObject({ kind: 'upstream-not-called' });
    expect(report.diagnosis?.line).toMatch(/answered 401 itself, and its upstream got no request/);
    expect(report.diagnosis?.advice).toMatch(/key for its upstream set\?/);
    expect(report.summary.requests).toBe(1);
  });

  it('takes its key as a bearer token only: the run says so, and goes on with it', async () => {
    const port = await freePort();
    const url = await program(async (request, response) => {
      if (request.headers.authorization !== 'Bearer sk-of-client-12345') {
        response.writeHead(401, { 'content-type': 'application/json' });
        return void response.end(
          '{"type":"error","error":{"type":"authentication_error","message":"Invalid bearer token."}}',
        );
      }
      const { status, text } = await asMessages(port, request);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(text);
    });
    const { report } = await runGateway({
      url,
      model: 'm',
      apiKey: 'sk-of-client-12345',
      upstreamPort: port,
      speaks: 'messages',
      only: ['gw.request.text.string'],
      recoverySeconds: 0,
    });
    expect(report.diagnosis).toMatchObject({
      kind: 'other-credential',
      line: expect.stringMatching(
        /^The gateway takes the key as a bearer token .* only: in x-api-key it answered HTTP 401/,
      ),
    });
    expect(report.notices.join()).toContain('goes on with the key as a bearer token');
    expect(idsWith(report, 'pass')).toEqual(['gw.request.text.string']);
    expect(report.exchanges.map(({ id, replaced }) => [id, replaced !== undefined]).slice(0, 2)).toEqual([
      ['plain/json', true],
      ['plain/json#2', false],
    ]);
  });

  it('answers from elsewhere', async () => {
    const url = await program((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"usage":{}}');
    });
    const { report } = await runGateway({ url, model: 'm', upstreamPort: await freePort() });
    expect(report.diagnosis?.line).toMatch(/answered without calling its upstream/);
  });

  it('calls its upstream without a key', async () => {
    const port = await freePort();
    const url = await program((request, response) => {
      void bodyOf(request)
        .then((body) => fetch(`http://127.0.0.1:${port}/v1/chat/completions`, { method: 'POST', body }))
        .then(async (answer) => response.writeHead(answer.status).end(await answer.text()));
    });
    const { report, exitCode } = await runGateway({ url, model: 'm', upstreamPort: port });
    expect(exitCode).toBe(3);
    expect(report.diagnosis).toMatchObject({ kind: 'upstream-key' });
    expect(report.diagnosis?.line).toMatch(
      /calls its upstream without a key, which answers 401: HTTP 401 .*No API key/,
    );
    expect(report.diagnosis?.advice).toMatch(/"credentials": \["bearer"\]/);
    expect(report.summary.requests).toBe(1);
  });

  it('is not there', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const { report, exitCode } = await runGateway({ url, model: 'm', upstreamPort: await freePort() });
    expect(exitCode).toBe(3);
    expect(report.diagnosis).toMatchObject({ kind: 'unreachable' });
  });

  it.each([
    ['/v1/messages?beta=true', /speaks messages to its upstream \(POST \/v1\/messages\), not openai-chat/],
    ['/v1/responses', /speaks openai-responses to its upstream \(POST \/v1\/responses\), not openai-chat/],
    ['/engines/m/generate', /calls its upstream at POST \/engines\/m\/generate, which is the path of no known API/],
  ])('calls its upstream at %s', async (path, line) => {
    const port = await freePort();
    const url = await program((request, response) => {
      void bodyOf(request)
        .then((body) => fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body }))
        .then((answer) => response.writeHead(answer.status).end('{}'));
    });
    const { report, exitCode } = await runGateway({ url, model: 'm', upstreamPort: port });
    expect(exitCode).toBe(3);
    expect(report.diagnosis).toMatchObject({ kind: 'other-dialect' });
    expect(report.diagnosis?.line).toMatch(line);
  });
});

describe('a gateway at an address', () => {
  it('is judged like the embedded one', async () => {
    const port = await freePort();
    const gateway = await startGateway({
      upstream: `http://127.0.0.1:${port}`,
      speaks: 'openai-chat',
      apiKey: 'sk-client-of-test-1',
      upstreamKey: 'sk-upstream-of-test-1',
    });
    open.push({ close: () => void gateway.close() });
    const { report, exitCode } = await runGateway({
      url: gateway.url,
      apiKey: 'sk-client-of-test-1',
      model: 'm',
      upstreamPort: port,
      only: ['gw.request.text', 'gw.keys'],
    });
    expect(idsWith(report, 'fail', 'warn', 'error')).toEqual([]);
    expect(exitCode).toBe(0);
    expect(report.target).toMatchObject({ embedded: false, upstream: { url: `http://127.0.0.1:${port}` } });
  });
});

describe('a gateway at an address that is gone in the middle of a run', () => {
  const KEYS = { apiKey: 'sk-client-of-test-1', upstreamKey: 'sk-upstream-of-test-1' };

  /** One that is closed after a case; it comes back where `restart` says so. */
  const judgedWhileItEnds = async (after: string, returns: boolean) => {
    const port = await freePort();
    const [upstream, speaks] = [`http://127.0.0.1:${port}`, 'openai-chat'] as const;
    let gateway = await startGateway({ upstream, speaks, ...KEYS });
    const { url } = gateway;
    open.push({ close: () => void gateway.close() });
    let hasEnded = false;
    return (
      await runGateway({
        url,
        apiKey: KEYS.apiKey,
        model: 'm',
        upstreamPort: port,
        only: ['gw.request.text', 'gw.errors.invalid', 'gw.ops.stays-up'],
        recoverySeconds: 0,
        onExchange: ({ id }) => {
          if (id !== after) return;
          hasEnded = true;
          void gateway.close();
        },
        restart: async () => {
          if (!hasEnded || !returns) return null;
          gateway = await startGateway({ upstream, speaks, ...KEYS, port: Number(new URL(url).port) });
          return `exit status 1: no key ${KEYS.upstreamKey}`;
        },
      })
    ).report;
  };

  it('fails for that, and for nothing that was not sent', async () => {
    const report = await judgedWhileItEnds('plain/stream', false);
    expect(idsWith(report, 'fail', 'warn', 'error')).toEqual(['gw.ops.stays-up']);
    expect(report.run.interrupted).toMatch(
      /^the gateway takes no connection since plain\/stream, and did not come back/,
    );
    expect(report.results.find(({ id }) => id === 'gw.errors.invalid')?.reason).toBe('None of its requests was sent');
    expect(violations('report', JSON.parse(JSON.stringify(report)))).toEqual([]);
  });

  it('is started again, and everything after it is judged', async () => {
    const report = await judgedWhileItEnds('plain/stream', true);
    expect(idsWith(report, 'fail', 'warn', 'error')).toEqual(['gw.ops.stays-up']);
    expect(report.run.interrupted).toBeNull();
    expect(report.results.find(({ id }) => id === 'gw.errors.invalid')?.verdict).toBe('pass');
    expect(report.notices).toContain("The gateway's process ended once and was started again: after plain/stream.");
    const [failure] = report.results.filter(({ verdict }) => verdict === 'fail');
    expect(failure?.findings).toEqual([expect.objectContaining({ exchange: 'plain/stream' })]);
    expect(failure?.findings[0]?.actual).toMatch(/^exit status 1: no key \*+$/);
    expect(JSON.stringify(report)).not.toContain(KEYS.upstreamKey);
  });
});

describe('a contract for an upstream of its own kind', () => {
  const judgedWith = async (upstream: { key?: boolean; fields?: string[] }) => {
    const usual = await loadContract('default');
    return judgedGateway({
      contract: { ...usual, gateway: { upstream } },
      only: ['gw.request.valid', 'gw.request.arrives', 'gw.answer.text'],
      embedded: {
        alterations: {
          outgoing: (body) => ({ ...body, top_k: 40 }),
          outgoingHeaders: ({ authorization: _, ...headers }) => headers,
        },
      },
    });
  };

  it('lets requests in that have no key, and fields of its own', async () => {
    const report = await judgedWith({ key: false, fields: ['top_k'] });
    expect(idsWith(report, 'fail', 'error', 'inconclusive')).toEqual([]);
    expect(idsWith(report, 'pass')).toEqual(expect.arrayContaining(['gw.request.valid', 'gw.answer.text']));
    expect(report.contract.gateway?.upstream).toEqual({ key: false, fields: ['top_k'] });
    expect(violations('report', JSON.parse(JSON.stringify(report)))).toEqual([]);
  });

  it('lets nothing else in', async () => {
    const keyless = await judgedWith({ fields: ['top_k'] });
    expect(keyless.diagnosis).toMatchObject({ kind: 'upstream-key', advice: expect.stringContaining('"key": false') });
    const report = await judgedWith({ key: false, fields: ['top_p'] });
    expect(idsWith(report, 'fail')).toEqual(['gw.request.valid']);
  });
});
