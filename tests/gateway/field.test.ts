/** What runs against real gateways showed about the suite: docs/field-notes.md. */

import { describe, expect, it } from 'vitest';
import { get, isObject, type Json, type JsonObject } from '../../core/json.js';
import { each, pieces } from '../../reference/gateway/faults/alter.js';
import { violations } from '../../validation/index.js';
import { idsWith, judgedGateway } from './support.js';

it('a server tool that becomes a function is judged once, and said as it is', async () => {
  const incoming = (body: JsonObject): JsonObject => ({
    ...body,
    tools: [body.tools ?? []]
      .flat()
      .map((tool) =>
        get(tool, 'type') === undefined ? tool : { name: 'web_search', input_schema: { type: 'object' } },
      ),
  });
  const report = await judgedGateway({
    only: ['gw.request.tools.server', 'gw.request.nothing-invented'],
    embedded: {
      alterations: { incoming: (body) => (Array.isArray(body.tools) ? incoming(body) : body) },
    },
  });
  expect(idsWith(report, 'fail')).toEqual(['gw.request.tools.server']);
  expect(report.results.find(({ verdict }) => verdict === 'fail')?.findings[0]).toMatchObject({
    message: expect.stringContaining('web_search_20250305 becomes a function that the client has to run, and cannot.'),
    actual: 'the function web_search',
  });
});

it('a web search that arrives as web_search_options of OpenAI is carried over', async () => {
  const report = await judgedGateway({
    only: ['gw.request.tools.server', 'gw.request.nothing-invented', 'gw.request.valid'],
    embedded: {
      alterations: {
        incoming: ({ tools: _, ...body }) => body,
        outgoing: (body) => ({ ...body, web_search_options: {} }),
      },
    },
  });
  expect(idsWith(report, 'fail')).toEqual([]);
  expect(idsWith(report, 'pass')).toContain('gw.request.tools.server');
});

it('an invalid part of a list is named, not the list that could have been a text', async () => {
  const withExtra = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(withExtra);
    if (!isObject(value)) return value;
    const members = Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withExtra(member!)]));
    return 'image_url' in value ? { ...members, media_type: 'image/png' } : members;
  };
  const report = await judgedGateway({
    only: ['gw.request.valid'],
    with: ['picture'],
    embedded: { alterations: { outgoing: (body) => withExtra(body) as JsonObject } },
  });
  const [result] = report.results.filter(({ verdict }) => verdict === 'fail');
  expect(result?.findings[0]?.actual).toBe(
    '/messages/0/content/1/media_type: expected no field of this name, got the string "image/png".',
  );
});

it('errors in the envelope of another API are one cause, with what gateways are asked about failures', async () => {
  const report = await judgedGateway({
    only: ['gw.errors.*', 'err.envelope.*'],
    embedded: {
      alterations: {
        error: (answer) => ({ ...answer, body: { error: get(answer.body, 'error')! } }),
      },
    },
  });
  const cause = report.causes?.find(({ kind }) => kind === 'error-envelope');
  const told = report.results.filter(
    ({ verdict, findings }) =>
      verdict === 'fail' && findings.every(({ message }) => message.includes('does not arrive in the error envelope')),
  );
  expect(told.length).toBeGreaterThan(10);
  expect(cause?.requirements).toEqual(expect.arrayContaining(told.map(({ id }) => id)));
});

it('a stream that breaks off lacks its error event, but no client takes it for complete', async () => {
  const report = await judgedGateway({
    only: ['gw.errors.cut.event'],
    embedded: {
      alterations: {
        events: async function* (events) {
          for await (const event of events) {
            if (event.type === 'error') throw new Error('the connection is cut');
            yield event;
          }
        },
      },
    },
  });
  const [result] = report.results.filter(({ verdict }) => verdict === 'fail');
  expect(result).toMatchObject({ id: 'gw.errors.cut.event', silent: false });
});

it('thinking that is rejected by the name that OpenAI has for it is rejected by name', async () => {
  const report = await judgedGateway({
    speaks: 'openai-responses',
    only: ['gw.request.thinking'],
    embedded: {
      alterations: {
        instead: ({ request, requestId }) =>
          request.thinking === undefined
            ? null
            : {
                status: 400,
                headers: {},
                body: {
                  type: 'error',
                  error: { type: 'invalid_request_error', message: 'the model does not support reasoning.effort' },
                  request_id: requestId,
                },
              },
      },
    },
  });
  expect(idsWith(report, 'pass')).toContain('gw.request.thinking');
});

