import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { loadCases } from '../../gateway/cases.js';
import { openaiChat } from '../../gateway/dialects/openai-chat/index.js';
import { openaiResponses } from '../../gateway/dialects/openai-responses/index.js';
import { answerSchemas, dialectSchemas } from './dialect-schemas.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

describe('schemas of other APIs', () => {
  it.each(Object.entries(dialectSchemas(ROOT)))('%s is what the installed client has', (file, schema) => {
    const written = JSON.parse(readFileSync(`${ROOT}schemas/${file}`, 'utf8'));
    expect(written, 'run node scripts/dialect-schemas.mjs').toEqual(JSON.parse(JSON.stringify(schema)));
  });
});

const ajv = new Ajv2020({ strict: false, validateSchema: false });
const { completion, chunk, response, event } = answerSchemas(ROOT);

describe.each([
  { dialect: openaiChat, whole: ajv.compile(completion!), part: ajv.compile(chunk!) },
  { dialect: openaiResponses, whole: ajv.compile(response!), part: ajv.compile(event!) },
])('what the upstream writes as $dialect.name fits the types of the installed client', ({ dialect, whole, part }) => {
  const asked = { model: 'm', usage: true, number: 1 };
  const scripts = [...loadCases(dialect.name).values()].flatMap(({ id, turns }) =>
    turns.flatMap(({ upstream }, index) =>
      // A finish reason that no client knows, and events of other types, are there on purpose.
      upstream === undefined || upstream.script.finish === 'unknown' || upstream.script.layout?.extras
        ? []
        : [[`${id} ${index + 1}`, upstream.script] as const],
    ),
  );
  const fits = (isValid: ValidateFunction, data: unknown): void =>
    expect(isValid(data), `${JSON.stringify(data)}: ${JSON.stringify(isValid.errors?.slice(0, 3))}`).toBe(true);

  it.each(scripts)('%s', (_name, script) => {
    fits(whole, withoutNulls(dialect.answer(script, asked)));
    // The role is optional in practice: some servers never name it.
    for (const step of dialect.stream(script, asked))
      if ('data' in step && step.data !== '[DONE]') fits(part, withoutNulls(JSON.parse(step.data)));
  });
});

/** Fields that the types leave out where the API sends null. */
function withoutNulls(data: { usage?: unknown; response?: { usage?: unknown } }): unknown {
  const { usage, ...rest } = data.response ?? data;
  if (usage !== null || (data.response === undefined && 'choices' in data)) return data;
  return data.response === undefined ? rest : { ...data, response: rest };
}
