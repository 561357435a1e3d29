/** One cause of a gateway is one cause in its report, however many requirements it fails. */

import { describe, expect, it } from 'vitest';
import { get, type Json } from '../../core/json.js';
import { judgedGateway } from './support.js';

/** Causes with the ids that they explain, and the ids of other failures and warnings. */
async function causesOf(faults: readonly string[], only: readonly string[]) {
  const { causes, results } = await judgedGateway({ only: [...only], embedded: { faults } });
  const explained = new Set(causes.flatMap(({ requirements }) => requirements));
  const open = results.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn').map(({ id }) => id);
  return {
    causes: causes.map(({ title, requirements }) => [title, [...requirements].sort()] as const),
    others: open.filter((id) => !explained.has(id)),
  };
}

const LATER_COUNTS = ['gw.usage.cached', 'gw.usage.cached.once', 'gw.usage.large', 'gw.usage.reasoning'];

describe('causes of a gateway', () => {
  it.each<[string, string[], string[], string, string[]]>([
    [
      'streams without usage',
      ['gw-usage-not-asked'],
      ['gw.usage'],
      'Streams do not report the tokens that the upstream counted.',
      [...LATER_COUNTS, 'gw.usage.stream'],
    ],
    [
      'estimates in replies',
      ['gw-usage-estimated'],
      ['gw.usage'],
      'Replies without `stream` do not report the tokens that the upstream counted.',
      [...LATER_COUNTS, 'gw.usage.json'],
    ],
    [
      'both of them',
      ['gw-usage-not-asked', 'gw-usage-estimated'],
      ['gw.usage'],
      'Replies do not report the tokens that the upstream counted.',
      [...LATER_COUNTS, 'gw.usage.json', 'gw.usage.stream'],
    ],
    [
      'failures that end normally',
      ['gw-cut-as-end'],
      ['gw.errors.cut', 'gw.errors.body-foreign'],
      'A failure of the upstream reaches the client as a complete answer: 10 of 10 failures.',
      ['gw.errors.body-foreign', 'gw.errors.cut.first', 'gw.errors.cut.never-normal', 'gw.errors.cut.type'],
    ],
    [
      'failures without an error',
      ['gw-cut-silently'],
      ['gw.errors.cut'],
      'A failure of the upstream ends the stream of the client without an `error` event: 8 of 8 failures.',
      ['gw.errors.cut.event', 'gw.errors.cut.first', 'gw.errors.cut.type'],
    ],
    [
      'an end after an error',
      ['gw-cut-error-then-end'],
      ['gw.errors.cut', 'stream.order.nothing-after-error'],
      'An `error` event is followed by a normal end: 8 of 8 streams with an error.',
      ['gw.errors.cut.last', 'stream.order.nothing-after-error'],
    ],
    [
      'a request that its upstream rejects',
      ['gw-choice-any-passed'],
      ['gw.request.choice', 'gw.request.valid'],
      'The API of the upstream rejects 2 of 14 translated requests: /tool_choice: expected one of "auto", "none", "required", got the string "any".',
      ['gw.request.choice.any', 'gw.request.valid'],
    ],
    [
      'requests that are sent twice',
      ['gw-asks-twice'],
      ['gw.request.once', 'gw.ops.no-retry-after-bytes'],
      'The gateway sends the same request to its upstream again, even after a complete answer.',
      ['gw.ops.no-retry-after-bytes', 'gw.request.once'],
    ],
    [
      'the same complaint of several requirements',
      ['gw-string-content-lost'],
      ['gw.request.text.string', 'gw.request.text.unicode', 'gw.request.turns.order'],
      '3 requirements fail alike: A text of turn 1 (user) is lost or changed.',
      ['gw.request.text.string', 'gw.request.text.unicode', 'gw.request.turns.order'],
    ],
  ])('are said once: %s', async (_, faults, only, title, requirements) => {
    expect(await causesOf(faults, only)).toEqual({ causes: [[title, [...requirements].sort()]], others: [] });
  });

  it.each([
    ['a count that is wrong only in its own case', ['gw-cached-counted-twice'], ['gw.usage'], ['gw.usage.cached.once']],
    ['a rejected request that nothing else is about', ['gw-unknown-field'], ['gw.request.valid'], ['gw.request.valid']],
  ])('are not made up: %s', async (_, faults, only, others) => {
    expect(await causesOf(faults, only)).toEqual({ causes: [], others });
  });

  it('leave a fault of its own beside them', async () => {
    const { causes, others } = await causesOf(['gw-usage-not-asked', 'gw-filter-as-end'], ['gw.usage', 'gw.stop']);
    expect(causes).toHaveLength(1);
    expect(others).toEqual(['gw.stop.filter']);
  });
});