it('a response that has failed without a stream is no failure in mid-stream', async () => {
  const report = await judgedGateway({
    speaks: 'openai-responses',
    only: ['gw.errors.failed', 'gw.errors.cut'],
    embedded: { alterations: { error: (answer) => ({ ...answer, status: 200, body: { id: 'resp_1' } }) } },
  });
  expect(idsWith(report, 'fail')).toEqual(['gw.errors.failed']);
});

describe('texts around a picture that are joined are no added text', () => {
  const textOf = (content: readonly Json[]): string => content.map((part) => get(part, 'text') ?? '').join('');
  const pictures = (content: readonly Json[]): Json[] => content.filter((part) => get(part, 'text') === undefined);

  it.each([
    ['is lost', textOf, 'text'],
    ['follows them', (all: Json[]) => [{ type: 'text', text: textOf(all) }, ...pictures(all)], 'text, picture'],
    ['comes first', (all: Json[]) => [...pictures(all), { type: 'text', text: textOf(all) }], 'picture, text'],
  ] as const)('the picture %s', async (_, join, actual) => {
    const joined = (body: JsonObject): JsonObject => ({
      ...body,
      messages: [body.messages ?? []].flat().map((message) => {
        const content = get(message, 'content');
        return { ...(message as JsonObject), content: Array.isArray(content) ? join(content) : content! };
      }),
    });
    const report = await judgedGateway({
      only: ['gw.request.picture'],
      embedded: { alterations: { outgoing: joined } },
    });
    const [result] = report.results.filter(({ id }) => id === 'gw.request.picture');
    expect(result?.findings[0]).toMatchObject({
      message: 'A part of turn 1 (user) is lost, or parts arrive in another order.',
      expected: 'text, picture, text',
      actual,
    });
  });
});

describe('reasoning that is turned on in the way of another server is not lost', () => {
  const judgedWith = (fields: JsonObject) =>
    judgedGateway({
      only: ['gw.request.thinking'],
      embedded: {
        alterations: { outgoing: ({ reasoning_effort: _, ...body }) => ({ ...body, ...fields }) },
      },
    });

  it.each([
    [{ reasoning: { effort: 'medium', enabled: true } }],
    [{ reasoning: { max_tokens: 2048 } }],
    [{ thinking: { type: 'enabled' } }],
    [{ enable_thinking: true }],
    [{ chat_template_kwargs: { thinking: true } }],
  ])('%j', async (fields) => {
    expect(idsWith(await judgedWith(fields), 'pass')).toContain('gw.request.thinking');
  });

  it.each([
    [{ reasoning: { effort: 'medium', enabled: false } }, 'turned off'],
    [{ thinking: { type: 'disabled' } }, 'turned off'],
    [{ enable_thinking: false }, 'turned off'],
    [{ reasoning: {} }, 'not said'],
  ])('%j is no such way', async (fields, actual) => {
    const { results } = await judgedWith(fields);
    const [result] = results.filter(({ id }) => id === 'gw.request.thinking');
    expect(result?.findings[0]).toMatchObject({ message: expect.stringContaining('is lost'), actual });
  });
});

describe('the reason of an error in a foreign envelope is what clients show of it: the whole body', () => {
  const judgedWith = (body: Json) =>
    judgedGateway({
      only: ['gw.request.tools.server', 'gw.errors.message'],
      embedded: {
        alterations: {
          instead: ({ request }) =>
            [request.tools ?? []].flat().some((tool) => get(tool, 'type') !== undefined)
              ? { status: 422, headers: {}, body }
              : null,
          error: (answer, { message }) => ({ ...answer, body: { detail: `Upstream: ${message}` } }),
        },
      },
    });

  it('names what cannot be carried over', async () => {
    const report = await judgedWith({
      detail: [{ loc: ['body', 'tools', 0], input: { type: 'web_search_20250305' } }],
    });
    expect(idsWith(report, 'pass')).toEqual(expect.arrayContaining(['gw.request.tools.server', 'gw.errors.message']));
  });

  it('or does not', async () => {
    const report = await judgedWith({ detail: 'Unprocessable' });
    expect(idsWith(report, 'fail')).toEqual(['gw.request.tools.server']);
  });
});

