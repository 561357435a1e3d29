/**
 * Legal documents of every kind, one per member of every union. `satisfies` ties them to the types of the official SDK, so
 * that an example that the SDK would reject does not compile.
 */
import type Anthropic from '@anthropic-ai/sdk';

type Beta = Anthropic.Beta.Messages.BetaContentBlockParam;
type BetaTool = Anthropic.Beta.Messages.BetaToolUnion;

const cache_control = { type: 'ephemeral', ttl: '1h' } as const;
const caller = { type: 'code_execution_20260120', tool_id: 'srvtoolu_01' } as const;
const result = { tool_use_id: 'srvtoolu_01', cache_control } as const;
const pdf = { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' } as const;
const fetchedDocument = {
  type: 'document',
  source: { type: 'text', media_type: 'text/plain', data: 'page' },
  title: null,
  citations: { enabled: true },
} as const;

/** Citations as they may be sent back, by type. */
export const citationParams = {
  char_location: {
    type: 'char_location',
    cited_text: 'a',
    document_index: 0,
    document_title: null,
    start_char_index: 0,
    end_char_index: 1,
  },
  page_location: {
    type: 'page_location',
    cited_text: 'a',
    document_index: 0,
    document_title: 'T',
    start_page_number: 1,
    end_page_number: 2,
  },
  content_block_location: {
    type: 'content_block_location',
    cited_text: 'a',
    document_index: 0,
    document_title: null,
    start_block_index: 0,
    end_block_index: 1,
  },
  web_search_result_location: {
    type: 'web_search_result_location',
    cited_text: 'a',
    encrypted_index: 'x',
    title: null,
    url: 'https://example.com/',
  },
  search_result_location: {
    type: 'search_result_location',
    cited_text: 'a',
    search_result_index: 0,
    source: 's',
    title: 'T',
    start_block_index: 0,
    end_block_index: 1,
  },
} satisfies { [T in Anthropic.TextCitationParam['type']]: Extract<Anthropic.TextCitationParam, { type: T }> };

/** Blocks of a request without beta, by type; several where one cannot show all forms. */
export const blockParams = {
  text: [{ type: 'text', text: 'hello', citations: Object.values(citationParams), cache_control }],
  image: [
    {
      type: 'image',
      source: { type: 'base64', media_type: 'image/png', data: 'iVBO' },
      transformations: { oversized_image: 'downsize' },
    },
    { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' }, cache_control },
    { type: 'image', source: { type: 'file', file_id: 'file_01' }, cache_control: null },
  ],
  document: [
    { type: 'document', source: pdf, title: 'T', context: 'C', citations: { enabled: true }, cache_control },
    { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'x' } },
    { type: 'document', source: { type: 'content', content: 'x' }, citations: null },
    { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'x' }] } },
    { type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' } },
    { type: 'document', source: { type: 'file', file_id: 'file_01' } },
  ],
  search_result: [
    {
      type: 'search_result',
      source: 's',
      title: 'T',
      content: [{ type: 'text', text: 'x' }],
      citations: { enabled: false },
      cache_control,
    },
  ],
  thinking: [{ type: 'thinking', thinking: '', signature: 'sig' }],
  redacted_thinking: [{ type: 'redacted_thinking', data: 'x' }],
  tool_use: [
    { type: 'tool_use', id: 'toolu_01', name: 'get_weather', input: { city: 'Paris' }, caller, cache_control },
    {
      type: 'tool_use',
      id: 'toolu_01',
      name: 'navigate',
      input: {},
      caller: { type: 'direct' },
      toolset_name: 'browser',
    },
  ],
  tool_result: [
    { type: 'tool_result', tool_use_id: 'toolu_01' },
    { type: 'tool_result', tool_use_id: 'toolu_01', content: '', is_error: true, toolset_name: null, cache_control },
    {
      type: 'tool_result',
      tool_use_id: 'toolu_01',
      content: [
        { type: 'text', text: 'x' },
        { type: 'image', source: { type: 'file', file_id: 'file_01' } },
        { type: 'search_result', source: 's', title: 'T', content: [{ type: 'text', text: 'x' }] },
        { type: 'document', source: pdf },
        { type: 'tool_reference', tool_name: 'get_weather', cache_control },
        {
          type: 'browser_state',
          tabs: [{ tab_id: '1', title: 'T', url: 'https://example.com/', active: true }],
          state_changes: [
            { type: 'tab_opened', tab_id: '2' },
            { type: 'download_started', download_id: '1', url: 'https://example.com/f' },
            { type: 'download_completed', download_id: '1', url: 'https://example.com/f', path: '/f', size_bytes: 1 },
            { type: 'download_failed', download_id: '2', url: 'https://example.com/g', error: null },
          ],
        },
      ],
    },
  ],
  server_tool_use: [
    { type: 'server_tool_use', id: 'srvtoolu_01', name: 'web_search', input: { query: 'x' }, caller, cache_control },
  ],
  web_search_tool_result: [
    {
      type: 'web_search_tool_result',
      ...result,
      caller,
      content: [
        { type: 'web_search_result', url: 'https://example.com/', title: 'T', encrypted_content: 'x', page_age: null },
      ],
    },
    {
      type: 'web_search_tool_result',
      ...result,
      content: { type: 'web_search_tool_result_error', error_code: 'max_uses_exceeded' },
    },
  ],
  web_fetch_tool_result: [
    {
      type: 'web_fetch_tool_result',
      ...result,
      caller,
      content: { type: 'web_fetch_result', url: 'https://example.com/', content: fetchedDocument, retrieved_at: null },
    },
    {
      type: 'web_fetch_tool_result',
      ...result,
      content: { type: 'web_fetch_tool_result_error', error_code: 'url_not_allowed' },
    },
  ],
  code_execution_tool_result: [
    {
      type: 'code_execution_tool_result',
      ...result,
      content: {
        type: 'code_execution_result',
        stdout: '',
        stderr: '',
        return_code: -1,
        content: [{ type: 'code_execution_output', file_id: 'file_01' }],
      },
    },
    {
      type: 'code_execution_tool_result',
      ...result,
      content: {
        type: 'encrypted_code_execution_result',
        encrypted_stdout: 'x',
        stderr: '',
        return_code: 0,
        content: [],
      },
    },
    {
      type: 'code_execution_tool_result',
      ...result,
      content: { type: 'code_execution_tool_result_error', error_code: 'unavailable' },
    },
  ],
  bash_code_execution_tool_result: [
    {
      type: 'bash_code_execution_tool_result',
      ...result,
      content: {
        type: 'bash_code_execution_result',
        stdout: '',
        stderr: '',
        return_code: 0,
        content: [{ type: 'bash_code_execution_output', file_id: 'file_01' }],
      },
    },
    {
      type: 'bash_code_execution_tool_result',
      ...result,
      content: { type: 'bash_code_execution_tool_result_error', error_code: 'output_file_too_large' },
    },
  ],
  text_editor_code_execution_tool_result: [
    {
      type: 'text_editor_code_execution_tool_result',
      ...result,
      content: {
        type: 'text_editor_code_execution_view_result',
        file_type: 'text',
        content: 'x',
        num_lines: 1,
        start_line: null,
        total_lines: null,
      },
    },
    {
      type: 'text_editor_code_execution_tool_result',
      ...result,
      content: { type: 'text_editor_code_execution_create_result', is_file_update: false },
    },
    {
      type: 'text_editor_code_execution_tool_result',
      ...result,
      content: {
        type: 'text_editor_code_execution_str_replace_result',
        lines: ['-a', '+b'],
        old_start: 1,
        old_lines: 1,
        new_start: 1,
        new_lines: null,
      },
    },
    {
      type: 'text_editor_code_execution_tool_result',
      ...result,
      content: {
        type: 'text_editor_code_execution_tool_result_error',
        error_code: 'file_not_found',
        error_message: null,
      },
    },
  ],
  tool_search_tool_result: [
    {
      type: 'tool_search_tool_result',
      ...result,
      content: {
        type: 'tool_search_tool_search_result',
        tool_references: [{ type: 'tool_reference', tool_name: 'get_weather' }],
      },
    },
    {
      type: 'tool_search_tool_result',
      ...result,
      content: { type: 'tool_search_tool_result_error', error_code: 'unavailable', error_message: 'x' },
    },
  ],
  container_upload: [{ type: 'container_upload', file_id: 'file_01', cache_control }],
} satisfies {
  [T in Anthropic.ContentBlockParam['type']]: Extract<Anthropic.ContentBlockParam, { type: T }>[];
};

