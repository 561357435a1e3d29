import type { Exchange } from '../../core/exchange.js';
import type { Prepared } from '../run.js';
import { benchOf } from './bench.js';
import { judgeAll } from './judge.js';

/**
 * For `--bail`: judges, after each conversation, the requirements whose conversations have all been sent, each once. Returns why the run
 * ends, or `null`.
 */
export function firstFailure(
  { contract, fixtures, plan }: Prepared,
  model: string,
): (exchanges: readonly Exchange[], finished: ReadonlySet<string>) => string | null {
  const sent = new Map<string, string[]>();
  for (const { fixture, transport, sharedBy, fallbackFor } of plan.conversations) {
    if (fallbackFor !== null) continue;
    for (const id of [fixture.id, ...sharedBy]) sent.set(id, [...(sent.get(id) ?? []), `${id}/${transport}`]);
  }
  const waiting = new Map(
    plan.requirements
      .filter((requirement) => requirement.fixtures.length > 0)
      .map((requirement) => [requirement, requirement.fixtures.flatMap((id) => sent.get(id) ?? [])]),
  );
  return (exchanges, finished) => {
    const ready = [...waiting].filter(([, needed]) => needed.every((key) => finished.has(key))).map(([one]) => one);
    for (const requirement of ready) waiting.delete(requirement);
    if (ready.length === 0) return null;
    const failed = judgeAll(ready, benchOf(contract, fixtures, exchanges, model)).find(
      ({ verdict }) => verdict === 'fail',
    );
    return failed === undefined ? null : `${failed.requirement.id} failed, and --bail ends the run there`;
  };
}
