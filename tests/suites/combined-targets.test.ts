import { describe, expect, it } from 'vitest';
import type { Profile } from '../../core/protocol.js';
import type { Report } from '../../core/report.js';
import { composeAlterations } from '../../reference/alterations/compose.js';
import type { Alterations } from '../../reference/stages.js';
import type { MessageRequest } from '../../reference/wire.js';
import { judged as judgedEndpoint } from '../support/judged.js';

const judged = (profiles: readonly Profile[], alterations: Alterations): Promise<Report> =>
  judgedEndpoint({ alterations, apiKey: 'k' }, { profiles });

const troubled = ({ results }: Report): Record<string, string> =>
  Object.fromEntries(
    results.flatMap(({ id, verdict }) =>
      ['fail', 'warn', 'error', 'inconclusive'].includes(verdict) ? [[id, verdict]] : [],
    ),
  );

const error = (status: number, type: string, message: string): Response =>
  Response.json(
    { type: 'error', error: { type, message }, request_id: null },
    { status, headers: { 'request-id': crypto.randomUUID() } },
  );
const rejects = (message: string, bad: (request: Partial<MessageRequest>) => boolean): Alterations => ({
  rejectValid: (request) => (bad(request) ? { errorType: 'invalid_request_error', message } : null),
});
const results = ({ messages }: Partial<MessageRequest>) =>
  (messages ?? [])
    .flatMap(({ content }) => (Array.isArray(content) ? content : []))
    .filter(({ type }) => type === 'tool_result');

/** What an endpoint does not take of the requests of coding agents, and all that a run may hold against it. */
const AGENTS: readonly (readonly [string, Alterations, Record<string, string>])[] = [
  [
    'the query ?beta=true',
    { request: (request) => (request.url.includes('beta=true') ? error(404, 'not_found_error', 'no route') : request) },
    {
      'http.query.beta-true': 'fail',
      'agent.request.shape': 'fail',
      'agent.context-management': 'warn',
      'count.absent-clean': 'warn',
    },
  ],
  [
    'two credentials',
    {
      request: (request) =>
        request.headers.has('x-api-key') && request.headers.has('authorization')
          ? error(401, 'authentication_error', 'two keys')
          : request,
    },
    { 'auth.both-headers': 'warn', 'agent.request.shape': 'fail' },
  ],
  [
    'the header anthropic-beta, at which it crashes',
    { request: (request) => (request.headers.has('anthropic-beta') ? error(500, 'api_error', 'oops') : request) },
    {
      'beta.header.tolerated': 'warn',
      'agent.request.shape': 'fail',
      'agent.betas.listed': 'inconclusive',
      'agent.clear-thinking': 'inconclusive',
      'agent.counts.at-once': 'inconclusive',
      'agent.context-management': 'inconclusive',
      'agent.compaction.replay': 'inconclusive',
      'agent.fallbacks': 'inconclusive',
      'agent.thread.not-ignored': 'inconclusive',
      'sys.clear-at': 'inconclusive',
      'sys.tool-addition': 'inconclusive',
    },
  ],
  [
    'edits of the context',
    rejects('unknown field', (request) => 'context_management' in request),
    { 'agent.context-management': 'warn' },
  ],
  ['adaptive thinking', rejects('thinking: not supported', ({ thinking }) => thinking !== undefined), {}],
  [
    'more than 32000 tokens',
    rejects('max_tokens: 64000 > 32000', ({ max_tokens: limit }) => (limit ?? 0) > 32_000),
    {},
  ],
  [
    'more than 16000 tokens',
    rejects('max_tokens: too many > 16000', ({ max_tokens: limit }) => (limit ?? 0) > 16_000),
    {},
  ],
  [
    'long user ids',
    rejects('metadata.user_id: too long', ({ metadata }) => (metadata?.user_id?.length ?? 0) > 64),
    { 'req.metadata.user-id': 'fail', 'agent.request.shape': 'fail' },
  ],
  [
    'more than 32 tools',
    rejects('tools: too many', ({ tools }) => (tools?.length ?? 0) > 32),
    { 'tool.list.many': 'fail' },
  ],
  [
    'definitions in schemas',
    rejects('tools: $defs', ({ tools }) => JSON.stringify(tools ?? []).includes('$defs')),
    { 'tool.schema.rich': 'warn' },
  ],
  [
    'more than 50 messages',
    rejects('messages: too many', ({ messages }) => (messages?.length ?? 0) > 50),
    { 'msg.long-history': 'fail' },
  ],
  [
    'results without content',
    rejects('tool_result: content', (request) => results(request).some((block) => !('content' in block))),
    { 'tr.empty': 'fail' },
  ],
  [
    'text behind results',
    rejects('tool_result: text behind', ({ messages = [] }) =>
      messages.some(
        ({ content }) =>
          Array.isArray(content) &&
          content.length > 1 &&
          content[0]!.type === 'tool_result' &&
          content.at(-1)!.type === 'text',
      ),
    ),
    { 'tr.text-after': 'fail' },
  ],
  [
    'ids of other makers',
    rejects('tool_use_id: not ours', (request) =>
      results(request).some((block) => 'tool_use_id' in block && !String(block.tool_use_id).startsWith('toolu_')),
    ),
    { 'tr.foreign-ids': 'fail' },
  ],
  [
    'marks on results',
    rejects('cache_control: not here', (request) => results(request).some((block) => 'cache_control' in block)),
    { 'cache.accepted.everywhere': 'fail' },
  ],
];