/** Blocks that need beta headers, by type. */
export const betaBlockParams = {
  server_tool_use: [{ type: 'server_tool_use', id: 'srvtoolu_01', name: 'advisor', input: {} }],
  advisor_tool_result: [
    { type: 'advisor_tool_result', ...result, content: { type: 'advisor_result', text: 'x', stop_reason: null } },
    { type: 'advisor_tool_result', ...result, content: { type: 'advisor_redacted_result', encrypted_content: 'x' } },
    {
      type: 'advisor_tool_result',
      ...result,
      content: { type: 'advisor_tool_result_error', error_code: 'model_not_found' },
    },
  ],
  mcp_tool_use: [{ type: 'mcp_tool_use', id: 'mcptoolu_01', name: 'a', server_name: 's', input: {}, cache_control }],
  mcp_tool_result: [
    { type: 'mcp_tool_result', tool_use_id: 'mcptoolu_01', content: 'x', is_error: false, cache_control },
    { type: 'mcp_tool_result', tool_use_id: 'mcptoolu_01', content: [{ type: 'text', text: 'x' }], is_error: true },
  ],
  mcp_tool_listing: [
    { type: 'mcp_tool_listing', mcp_server_name: 's', tools: [{ name: 'a', input_schema: {}, description: null }] },
  ],
  compaction: [
    {
      type: 'compaction',
      content: null,
      encrypted_content: 'x',
      signature: 'x',
      tool_changes: [{ type: 'tool_removal', tool: { type: 'tool_reference', name: 'a' } }],
      cache_control,
    },
  ],
  tool_addition: [
    { type: 'tool_addition', tool: { type: 'mcp_tool_reference', name: 'a', server_name: 's' }, cache_control },
    {
      type: 'tool_addition',
      tool: { type: 'tool_definition', definition: { name: 'a', input_schema: { type: 'object' } } },
    },
  ],
  tool_removal: [{ type: 'tool_removal', tool: { type: 'mcp_toolset_reference', server_name: 's' }, cache_control }],
  fallback: [{ type: 'fallback', from: { model: 'a' }, to: { model: 'b' }, trigger: { anything: 1 } }],
} satisfies {
  [T in Exclude<Beta['type'], keyof typeof blockParams> | 'server_tool_use']: Extract<Beta, { type: T }>[];
};

