import { afterAll, expect, it } from 'vitest';
import type { Report } from '../../core/report.js';
import { createEndpoint } from '../../reference/create-endpoint.js';
import { loadContract } from '../../runner/contract/contracts.js';
import { endpointOptions } from '../../runner/run/embedded.js';
import { run } from '../../runner/run.js';
import { asClientRequest } from './carried.js';
import type { Trait } from './kinds.js';
import { traitsOf } from './traits.js';

/** A trait that a gateway refuses, the requirement that has to fail, and how a finding of it names the trait. */
const REFUSED: readonly [Trait, requirement: string, named: RegExp][] = [
  ['order user text > system text', 'agent.system-message.after-user', /`system` message after a user message/],
  ['order user tool_result > system text', 'agent.system-message.after-result', /`system` message after a tool result/],
  ['order system text > assistant text', 'agent.system-message.in-history', /`system` messages in the history/],
  ['size description >= 18000', 'agent.description.long', /description of 18,800 characters/],
  ['size system >= 25000', 'agent.system.long', /system prompt of three blocks with 26,000 characters/],
  ['size body >= 120000', 'agent.body.large', /body of 124 kB/],
  ['schema propertyNames', 'agent.schema.keywords', /`propertyNames`/],
  ['schema title', 'agent.schema.keywords', /`title`/],
  ['header x-stainless-helper', 'http.request.unknown-headers', /informational headers/],
  ['schema const string', 'agent.schema.keywords', /`const`/],
  ['schema maxLength', 'agent.schema.keywords', /`maxLength`/],
  ['schema exclusiveMinimum', 'agent.schema.keywords', /`exclusiveMinimum`/],
  ['schema additionalProperties schema', 'agent.schema.keywords', /`additionalProperties`/],
  [
    'field context_management.edits[clear_thinking_20251015].keep',
    'agent.clear-thinking',
    /`context_management` edit that keeps all thinking/,
  ],
  ['together thinking adaptive, effort high', 'agent.effort.adaptive', /`output_config.effort` beside adaptive/],
  ['together thinking disabled, effort high', 'agent.effort.disabled', /`output_config.effort` beside disabled/],
  ['value output_config.effort=max', 'agent.effort', /`output_config.effort` "max"/],
  ['beta context-1m-2025-08-07', 'agent.betas.listed', /context-1m-2025-08-07/],
  ['beta thinking-token-count-2026-05-13', 'agent.betas.listed', /thinking-token-count-2026-05-13/],
  [
    'blocks user tool_result > document',
    'agent.result.document-beside',
    /PDF with `cache_control` beside a tool result/,
  ],
  [
    'value messages[user].content[tool_result].is_error=false',
    'agent.result.no-error',
    /tool result with `is_error` false/,
  ],
  [
    'value messages[assistant].content[text].cache_control.type=ephemeral',
    'agent.cache.assistant',
    /`cache_control` on the text of an assistant message/,
  ],
  ['value system[text].cache_control.ttl=1h', 'agent.cache.hour', /`ttl` "1h"/],
  ['encoding zstd', 'agent.encodings', /zstd/],
  ['call undeclared tool', 'agent.call.undeclared', /tool that the request does not declare/],
  ['call empty input', 'agent.call.empty-input', /empty `input`/],
  ['together thinking disabled, temperature 1', 'agent.temperature', /`temperature` 1 beside disabled thinking/],
];

const KEY = 'sk-gateway-7c1e';

/** Judges a gateway that refuses requests with one of these traits as curtly as it can, and is conformant otherwise. */
async function refusing(refused: readonly Trait[], only: readonly string[] = []): Promise<Report> {
  const endpoint = createEndpoint({
    ...endpointOptions(await loadContract('claude-code')),
    models: ['m'],
    apiKey: KEY,
  });
  const fetch = async (request: Request): Promise<Response> => {
    const traits = traitsOf(await asClientRequest(request.clone(), ''));
    if (!refused.some((trait) => traits.has(trait))) return endpoint.fetch(request);
    const error = { type: 'invalid_request_error', message: 'The request is invalid.' };
    return Response.json({ type: 'error', error }, { status: 400, headers: { 'request-id': 'req_gateway' } });
  };
  const { report } = await run({ contract: 'claude-code', fetch, model: 'm', apiKey: KEY, only });
  return report;
}

const failures = (report: Report) =>
  report.results
    .filter(({ verdict }) => verdict === 'fail')
    .map(({ id, findings }) => ({ id, messages: findings.map(({ message }) => message) }));

let judged = 0;
afterAll(() => expect(judged).toBeGreaterThanOrEqual(20));

it('a gateway that refuses nothing passes', async () => {
  expect(failures(await refusing([]))).toEqual([]);
});

/** Requirements of one kind may rest on one another. */
const kindOf = (requirement: string): string => requirement.split('.', 2).join('.');

/** Traits that one gateway refuses together: no two of one kind, and so few that the requests beside them are accepted. */
const GROUPS: (typeof REFUSED)[number][][] = [];
for (const one of REFUSED) {
  const free = GROUPS.find(
    (group) => group.length < 4 && !group.some(([, requirement]) => kindOf(requirement) === kindOf(one[1])),
  );
  if (free === undefined) GROUPS.push([one]);
  else free.push(one);
}

type Failures = ReturnType<typeof failures>;
const runs = new Map<(typeof GROUPS)[number], Promise<Failures>>();

/** What fails where this trait is refused, among others. */
function failuresBy(trait: Trait): Promise<Failures> {
  const group = GROUPS.find((one) => one.some(([refused]) => refused === trait))!;
  const [traits, requirements] = [group.map(([refused]) => refused), group.map(([, requirement]) => requirement)];
  const run = runs.get(group) ?? refusing(traits, [...requirements, 'agent.session.*']).then(failures);
  runs.set(group, run);
  return run;
}

it.each(REFUSED)('a gateway that refuses "%s" fails %s', async (trait, requirement, named) => {
  const failed = await failuresBy(trait);
  judged += 1;
  const blamed = failed.find(({ id }) => id === requirement);
  expect(blamed, JSON.stringify(failed)).toBeDefined();
  expect(blamed?.messages.filter((message) => !named.test(message))).toEqual([]);
  // The requests that carry it are not blamed once more.
  expect(failed.filter(({ id }) => id.startsWith('agent.session.'))).toEqual([]);
});