describe('a failure that the upstream never came to', () => {
  it('is not judged: it rejected the request before', async () => {
    const { results } = await judgedGateway({
      only: ['gw.errors.message'],
      embedded: {
        alterations: {
          outgoing: (body) => (JSON.stringify(body).includes('[case plain/') ? body : { ...body, top_k: 40 }),
        },
      },
    });
    expect(results[0]).toMatchObject({
      verdict: 'skipped',
      reason: expect.stringContaining('The upstream rejected its requests, see gw.request.valid'),
    });
  });
});

it('an index that is a text is the cause of what is lost in such streams', async () => {
  const { causes, results } = await judgedGateway({
    only: ['gw.answer.call', 'gw.stream.call', 'stream.order.index-consecutive'],
    embedded: {
      alterations: {
        events: async function* (events) {
          for await (const event of events)
            yield event.type === 'content_block_delta' ? { ...event, index: String(event.index) } : event;
        },
      },
    },
  });
  expect(results.filter(({ verdict }) => verdict === 'fail').length).toBeGreaterThan(5);
  expect(causes.map(({ title }) => title)).toEqual([
    expect.stringMatching(/streams violate one rule\. `index` of a block is not an integer/),
  ]);
});

it('streams that end in a wrong way after an error are no effect of an index that is wrong elsewhere', async () => {
  const orders = ['index-consecutive', 'nothing-after-error', 'message-delta-present'].map(
    (id) => `stream.order.${id}`,
  );
  const { causes, results } = await judgedGateway({
    only: orders,
    with: ['answer-call', 'answer-call-long', 'answer-call-types', 'cut-error'],
    embedded: {
      alterations: {
        events: async function* (events) {
          let shift = 0;
          for await (const event of events) {
            if (event.type === 'content_block_start' && get(event.content_block, 'type') === 'tool_use') shift = 1;
            yield typeof event.index === 'number' ? { ...event, index: event.index + shift } : event;
            if (event.type !== 'error') continue;
            yield { type: 'message_delta', delta: { stop_reason: null }, usage: { output_tokens: 1 } };
            yield { type: 'message_stop' };
          }
        },
      },
    },
  });
  expect(results.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id)).toEqual(
    expect.arrayContaining(orders),
  );
  expect(causes.filter(({ kind }) => kind === 'stream-grammar')).toEqual([]);
});

it('a text that is added to all requests is one cause', async () => {
  const added = { type: 'text', text: 'Call the tool Bash with a command.' };
  const { causes } = await judgedGateway({
    only: ['gw.request.nothing-invented', 'gw.request.system'],
    embedded: {
      alterations: {
        incoming: (body) => {
          const { system = [] } = body;
          const blocks = typeof system === 'string' ? [{ type: 'text', text: system }] : (system as Json[]);
          return { ...body, system: [...blocks, added] };
        },
      },
    },
  });
  expect(causes).toMatchObject([{ title: `The gateway adds a text of its own to requests: "${added.text}".` }]);
  expect(causes[0]!.requirements).toEqual(
    expect.arrayContaining(['gw.request.nothing-invented', 'gw.request.system.string', 'gw.request.system.array']),
  );
});

it('replies without a stop reason are one cause, where streams have one', async () => {
  const { causes } = await judgedGateway({
    only: ['gw.stop.end', 'gw.stop.unknown', 'gw.answer.extras', 'resp.stop-reason.enum'],
    embedded: { alterations: { message: ({ stop_reason, ...message }) => message } },
  });
  expect(causes).toMatchObject([
    {
      title: expect.stringMatching(
        /^No reply without `stream` has a documented `stop_reason`: missing in (\d+) of \1 /,
      ),
    },
  ]);
  expect(causes[0]!.requirements).toHaveLength(4);
});

it('a rejection says how many requests have the reason that it shows', async () => {
  const { causes, results } = await judgedGateway({
    only: ['gw.request.valid', 'gw.request.tools', 'gw.request.choice'],
    embedded: {
      alterations: {
        outgoing: (body) =>
          JSON.stringify(body).includes('[case choice-single/')
            ? { ...body, top_k: 1 }
            : JSON.stringify(body).includes('[case tools-two/json')
              ? { ...body, stop: ['a', 'b', 'c', 'd', 'e'] }
              : { ...body, ...(body.tools !== undefined && { tools: [{ name: 'get_weather', input_schema: {} }] }) },
      },
    },
  });
  expect(causes[0]!.title).toMatch(
    /^The API of the upstream rejects \d+ of \d+ translated requests, \d+ of them for one reason: \/tools\/0\/type: /,
  );
  // The example shows that one, too, and not the first request that was rejected.
  expect(results.find(({ id }) => id === 'gw.request.valid')!.findings[0]!.actual).toMatch(/^\/tools\/0\/type: /);
});