const common = {
  allowed_callers: ['direct'],
  cache_control,
  defer_loading: false,
  strict: true,
} satisfies Partial<Anthropic.Tool>;
const examples = { ...common, input_examples: [{ anything: 1 }] };
const web = { ...common, allowed_domains: ['example.com'], blocked_domains: null, max_uses: 3 };
const user_location = {
  type: 'approximate',
  city: 'Paris',
  region: null,
  country: 'FR',
  timezone: 'Europe/Paris',
} as const;
const fetching = {
  ...web,
  citations: { enabled: true },
  max_content_tokens: 1000,
  url_sources: {
    user_input: { type: 'all' },
    client_tool_results: { type: 'only', tools: [{ type: 'tool_reference', name: 'a' }] },
    server_tool_results: { type: 'except', tools: [] },
  },
} satisfies Partial<Anthropic.WebFetchTool20260318>;

/** Tools of a request without beta, one per variant. */
export const tools: Anthropic.ToolUnion[] = [
  { name: 'get_weather', input_schema: { type: 'object' } },
  {
    type: 'custom',
    name: 'get_weather',
    description: 'd',
    input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], $defs: {} },
    eager_input_streaming: true,
    ...examples,
  },
  { type: 'bash_20250124', name: 'bash', ...examples },
  { type: 'text_editor_20250124', name: 'str_replace_editor', ...examples },
  { type: 'text_editor_20250429', name: 'str_replace_based_edit_tool', ...examples },
  { type: 'text_editor_20250728', name: 'str_replace_based_edit_tool', max_characters: 100, ...examples },
  { type: 'memory_20250818', name: 'memory', ...examples },
  {
    type: 'browser_toolset_20260801',
    configs: { navigate: { enabled: true, defer_loading: null }, zoom: null },
    cache_control,
  },
  { type: 'computer_toolset_20260801', configs: { cursor_position: { enabled: false } }, cache_control },
  { type: 'code_execution_20250522', name: 'code_execution', ...common },
  { type: 'code_execution_20250825', name: 'code_execution', ...common },
  { type: 'code_execution_20260120', name: 'code_execution', ...common },
  { type: 'code_execution_20260521', name: 'code_execution', ...common },
  { type: 'web_search_20250305', name: 'web_search', user_location, ...web },
  { type: 'web_search_20260209', name: 'web_search', user_location, ...web },
  { type: 'web_search_20260318', name: 'web_search', user_location, response_inclusion: 'excluded', ...web },
  { type: 'web_fetch_20250910', name: 'web_fetch', ...fetching },
  { type: 'web_fetch_20260209', name: 'web_fetch', ...fetching },
  { type: 'web_fetch_20260309', name: 'web_fetch', use_cache: false, ...fetching },
  { type: 'web_fetch_20260318', name: 'web_fetch', use_cache: true, response_inclusion: 'full', ...fetching },
  { type: 'tool_search_tool_bm25_20251119', name: 'tool_search_tool_bm25', ...common },
  { type: 'tool_search_tool_bm25', name: 'tool_search_tool_bm25', ...common },
  { type: 'tool_search_tool_regex_20251119', name: 'tool_search_tool_regex', ...common },
  { type: 'tool_search_tool_regex', name: 'tool_search_tool_regex', ...common },
];

