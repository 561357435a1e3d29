import type { IncidentRecord } from '../incidents.js';

/** Thinking (TH). */
// biome-ignore format: a table, one record a line
export const THINKING_INCIDENTS: readonly IncidentRecord[] = [
  { id: 'TH-01', server: 'SGLang', url: 'https://github.com/sgl-project/sglang/issues/26795', date: '2026-05-31', effect: 'Claude Code shows no reasoning, because the server ignores `thinking` and sends no block', requirements: ['think.accepted'] },
  { id: 'TH-02', server: 'llama.cpp server', url: 'https://github.com/ggml-org/llama.cpp/issues/18542', date: '2026-01-02', effect: 'Claude Code shows no reasoning, streamed or not', requirements: ['think.accepted'] },
  { id: 'TH-05', server: 'NVIDIA Dynamo', url: 'https://github.com/ai-dynamo/dynamo/pull/7137', date: '2026-03-10', effect: 'users see raw reasoning in think tags', requirements: ['resp.thinking-not-leaked'] },
  { id: 'TH-06', server: 'Unsloth Studio', url: 'https://github.com/unslothai/unsloth/issues/8663', date: '2026-08-13', effect: 'users see raw reasoning in think tags', requirements: ['resp.thinking-not-leaked'] },
  { id: 'TH-11', server: 'CLIProxyAPI', url: 'https://github.com/router-for-me/CLIProxyAPI/issues/2172', date: '2026-03-16', effect: 'every conversation fails in its second turn: "Invalid signature in thinking block"', requirements: ['think.replay'] },
  { id: 'TH-12', server: 'copilot-api', url: 'https://github.com/ericc-ch/copilot-api/pull/166', date: '2026-01-08', effect: 'conversations with thinking fail in their second turn, because the proxy changes signatures', requirements: ['think.replay'] },
  { id: 'TH-17', server: 'CCX', url: 'https://github.com/BenedictKing/ccx/issues/279', date: '2026-07-23', effect: 'later turns get 400, because thinking blocks with empty text are dropped', requirements: ['think.replay'] },
  { id: 'TH-18', server: 'Antigravity-Manager', url: 'https://github.com/lbjlaq/Antigravity-Manager/issues/139', date: '2025-12-28', effect: 'tool loops of Claude Code get 400, because thinking is removed from the history', requirements: ['think.replay'] },
  { id: 'TH-19', server: 'ccs', url: 'https://github.com/kaitranntt/ccs/issues/113', date: '2025-12-16', effect: 'tool loops of Claude Code get 400, because thinking is removed from the history', requirements: ['think.replay'] },
  { id: 'TH-22', server: 'MiniMax', url: 'https://github.com/earendil-works/pi/issues/6658', date: '2026-07-14', effect: 'pi shows reasoning as the answer, because the server does not support thinking with a budget', requirements: ['think.accepted', 'resp.thinking-not-leaked'] },
];
