import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { loadCases } from '../../gateway/cases.js';
import { openaiChat } from '../../gateway/dialects/openai-chat/index.js';
import { answerSchemas, dialectSchemas } from './dialect-schemas.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

describe('schemas of other APIs', () => {
  it.each(Object.entries(dialectSchemas(ROOT)))('%s is what the installed client has', (file, schema) => {
    const written = JSON.parse(readFileSync(`${ROOT}schemas/${file}`, 'utf8'));
    expect(written, 'run node scripts/dialect-schemas.mjs').toEqual(JSON.parse(JSON.stringify(schema)));
  });
});

describe('what the upstream writes fits the types of the installed client', () => {
  const ajv = new Ajv2020({ strict: false, validateSchema: false });
  const { completion, chunk } = answerSchemas(ROOT);
  const isCompletion = ajv.compile(completion!);
  const isChunk = ajv.compile(chunk!);
  const asked = { model: 'm', usage: true, number: 1 };
  const scripts = [...loadCases('openai-chat').values()].flatMap(({ id, turns }) =>
    turns.flatMap(({ upstream }, index) =>
      // A finish reason that no client knows is there on purpose.
      upstream === undefined || upstream.script.finish === 'unknown'
        ? []
        : [[`${id} ${index + 1}`, upstream.script] as const],
    ),
  );

  it.each(scripts)('%s', (_name, script) => {
    expect(isCompletion(openaiChat.answer(script, asked)), JSON.stringify(isCompletion.errors?.slice(0, 3))).toBe(true);
    for (const step of openaiChat.stream(script, asked)) {
      if (!('data' in step) || step.data === '[DONE]') continue;
      const data = JSON.parse(step.data);
      // The role is optional in practice: some servers never name it.
      expect(isChunk(data), `${step.data}: ${JSON.stringify(isChunk.errors?.slice(0, 3))}`).toBe(true);
    }
  });
});