describe('a gateway whose process ends', () => {
  it('is told as that, and the cases after it are judged', async () => {
    const report = await judgedGateway({
      only: ['gw.ops', 'gw.request.text.string', 'gw.errors.next-request'],
      recoverySeconds: 20,
      embedded: { faults: ['gw-ends-on-hang-up'] },
    });
    expect(idsWith(report, 'fail', 'warn', 'error', 'inconclusive')).toEqual(['gw.ops.stays-up']);
    const [failure] = report.results.filter(({ verdict }) => verdict === 'fail');
    expect(failure?.findings.map(({ exchange }) => exchange).every((id) => id?.startsWith('hang-up'))).toBe(true);
    expect(failure?.findings[0]).toMatchObject({
      message: expect.stringContaining('is gone after this case'),
      actual: 'the connection was refused (ECONNREFUSED)',
    });
    expect(idsWith(report, 'pass')).toEqual(
      expect.arrayContaining(['gw.ops.hang-up', 'gw.ops.parallel', 'gw.errors.next-request']),
    );
  });
});

it('a system message in a reminder, and thinking in a text, are named as what they are', async () => {
  const move = (body: JsonObject): JsonObject => {
    const messages = (body.messages as JsonObject[]).flatMap((message): JsonObject[] => {
      if (message.role === 'system')
        return [{ role: 'user', content: `<system-reminder>${String(message.content)}</system-reminder>` }];
      const { content } = message;
      if (!Array.isArray(content)) return [message];
      const parts = content.map((part) =>
        get(part, 'type') === 'thinking' ? { type: 'text', text: get(part, 'thinking')! } : part,
      );
      return [{ ...message, content: parts }];
    });
    const joined: JsonObject[] = [];
    for (const message of messages) {
      const last = joined.at(-1);
      if (last?.role === message.role) last!.content = [last!.content, message.content].flat().map(asText);
      else joined.push({ ...message });
    }
    return { ...body, messages: joined };
  };
  const asText = (part: Json | undefined): Json => (typeof part === 'string' ? { type: 'text', text: part } : part!);
  const report = await judgedGateway({
    only: ['gw.request.system.later', 'gw.request.thinking.history'],
    embedded: { alterations: { incoming: move } },
  });
  const messages = report.results.map(({ id, findings }) => [id, findings[0]?.message]);
  expect(Object.fromEntries(messages)).toEqual({
    'gw.request.system.later': 'A system message arrives as a text of turn 3 (user).',
    'gw.request.thinking.history': 'Earlier thinking arrives as a text of turn 2 (assistant).',
  });
});

it('tools and a system prompt that come from another request are told as a leak', async () => {
  const kept: JsonObject = {};
  const incoming = (body: JsonObject): JsonObject => {
    for (const name of ['tools', 'system']) if (body[name] !== undefined) kept[name] ??= body[name];
    return { ...kept, ...body };
  };
  const judgedWith = async (only: string[]) =>
    (
      await judgedGateway({ only: ['gw.request.nothing-invented', ...only], embedded: { alterations: { incoming } } })
    ).results
      .flatMap(({ id, findings }) => (id === 'gw.request.nothing-invented' ? findings : []))
      .map(({ message }) => message);
  expect(await judgedWith(['gw.request.tools.schema', 'gw.errors.invalid'])).toContain(
    'Tools of another request are added; what one client sends reaches the answers of others.',
  );
  delete kept.tools;
  expect(await judgedWith(['gw.request.system.string', 'gw.errors.invalid'])).toContain(
    'The system prompt of another request arrives as a text of a request without a system prompt.',
  );
});

it('a picture whose data is a word is shown', async () => {
  const report = await judgedGateway({
    only: ['gw.request.picture.url'],
    embedded: {
      alterations: {
        outgoing: (body) =>
          JSON.parse(JSON.stringify(body).replaceAll('https://example.com/a.png', 'data:undefined;base64,undefined')),
      },
    },
  });
  expect(report.results.find(({ id }) => id === 'gw.request.picture.url')?.findings[0]?.actual).toBe(
    '"undefined" as base64',
  );
});

