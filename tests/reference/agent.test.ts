import { describe, expect, it } from 'vitest';
import {
  accumulate,
  assistant,
  client,
  eventsOf,
  KEY,
  MINIMAL,
  text,
  textOf,
  toolResult,
  toolUse,
  user,
} from './client.js';

const BETAS =
  'claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,prompt-caching-scope-2026-01-05';
const HEADERS = {
  authorization: `Bearer ${KEY}`,
  'anthropic-beta': BETAS,
  'user-agent': 'claude-cli/2.1.230 (external, cli)',
  'x-app': 'cli',
  'x-stainless-retry-count': '0',
  'anthropic-dangerous-direct-browser-access': 'true',
};
const cache_control = { type: 'ephemeral' };
const tool = (name: string) => ({
  name,
  description: `Does what ${name} stands for. Answer with the word only when asked.`,
  input_schema: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: { file_path: { type: 'string' }, limit: { type: 'number' } },
    required: ['file_path'],
    additionalProperties: false,
  },
});
const NAMES =
  'Task Bash Glob Grep LS Read Edit MultiEdit Write NotebookEdit WebFetch TodoWrite WebSearch ExitPlanMode'.split(' ');
const AGENT = {
  model: 'reference-1',
  max_tokens: 32_000,
  stream: true,
  system: [
    { ...text('You are a coding agent.'), cache_control },
    { ...text('Be concise. Only say what is needed. Answer with care.'), cache_control },
  ],
  metadata: { user_id: '{"device_id":"a","account_uuid":"","session_id":"b"}' },
  thinking: { type: 'adaptive' },
  context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
  output_config: { effort: 'medium' },
  tools: [...NAMES.map(tool), ...Array.from({ length: 10 }, (_, index) => tool(`mcp__server__tool_${index}`))],
  messages: [
    user([
      text('<system-reminder>\nThe date is 2026-11-23.\n</system-reminder>'),
      { ...text('say ok'), cache_control },
    ]),
  ],
};

describe('requests of coding agents', () => {
  const { send, post } = client();
  const run = (body: object) => send('/v1/messages?beta=true', { body, headers: HEADERS });

  it('are accepted', async () => {
    const reply = await run(AGENT);
    expect(reply.status, reply.text).toBe(200);
    const message = accumulate(eventsOf(reply.text));
    expect(textOf(message)).toBe('ok');
    expect(eventsOf(reply.text).at(-2).context_management).toEqual({ applied_edits: [] });
  });

  it('call tools through a whole streamed loop', async () => {
    const messages: object[] = [user('Call Read 3 times for the file a.txt.')];
    const ids = new Set<string>();
    for (let round = 0; round < 3; round += 1) {
      const message = accumulate(eventsOf((await run({ ...AGENT, messages })).text));
      const call = message.content.find((block: { type: string }) => block.type === 'tool_use');
      expect(call).toMatchObject({ name: 'Read', input: { file_path: 'a.txt' } });
      ids.add(call.id);
      messages.push(assistant(message.content), user([toolResult(call.id, 'content')]));
    }
    expect(ids.size).toBe(3);
    const last = accumulate(eventsOf((await run({ ...AGENT, messages })).text));
    expect(last.stop_reason).toBe('end_turn');
  });

  it('need the beta for fields of a beta', async () => {
    const without = await post({ ...MINIMAL, context_management: AGENT.context_management });
    expect([without.status, without.json.error.message]).toEqual([
      400,
      'context_management: Extra inputs are not permitted',
    ]);
    const other = await post(
      { ...MINIMAL, context_management: AGENT.context_management },
      { 'anthropic-beta': 'files-api-2025-04-14' },
    );
    expect(other.status).toBe(400);
    const servers = { mcp_servers: [{ name: 'a', type: 'url', url: 'https://example.com' }] };
    const mcp = await post({ ...MINIMAL, ...servers }, { 'anthropic-beta': 'mcp-client-2025-11-20' });
    expect([mcp.status, mcp.json.error.message]).toEqual([400, expect.stringMatching(/^mcp_servers: .*not support/)]);
  });
});

describe('context management', () => {
  const { post } = client();
  const headers = { 'anthropic-beta': 'context-management-2025-06-27' };
  const rounds = Array.from({ length: 5 }, (_, index) => [
    assistant([toolUse(`t${index}`)]),
    user([toolResult(`t${index}`, `code ZX8${index} ${'filler '.repeat(200)}`)]),
  ]).flat();
  const body = (edit: object) => ({
    messages: [user('Weather in Paris?'), ...rounds],
    context_management: { edits: [{ type: 'clear_tool_uses_20250919', ...edit }] },
  });

  it('clears old results where the prompt has grown beyond the trigger', async () => {
    const trigger = { type: 'input_tokens', value: 500 };
    const { json } = await post(body({ trigger, keep: { type: 'tool_uses', value: 2 } }), headers);
    const [edit] = json.context_management.applied_edits;
    expect(edit).toMatchObject({ type: 'clear_tool_uses_20250919', cleared_tool_uses: 3 });
    const whole = await post(body({}), headers);
    expect(whole.json.context_management.applied_edits).toEqual([]);
    expect(json.usage.input_tokens).toBe(whole.json.usage.input_tokens - edit.cleared_input_tokens);
  });

  it('keeps excluded results, and clears nothing below the minimum', async () => {
    const trigger = { type: 'tool_uses', value: 2 };
    const excluded = await post(body({ trigger, exclude_tools: ['get_weather'] }), headers);
    expect(excluded.json.context_management.applied_edits).toEqual([]);
    const little = await post(body({ trigger, clear_at_least: { type: 'input_tokens', value: 100_000 } }), headers);
    expect(little.json.context_management.applied_edits).toEqual([]);
  });

  it('does not compact', async () => {
    const reply = await post(
      { ...MINIMAL, context_management: { edits: [{ type: 'compact_20260112' }] } },
      { 'anthropic-beta': 'compact-2026-01-12' },
    );
    expect([reply.status, reply.json.error.message]).toEqual([400, expect.stringMatching(/compact_20260112/)]);
  });
});
