/** What the documentation of a target admits: a failure stays one, and a clean rejection of it is no fault. */

import picomatch from 'picomatch';
import type { Contract } from './contracts.js';

/** Fields that a contract can list in `ignoredFields`, with globs of the requirements that judge their effect. */
export const FIELD_REQUIREMENTS: Readonly<Record<string, readonly string[]>> = {
  budget_tokens: ['think.budget.*'],
  cache_control: ['cache.*'],
  citations: ['cite.*'],
  container: ['req.provider-fields'],
  context_management: ['agent.context-management', 'agent.context-management.*'],
  disable_parallel_tool_use: ['tc.disable-parallel.*'],
  mcp_servers: ['req.provider-fields'],
  metadata: ['req.metadata.user-id'],
  'output_config.format': ['so.*'],
  service_tier: ['req.provider-fields'],
  stop_sequences: ['req.stop-sequences.*', 'stop.sequence.*', 'stream.stop-sequence'],
  thinking: ['think.*'],
  tool_choice: ['tc.*'],
  top_k: ['req.top-k.type'],
  top_p: ['req.top-p.range'],
};

/** Forms of `tool_choice`, with the requirements that judge their effect. */
const CHOICE_REQUIREMENTS = {
  auto: ['tc.auto', 'tc.disable-parallel.auto'],
  any: ['tc.any', 'tc.disable-parallel.any'],
  tool: ['tc.tool', 'tc.unknown-name'],
  none: ['tc.none'],
} as const;

/** What the contract documents about the subject of a requirement, in one line; `undefined` where it documents nothing. */
export function documentedWeakness({ dialect, documented = [] }: Contract, id: string): string | undefined {
  const line = documented.findLast((one) => picomatch(one.id)(id));
  if (line !== undefined) return line.reason;
  const field = (dialect.ignoredFields ?? []).find((name) => picomatch([...(FIELD_REQUIREMENTS[name] ?? [])])(id));
  if (field !== undefined) return `${field} is ignored`;
  const { toolChoice, unknownModel, credentials } = dialect;
  const choices = Object.keys(CHOICE_REQUIREMENTS) as (keyof typeof CHOICE_REQUIREMENTS)[];
  const missing = choices.find(
    (choice) =>
      toolChoice !== undefined &&
      !toolChoice.includes(choice) &&
      (CHOICE_REQUIREMENTS[choice] as readonly string[]).includes(id),
  );
  if (missing !== undefined) return `tool_choice has no "${missing}"`;
  if (id === 'req.model.unknown' && unknownModel !== undefined && unknownModel !== 'refuse')
    return unknownModel === 'map' ? 'unknown models are mapped to another one' : 'unknown models lead to a default one';
  if (dialect.stopSequenceLimit === 0 && picomatch([...FIELD_REQUIREMENTS.stop_sequences!])(id))
    return 'stop_sequences are not offered';
  if (id === 'auth.x-api-key' && !credentials.includes('x-api-key')) return 'only a bearer token is accepted';
  return undefined;
}
