import type { IncidentRecord } from '../incidents.js';

/** Tool calls and their results (TU). */
// biome-ignore format: a table, one record a line
export const TOOL_INCIDENTS: readonly IncidentRecord[] = [
  { id: 'TU-01', server: 'nielspeter/claude-code-proxy', url: 'https://github.com/nielspeter/claude-code-proxy/pull/13', date: '2026-04-22', effect: 'validation in Claude Code fails, because the input of a tool call is a JSON string', requirements: ['tu.shape'] },
  { id: 'TU-04', server: 'AntSeed adapter', url: 'https://github.com/AntSeed/antseed/pull/15', date: '2026-02-27', effect: 'OpenClaw calls read without a path, because the arguments are only in the start event', requirements: ['stream.tool.start'] },
  { id: 'TU-05', server: 'ccrelay', url: 'https://github.com/inflaborg/ccrelay/pull/119', date: '2026-08-03', effect: 'Claude Code and the SDK see {} as the input of every call', requirements: ['stream.tool.start'] },
  { id: 'TU-06', server: 'unnamed compatible backends', url: 'https://github.com/openclaw/openclaw/pull/120461', date: '2026-08-08', effect: 'OpenClaw and gajae-code got empty inputs until they read the start event', requirements: ['stream.tool.start'] },
  { id: 'TU-08', server: 'new-api', url: 'https://github.com/QuantumNous/new-api/issues/7302', date: '2026-09-10', effect: 'clients get invalid JSON, because the end of the arguments is lost', requirements: ['stream.tool.concat-json'] },
  { id: 'TU-09', server: '9router', url: 'https://github.com/decolua/9router/issues/3416', date: '2026-08-19', effect: 'parts of a shell command are lost: Claude Code rejects the input, and the Go SDK fails on the whole message', requirements: ['stream.tool.concat-json'] },
  { id: 'TU-14', server: 'Switchyard', url: 'https://github.com/NVIDIA-NeMo/Switchyard/issues/502', date: '2026-08-20', effect: 'Claude Code loops forever, because tool ids start at call_0 in every turn', requirements: ['tu.id.pattern', 'agent.tool-loop.stream'] },
  { id: 'TU-22', server: 'LiteLLM (Bedrock Converse)', url: 'https://github.com/BerriAI/litellm/issues/15307', date: '2025-10-08', effect: 'clients get the arguments of two parallel calls in one block', requirements: ['stream.tool.parallel-blocks', 'stream.tool.concat-json', 'tu.parallel'] },
  { id: 'TU-26', server: 'mlx-vlm server', url: 'https://github.com/Blaizzy/mlx-vlm/issues/1060', date: '2026-04-24', effect: 'Claude Code can do nothing, because the server accepts tools and ignores them', requirements: ['tc.any', 'tc.tool'] },
  { id: 'TU-27', server: 'zcode-api', url: 'https://github.com/TriDefender/zcode-api/pull/23', date: '2026-07-04', effect: 'tool results and streamed tool calls are dropped without an error', requirements: ['tr.string', 'tc.tool'] },
  { id: 'TU-30', server: 'SGLang', url: 'https://github.com/sgl-project/sglang/pull/18630', date: '2026-02-12', effect: 'the model reads a printed Python list instead of the text of a result (found in review)', requirements: ['tr.blocks'] },
  { id: 'TU-32', server: 'OmniRoute', url: 'https://github.com/diegosouzapw/OmniRoute/issues/1882', date: '2026-05-03', effect: 'WebSearch in Claude Code fails, because web search is returned as a call for the client', requirements: ['tool.server.unsupported'] },
  { id: 'TU-34', server: 'cc-switch', url: 'https://github.com/farion1231/cc-switch/pull/2557', date: '2026-05-03', effect: 'strict parsers reject a tool block that starts without an input', requirements: ['stream.tool.start'] },
  { id: 'TU-35', server: 'llama.cpp server', url: 'https://github.com/ggml-org/llama.cpp/pull/22960', date: '2026-05-12', effect: 'a Rust client stops with "missing field `input`" when a tool block starts', requirements: ['stream.tool.start'] },
  { id: 'TU-37', server: '1rgs/claude-code-proxy', url: 'https://github.com/1rgs/claude-code-proxy/pull/86', date: '2026-03-06', effect: 'a valid history gets 400, because the proxy turns one result into two', requirements: ['tr.string'] },
];