it('a gateway whose requests the upstream rejects is at work: it is not waited for', async () => {
  const report = await judgedGateway({
    only: ['gw.errors.invalid', 'gw.request.valid'],
    recoverySeconds: 60,
    embedded: {
      alterations: {
        outgoing: (body) => (JSON.stringify(body).includes('[case plain/') ? body : { ...body, top_k: 40 }),
      },
    },
  });
  expect(report.exchanges.filter(({ replaced }) => replaced !== undefined)).toEqual([]);
  expect(report.run.interrupted).toBeNull();
  expect(idsWith(report, 'fail')).toEqual(['gw.request.valid']);
});

it('tools in a form that the upstream does not take are no choice of none', async () => {
  const report = await judgedGateway({
    only: ['gw.request.choice.none'],
    embedded: {
      alterations: {
        outgoing: ({ tools, tool_choice, ...body }) =>
          tools === undefined ? body : { ...body, tools: [{ name: 'get_weather', input_schema: {} }] },
      },
    },
  });
  expect(idsWith(report, 'fail')).toEqual(['gw.request.choice.none']);
});

it('a count and a model that are missing are told as that', async () => {
  const without = ({ usage, model, ...message }: JsonObject): JsonObject => message;
  const report = await judgedGateway({
    only: ['gw.usage.json', 'gw.usage.absent', 'gw.answer.model'],
    embedded: { alterations: { message: without } },
  });
  const shown = report.results
    .filter(({ findings }) => findings.length > 0)
    .map(({ id, findings: [first] }) => [id, first!.message, first!.actual]);
  expect(shown).toEqual([
    ['gw.answer.model', 'The reply does not name the model.', 'no model'],
    ['gw.usage.json', 'The input tokens are not reported; costs and limits are wrong.', 'no count'],
    ['gw.usage.absent', 'The reply does not count its tokens in whole numbers.', 'no count, no count'],
  ]);
});

it.each([
  [500, 'fail', ['The gateway fails on a valid request, and does not ask its upstream.']],
  // As from a gateway that has put its upstream on hold.
  [503, 'skipped', []],
] as const)('HTTP %s of its own for a valid request', async (status, verdict, messages) => {
  const report = await judgedGateway({
    only: ['gw.request.results.empty', 'gw.request.results.blocks'],
    embedded: {
      alterations: {
        instead: ({ request }) =>
          JSON.stringify(request).includes('[case tool-result-empty/') ? { status, headers: {}, body: null } : null,
      },
    },
  });
  const found = report.results.find(({ id }) => id === 'gw.request.results.empty')!;
  expect(found).toMatchObject({ verdict, silent: false });
  expect([...new Set(found.findings.map(({ message }) => message))]).toEqual(messages);
  expect(idsWith(report, 'pass')).toContain('gw.request.results.blocks');
});

it('a field of null that a transparent gateway leaves out is not lost, one with a value is', async () => {
  const judgedWithout = (isLeftOut: (value: Json | undefined) => boolean) =>
    judgedGateway({
      speaks: 'messages',
      only: ['gw.pass.answer', 'gw.pass.answer.stop'],
      embedded: {
        alterations: {
          message: (message) =>
            Object.fromEntries(
              Object.entries(message).filter(([key, value]) => key !== 'stop_sequence' || !isLeftOut(value)),
            ),
        },
      },
    });
  expect(idsWith(await judgedWithout((value) => value === null), 'fail')).toEqual([]);
  expect(idsWith(await judgedWithout((value) => value !== null), 'fail')).toContain('gw.pass.answer.stop');
});

it('a gateway that has never served a stream is not waited for after a failed one', async () => {
  const report = await judgedGateway({
    only: ['gw.errors.invalid', 'gw.errors.server', 'gw.answer.text'],
    recoverySeconds: 60,
    embedded: {
      alterations: {
        instead: ({ streams }) =>
          streams ? { status: 500, headers: { 'content-type': 'text/plain' }, body: 'Internal Server Error' } : null,
      },
    },
  });
  expect(report.exchanges.filter(({ replaced }) => replaced !== undefined)).toEqual([]);
  expect(report.run.interrupted).toBeNull();
  expect(report.exchanges.some(({ id }) => id === 'error-server/json.2')).toBe(true);
});

