import { isDeepStrictEqual } from 'node:util';
import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../core/json.js';
import { CLIENT_EFFECTS, CLIENTS, type Effect, levelsPage, requirementsOf } from '../../mutation/levels.js';
import { createEndpoint } from '../../reference/create-endpoint.js';
import { FAULTS } from '../../reference/faults/index.js';

/** Replies that are not streamed show these faults. */
const JSON_ONLY = ['input-as-string', 'usage-missing'];

const KEY = 'sk-levels-0123456789';
const TOOL = {
  name: 'get_weather',
  description: 'Current weather of a city',
  input_schema: { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] },
};

/** What a program sees of a reply with text and of one with two calls: the message, and the blocks that the stream reported. */
async function seen(fault: string | null, streamed: boolean): Promise<Json> {
  const alterations = FAULTS.find(({ id }) => id === fault)?.alters ?? {};
  const endpoint = createEndpoint({ apiKey: KEY, alterations });
  const client = new Anthropic({
    apiKey: KEY,
    baseURL: 'http://levels.test',
    maxRetries: 0,
    fetch: (url, init) => Promise.resolve(endpoint.fetch(new Request(url as string, init as RequestInit))),
  });
  const found: unknown[] = [];
  for (const content of ['Say hello.', 'Weather in Paris and in Rome?']) {
    const request = {
      model: 'reference-1',
      max_tokens: 256,
      tools: [TOOL],
      messages: [{ role: 'user' as const, content }],
    };
    if (!streamed) {
      found.push(plain(await client.messages.create(request)));
      continue;
    }
    const stream = client.messages.stream(request);
    const reported: unknown[] = [];
    stream.on('contentBlock', (block) => reported.push(JSON.parse(JSON.stringify(block))));
    found.push(plain(await stream.finalMessage()), withoutIds(reported));
  }
  return found as Json;
}

/** Without ids, which differ between replies. */
const plain = ({ content, stop_reason, usage }: Anthropic.Message): unknown => ({
  content: withoutIds(content),
  stop_reason,
  usage: usage && { input: usage.input_tokens, output: usage.output_tokens },
});
const withoutIds = (content: unknown): unknown =>
  JSON.parse(JSON.stringify(content ?? null, (key, value) => (key === 'id' ? undefined : value)));

async function effect(fault: string): Promise<Effect> {
  const streamed = !JSON_ONLY.includes(fault);
  const expected = await seen(null, streamed);
  try {
    return isDeepStrictEqual(await seen(fault, streamed), expected) ? 'ok' : 'wrong';
  } catch {
    return 'throws';
  }
}

describe('docs/levels.md', () => {
  it('is what mutation/levels.ts says', async () => {
    await expect(levelsPage()).toMatchFileSnapshot('../../docs/levels.md');
  });

  it.each(CLIENT_EFFECTS.map(({ fault, effects }) => [fault, effects[0]] as const))(
    `${CLIENTS[0]} on %s: %s`,
    async (fault, recorded) => {
      expect(await effect(fault)).toBe(recorded);
    },
  );

  it.each(CLIENT_EFFECTS.map(({ fault }) => fault))('%s breaks a client, and a MUST catches it', (fault) => {
    const row = CLIENT_EFFECTS.find((one) => one.fault === fault)!;
    expect(row.effects.some((one) => one === 'throws' || one === 'wrong')).toBe(true);
    expect(requirementsOf(fault)).not.toEqual([]);
  });
});