const display = { display_width_px: 1024, display_height_px: 768, display_number: 1 } as const;

/** Tools that need beta headers, one per variant. */
export const betaTools: BetaTool[] = [
  { type: 'bash_20241022', name: 'bash', ...examples },
  { type: 'text_editor_20241022', name: 'str_replace_editor', ...examples },
  { type: 'computer_20241022', name: 'computer', ...display, ...examples },
  { type: 'computer_20250124', name: 'computer', ...display, ...examples },
  { type: 'computer_20251124', name: 'computer', enable_zoom: true, ...display, ...examples },
  { type: 'advisor_20260301', name: 'advisor', model: 'a', caching: null, max_tokens: 100, max_uses: null, ...common },
  {
    type: 'mcp_toolset',
    mcp_server_name: 's',
    configs: { a: { enabled: true, defer_loading: false } },
    default_config: { enabled: false },
    tools: [{ name: 'a', input_schema: { type: 'object' } }],
    cache_control,
  },
];

/** The smallest request. */
export const minimalRequest = {
  model: 'claude-sonnet-5',
  max_tokens: 16,
  messages: [{ role: 'user', content: 'Hello' }],
} satisfies Anthropic.MessageCreateParams;

/** A request that uses every field without beta, sampling apart. */
export const fullRequest = {
  ...minimalRequest,
  messages: [
    { role: 'user', content: [...blockParams.image, ...blockParams.document, ...blockParams.search_result] },
    { role: 'assistant', content: 'x' },
    { role: 'user', content: 'x' },
    { role: 'system', content: [{ type: 'text', text: 'x', cache_control }] },
    { role: 'system', content: 'x' },
  ],
  system: [{ type: 'text', text: 'x', cache_control }],
  stream: true,
  stop_sequences: ['\n\nHuman:'],
  tools,
  tool_choice: { type: 'auto', disable_parallel_tool_use: true },
  thinking: { type: 'enabled', budget_tokens: 1024, display: 'omitted' },
  output_config: { effort: 'xhigh', format: { type: 'json_schema', schema: { type: 'object' } } },
  cache_control,
  metadata: { user_id: 'u' },
  service_tier: 'standard_only',
  container: { id: null, skills: [{ skill_id: 'pdf', type: 'anthropic', version: 'latest' }] },
  diagnostics: { previous_message_id: 'msg_01' },
  inference_geo: 'us',
  speed: 'fast',
} satisfies Anthropic.MessageCreateParams;

