import fc from 'fast-check';
import { it } from 'vitest';
import type { Json, JsonObject } from '../../core/json.js';
import { officialClients } from '../../suites/official-clients.js';
import { toolCalls } from '../../suites/tool-calls.js';
import { toolChoice } from '../../suites/tool-choice.js';
import { toolDefinitions } from '../../suites/tool-definitions.js';
import { toolResults } from '../../suites/tool-results.js';
import { events, exchange, expectJudgements, message, textBlock, toolUse } from '../support/exchange.js';

const value = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>;
const odd = (keys: string[]) =>
  fc.record(Object.fromEntries(keys.map((key) => [key, value])) as Record<string, fc.Arbitrary<Json>>, {
    requiredKeys: [],
  });
const block = fc.oneof(
  value,
  odd(['id', 'name', 'input', 'text']).map((parts) => toolUse({ city: 'Paris' }, parts as JsonObject)),
  odd(['text']).map((parts) => ({ ...textBlock('ok'), ...parts })),
);
const content = fc.oneof(fc.array(block, { maxLength: 4 }), value);
const reply = fc
  .tuple(content, odd(['id', 'stop_reason', 'stop_sequence', 'usage', 'model', 'role']))
  .map(([blocks, parts]) => message({ ...(parts as JsonObject), content: blocks as Json }));
/** A legal stream with one value of it replaced; the names of its events stay. */
const stream = fc
  .tuple(fc.nat(9), value, fc.constantFrom('index', 'delta', 'content_block', 'usage', 'message', 'type'))
  .map(([at, odd, key]) =>
    events(message({ content: [textBlock('ok'), toolUse()], stop_reason: 'tool_use' }))
      .map((event, index) => [event.type, index === at ? { ...event, [key]: odd } : event] as const)
      .map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`)
      .join(''),
  );

/** Of each requirement by itself: the exchanges of its fixtures, and a reply for each. */
it.each(
  [toolDefinitions, toolChoice, toolCalls, toolResults, officialClients].map(
    ({ name, requirements }) => [name, requirements] as const,
  ),
)('no requirement of %s throws on what a target sends', (_name, requirements) => {
  fc.assert(
    fc.property(fc.array(reply, { minLength: 1, maxLength: 3 }), stream, value, (replies, raw, made) => {
      const client = { name: 'sdk-typescript', version: '1', message: made } as const;
      for (const requirement of requirements) {
        const own = [...requirement.fixtures, 'tool-forced'].flatMap((fixture, at) => [
          exchange({ fixture, json: replies[at % replies.length], client }),
          exchange({ fixture, json: replies[at % replies.length], turn: 2, client }),
          exchange({ fixture, raw, client }),
        ]);
        expectJudgements([requirement], own);
      }
    }),
    { numRuns: 40 },
  );
});