describe('a gateway of which the upstream rejects every request', () => {
  const judgedWith = (outgoing: (body: JsonObject) => JsonObject) =>
    judgedGateway({
      only: ['gw.request.valid', 'gw.request.choice', 'gw.answer.text', 'gw.errors.invalid'],
      embedded: { alterations: { outgoing } },
    });

  it('fails for that, and everything else is judged', async () => {
    const report = await judgedWith((body) => ({ ...body, max_completion_tokens: 5 }));
    expect(idsWith(report, 'fail', 'warn', 'skipped')).toEqual(['gw.request.valid']);
    const [failure] = report.results.filter(({ verdict }) => verdict === 'fail');
    const why = 'max_tokens and max_completion_tokens at the same time are not supported.';
    expect(failure?.findings[0]).toMatchObject({ exchange: 'plain/json', actual: why });
    expect(report.notices[0]).toBe(
      `The API of the upstream rejects every request of this gateway, the plainest too: ${why} So that the rest could be judged, the suite's upstream let that pass.`,
    );
    expect(report.exchanges.find(({ id }) => id === 'plain/json')?.upstream?.[0]).toMatchObject({
      refused: [],
      overlooked: [why],
    });
    expect(violations('report', JSON.parse(JSON.stringify(report)))).toEqual([]);
  });

  it('is told how to say that its upstream takes a field, and is rejected for everything else', async () => {
    const report = await judgedWith((body) => ({
      ...body,
      top_k: 40,
      ...(body.tool_choice === 'required' && { tool_choice: 'any' }),
    }));
    expect(report.notices[0]).toContain('gateway.upstream.fields of a contract');
    const any = report.exchanges.find(({ id }) => id === 'choice-any/json');
    expect(any?.upstream?.[0]?.refused).toContainEqual(expect.stringContaining('/tool_choice: expected one of'));
    expect(any?.response?.status).toBe(400);
    expect(idsWith(report, 'fail')).toEqual(['gw.request.valid', 'gw.request.choice.any']);
  });
});

it('a refusal that arrives with other words around its pieces is changed, not empty', async () => {
  const report = await judgedGateway({
    only: ['gw.answer.refusal'],
    embedded: {
      alterations: pieces((delta) => {
        if (delta.kind === 'finish') return [{ ...delta, reason: 'end_turn' }];
        return delta.kind === 'text' ? [{ ...delta, text: `[Refusal: ${delta.text.slice(0, 8)}]` }] : [delta];
      }),
    },
  });
  const messages = report.results.flatMap(({ findings }) => findings.map(({ message }) => message));
  expect(new Set(messages)).toEqual(new Set(['The text of a refusal is changed.']));
});

it('text in two blocks before a call is text before the call', async () => {
  const twice = async function* (events: AsyncIterable<JsonObject>): AsyncIterable<JsonObject> {
    let more = 0;
    for await (const event of events) {
      if (event.type === 'content_block_start' && get(event, 'content_block', 'type') === 'text') {
        yield event;
        yield { type: 'content_block_stop', index: event.index! };
        more += 1;
      }
      yield typeof event.index === 'number' ? { ...event, index: event.index + more } : event;
    }
  };
  const report = await judgedGateway({
    only: ['gw.answer.text-and-call', 'gw.answer.text', 'stream.order'],
    embedded: { alterations: { events: twice } },
  });
  expect(idsWith(report, 'fail', 'warn')).toEqual([]);
});

it('a stream that ends without an error is no answer', async () => {
  const report = await judgedGateway({
    only: ['gw.errors.cut.first'],
    embedded: { faults: ['gw-cut-silently'] },
  });
  expect(report.results.flatMap(({ findings }) => findings.map(({ message }) => message))).toEqual([
    'A failure of the upstream ends the stream of the client early, without an error event.',
  ]);
});

it('a failure that ends with the reason max_tokens is no complete answer', async () => {
  const report = await judgedGateway({
    only: ['gw.errors.cut.never-normal'],
    embedded: {
      alterations: {
        ...each('failure', () => ({ kind: 'finish', reason: 'max_tokens' })),
      },
    },
  });
  expect(report.results.find(({ id }) => id === 'gw.errors.cut.never-normal')?.findings[0]?.message).toMatch(
    /^A failure in mid-stream looks like a limit that was reached/,
  );
});