/** A request that uses every beta field. */
export const betaRequest = {
  ...fullRequest,
  messages: [
    ...fullRequest.messages,
    { role: 'assistant', content: Object.values(betaBlockParams).flat() },
    {
      role: 'system',
      clear_at: 'next_user_message',
      output_config: { effort: 'low' },
      content: [...betaBlockParams.tool_addition, ...betaBlockParams.tool_removal, { type: 'text', text: 'x' }],
    },
    { role: 'system', clear_at: null },
  ],
  tools: [...tools, ...betaTools],
  thinking: {
    type: 'adaptive',
    display: 'updates',
    block_binding: { prefix_mismatch_behavior: 'drop_block' },
  },
  output_config: { ...fullRequest.output_config, task_budget: { type: 'tokens', total: 1000, remaining: null } },
  billing_policy: { type: 'billing_policy', bill_to: 'self' },
  compaction: { type: 'summarize', instructions: null },
  context_management: {
    edits: [
      {
        type: 'clear_tool_uses_20250919',
        clear_at_least: { type: 'input_tokens', value: 1 },
        clear_tool_inputs: ['a'],
        exclude_tools: ['b'],
        keep: { type: 'tool_uses', value: 1 },
        trigger: { type: 'tool_uses', value: 1 },
      },
      { type: 'clear_thinking_20251015', keep: { type: 'thinking_turns', value: 1 } },
      { type: 'clear_thinking_20251015', keep: { type: 'all' } },
      { type: 'clear_thinking_20251015', keep: 'all' },
      {
        type: 'compact_20260112',
        instructions: 'x',
        pause_after_compaction: true,
        trigger: { type: 'input_tokens', value: 1 },
      },
    ],
  },
  fallback_credit_token: { token: 't', mode: 'best_effort' },
  fallbacks: [{ model: 'b', max_tokens: 1, speed: null, thinking: null, output_config: null, anything: 1 }],
  mcp_servers: [
    {
      type: 'url',
      name: 's',
      url: 'https://example.com/mcp',
      authorization_token: 't',
      tool_configuration: { allowed_tools: ['a'], enabled: true },
    },
  ],
  output_format: { type: 'json_schema', schema: {} },
  thread: { type: 'continue', previous_message_id: 'msg_01' },
} satisfies Anthropic.Beta.Messages.MessageCreateParams;

type BlockType = Anthropic.Beta.Messages.BetaContentBlock['type'];

/** Blocks of an answer by type, beta included: the same as may be sent back, without cache_control. */
export const answerBlocks = Object.fromEntries(
  Object.entries({
    ...blockParams,
    ...betaBlockParams,
    server_tool_use: [...blockParams.server_tool_use, ...betaBlockParams.server_tool_use],
    compaction: betaBlockParams.compaction.map((block) => ({
      ...block,
      tool_changes: [{ type: 'tool_addition', tool: { type: 'tool_definition', definition: tools[1] } }],
    })),
    fallback: [
      { type: 'fallback', from: { model: 'a' }, to: { model: 'b' }, trigger: { type: 'refusal', category: null } },
    ],
  })
    .filter(
      ([type]) =>
        !['image', 'document', 'search_result', 'tool_result', 'tool_addition', 'tool_removal'].includes(type),
    )
    .map(([type, blocks]) => [
      type,
      blocks.map(({ cache_control: _, ...block }: { cache_control?: unknown }) => block),
    ]),
) as Record<BlockType, Record<string, unknown>[]>;

const iteration = {
  input_tokens: 1,
  output_tokens: 1,
  cache_read_input_tokens: 0,
  cache_creation_input_tokens: 0,
  cache_creation: null,
} as const;

