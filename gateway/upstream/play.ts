/** Plays a script to one request of a gateway. */

import type { Script } from '../../core/upstream.js';
import type { Asked, Dialect, StreamStep } from '../dialects/dialect.js';
import type { Clock, Live } from './live.js';
import type { Wire } from './wire.js';

export interface Performance {
  dialect: Dialect;
  live: Live;
  asked: Asked;
  streams: boolean;
  clock: Clock;
}

const MESSAGE = 'The upstream of the suite failed on purpose.';

export async function play(wire: Wire, performance: Performance): Promise<void> {
  const { dialect, live, asked, streams } = performance;
  const { script } = live;
  const { fails } = script;
  const headers = { ...dialect.headers?.(asked.number), ...script.headers };
  if (fails !== undefined && 'connection' in fails) return breakOff(wire, fails.connection, streams);
  if (fails !== undefined && 'error' in fails && !('ending' in fails)) {
    const { status, headers: own, body } = dialect.error(fails.error, fails.message ?? MESSAGE, asked.number);
    const type = fails.html === undefined ? 'application/json' : 'text/html; charset=utf-8';
    wire.begin(status, { 'content-type': type, ...own, ...headers, ...fails.headers });
    await wire.write(fails.html ?? JSON.stringify(body));
    return wire.end();
  }
  if (fails !== undefined && 'body' in fails) {
    wire.begin(200, { 'content-type': fails.contentType, ...headers });
    await wire.write(fails.body);
    return wire.end();
  }
  return streams ? playStream(wire, performance, headers) : playBody(wire, performance, headers);
}

async function breakOff(wire: Wire, how: string, streams: boolean): Promise<void> {
  if (how === 'reset-before-headers') return wire.reset();
  if (how === 'reset-in-headers') return wire.resetInHead();
  wire.begin(200, { 'content-type': streams ? 'text/event-stream' : 'application/json' });
  wire.flush();
  await beforeCut();
  return wire.reset();
}

async function playBody(
  wire: Wire,
  performance: Performance,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const { dialect, live, asked, clock } = performance;
  const { script } = live;
  for (const step of script.answer) {
    if ('pauseMs' in step) await clock.sleep(step.pauseMs);
    else if ('until' in step) await waitFor({ ...step, content: 0 }, wire, performance);
    if (wire.isLeft) return;
  }
  const text = JSON.stringify(dialect.answer(script, asked));
  const { fails } = script;
  wire.begin(200, { 'content-type': 'application/json', ...headers });
  if (fails === undefined || !('ending' in fails) || fails.ending === 'failed') {
    await wire.write(text);
    return script.closesConnection ? wire.cut() : wire.end();
  }
  await wire.write(text.slice(0, Math.floor(text.length / 2)));
  if (fails.ending === 'silence') {
    await wire.wait('hang-up', wire.left, SILENCE_MS);
    return wire.isLeft ? undefined : wire.end();
  }
  if (fails.ending === 'closed' || fails.ending === 'invalid-json') return wire.end();
  await beforeCut();
  return fails.ending === 'reset' ? wire.reset() : wire.cut();
}

async function playStream(
  wire: Wire,
  performance: Performance,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const { dialect, live, asked, clock } = performance;
  const { script } = live;
  wire.begin(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', ...headers });
  wire.flush();
  const { writes = 'event' } = script.layout ?? {};
  let held = '';
  const send = async (text: string): Promise<void> => {
    if (typeof writes === 'number') await wire.writeIn(writes, text);
    else await wire.write(text);
  };
  let events = 0;
  for (const step of dialect.stream(script, asked)) {
    if (wire.isLeft) return;
    if ('data' in step) events += 1;
    const text = textOf(step, script);
    if (text === null) {
      if (held !== '') await send(held);
      held = '';
      if ('pauseMs' in step) await clock.sleep(step.pauseMs);
      else if ('until' in step) await waitFor(step, wire, performance);
    } else if (writes === 'all') held += text;
    else await send(text);
  }
  if (held !== '') await send(held);
  await endStream(wire, performance, events);
}

/** `events`: number of events so far. */
async function endStream(wire: Wire, { dialect, live }: Performance, events: number): Promise<void> {
  const { script } = live;
  const { fails } = script;
  if (fails === undefined || !('ending' in fails)) return script.closesConnection ? wire.cut() : wire.end();
  switch (fails.ending) {
    case 'closed':
    case 'failed':
      return wire.end();
    case 'error':
      await wire.write(textOf(dialect.streamError(fails.error, fails.message ?? MESSAGE, events), script) ?? '');
      return wire.end();
    case 'invalid-json':
      await wire.write(textOf(dialect.half, script) ?? '');
      return wire.end();
    case 'half-event':
      await wire.write((textOf(dialect.half, script) ?? '').trimEnd());
      await beforeCut();
      return wire.cut();
    case 'reset':
      await beforeCut();
      return wire.reset();
    case 'silence':
      await wire.wait('hang-up', wire.left, SILENCE_MS);
      return wire.isLeft ? undefined : wire.end();
  }
}

/** What was written is to be read before the connection breaks off, which would throw it away. */
const beforeCut = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

/** No gateway is waited for longer. */
const SILENCE_MS = 5_000;

async function waitFor(
  { until, atMostMs, content }: Extract<StreamStep, { until: unknown }>,
  wire: Wire,
  { live }: Performance,
): Promise<void> {
  if (until === 'hang-up') return wire.wait(until, wire.left, atMostMs);
  if (until === 'all-here') {
    await wire.wait(until, live.gathering?.all ?? Promise.resolve(), atMostMs);
    return live.gathering?.release();
  }
  // A client that does not stream sees nothing before the end.
  if (live.transport === 'stream') await wire.wait(until, live.watcher.seen(content), atMostMs);
}

/** The text of an event; `null` for a step that writes nothing. */
function textOf(step: StreamStep, { layout = {} }: Script): string | null {
  if ('raw' in step) return step.raw;
  if (!('data' in step) && !('comment' in step)) return null;
  const space = layout.tight ? '' : ' ';
  const lines =
    'comment' in step
      ? [`:${space}${step.comment}`]
      : [
          ...(layout.sseFields ? [`id:${space}7`, `retry:${space}3000`] : []),
          ...(step.event === null ? [] : [`event:${space}${step.event}`]),
          `data:${space}${step.data}`,
        ];
  const end = layout.lineEnds === 'CRLF' ? '\r\n' : '\n';
  return `${lines.join(end)}${end}${end}`;
}
