import { describe, expect, it } from 'vitest';
import { toolDefinitions } from '../../suites/tool-definitions.js';
import { errorBody, events, exchange, judgeOf, message, textBlock, toolUse } from '../support/exchange.js';

const judge = judgeOf(toolDefinitions);
const accepted = (fixture: string, parts = {}) => exchange({ fixture, json: message(parts) });
const rejected = (fixture: string, status = 400) => exchange({ fixture, status, json: errorBody() });
const failed = (fixture: string) => exchange({ fixture, status: 500, json: errorBody('api_error', 'oops') });
const crashed = (fixture: string) =>
  exchange({ fixture, noResponse: true, failure: { kind: 'reset', message: 'the connection ended early' } });

describe('what may be declared', () => {
  it.each([
    ['tool.custom.accepted', 'tool-type-custom'],
    ['tool.description.optional', 'tool-without-description'],
    ['tool.schema.minimal', 'tool-schema-minimal'],
    ['tool.name.pattern', 'tool-name-64'],
  ])('%s: of a rejected request that tries four things only the rejected part counts', (id, part) => {
    const rest = [accepted('tool-forced'), accepted('cheap-tool'), rejected('tool-name-space')];
    const parts = ['tool-type-custom', 'tool-without-description', 'tool-schema-minimal', 'tool-name-64'];
    const split = (lost: string) => parts.map((one) => (one === lost ? rejected(one) : accepted(one)));
    expect(judge(id, [...rest, accepted('tool-variants')]).outcome).toBe('satisfied');
    expect(judge(id, [...rest, rejected('tool-variants'), ...split(part)]).outcome).toBe('rejected');
    expect(judge(id, [...rest, failed('tool-variants'), ...split('')]).outcome).toBe('satisfied');
    expect(judge(id, [...rest, rejected('tool-variants')]).outcome).toBe('inconclusive');
    const other = parts.find((one) => one !== part)!;
    expect(judge(id, [...rest, rejected('tool-variants'), ...split(other)]).outcome).toBe('satisfied');
  });

  it('tool.custom.accepted: a plain tool without a type', () => {
    const asked = [rejected('cheap-tool'), accepted('tool-variants')];
    expect(judge('tool.custom.accepted', [accepted('minimal'), ...asked]).outcome).toBe('rejected');
    expect(judge('tool.custom.accepted', [rejected('minimal'), ...asked]).outcome).toBe('inconclusive');
  });

  it.each([
    ['tool.schema.rich', 'tool-schema-rich', 'cheap-tool'],
    ['tool.list.empty', 'tools-empty', 'minimal'],
    ['tool.list.many', 'tools-sixty', 'cheap-tool'],
  ])('%s', (id, fixture, control) => {
    expect(judge(id, [accepted(control), accepted(fixture)])).toEqual({ outcome: 'satisfied' });
    expect(judge(id, [accepted(control), rejected(fixture)]).outcome).toBe('rejected');
    expect(judge(id, [accepted(control), failed(fixture)]).outcome).toBe('violated');
    expect(judge(id, [rejected(control), rejected(fixture)]).outcome).toBe('inconclusive');
  });
});

describe('what must be rejected', () => {
  it.each([
    ['tool.schema.required', 'tool-parameters', true],
    ['tool.schema.required', 'tool-nameless', true],
    ['tool.schema.type-object', 'tool-schema-string', false],
    ['tool.schema.type-object', 'tool-schema-typeless', false],
    ['tool.name.pattern', 'tool-name-space', false],
    ['tool.name.pattern', 'tool-name-dot', false],
    ['tool.name.duplicate', 'tool-name-twice', false],
  ])('%s: %s', (id, fixture, silent) => {
    const controls = [accepted('cheap-tool'), accepted('tool-variants')];
    expect(judge(id, [...controls, rejected(fixture)])).toEqual({ outcome: 'satisfied' });
    expect(judge(id, [...controls, rejected(fixture, 422)])).toEqual({ outcome: 'satisfied' });
    expect(judge(id, [...controls, accepted(fixture)])).toMatchObject({ outcome: 'violated', silent });
    expect(judge(id, [...controls, failed(fixture)])).toMatchObject({ outcome: 'violated', silent: false });
    expect(judge(id, [rejected('cheap-tool'), accepted('tool-variants'), rejected(fixture)]).outcome).toBe(
      'inconclusive',
    );
  });
});

