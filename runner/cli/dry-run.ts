import { plannedCost } from '../plan/cost.js';
import type { prepare } from '../run.js';

/** What a run would send and cost, by profile; with `verbose` every request. Shared conversations count for the first profile that needs them. */
export function dryRun(prepared: Awaited<ReturnType<typeof prepare>>, verbose: boolean): string {
  const { plan, cost, profiles, contract } = prepared;
  const seen = new Set<string>();
  const rows = profiles.map((profile) => {
    const needed = new Set(
      plan.requirements.filter((requirement) => requirement.profile === profile).flatMap(({ fixtures }) => fixtures),
    );
    const fresh = plan.conversations.filter(
      ({ fixture, transport }) => needed.has(fixture.id) && !seen.has(`${fixture.id}/${transport}`),
    );
    for (const { fixture, transport } of fresh) seen.add(`${fixture.id}/${transport}`);
    return {
      profile,
      requirements: plan.requirements.filter((requirement) => requirement.profile === profile).length,
      ...plannedCost(fresh),
    };
  });
  const controls = plannedCost(
    plan.conversations.filter(({ fixture, transport }) => !seen.has(`${fixture.id}/${transport}`)),
  );
  const line = (name: string, requirements: number | string, requests: number, tokens: number) =>
    `  ${name.padEnd(20)}${String(requirements).padStart(13)}${String(requests).padStart(10)}${tokens.toLocaleString('en').padStart(20)}`;
  return [
    `Contract ${contract.name}. Nothing is sent.`,
    '',
    `  ${'profile'.padEnd(20)}${'requirements'.padStart(13)}${'requests'.padStart(10)}${'worst-case tokens'.padStart(20)}`,
    ...rows.map((row) => line(row.profile, row.requirements, row.requests, row.worstCaseTokens)),
    ...(controls.requests > 0 ? [line('(control requests)', '', controls.requests, controls.worstCaseTokens)] : []),
    line('in all', plan.requirements.length, cost.requests, cost.worstCaseTokens),
    '',
    'Models that do not follow a prompt are asked up to three times; the worst case counts one try.',
    ...(verbose ? ['', ...plan.conversations.map(describe)] : []),
    '',
  ].join('\n');
}

function describe({
  fixture,
  transport,
  fallbackFor,
}: Awaited<ReturnType<typeof prepare>>['plan']['conversations'][number]): string {
  const turns = fixture.turns.length > 1 ? `, ${fixture.turns.length} turns` : '';
  const condition = fallbackFor === null ? '' : `, only if ${fallbackFor.join(' or ')} falls short`;
  return `  ${fixture.id}/${transport}: ${fixture.title}${turns}${condition}`;
}
