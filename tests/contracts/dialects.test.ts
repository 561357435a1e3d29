/** The reference endpoint in each dialect: under its own contract nothing fails; under another one, only what the two say differently. */

import { describe, expect, it } from 'vitest';
import type { Profile } from '../../core/protocol.js';
import { loadContract } from '../../runner/contract/contracts.js';
import { endpointOptions } from '../../runner/run/embedded.js';
import { judged as judgedEndpoint } from '../support/judged.js';

/** Requirements that do not pass, with their verdict and outcome in one line each. */
async function judged(
  dialectOf: string,
  contract: string,
  profiles: readonly Profile[] = ['core', 'tools'],
): Promise<string[]> {
  const endpoint = { ...endpointOptions(await loadContract(dialectOf)), apiKey: 'a-key-for-this-test' };
  const report = await judgedEndpoint(endpoint, { contract, profiles });
  return report.results
    .filter(({ verdict }) => verdict !== 'pass' && verdict !== 'skipped')
    .map(({ id, verdict }) => `${verdict} ${id}`);
}

describe('under its own contract nothing fails or warns', () => {
  it.each(['anthropic', 'relax-ai', 'claude-code', 'deepseek', 'minimax', 'ollama', 'lmstudio'])('%s', async (name) => {
    expect(await judged(name, name)).toEqual([]);
  });
});

describe('under another contract only the differences of the dialects show', () => {
  it('relax-ai judged as anthropic', async () => {
    expect(await judged('relax-ai', 'anthropic')).toEqual([
      // six stop sequences are refused, where no limit is documented
      'warn req.stop-sequences.six',
      // one user message after another is refused, where Anthropic merges them
      'warn msg.same-role.consecutive',
    ]);
  });

  it('anthropic judged as relax-ai', async () => {
    expect(await judged('anthropic', 'relax-ai')).toEqual([
      // the documented base URL ends in /v1, and /v1/v1/messages is not served
      'warn http.base-url.doubled-v1',
      // one user message after another is served, where roles must alternate
      'warn msg.same-role.consecutive',
    ]);
  });

  it('relax-ai judged as claude-code: that client cannot work with it', async () => {
    expect(await judged('relax-ai', 'claude-code', ['core', 'agent'])).toEqual([
      'warn req.stop-sequences.six',
      'warn msg.same-role.consecutive',
      // a message of the role system is refused, which the contract raises to MUST
      'fail msg.role-system.later',
      'fail agent.system-message.after-user',
      // the control of both
      'inconclusive agent.system-message.after-result',
      'inconclusive agent.system-message.in-history',
    ]);
  });
});