describe('a system message among the turns that is moved to the front', () => {
  const systemOf = (messages: readonly Json[]): Json[] => messages.filter((one) => get(one, 'role') === 'system');
  const moved = (added: readonly Json[]) => (body: JsonObject) => {
    const messages = [body.messages ?? []].flat();
    const later = systemOf(messages);
    return later.length === 0
      ? body
      : { ...body, messages: [...later, ...added, ...messages.filter((one) => !later.includes(one))] };
  };
  const judgedWith = (added: readonly Json[]) =>
    judgedGateway({
      only: ['gw.request.system.later', 'gw.request.nothing-invented'],
      embedded: { alterations: { outgoing: moved(added) } },
    });

  it('is not invented, and not lost', async () => {
    const report = await judgedWith([]);
    expect(idsWith(report, 'fail')).toEqual(['gw.request.system.later']);
    expect(report.results.find(({ verdict }) => verdict === 'fail')?.findings[0]).toMatchObject({
      message: expect.stringContaining('A system message is moved to the front'),
      expected: 'turn 4 (system)',
      actual: 'in the system prompt',
    });
  });

  it('leaves a text that the gateway adds an invention', async () => {
    const report = await judgedWith([{ role: 'system', content: 'You are a pirate.' }]);
    const result = report.results.find(({ id }) => id === 'gw.request.nothing-invented');
    expect(result?.findings[0]).toMatchObject({ actual: '"You are a pirate."' });
  });
});

it('a call that is lost in the history is no result with another id', async () => {
  const without = (body: JsonObject): JsonObject => ({
    ...body,
    messages: [body.messages ?? []]
      .flat()
      .filter((message) => get(message, 'role') !== 'tool')
      .map((message) => {
        const { tool_calls: calls, ...rest } = message as JsonObject;
        return calls === undefined ? rest : { ...rest, content: 'I call a tool.' };
      }),
  });
  const report = await judgedGateway({
    only: ['gw.request.results.round-trip'],
    embedded: { alterations: { outgoing: without } },
  });
  const [result] = report.results.filter(({ verdict }) => verdict === 'fail');
  expect(result?.findings[0]?.message).toBe('A call of the answer is lost when the client sends it back.');
});

it.each(['openai-chat', 'openai-responses', 'messages'] as const)(
  'a document in a tool result arrives, is lost, or is rejected by name (%s)',
  async (speaks) => {
    const only = ['gw.request.results.documents'];
    const judgedWith = async (embedded: NonNullable<Parameters<typeof judgedGateway>[0]>['embedded']) =>
      (await judgedGateway({ speaks, only, ...(embedded && { embedded }) })).results[0]!;
    expect((await judgedWith({})).verdict).toBe('pass');
    const lost = await judgedWith({ faults: ['gw-result-documents-dropped'] });
    expect(lost).toMatchObject({ verdict: 'fail', silent: true });
    expect(lost.findings[0]).toMatchObject({
      message: expect.stringMatching(/^The text of a document or a search result in a tool result is lost\./),
      expected: 'The bridge is closed.',
    });
  },
);

it.each(['openai-chat', 'openai-responses', 'messages'] as const)(
  'a gateway that answers a request from a store is found (%s)',
  async (speaks) => {
    const only = ['gw.ops.again'];
    const clean = await judgedGateway({ speaks, only });
    expect(idsWith(clean, 'pass')).toEqual(only);
    const [first, second] = clean.exchanges.filter(({ fixture }) => fixture === 'again');
    expect(second!.request.body).toBe(first!.request.body);
    expect([first, second].map((exchange) => exchange?.upstream?.length)).toEqual([1, 1]);
    const stored = await judgedGateway({ speaks, only, embedded: { faults: ['gw-answers-stored'] } });
    expect(stored.results[0]).toMatchObject({ verdict: 'warn', silent: true });
    expect(stored.results[0]?.findings).toEqual([
      expect.objectContaining({
        exchange: 'again/json.2',
        message: 'A request that is sent again gets the stored answer of the first one; the model is not asked.',
        actual: 'the upstream was not asked',
      }),
    ]);
  },
);