/** Official clients are not let in: what they send shows that, and nothing of what else is wrong with it. */
const WITHOUT_CLIENTS = {
  'sdk.ts.create': 'fail',
  'stream.sdk.ts': 'inconclusive',
  'sdk.ts.content-block-events': 'inconclusive',
  'err.sdk-class': 'inconclusive',
};

/** The same for requests of other profiles that try several things at once. */
const OTHERS: readonly (readonly [string, readonly Profile[], Alterations, Record<string, string>])[] = [
  [
    'the informational headers of agents',
    ['core'],
    {
      request: (request) =>
        request.headers.has('traceparent') ? error(400, 'invalid_request_error', 'unknown header') : request,
    },
    { 'http.request.unknown-headers': 'fail' },
  ],
  [
    'empty lists of tools',
    ['core', 'tools'],
    rejects('tools: too short', ({ tools }) => tools?.length === 0),
    { 'tool.list.empty': 'warn' },
  ],
  [
    'results that are errors',
    ['core', 'tools'],
    rejects('is_error: unknown field', (request) => results(request).some((block) => 'is_error' in block)),
    { 'tr.is-error': 'fail' },
  ],
  [
    'the tool_choice auto',
    ['core', 'tools'],
    rejects('tool_choice: auto is not supported', ({ tool_choice: choice }) => choice?.type === 'auto'),
    { 'tc.auto': 'fail' },
  ],
  [
    'stop sequences of several tokens',
    ['core'],
    rejects('stop_sequences: too long', ({ stop_sequences: list }) => list?.includes('6, 7') ?? false),
    { 'stop.sequence.multichar': 'warn' },
  ],
  [
    'a limit of 1000 models',
    ['models'],
    {
      request: (request) =>
        request.url.includes('limit=1000') ? error(400, 'invalid_request_error', 'limit: at most 100') : request,
    },
    { 'models.limit.range': 'warn' },
  ],
  [
    'forced tools',
    ['core', 'tools'],
    rejects('tool_choice: tool is not supported', ({ tool_choice: choice }) => choice?.type === 'tool'),
    { 'tc.tool': 'fail', 'stream.tool.truncated': 'inconclusive' },
  ],
  [
    'system prompts that are strings, which it drops',
    ['core'],
    {
      prompt: (request) => {
        const { system, ...rest } = request;
        return typeof system === 'string' ? rest : request;
      },
    },
    { 'req.system.string': 'fail' },
  ],
  [
    'a bearer token alone',
    ['core', 'errors'],
    {
      request: (request) =>
        request.headers.has('x-api-key') ? request : error(401, 'authentication_error', 'x-api-key: required'),
    },
    { 'auth.bearer': 'fail', ...WITHOUT_CLIENTS },
  ],
  [
    'the version of current clients',
    ['core', 'errors'],
    {
      request: (request) =>
        request.headers.get('anthropic-version') === '2026-10-21'
          ? error(400, 'invalid_request_error', 'anthropic-version: 2026-10-21 is none')
          : request,
    },
    { 'ver.2026-10-21': 'fail', 'ver.2026-10-21.sampling': 'inconclusive', ...WITHOUT_CLIENTS },
  ],
  [
    'tools in prompts that are counted',
    ['count-tokens'],
    {
      request: async (request) =>
        request.url.includes('count_tokens') && (await request.clone().text()).includes('"tools"')
          ? error(400, 'invalid_request_error', 'tools: unknown field')
          : request,
    },
    { 'count.system-tools': 'fail', 'count.thinking-and-choice': 'inconclusive' },
  ],
];

describe('an endpoint that does not take', () => {
  it.each(OTHERS)('%s is blamed for that alone', async (_what, profiles, alterations, expected) => {
    expect(troubled(await judged(profiles, alterations))).toEqual(expected);
  });

  /**
   * Three at a time, each of which is blamed for something of its own: that is what a run holds against all of them. What nothing is blamed
   * for stays alone, since another rejection could come before it.
   */
  const isBlamed = ([, , blamed]: (typeof AGENTS)[number]): boolean => Object.keys(blamed).length > 0;
  const groups = [
    ...AGENTS.filter((agent) => !isBlamed(agent)).map((agent) => [agent]),
    ...Array.from({ length: 4 }, (_, group) => AGENTS.filter(isBlamed).filter((_agent, index) => index % 4 === group)),
  ];
  const named = groups.map((group) => [group.map(([what]) => what).join(', and '), group] as const);
  it.each(named)('%s of agents is blamed for that alone', async (_what, group) => {
    const alterations = composeAlterations(group.map(([, alters]) => alters));
    const expected = Object.assign({}, ...group.map(([, , blamed]) => blamed));
    expect(troubled(await judged(['agent'], alterations))).toEqual(expected);
  });
});
