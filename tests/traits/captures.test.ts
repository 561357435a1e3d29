import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { JsonObject } from '../../core/json.js';
import { createEndpoint } from '../../reference/create-endpoint.js';
import { readRequests } from './read.js';
import type { ClientRequest } from './request.js';

/** Recorded requests of Claude Code. They are not part of the repository. */
const FOLDER = fileURLToPath(new URL('../../../shared/captures/claude-code', import.meta.url));
const missing = existsSync(FOLDER)
  ? null
  : `${FOLDER} does not exist: the recorded requests of Claude Code are not part of the repository`;
if (missing !== null) console.log(`Skipped, tests/traits/captures.test.ts: ${missing}`);

it.skipIf(missing !== null)(
  'the reference endpoint answers every recorded request of Claude Code with 200',
  async () => {
    const requests = readRequests([FOLDER]);
    const models = [...new Set(requests.flatMap(({ body }) => (body as JsonObject | null)?.model ?? []))] as string[];
    const endpoint = createEndpoint({ models });
    const thought = await thinkingOf(endpoint, models[0]!);
    const answers = [];
    for (const request of requests)
      answers.push([request.at, (await endpoint.fetch(toRequest(request, thought))).status]);
    expect(requests.filter(({ method }) => method === 'POST')).toHaveLength(41);
    expect(answers.filter(([, status]) => status !== 200)).toEqual([]);
  },
);

type Block = { type: string; thinking?: string; signature?: string };

/** A thinking block that this endpoint has signed: the recorded signatures are placeholders. */
async function thinkingOf(endpoint: ReturnType<typeof createEndpoint>, model: string): Promise<Block> {
  const body = {
    model,
    max_tokens: 500,
    thinking: { type: 'adaptive' },
    messages: [{ role: 'user', content: 'Is 7 prime?' }],
  };
  const answer = await endpoint.fetch(
    new Request('http://reference.test/v1/messages', {
      method: 'POST',
      headers: { 'x-api-key': 'k', 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  );
  const { content } = (await answer.json()) as { content: Block[] };
  return content.find(({ type }) => type === 'thinking')!;
}

function toRequest({ method, target, headers, body }: ClientRequest, thought: Block): Request {
  const filled = JSON.stringify(body, (_key, value: Block) => (value?.signature === '{{signature}}' ? thought : value));
  return new Request(`http://reference.test${target}`, {
    method,
    headers: headers.map(([name, value]) => [name, value.replace('{{key}}', 'Bearer k')] as [string, string]),
    ...(body !== null && { body: filled }),
  });
}
