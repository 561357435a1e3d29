import { get, type Json, quote } from '../../core/json.js';
import type { NeutralChoice, NeutralTool } from '../../core/neutral.js';
import type { Suite } from '../../core/requirement.js';
import type { RequestPair } from '../judging/pairs.js';
import { arrives } from '../judging/requests.js';
import { requirementsBy } from '../judging/requirement.js';
import {
  errorFlag,
  picturesThere,
  resultTexts,
  sameCallHistory,
  sameResults,
  textsBesideResults,
} from '../judging/results.js';
import { firstDifference } from '../judging/same-json.js';
import { type Fault, shown } from '../judging/texts.js';
import { unlessWords } from '../judging/tool-history.js';

const namesOf = (tools: readonly NeutralTool[]): string => tools.map(({ name }) => name).join(', ') || 'no tools';

function sameNames({ sent, got }: RequestPair): Fault | null {
  return namesOf(sent.tools) === namesOf(got.tools)
    ? null
    : {
        message: 'Tools are lost, or arrive in another order.',
        expected: namesOf(sent.tools),
        actual: namesOf(got.tools),
      };
}

function sameDescriptions(pair: RequestPair): Fault | null {
  const names = sameNames(pair);
  if (names !== null) return names;
  for (const [index, { name, description }] of pair.sent.tools.entries()) {
    const other = pair.got.tools[index]!.description;
    if ((description ?? '') !== (other ?? ''))
      return {
        message: `The description of the tool ${name} is changed.`,
        expected: shown(description ?? ''),
        actual: shown(other ?? ''),
      };
  }
  return null;
}

function sameSchemas(pair: RequestPair): Fault | null {
  const names = sameNames(pair);
  if (names !== null) return names;
  for (const [index, { name, schema }] of pair.sent.tools.entries()) {
    const other = pair.got.tools[index]!.schema;
    const first = firstDifference(schema ?? null, other ?? null);
    if (first === null) continue;
    const place = first.keys.length === 0 ? '' : ` at \`${first.keys.join('.')}\``;
    return {
      message: `The schema of the tool ${name} is changed${place}; the model calls it in another way.`,
      expected: first.expected,
      actual: first.actual,
    };
  }
  return null;
}

/** The API makes a tool strict, as far as its schema allows it, unless the request says no. */
function notStrict({ sent, got }: RequestPair): Fault | null {
  const changed = got.tools.find(({ strict }, index) => sent.tools[index]?.strict !== true && strict !== false);
  return changed === undefined
    ? null
    : {
        message: `The tool ${changed.name} becomes strict; the model fills in arguments that are optional.`,
        expected: 'strict: false',
        actual: changed.strict === null ? 'no strict' : 'strict: true',
      };
}

const choiceText = (choice: NeutralChoice | null): string =>
  choice === null
    ? 'no choice'
    : choice.kind === 'tool'
      ? `the tool ${choice.name}`
      : choice.kind === 'other'
        ? quote(choice.value)
        : choice.kind;

/** Whether a request has no tools at all, not even some in a form that its API does not take. */
function hasNoTools(body: Json | undefined): boolean {
  const tools = get(body, 'tools');
  return tools === undefined || tools === null || (Array.isArray(tools) && tools.length === 0);
}

/** No choice is the choice auto, on both sides; a choice of none may come without tools. */
function sameChoice({ sent, got, body }: RequestPair): Fault | null {
  const expected = choiceText(sent.choice);
  const actual = choiceText(got.choice);
  const isAuto = [expected, actual].every((choice) => choice === 'auto' || choice === 'no choice');
  const isNone = expected === 'none' && hasNoTools(body);
  return expected === actual || isAuto || isNone
    ? null
    : {
        message: 'The tool choice is lost or changed; the model is free where it was not, or the other way round.',
        expected,
        actual,
      };
}

function single({ sent, got }: RequestPair): Fault | null {
  return sent.parallelCalls === got.parallelCalls
    ? null
    : {
        message: '`disable_parallel_tool_use` is lost; the model makes several calls at once.',
        expected: 'one call at a time',
        actual: String(got.parallelCalls ?? 'not said'),
      };
}

function serverTools({ sent, got }: RequestPair): Fault | null {
  // Each API has names of its own for them: `web_search_20250305` is `web_search` elsewhere.
  const kind = (type: string): string => type.replace(/_\d{8}$/, '');
  const lost = sent.serverTools.find((type) => !got.serverTools.some((arrived) => kind(arrived) === kind(type)));
  if (lost === undefined) return null;
  const made = got.tools.find(({ name }) => lost.startsWith(name) && !sent.tools.some((tool) => tool.name === name));
  return made === undefined
    ? { message: `The server tool ${lost} is dropped silently.`, expected: lost, actual: 'not there' }
    : {
        message: `The server tool ${lost} becomes a function that the client has to run, and cannot.`,
        expected: lost,
        actual: `the function ${made.name}`,
      };
}

