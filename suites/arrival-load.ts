import type { Suite } from '../core/requirement.js';
import { arrives } from './judging/arrival.js';
import { arriveTogether, LOAD, LOAD_TOGETHER, loadArrives, partsOf, TEXTS_TOGETHER } from './judging/arrival-load.js';
import { saysAll } from './judging/steering-words.js';
import { worst } from './judging/tool-views.js';

const WHOLE = [LOAD, `${LOAD}-streamed`, 'words-in-prompt-streamed'];

/** The words of a schema, and the keyword that holds each. */
const KEYWORDS = {
  PEPPER: 'enum',
  QUINCE: 'default',
  RADISH: '$defs',
  SAFFRON: 'anyOf',
  TURNIP: 'additionalProperties',
};

/** Half of the tools after the other half. */
const secondHalf = (small: number, middle: number, large: number): number => (large - middle) / (middle - small);

/** As many characters in one result as in two. */
const asElsewhere = (small: number, middle: number, large: number): number => (large - small) / (middle - small);

/** A text of 40,000 characters, where the other texts of the request are short. */
const endOf = (part: string, word: string, what: string) =>
  loadArrives({
    part,
    half: 'load-results-half',
    least: 'load-results-short',
    counted: asElsewhere,
    words: [word],
    what: `The end of a long ${what}`,
    works: 'repeats the code word from a short one',
  });

const LONG_RESULTS = [
  endOf('load-result-string', 'WALNUT', '`tool_result` that is a string'),
  endOf('load-result-array', 'YARROW', '`tool_result` that is an array'),
];

/** A long text in a request without tools, and the factor by which the halves of all three add more than half of this one. */
const longText = (part: string, factor: number, words: readonly string[], what: string) =>
  loadArrives({
    whole: TEXTS_TOGETHER.whole,
    transports: TEXTS_TOGETHER.transports,
    part,
    half: 'long-texts-half',
    least: 'long-texts-short',
    counted: (small, middle, large) => (factor * (large - small)) / (middle - small),
    words,
    what: `A part of a long text ${what}`,
    works: 'repeats the code words from a short one',
  });

// 65,000 characters in the halves; 40,000 in each of two, 50,000 in the message of the user.
const LONG_TEXTS = [
  longText('long-text-system', 65 / 40, ['JUNIPER'], 'of the `system` prompt'),
  longText('long-text-user', 65 / 50, ['LAVENDER', 'TANGERINE'], 'of an earlier user message'),
  longText('long-text-assistant', 65 / 40, ['WISTERIA'], 'of an earlier assistant message'),
];

