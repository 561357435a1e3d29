/** What the upstream of the suite says of itself, in the words of the API that it speaks. */

import { afterEach, describe, expect, it } from 'vitest';
import { SPEAKS, type Speaks } from '../../core/upstream.js';
import { gatewayBasis } from '../../gateway/basis.js';
import { REAL_CLOCK } from '../../gateway/upstream/live.js';
import { Upstream } from '../../gateway/upstream/server.js';
import { type SchemaName, violations } from '../../validation/index.js';
import { judgedGateway } from './support.js';

const open: Upstream[] = [];
afterEach(async () => {
  for (const upstream of open.splice(0)) await upstream.close();
});

async function upstreamThat(speaks: Speaks): Promise<(path: string) => Promise<Response>> {
  const validate = (schema: string, value: unknown) => violations(schema as SchemaName, value);
  const upstream = new Upstream({ port: 0, speaks, validate, clock: REAL_CLOCK, clientKey: null });
  await upstream.listen();
  open.push(upstream);
  return (path) => fetch(`${upstream.origin}${path}`);
}

describe('models of the upstream', () => {
  it('have the form of the Messages API', async () => {
    const get = await upstreamThat('messages');
    const page = await (await get('/v1/models?limit=20')).json();
    expect(violations('modelsPage', page)).toEqual([]);
    expect(page).toMatchObject({ data: [{ id: 'upstream-model' }], has_more: false });
    const one = await (await get('/v1/models/claude%2Fbig')).json();
    expect(violations('modelInfo', one)).toEqual([]);
    expect(one).toMatchObject({ type: 'model', id: 'claude/big' });
    const missing = await get('/v1/health');
    expect(missing.status).toBe(404);
    const error = await missing.json();
    expect(violations('error', error)).toEqual([]);
    expect(missing.headers.get('request-id')).toBe(error.request_id);
  });

  it.each(['openai-chat', 'openai-responses'] as const)('have the form of OpenAI: %s', async (speaks) => {
    const get = await upstreamThat(speaks);
    expect(await (await get('/v1/models')).json()).toEqual({
      object: 'list',
      data: [{ id: 'upstream-model', object: 'model', created: 1_760_000_000, owned_by: 'messages-conformance' }],
    });
    expect(await (await get('/v1/models/%E0')).json()).toMatchObject({ id: '%E0', object: 'model' });
    expect(await (await get('/')).json()).toEqual({});
  });
});

describe('a stop reason that does not fit', () => {
  const ENDINGS: Readonly<Record<Speaks, readonly [filter: string, calls: string]>> = {
    'openai-chat': ['finish_reason: "content_filter"', 'finish_reason: "tool_calls"'],
    'openai-responses': ['incomplete_details.reason: "content_filter"', 'status: "completed" and function calls'],
    messages: ['stop_reason: "refusal"', 'stop_reason: "tool_use"'],
  };

  it.each(SPEAKS)('is told beside the field of the upstream: %s', async (speaks) => {
    const [filter, calls] = ENDINGS[speaks];
    const only = ['gw.stop.filter', 'gw.stop.calls'];
    const faults = ['gw-filter-as-end', 'gw-calls-as-end'];
    const { results } = await judgedGateway({ only, speaks, embedded: { faults } });
    const said = new Map(results.map(({ id, findings }) => [id, findings[0]?.message]));
    expect(said.get('gw.stop.filter')).toContain(`which ends with \`${filter}\``);
    expect(said.get('gw.stop.calls')).toContain(`which ends with \`${calls}\``);
  });
});

describe('sources of the requirements', () => {
  it.each(SPEAKS)('are those of the API of the upstream: %s', (speaks) => {
    const cited = new Set(gatewayBasis(speaks).catalogue.flatMap(({ source }) => source));
    expect(cited.has('O:chat')).toBe(speaks === 'openai-chat');
    expect(cited.has('O:responses')).toBe(speaks === 'openai-responses');
    expect(cited.has('O:errors')).toBe(speaks !== 'messages');
  });
});