const requirement = requirementsBy(arrives, { profile: 'tools', source: ['D:define', 'O:chat'] });

export const requestTools: Suite = {
  name: 'gateway-request-tools',
  title: 'tools, choices, calls and results of a request, at the upstream',
  requirements: [
    requirement(
      'gw.request.tools',
      ['tools-two', 'tool-result'],
      'All tools reach the upstream, in order, with their names and descriptions, also beside a history of calls and results.',
      sameDescriptions,
    ),
    requirement(
      'gw.request.tools.schema',
      ['tools-schema'],
      'The `input_schema` of a tool reaches the upstream unchanged.',
      sameSchemas,
    ),
    requirement(
      'gw.request.tools.no-description',
      ['tools-no-description'],
      'A tool without a description reaches the upstream.',
      sameDescriptions,
    ),
    requirement(
      'gw.request.tools.strict',
      ['tools-two'],
      'A tool without `strict` reaches the Responses API with `strict: false`: that API takes a missing `strict` for true, and makes optional arguments required.',
      notStrict,
      { level: 'SHOULD', source: ['O:functions', 'D:strict'], speaks: ['openai-responses'] },
    ),
    requirement('gw.request.tools.many', ['tools-many'], '128 tools reach the upstream; none is dropped.', sameNames, {
      profile: 'agent',
    }),
    requirement(
      'gw.request.tools.server',
      ['tools-server'],
      'A server tool reaches the upstream, or the request is rejected by its name; it is never dropped silently.',
      serverTools,
      {
        source: ['D:server'],
        options: { feature: 'server-tools', names: ['web_search', 'tool'], documented: 'tools.web_search' },
      },
    ),
    requirement(
      'gw.request.choice.auto',
      ['choice-auto', 'tools-two'],
      'The tool choice `auto` reaches the upstream as `auto`, or as no choice at all, and so does a request with tools and without a choice.',
      sameChoice,
    ),
    requirement(
      'gw.request.choice.any',
      ['choice-any'],
      'The tool choice `any` reaches the upstream by its name there: `required` in the APIs of OpenAI, `any` in the Messages API.',
      sameChoice,
    ),
    requirement(
      'gw.request.choice.tool',
      ['choice-tool'],
      'The choice of one tool reaches the upstream with its name.',
      sameChoice,
    ),
    requirement('gw.request.choice.none', ['choice-none'], 'The tool choice `none` reaches the upstream.', sameChoice),
    requirement(
      'gw.request.choice.single',
      ['choice-single', 'choice-any'],
      '`disable_parallel_tool_use` reaches the upstream.',
      single,
      { source: ['D:parallel', 'O:chat'] },
    ),
    requirement(
      'gw.request.calls',
      ['tool-result', 'tool-results-parallel'],
      'Calls of the history reach the upstream with their names and inputs, and the text before them.',
      unlessWords(sameCallHistory),
      { source: ['D:handle', 'O:chat'] },
    ),
    requirement(
      'gw.request.results',
      ['tool-result'],
      'A tool result reaches the upstream unchanged, with the id of its call.',
      unlessWords(sameResults),
      { source: ['D:handle', 'O:chat'] },
    ),
    requirement(
      'gw.request.results.blocks',
      ['tool-result-blocks'],
      'All text blocks of a tool result reach the upstream, in order.',
      unlessWords(resultTexts),
      { source: ['D:handle', 'O:chat'] },
    ),
    requirement(
      'gw.request.results.parallel',
      ['tool-results-parallel'],
      'Results of parallel calls reach the upstream with the right ids, whatever their order.',
      unlessWords(sameResults),
      { source: ['D:parallel', 'O:chat'] },
    ),
    requirement(
      'gw.request.results.empty',
      ['tool-result-empty'],
      'A result without content reaches the upstream as a result.',
      unlessWords(sameResults),
      { source: ['D:handle'] },
    ),
    requirement(
      'gw.request.results.then-text',
      ['tool-result-text'],
      'All texts after a tool result reach the upstream, in order.',
      textsBesideResults,
      { source: ['D:handle', 'CC'], profile: 'agent' },
    ),
    requirement(
      'gw.request.results.error',
      ['tool-result-error'],
      '`is_error` of a tool result reaches the model, as a flag or in words, beside the text of the result.',
      unlessWords(errorFlag),
      {
        source: ['D:handle'],
        level: 'SHOULD',
        options: { documented: 'tool_result.is_error', feature: 'error-flag', names: ['is_error'] },
      },
    ),
    requirement(
      'gw.request.results.picture',
      ['tool-result-picture'],
      'A picture in a tool result reaches the upstream unchanged, with the text beside it, or the request is rejected by name.',
      picturesThere,
      {
        source: ['D:handle', 'D:vision'],
        profile: 'vision',
        options: { feature: 'picture-in-result', names: ['image', 'tool_result'], documented: 'tool_result.image' },
      },
    ),
  ],
};
