import type { IncidentRecord } from '../incidents.js';

/** Counting tokens (CT) and listing models (MD). */
// biome-ignore format: a table, one record a line
export const OTHER_ENDPOINT_INCIDENTS: readonly IncidentRecord[] = [
  { id: 'CT-01', server: 'LiteLLM', url: 'https://github.com/BerriAI/litellm/issues/13252', date: '2025-08-04', effect: 'Claude Code 1.0.67 gets 404 for count_tokens?beta=true', requirements: ['count.basic'] },
  { id: 'CT-03', server: 'codex-proxy', url: 'https://github.com/icebear0828/codex-proxy/pull/612', date: '2026-05-31', effect: '/context in Claude Code shows too many tokens, because it has to estimate', requirements: ['count.basic'] },
  { id: 'CT-04', server: 'upstreams of claude-relay-service', url: 'https://github.com/Wei-Shaw/claude-relay-service/issues/731', date: '2025-11-30', effect: 'the VS Code extension starts slowly: dozens of count requests a second get 404 in an OpenAI envelope', requirements: ['count.absent-clean'] },
  { id: 'CT-05', server: 'Envoy AI Gateway', url: 'https://github.com/envoyproxy/ai-gateway/issues/1360', date: '2025-10-14', effect: 'Claude Code cannot count tokens: "invalid_path"', requirements: ['count.basic', 'count.absent-clean'] },
  { id: 'CT-07', server: 'cc-switch', url: 'https://github.com/farion1231/cc-switch/pull/4999', date: '2026-07-05', effect: 'context meters are wrong, because every prompt has the same count', requirements: ['count.system-tools', 'count.matches-usage'] },
  { id: 'CT-09', server: 'LiteLLM', url: 'https://github.com/BerriAI/litellm/issues/15006', date: '2025-09-28', effect: 'a key that may create messages gets an error for counts', requirements: ['count.basic'] },
  { id: 'CT-10', server: 'LiteLLM (custom base URL)', url: 'https://github.com/BerriAI/litellm/issues/15473', date: '2025-10-13', effect: 'the gateway sends the key of another provider to Anthropic and returns an estimate with 200', requirements: ['count.matches-usage'] },
  { id: 'CT-11', server: 'sub2api', url: 'https://github.com/Wei-Shaw/sub2api/issues/917', date: '2026-03-10', effect: 'Claude in VS Code gets 503 for counts while messages work', requirements: ['count.basic'] },
  { id: 'CT-14', server: 'aimee', url: 'https://github.com/RakuenSoftware/aimee/pull/2911', date: '2026-08-29', effect: 'a malformed request gets the count 0, which hides the mistake', requirements: ['count.required'] },
  { id: 'CT-17', server: 'Vercel AI Gateway', url: 'https://github.com/vercel/ai/issues/17326', date: '2026-07-15', effect: 'clients cannot plan: counts fail for some of the listed models', requirements: ['count.basic'] },
  { id: 'CT-18', server: 'PostHog gateway', url: 'https://github.com/PostHog/posthog/pull/59961', date: '2026-05-29', effect: 'the Agent SDK would get 400 for counts of some models (found in review)', requirements: ['count.basic'] },
  { id: 'MD-01', server: 'LiteLLM', url: 'https://github.com/BerriAI/litellm/issues/27180', date: '2026-05-05', effect: 'the model picker of Claude Code 2.1.126 and later is empty, because the list is in OpenAI format', requirements: ['models.list.shape', 'models.item.shape'] },
  { id: 'MD-02', server: 'agentgateway', url: 'https://github.com/agentgateway/agentgateway/issues/2235', date: '2026-06-18', effect: 'the model picker of Claude Code is empty, because the list is in OpenAI format', requirements: ['models.list.shape', 'models.item.shape'] },
  { id: 'MD-08', server: 'new-api', url: 'https://github.com/QuantumNous/new-api/issues/2422', date: '2025-12-12', effect: 'Anthropic clients get 401 for the model list, because that endpoint ignores x-api-key', requirements: ['models.list.shape', 'auth.x-api-key'] },
];