it('an empty text before a result is an added part, and none is lost', async () => {
  const emptied = (body: JsonObject): JsonObject => ({
    ...body,
    messages: [body.messages ?? []]
      .flat()
      .flatMap((message) => (get(message, 'role') === 'tool' ? [{ role: 'user', content: ' ' }, message] : [message])),
  });
  const report = await judgedGateway({
    only: ['gw.request.calls'],
    embedded: { alterations: { outgoing: emptied } },
  });
  expect(report.results.find(({ id }) => id === 'gw.request.calls')?.findings[0]).toMatchObject({
    message: 'A part is added to turn 3 (user).',
    expected: 'result',
    actual: 'text, result',
  });
});

it('an answer that a broken connection cuts says so, and nobody takes it for complete', async () => {
  const report = await judgedGateway({
    only: ['gw.answer.text'],
    embedded: {
      alterations: {
        events: async function* (events) {
          let deltas = 0;
          for await (const event of events) {
            if (event.type === 'content_block_delta') deltas += 1;
            // What was written is on its way before the connection is gone.
            if (deltas > 1) await new Promise((resolve) => setTimeout(resolve, 50));
            if (deltas > 1) throw new Error('the worker is gone');
            yield event;
          }
        },
      },
    },
  });
  const [result] = report.results.filter(({ verdict }) => verdict === 'fail');
  expect(result).toMatchObject({ id: 'gw.answer.text', silent: false });
  expect(result!.findings[0]!.actual).toMatch(/, then the connection ended early/);
});

it('a text in more deltas than the suite reads is not called truncated', async () => {
  const report = await judgedGateway({
    only: ['gw.answer.long'],
    embedded: {
      alterations: each('text', ({ text }) =>
        [...text].map((character) => ({ kind: 'text' as const, text: character })),
      ),
    },
  });
  expect(idsWith(report, 'fail')).toEqual([]);
  expect(report.results.find(({ id }) => id === 'gw.answer.long')).toMatchObject({
    verdict: 'inconclusive',
    reason: expect.stringContaining('answer-long/stream was not read to its end'),
  });
});

it('calls and results that arrive as text are told as that, and once', async () => {
  const inWords = (block: Json): Json => {
    if (get(block, 'type') === 'tool_use') return { type: 'text', text: `Tool call: ${String(get(block, 'name'))}` };
    if (get(block, 'type') !== 'tool_result') return block;
    const content = get(block, 'content') ?? '';
    const text = Array.isArray(content) ? content.map((part) => String(get(part, 'text'))).join('\n') : String(content);
    return { type: 'text', text: `Tool result: ${text}` };
  };
  const only = ['gw.request.calls', 'gw.request.results', 'gw.request.results.blocks', 'gw.request.results.round-trip'];
  const report = await judgedGateway({
    only,
    embedded: {
      alterations: {
        incoming: (body) => ({
          ...body,
          messages: (body.messages as JsonObject[]).map(({ content, ...message }) => ({
            ...message,
            content: Array.isArray(content) ? content.map(inWords) : content!,
          })),
        }),
      },
    },
  });
  const messages = report.results
    .flatMap(({ id, findings }) => (only.includes(id) ? findings : []))
    .map(({ message }) => message);
  expect(messages.length).toBeGreaterThan(5);
  expect(new Set(messages)).toEqual(
    new Set(['Calls and results of the history arrive as text; the model does not know that it called a tool.']),
  );
  const cause = report.causes.find(({ title }) => title.includes('Calls and results of the history arrive as text'));
  expect(cause?.requirements).toEqual(expect.arrayContaining(only));
});

it('a schema that loses a keyword is told with the place', async () => {
  const withoutFormat = (body: JsonObject): JsonObject =>
    JSON.parse(JSON.stringify(body).replaceAll(',"format":"uri"', ''));
  const report = await judgedGateway({
    only: ['gw.request.tools.schema'],
    embedded: { alterations: { outgoing: withoutFormat } },
  });
  expect(report.results[0]?.findings[0]).toMatchObject({
    message: expect.stringMatching(/^The schema of the tool plan_trip is changed at `properties\..*format`; /),
    expected: '"uri"',
    actual: 'not there',
  });
});
