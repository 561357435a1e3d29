import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import { loadFixtures } from '../../runner/plan/fixtures.js';
import { buildRequest, type Target } from '../../runner/send/requests.js';
import { requestSelfCheck } from '../../runner/send/self-check.js';

const target: Target = {
  baseUrl: 'https://api.example.com',
  apiKey: null,
  apiKeyVariable: 'MY_KEY',
  model: 'm-1',
  headers: {},
  credential: 'x-api-key',
  apiVersion: '2023-06-01',
};
const fixtures = loadFixtures();
const check = requestSelfCheck('2023-06-01');

function complaint(id: string, content: JsonObject[] | null = null, change: (body: JsonObject) => object = () => ({})) {
  const fixture = fixtures.get(id)!;
  const earlier = content === null ? [] : [{ message: { content }, json: { content } } as unknown as Exchange];
  const built = buildRequest(target, fixture, fixture.turns[earlier.length]!, 'json', earlier);
  return check(fixture, { ...built.body!, ...change(built.body!) }, built);
}

describe('before it is sent', () => {
  it('a request has to fit the schema of requests', () => {
    expect(complaint('minimal')).toBeNull();
    expect(complaint('minimal', null, () => ({ max_tokens: '16' }))).toMatch(/does not fit .*max_tokens/);
  });

  it('a negative has to break it', () => {
    expect(complaint('max-tokens-missing')).toBeNull();
    expect(complaint('max-tokens-missing', null, () => ({ max_tokens: 1 }))).toMatch(/does not break/);
  });
});

describe('an answer that goes back unchanged', () => {
  const call = { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: 'Paris' } };

  it('may hold fields that nobody knows: the target put them there', () => {
    expect(complaint('client-tool-loop', [call])).toBeNull();
    expect(complaint('client-tool-loop', [{ ...call, x_new: 1, caller: { type: 'direct', x_new: {} } }])).toBeNull();
  });

  it('may not hold what no request may hold', () => {
    expect(complaint('client-tool-loop', [{ ...call, input: '{}' }])).toMatch(/input/);
  });

  it('excuses nothing in the messages around it', () => {
    const strange = (body: JsonObject) => ({
      messages: (body.messages as JsonObject[]).map((one) => (one.role === 'user' ? { ...one, x_new: 1 } : one)),
    });
    expect(complaint('client-tool-loop', [call], strange)).toMatch(/x_new/);
  });
});
