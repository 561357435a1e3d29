import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../core/json.js';
import { CATALOGUE } from '../../suites/index.js';
import { events, exchange, judgeOf, message, toolUse } from '../support/exchange.js';

const judge = judgeOf({ requirements: CATALOGUE });

/** A stream of a reply that ends so, with the tokens that message_delta tells, if any. */
const stream = (fixture: string, parts: JsonObject, told: JsonObject | undefined) =>
  exchange({
    fixture,
    transport: 'stream',
    events: events(message(parts)).map((event) => (event.type === 'message_delta' ? { ...event, usage: told } : event)),
  });

describe('the end of a stream that cannot be read', () => {
  const frames = (list: readonly JsonObject[]) =>
    list.map((event) => {
      const data = JSON.stringify(event);
      return `event: ${event.type}\ndata: ${event.type === 'message_delta' ? data.slice(0, 20) : data}\n\n`;
    });
  const unread = exchange({
    fixture: 'minimal',
    transport: 'stream',
    raw: frames(events(message())).join(''),
    headers: { 'content-type': 'text/event-stream' },
  });

  it.each(['resp.stop-reason.enum', 'stop.end-turn', 'usage.output.positive'])('says nothing about %s', (id) => {
    expect(judge(id, [unread]).outcome).not.toBe('violated');
  });

  it('is what stream.frame.json judges', () => {
    expect(judge('stream.frame.json', [unread]).outcome).toBe('violated');
  });
});

describe('output tokens of a stream', () => {
  const truncated = { stop_reason: 'max_tokens' };

  it('are those of message_delta, not those with which it began', () => {
    const of = (told: JsonObject | undefined) => [stream('counting-five-tokens', truncated, told)];
    expect(judge('usage.truncated.equals-limit', of({ output_tokens: 5 })).outcome).toBe('satisfied');
    expect(judge('usage.truncated.equals-limit', of({ output_tokens: 2 })).outcome).toBe('violated');
    expect(judge('usage.truncated.equals-limit', of(undefined)).outcome).toBe('not-observed');
  });

  it('show that a call was truncated, whatever the stop reason says', () => {
    const list = events(message({ content: [toolUse()], stop_reason: 'end_turn' }));
    const last = list.findLastIndex(({ type }) => type === 'content_block_delta');
    const of = (tokens: number) =>
      exchange({
        fixture: 'call-cut',
        transport: 'stream',
        request: { body: { model: 'm', max_tokens: 20, messages: [], tools: [] } },
        events: list
          .filter((_, index) => index !== last)
          .map((event) => (event.type === 'message_delta' ? { ...event, usage: { output_tokens: tokens } } : event)),
      });
    expect(judge('stream.tool.concat-json', [of(20)]).outcome).not.toBe('violated');
    expect(judge('stream.tool.concat-json', [of(9)]).outcome).toBe('violated');
  });
});
