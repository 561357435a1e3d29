import type { IncidentRecord } from '../incidents.js';

/** Tool calls and their results (TU). */
// biome-ignore format: a table, one record a line
export const TOOL_INCIDENTS: readonly IncidentRecord[] = [
  { id: 'TU-01', server: 'nielspeter/claude-code-proxy', url: 'https://github.com/nielspeter/claude-code-proxy/pull/13', date: '2026-04-22', effect: 'Claude Code fails its validation, as the input of a call is a JSON string', requirements: ['tu.shape'] },
  { id: 'TU-04', server: 'AntSeed adapter', url: 'https://github.com/AntSeed/antseed/pull/15', date: '2026-02-27', effect: 'OpenClaw calls read without a path, as the arguments came in the start event alone', requirements: ['stream.tool.start'] },
  { id: 'TU-05', server: 'ccrelay', url: 'https://github.com/inflaborg/ccrelay/pull/119', date: '2026-08-03', effect: 'Claude Code and the SDK see {} as the input of every call', requirements: ['stream.tool.start'] },
  { id: 'TU-06', server: 'unnamed compatible backends', url: 'https://github.com/openclaw/openclaw/pull/120461', date: '2026-08-08', effect: 'OpenClaw and gajae-code saw empty inputs and missing fields until they learnt to read the start event', requirements: ['stream.tool.start'] },
  { id: 'TU-08', server: 'new-api', url: 'https://github.com/QuantumNous/new-api/issues/7302', date: '2026-09-10', effect: 'the end of the arguments is lost, and clients hold JSON that does not parse', requirements: ['stream.tool.concat-json'] },
  { id: 'TU-09', server: '9router', url: 'https://github.com/decolua/9router/issues/3416', date: '2026-08-19', effect: 'pieces of a shell command vanish: Claude Code refuses the input, the Go SDK fails the whole message', requirements: ['stream.tool.concat-json'] },
  { id: 'TU-14', server: 'Switchyard', url: 'https://github.com/NVIDIA-NeMo/Switchyard/issues/502', date: '2026-08-20', effect: 'tool ids begin at call_0 in every turn, and Claude Code loops without end', requirements: ['tu.id.pattern', 'agent.tool-loop.stream'] },
  { id: 'TU-22', server: 'LiteLLM (Bedrock Converse)', url: 'https://github.com/BerriAI/litellm/issues/15307', date: '2025-10-08', effect: 'the arguments of two parallel calls run together in one block', requirements: ['stream.tool.parallel-blocks', 'stream.tool.concat-json', 'tu.parallel'] },
  { id: 'TU-26', server: 'mlx-vlm server', url: 'https://github.com/Blaizzy/mlx-vlm/issues/1060', date: '2026-04-24', effect: 'tools are accepted and never used, so Claude Code can do nothing', requirements: ['tc.any', 'tc.tool'] },
  { id: 'TU-27', server: 'zcode-api', url: 'https://github.com/TriDefender/zcode-api/pull/23', date: '2026-07-04', effect: 'results and streamed calls are dropped on the way, without an error', requirements: ['tr.string', 'tc.tool'] },
  { id: 'TU-30', server: 'SGLang', url: 'https://github.com/sgl-project/sglang/pull/18630', date: '2026-02-12', effect: 'the model reads a printed Python list in place of the text of a result (found in review)', requirements: ['tr.blocks'] },
  { id: 'TU-32', server: 'OmniRoute', url: 'https://github.com/diegosouzapw/OmniRoute/issues/1882', date: '2026-05-03', effect: 'web search comes back as a call for the client to carry out, and WebSearch in Claude Code fails', requirements: ['tool.server.unsupported'] },
  { id: 'TU-34', server: 'cc-switch', url: 'https://github.com/farion1231/cc-switch/pull/2557', date: '2026-05-03', effect: 'strict parsers refuse a tool block that starts without an input', requirements: ['stream.tool.start'] },
  { id: 'TU-35', server: 'llama.cpp server', url: 'https://github.com/ggml-org/llama.cpp/pull/22960', date: '2026-05-12', effect: 'a Rust client stops with "missing field `input`" when a tool block starts', requirements: ['stream.tool.start'] },
  { id: 'TU-37', server: '1rgs/claude-code-proxy', url: 'https://github.com/1rgs/claude-code-proxy/pull/86', date: '2026-03-06', effect: 'one result becomes two on the way, and a valid history is answered with 400', requirements: ['tr.string'] },
];