/** Usage with every field, beta included. */
export const fullUsage = {
  input_tokens: 10,
  output_tokens: 5,
  cache_creation_input_tokens: 3,
  cache_read_input_tokens: 0,
  cache_creation: { ephemeral_5m_input_tokens: 1, ephemeral_1h_input_tokens: 2 },
  server_tool_use: { web_search_requests: 1, web_fetch_requests: 0 },
  service_tier: 'priority',
  speed: 'standard',
  inference_geo: 'not_available',
  output_tokens_details: { thinking_tokens: 2 },
  iterations: [
    { type: 'message', model: null, ...iteration },
    { type: 'compaction', ...iteration },
    { type: 'advisor_message', model: 'a', ...iteration },
    { type: 'fallback_message', model: 'b', ...iteration },
  ],
  fallback_credit: { status: { type: 'not_applied', reason: 'expired', remove_to_redeem: ['system'] } },
} satisfies Anthropic.Beta.Messages.BetaUsage;

/** The smallest complete message that a server may answer with. */
export const minimalMessage = {
  id: 'msg_01',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-5',
  content: [{ type: 'text', text: 'Hello' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 10, output_tokens: 5 },
};

const stop_details = {
  type: 'refusal',
  category: 'cyber',
  explanation: null,
  fallback_credit_token: null,
  fallback_has_prefill_claim: null,
  recommended_model: 'b',
} satisfies Anthropic.Beta.Messages.BetaRefusalStopDetails;

const container = {
  id: 'container_01',
  expires_at: '2026-11-23T10:00:00.123Z',
  skills: [{ skill_id: 'pdf', type: 'anthropic', version: '1' }],
} satisfies Anthropic.Container;

const context_management = {
  applied_edits: [
    { type: 'clear_tool_uses_20250919', cleared_tool_uses: 1, cleared_input_tokens: 1 },
    { type: 'clear_thinking_20251015', cleared_thinking_turns: 1, cleared_input_tokens: 1 },
  ],
} satisfies Anthropic.Beta.Messages.BetaContextManagementResponse;

const input_transformations = [
  { type: 'thinking_dropped', path: 'messages.1', reason: 'model_binding_mismatch' },
  { type: 'thinking_mismatch_allowed', path: 'messages.1', reason: 'prefix_binding_mismatch' },
] satisfies Anthropic.Beta.Messages.BetaInputTransformation[];

/** A message with every field, beta included. */
export const fullMessage = {
  ...minimalMessage,
  content: Object.values(answerBlocks).flat(),
  stop_reason: 'refusal',
  stop_details,
  usage: fullUsage,
  container,
  diagnostics: { cache_miss_reason: { type: 'tools_changed', cache_missed_input_tokens: 1 } },
  context_management,
  input_transformations,
};

/** Events by name, each in all its forms. */
export const events = {
  message_start: [
    { type: 'message_start', message: { ...minimalMessage, content: [], stop_reason: null } },
    {
      type: 'message_start',
      message: { ...fullMessage, content: [], stop_reason: null, stop_details: null, container: null },
    },
  ],
  content_block_start: Object.values(answerBlocks)
    .flat()
    .map((block, index) => ({
      type: 'content_block_start',
      index,
      content_block: String(block.type).endsWith('tool_use') ? { ...block, input: {} } : block,
    })),
  content_block_delta: [
    { type: 'text_delta', text: '' },
    { type: 'input_json_delta', partial_json: '{"ci' },
    ...Object.values(citationParams).map((citation) => ({ type: 'citations_delta', citation })),
    { type: 'thinking_delta', thinking: 'x', estimated_tokens: null },
    { type: 'signature_delta', signature: 'x' },
    { type: 'compaction_delta', content: null, encrypted_content: 'x' },
  ].map((delta) => ({ type: 'content_block_delta', index: 0, delta })),
  content_block_stop: [{ type: 'content_block_stop', index: 0 }],
  message_delta: [
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: 5 },
    },
    {
      type: 'message_delta',
      delta: { stop_reason: 'stop_sequence', stop_sequence: 'x', stop_details, container },
      usage: {
        input_tokens: null,
        output_tokens: 5,
        cache_creation_input_tokens: null,
        cache_read_input_tokens: 0,
        server_tool_use: null,
        output_tokens_details: { thinking_tokens: 0 },
        iterations: null,
        fallback_credit: { status: { type: 'redeemed' } },
      },
      context_management,
      input_transformations,
    },
  ],
  message_stop: [{ type: 'message_stop' }],
  ping: [{ type: 'ping' }],
  error: [{ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }],
};