export const arrivalLoad: Suite = {
  name: 'arrival-load',
  title: 'what reaches the model of large requests: long texts, many tools, rich schemas, long results and inputs',
  requirements: [
    {
      // Pasted files, instructions of projects, and answers that an agent gets back are this long.
      id: 'arrives.text.long',
      level: 'MUST',
      profile: 'core',
      statement:
        'The beginning and the end of texts of 40,000 characters reach the model: in the last of eight blocks of the `system` prompt, in the first and the last of twenty blocks of a user message, and in an assistant message.',
      source: ['D:ref', 'CC'],
      fixtures: [TEXTS_TOGETHER.whole, ...partsOf(TEXTS_TOGETHER), 'long-texts-half'],
      judge: (evidence) => worst(...LONG_TEXTS.map((judge) => judge(evidence))),
    },
    {
      // Local servers drop what does not fit into their context window, oldest first.
      id: 'arrives.text.together',
      level: 'MUST',
      profile: 'core',
      statement:
        'Three texts of 40,000 characters in one request reach the model together, or the server rejects it as a client error.',
      source: ['D:ctx', 'D:ref'],
      fixtures: [TEXTS_TOGETHER.whole, ...partsOf(TEXTS_TOGETHER)],
      judge: arriveTogether(TEXTS_TOGETHER),
    },
    {
      // An agent whose last tools are missing says that it cannot do what the user asks for, and nobody sees why.
      id: 'arrives.tool.many',
      level: 'MUST',
      profile: 'agent',
      statement:
        'All of 140 tools reach the model, with `stream` and without it, or the server rejects the request as a client error.',
      source: ['CC', 'D:toolsearch'],
      fixtures: [...WHOLE, 'load-tools', 'load-tools-half', 'load-tools-few', 'cheap-tool'],
      judge: loadArrives({
        part: 'load-tools',
        half: 'load-tools-half',
        least: 'load-tools-few',
        counted: secondHalf,
        mayReject: 'cheap-tool',
        words: ['ALMOND', 'BARLEY'],
        what: 'One of 140 tools',
        works: 'repeats the same words where the request has only the two tools that say them',
      }),
    },
    {
      // The longest of Claude Code has 18,780 characters, with the rules for its use at the end.
      id: 'arrives.tool.description-long',
      level: 'MUST',
      profile: 'agent',
      statement:
        'The end of a tool `description` of 20,000 characters reaches the model, with `stream` and without it.',
      source: ['D:define', 'CC'],
      fixtures: [...WHOLE, 'load-description', 'load-description-half', 'load-description-short'],
      judge: loadArrives({
        part: 'load-description',
        half: 'load-description-half',
        least: 'load-description-short',
        counted: (small, middle, large) => (large - small) / (2 * (middle - small)),
        words: ['CHESTNUT'],
        what: 'The end of a long tool `description`',
        works: 'repeats the code word from a short one',
      }),
    },
    {
      // Without them a model still calls the tool, with values that it guesses.
      id: 'arrives.tool.schema-keywords',
      level: 'SHOULD',
      profile: 'agent',
      statement:
        'The values of `enum` and `default` in an `input_schema` reach the model, and the descriptions in `$defs`, `anyOf` and `additionalProperties`, with `stream` and without it.',
      source: ['T:msg', 'D:define'],
      fixtures: [...WHOLE, 'load-schema', 'load-schema-told'],
      judge: arrives({
        whole: LOAD,
        part: 'load-schema',
        words: Object.keys(KEYWORDS),
        expected: Object.entries(KEYWORDS)
          .map(([word, keyword]) => `${word} (\`${keyword}\`)`)
          .join(', '),
        what: 'A value or description in a keyword of an `input_schema`',
        control: ['load-schema-told', saysAll(Object.keys(KEYWORDS))],
        works: 'repeats the same words from a message',
        more: -4,
        needsCounts: true,
      }),
    },
    {
      id: 'arrives.result.long',
      level: 'MUST',
      profile: 'agent',
      statement:
        'The end of a `tool_result` of 40,000 characters reaches the model, as a string and as an array, with `stream` and without it.',
      source: ['D:handle', 'CC'],
      fixtures: [...WHOLE, 'load-result-string', 'load-result-array', 'load-results-half', 'load-results-short'],
      judge: (evidence) => worst(...LONG_RESULTS.map((judge) => judge(evidence))),
    },
    {
      // Agents write whole files this way; a model that sees half of one writes it again.
      id: 'arrives.call.long',
      level: 'MUST',
      profile: 'agent',
      statement:
        'The end of a string of 40,000 characters in the `input` of an earlier tool call reaches the model, with `stream` and without it.',
      source: ['D:handle', 'CC'],
      fixtures: [...WHOLE, 'load-call-input', 'load-results-half', 'load-results-short'],
      judge: endOf('load-call-input', 'ZINNIA', 'string in the `input` of an earlier tool call'),
    },
    {
      // Local servers drop what does not fit into their context window, oldest first. The agent goes on without its task.
      id: 'arrives.load.together',
      level: 'MUST',
      profile: 'agent',
      statement:
        'A request with 140 tools and three texts of 40,000 characters reaches the model whole, with `stream` and without it, or the server rejects it as a client error.',
      source: ['D:ctx', 'CC'],
      fixtures: [...WHOLE, ...partsOf(LOAD_TOGETHER)],
      judge: arriveTogether(LOAD_TOGETHER),
    },
  ],
};