describe('tool.fields.optional', () => {
  const control = accepted('cheap-tool');
  const parts = ['tool-strict', 'tool-deferred', 'tool-eager', 'tool-cached', 'tool-examples', 'tool-callers'];
  it.each([
    ['all at once are accepted', [control, accepted('tool-fields')], 'satisfied'],
    [
      'all are rejected, some are accepted alone',
      [control, rejected('tool-fields'), ...parts.map((id, at) => (at % 2 ? accepted(id) : rejected(id)))],
      'satisfied',
    ],
    ['all at once make it fail', [control, failed('tool-fields')], 'violated'],
    ['one alone makes it fail', [control, rejected('tool-fields'), failed('tool-strict')], 'violated'],
    ['one alone makes it go away', [control, rejected('tool-fields'), crashed('tool-eager')], 'violated'],
    ['all is rejected anyway', [rejected('cheap-tool'), rejected('tool-fields')], 'inconclusive'],
    ['it fails anyway', [failed('cheap-tool'), failed('tool-fields')], 'inconclusive'],
    [
      'it asks to wait',
      [control, exchange({ fixture: 'tool-fields', status: 529, json: errorBody('overloaded_error') })],
      'inconclusive',
    ],
  ] as const)('%s', (_what, exchanges, expected) => {
    expect(judge('tool.fields.optional', exchanges).outcome).toBe(expected);
  });
});

describe('tool.server.unsupported', () => {
  const usage = (input_tokens: number) => ({ usage: { input_tokens, output_tokens: 4 } });
  const without = [accepted('minimal'), accepted('search-without-tool', usage(20))];
  const search = (...content: object[]) => accepted('search-tool', { content, ...usage(300) });
  const result = { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] };

  it.each([
    ['is rejected', [...without, rejected('search-tool')], { outcome: 'satisfied' }],
    ['is rejected as not for this account', [...without, rejected('search-tool', 403)], { outcome: 'satisfied' }],
    [
      'is run',
      [...without, search({ ...toolUse(), type: 'server_tool_use', name: 'web_search' }, result)],
      { outcome: 'satisfied' },
    ],
    [
      'is handed to the client',
      [...without, search(toolUse({ query: 'x' }, { name: 'web_search' }))],
      { outcome: 'violated', silent: false },
    ],
    [
      'is handed to the client in a stream only',
      [
        ...without,
        search({ ...toolUse(), type: 'server_tool_use', name: 'web_search' }, result),
        exchange({
          fixture: 'search-tool-streamed',
          events: events(message({ content: [toolUse({ query: 'x' }, { name: 'web_search' })] })),
        }),
      ],
      { outcome: 'violated', findings: [{ exchange: 'search-tool-streamed/stream' }] },
    ],
    ['is dropped', [...without, accepted('search-tool', usage(20))], { outcome: 'violated', silent: true }],
    [
      'is dropped, where other tools are counted',
      [
        accepted('minimal', usage(9)),
        accepted('search-without-tool', usage(20)),
        accepted('search-tool', usage(20)),
        accepted('cheap-tool', usage(60)),
      ],
      { outcome: 'violated', silent: true },
    ],
    [
      'is not counted, as no tool is',
      [
        accepted('minimal', usage(9)),
        accepted('search-without-tool', usage(20)),
        accepted('search-tool', usage(20)),
        accepted('cheap-tool', usage(2)),
      ],
      { outcome: 'inconclusive' },
    ],
    ['makes the server fail', [...without, failed('search-tool')], { outcome: 'violated', silent: false }],
    ['is not used, though the prompt holds it', [...without, search(textBlock('24'))], { outcome: 'inconclusive' }],
    [
      'is not used, and nothing is counted',
      [...without, accepted('search-tool', { usage: {} })],
      { outcome: 'inconclusive' },
    ],
    ['is rejected like everything else', [rejected('minimal'), rejected('search-tool')], { outcome: 'inconclusive' }],
    ['meets a rate limit', [...without, rejected('search-tool', 429)], { outcome: 'inconclusive' }],
  ])('a search %s', (_what, exchanges, expected) => {
    expect(judge('tool.server.unsupported', exchanges)).toMatchObject(expected);
  });
});

describe('tool.client.builtin', () => {
  const bash = (stop_reason: string, ...content: object[]) => accepted('builtin-tools', { content, stop_reason });
  it.each([
    ['called', bash('tool_use', toolUse({ command: 'ls' }, { name: 'bash' })), { outcome: 'satisfied' }],
    ['called otherwise', bash('tool_use', toolUse({ command: 'ls' }, { name: 'shell' })), { outcome: 'violated' }],
    ['not called', bash('end_turn', textBlock('ls')), { outcome: 'violated', silent: true }],
    ['not called in time', bash('max_tokens', textBlock('I')), { outcome: 'inconclusive' }],
    ['rejected', rejected('builtin-tools'), { outcome: 'rejected' }],
  ])('bash is %s', (_what, own, expected) => {
    expect(judge('tool.client.builtin', [accepted('tool-forced'), own])).toMatchObject(expected);
  });
});
