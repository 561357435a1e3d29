import { isObject } from '../../core/json.js';
import { rewriteTools } from '../alterations/lost-parts.js';
import { inStreams, rewriteHistory, rewritePrompt, rewritePromptBlocks } from '../alterations/requests.js';
import { withoutKeywords } from '../alterations/schema-keywords.js';
import type { JsonObject } from '../wire.js';
import type { FaultFamily } from './fault.js';

/** How many tools a gateway passes on to an API that takes no more. */
const MOST_TOOLS = 128;
const FEW_TOOLS = 10;

/** Where agents and gateways cut results to save tokens. */
const MOST_CHARACTERS = 10_000;

/** Characters that fit into the context window of a local server that nobody has configured. */
const WINDOW = 30_000;

const firstTools = (most: number) =>
  rewritePrompt((request) => (request.tools ? { ...request, tools: request.tools.slice(0, most) } : request));

const firstOf = (block: JsonObject): JsonObject =>
  typeof block.text === 'string' ? { ...block, text: block.text.slice(0, MOST_CHARACTERS) } : block;

const firstOfEach = (input: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(input).map(([key, value]) => [
      key,
      typeof value === 'string' ? value.slice(0, MOST_CHARACTERS) : value,
    ]),
  );

export const arrivalLoadFaults: FaultFamily = {
  name: 'arrival-load',
  title: 'parts of a large request that do not reach the model',
  faults: [
    {
      id: 'tools-cut-silently',
      title: 'Only the first 128 tools of a request reach the model.',
      level: 'MUST',
      caughtBy: ['arrives.tool.many'],
      alters: firstTools(MOST_TOOLS),
    },
    {
      id: 'tools-cut-silently-in-streams',
      title: 'Of a request for a stream only the first ten tools reach the model.',
      level: 'MUST',
      caughtBy: ['arrives.tool.many'],
      alters: inStreams(firstTools(FEW_TOOLS)),
    },
    {
      id: 'schema-references-dropped',
      title: '`$defs` and `$ref` of an `input_schema` do not reach the model.',
      level: 'SHOULD',
      caughtBy: ['arrives.tool.schema-keywords'],
      alters: rewriteTools(withoutKeywords('$defs', '$ref')),
    },
    {
      id: 'schema-alternatives-dropped',
      title: '`anyOf` in an `input_schema` does not reach the model.',
      level: 'SHOULD',
      caughtBy: ['arrives.tool.schema-keywords'],
      alters: rewriteTools(withoutKeywords('anyOf')),
    },
    {
      id: 'schema-defaults-dropped-in-streams',
      title: 'Of a request for a stream `default` in an `input_schema` does not reach the model.',
      level: 'SHOULD',
      caughtBy: ['arrives.tool.schema-keywords'],
      alters: inStreams(rewriteTools(withoutKeywords('default'))),
    },
    {
      id: 'schema-additional-dropped',
      title: '`additionalProperties` of an `input_schema` does not reach the model.',
      level: 'SHOULD',
      caughtBy: ['arrives.tool.schema-keywords'],
      alters: rewriteTools(withoutKeywords('additionalProperties')),
    },
    {
      id: 'result-strings-cut',
      title: 'A `tool_result` whose content is a string is silently cut after 10,000 characters.',
      level: 'MUST',
      caughtBy: ['arrives.result.long'],
      alters: rewritePromptBlocks((block) =>
        block.type === 'tool_result' && typeof block.content === 'string'
          ? { ...block, content: block.content.slice(0, MOST_CHARACTERS) }
          : block,
      ),
    },
    {
      id: 'call-inputs-cut',
      title: 'Strings in the `input` of a tool call of the history are silently cut after 10,000 characters.',
      level: 'MUST',
      caughtBy: ['arrives.call.long'],
      alters: rewritePromptBlocks((block) =>
        block.type === 'tool_use' && isObject(block.input) ? { ...block, input: firstOfEach(block.input) } : block,
      ),
    },
    {
      id: 'oldest-messages-dropped',
      title: 'Of messages that exceed its context window the server silently drops all but the last.',
      level: 'MUST',
      caughtBy: ['arrives.load.together'],
      alters: rewriteHistory((all) => (JSON.stringify(all).length > WINDOW ? all.slice(-1) : all)),
    },
    {
      id: 'result-blocks-cut-in-streams',
      title: 'Of a request for a stream text blocks of a `tool_result` are silently cut after 10,000 characters.',
      level: 'MUST',
      caughtBy: ['arrives.result.long'],
      alters: inStreams(
        rewritePromptBlocks((block) =>
          block.type === 'tool_result' && Array.isArray(block.content)
            ? { ...block, content: block.content.map((one) => firstOf(one as JsonObject)) }
            : block,
        ),
      ),
    },
  ],
};
