import { text } from '../core/message.js';
import type { Suite } from '../core/requirement.js';
import {
  arrives,
  failureArrives,
  IN_PROMPT,
  type Place,
  resultsById,
  TOLD,
  textBeforeArrives,
} from './judging/arrival.js';
import { loadArrives } from './judging/arrival-load.js';
import { whereAccepted } from './judging/feature-gates.js';
import { END_FIXTURES, endsArrive } from './judging/long-texts.js';
import { foundArrives, SEARCHES } from './judging/search-results.js';
import { saysBothWords } from './judging/steering-words.js';
import { REPEATED } from './judging/views.js';

/** The request with words in every place, streamed or not. */
const WHOLE = ['arrival', 'arrival-streamed', 'words-in-prompt-streamed'];
const MEDIA = ['media-beside', 'media-beside-streamed', 'words-in-prompt-streamed'];

const MANY = ['many-messages', 'many-messages-streamed'];
const DOCUMENT_NAMES = ['document-named', 'document-named-streamed', 'document-names-omitted'];
const PICTURE_TEXTS = ['picture-texts', 'picture-texts-streamed', 'picture-texts-omitted'];
const EARLIER_PICTURE = ['picture-earlier', 'picture-earlier-streamed', 'picture-earlier-omitted'];

/** The same image where it is known to be seen. */
const YELLOW: Place['control'] = ['picture-png', (message) => /\byellow\b/i.test(text(message))];

export const arrival: Suite = {
  name: 'arrival',
  title: 'what reaches the model: every part of a request, streamed or not',
  requirements: [
    {
      id: 'arrives.system.blocks',
      level: 'MUST',
      profile: 'core',
      statement: 'Each text block of a `system` array reaches the model, with `stream` and without it.',
      source: ['S1', 'T:msg'],
      fixtures: [...WHOLE, 'arrival-system', 'arrival-without-system', 'words-in-prompt', ...REPEATED],
      judge: arrives({
        part: 'arrival-system',
        words: ['ANCHOR', 'BASIL', 'CEDAR'],
        what: 'A block of a `system` array',
        control: IN_PROMPT,
        // It has a sentence more, of about seven tokens.
        more: 6,
        isRead: true,
        // 28 words and four full stops.
        without: ['arrival-without-system', 26],
      }),
    },
    {
      id: 'arrives.user.blocks',
      level: 'MUST',
      profile: 'core',
      statement: 'Each text block of an earlier user message reaches the model, with `stream` and without it.',
      source: ['S1', 'T:msg'],
      fixtures: [...WHOLE, 'arrival-user', 'three-turns'],
      judge: arrives({
        part: 'arrival-user',
        words: ['FENNEL', 'GINGER'],
        what: 'A text block of an earlier user message',
        control: ['three-turns', saysBothWords],
        more: -3,
        isRead: true,
      }),
    },
    {
      id: 'arrives.assistant.text',
      level: 'MUST',
      profile: 'core',
      statement: 'The text of an earlier assistant message reaches the model, with `stream` and without it.',
      source: ['S1', 'T:msg'],
      fixtures: [...MANY, 'assistant-word', 'three-turns', 'words-in-prompt', 'words-in-prompt-streamed'],
      judge: arrives({
        whole: 'many-messages',
        part: 'assistant-word',
        words: ['PINEAPPLE', 'MANGO'],
        what: 'The text of an earlier assistant message',
        control: ['three-turns', saysBothWords],
        more: null,
      }),
    },
    {
      id: 'arrives.history.long',
      level: 'MUST',
      profile: 'core',
      statement: 'All messages of a conversation of 121 short messages reach the model, with `stream` and without it.',
      source: ['S1', 'T:msg', 'CC'],
      fixtures: [...MANY, 'many-messages-half', 'assistant-word', 'words-in-prompt', 'words-in-prompt-streamed'],
      judge: loadArrives({
        whole: 'many-messages',
        part: 'many-messages',
        half: 'many-messages-half',
        least: 'assistant-word',
        // 60 notes of which the half has 30, and the smallest request as much as two.
        counted: (small, middle, large) => (28 * (large - small)) / (58 * (middle - small)),
        words: ['PINEAPPLE', 'MANGO'],
        what: 'An earlier message of a long conversation',
        works: 'repeats the words from a short one',
      }),
    },
    {
      id: 'arrives.tool.descriptions',
      level: 'MUST',
      profile: 'tools',
      statement:
        'The `description` of a tool and those of its parameters reach the model, with `stream` and without it.',
      source: ['T:msg', 'D:define'],
      fixtures: [...WHOLE, 'arrival-tool', 'arrival-told'],
      judge: arrives({
        part: 'arrival-tool',
        words: ['DAISY', 'EMBER'],
        what: 'The `description` of a tool or of its parameter',
        control: TOLD,
        more: -4,
      }),
    },
    {
      id: 'arrives.tool.schema',
      level: 'SHOULD',
      profile: 'tools',
      statement:
        'Descriptions of nested properties and of array items in an `input_schema` reach the model, with `stream` and without it.',
      source: ['T:msg', 'D:define'],
      fixtures: [...WHOLE, 'arrival-schema', 'arrival-schema-told'],
      judge: arrives({
        part: 'arrival-schema',
        words: ['NUTMEG', 'OLIVE'],
        what: 'The `description` of a nested property or of array items',
        control: ['arrival-schema-told', saysBothWords],
        more: -4,
      }),
    },
    {
      id: 'arrives.call.text-beside',
      level: 'MUST',
      profile: 'tools',
      statement:
        'Each text block of the assistant before its tool calls reaches the model, with `stream` and without it.',
      source: ['D:handle', 'T:msg'],
      fixtures: [...WHOLE, 'arrival-beside-call', 'arrival-told'],
      judge: arrives({
        part: 'arrival-beside-call',
        words: ['HAZEL'],
        what: 'A text block of the assistant before its tool calls',
        control: TOLD,
        // The control has a sentence more.
        more: -11,
      }),
    },
    {
      id: 'arrives.call.input',
      level: 'MUST',
      profile: 'tools',
      statement: 'The `input` of a tool call of the history reaches the model, with `stream` and without it.',
      source: ['D:handle', 'T:msg'],
      fixtures: [...WHOLE, 'arrival-call-input', 'arrival-told'],
      judge: arrives({
        part: 'arrival-call-input',
        words: ['MAPLE'],
        what: 'The `input` of a tool call of the history',
        control: TOLD,
        // The control has two sentences more, this one a longer input.
        more: 0,
      }),
    },
    {
      id: 'arrives.result.blocks',
      level: 'MUST',
      profile: 'tools',
      statement: 'Each text block of a `tool_result` reaches the model, with `stream` and without it.',
      source: ['D:handle', 'T:msg'],
      fixtures: [...WHOLE, 'arrival-result', 'arrival-told'],
      judge: arrives({
        part: 'arrival-result',
        words: ['IVORY', 'JASPER'],
        what: 'A text block of a `tool_result`',
        control: TOLD,
        more: -4,
        isRead: true,
      }),
    },
    {
      id: 'arrives.result.text-after',
      level: 'MUST',
      profile: 'tools',
      statement:
        'Each text block after the `tool_result` blocks of a message reaches the model, with `stream` and without it.',
      source: ['D:handle', 'CC'],
      fixtures: [...WHOLE, 'arrival-after-result', 'arrival-told'],
      judge: arrives({
        part: 'arrival-after-result',
        words: ['LEMON'],
        what: 'Text after the `tool_result` blocks of a message',
        control: TOLD,
        // The control has a sentence more, and this one the order of the first message once more.
        more: 2,
        isRead: true,
      }),
    },
    {
      id: 'arrives.result.text-before',
      level: 'MUST',
      profile: 'tools',
      statement:
        'Text before the `tool_result` blocks of a message reaches the model, or the server rejects it as a client error (documented: 400).',
      source: ['D:handle', 'D:stop'],
      fixtures: ['text-before-result', 'result-string', ...REPEATED],
      judge: textBeforeArrives,
    },
    {
      id: 'arrives.result.by-id',
      level: 'MUST',
      profile: 'tools',
      statement:
        'The model gets each `tool_result` as the result of the call that `tool_use_id` names, in whatever order the results come.',
      source: ['D:parallel', 'D:handle'],
      fixtures: [
        'results-by-id',
        'results-by-id-streamed',
        'words-in-prompt-streamed',
        'results-in-order',
        'results-told',
      ],
      judge: resultsById,
    },
    {
      // Clients that agents use also put the failure into the text of the result, so that nothing breaks there.
      id: 'arrives.result.is-error',
      level: 'SHOULD',
      profile: 'tools',
      statement:
        '`is_error` of a `tool_result` reaches the model, also where the text of the result does not tell the failure.',
      source: ['D:handle', 'T:msg'],
      fixtures: [
        'result-failed',
        'result-failed-streamed',
        'words-in-prompt-streamed',
        'result-succeeded',
        'result-failed-told',
      ],
      judge: failureArrives,
    },
    {
      id: 'arrives.text.end',
      level: 'MUST',
      profile: 'tools',
      statement:
        'The end of a text of 6,000 bytes reaches the model, in a `system` prompt, a tool `description`, an earlier message and a `tool_result`.',
      source: ['X', 'D:ref'],
      fixtures: [...END_FIXTURES],
      judge: endsArrive,
    },
    {
      id: 'arrives.server-result',
      level: 'MUST',
      profile: 'tools',
      statement:
        'What a server tool returned reaches the model when the client sends the reply back, with `stream` and without it.',
      source: ['D:server', 'T:msg'],
      fixtures: [...SEARCHES, 'search-told', 'words-in-prompt-streamed'],
      judge: foundArrives,
    },
    {
      id: 'arrives.picture.text-beside',
      level: 'MUST',
      profile: 'vision',
      statement: 'Each text block beside an image in a user message reaches the model, with `stream` and without it.',
      source: ['D:vision', 'T:msg'],
      fixtures: [...PICTURE_TEXTS, 'picture-png', 'words-in-prompt', 'words-in-prompt-streamed'],
      judge: whereAccepted(
        'vision',
        ['picture-png'],
        arrives({
          whole: 'picture-texts',
          part: 'picture-texts',
          // Eighteen words and three full stops.
          omitted: ['picture-texts-omitted', 20],
          words: ['PINEAPPLE', 'MANGO'],
          what: 'A text block beside an image',
          control: IN_PROMPT,
          also: YELLOW,
          more: null,
        }),
      ),
    },
    {
      id: 'arrives.picture.earlier',
      level: 'SHOULD',
      profile: 'vision',
      statement: 'An image in an earlier user message reaches the model, with `stream` and without it.',
      source: ['D:vision', 'T:msg'],
      fixtures: [...EARLIER_PICTURE, 'picture-png', 'words-in-prompt-streamed'],
      judge: whereAccepted(
        'vision',
        ['picture-png'],
        arrives({
          whole: 'picture-earlier',
          part: 'picture-earlier',
          omitted: ['picture-earlier-omitted', 1],
          words: ['yellow'],
          what: 'An image in an earlier user message',
          control: YELLOW,
          works: 'names the color of the same image in the last user message',
          // The control has the question only, this one two messages more.
          more: 10,
        }),
      ),
    },
    {
      id: 'arrives.picture.beside-result',
      level: 'SHOULD',
      profile: 'vision',
      statement: 'An image beside a `tool_result` reaches the model, with `stream` and without it.',
      source: ['D:vision', 'T:msg'],
      fixtures: [...MEDIA, 'picture-beside', 'picture-beside-omitted', 'picture-png'],
      judge: whereAccepted(
        'vision',
        ['picture-png'],
        arrives({
          whole: 'media-beside',
          part: 'picture-beside',
          omitted: ['picture-beside-omitted', 1],
          words: ['yellow'],
          what: 'An image beside a `tool_result`',
          control: YELLOW,
          works: 'names the color of the same image in a user message',
          more: null,
        }),
      ),
    },
    {
      id: 'arrives.document.beside-result',
      level: 'SHOULD',
      profile: 'documents',
      statement: 'A document beside a `tool_result` reaches the model, with `stream` and without it.',
      source: ['D:pdf', 'T:msg'],
      fixtures: [
        ...MEDIA,
        'document-beside',
        'document-beside-omitted',
        'document-text',
        'document-kinds',
        'words-in-prompt',
      ],
      judge: whereAccepted(
        'documents',
        ['document-kinds', 'document-text'],
        arrives({
          whole: 'media-beside',
          part: 'document-beside',
          // Twelve words.
          omitted: ['document-beside-omitted', 12],
          words: ['PINEAPPLE', 'MANGO'],
          what: 'A document beside a `tool_result`',
          control: IN_PROMPT,
          more: null,
        }),
      ),
    },
    {
      id: 'arrives.document.title',
      level: 'SHOULD',
      profile: 'documents',
      statement: 'The `title` and the `context` of a document reach the model, with `stream` and without it.',
      source: ['D:cite', 'T:msg'],
      fixtures: [...DOCUMENT_NAMES, 'document-text', 'document-kinds', 'words-in-prompt', 'words-in-prompt-streamed'],
      judge: whereAccepted(
        'documents',
        ['document-kinds', 'document-text'],
        arrives({
          whole: 'document-named',
          part: 'document-named',
          // Six words each.
          omitted: ['document-names-omitted', 12],
          words: ['PINEAPPLE', 'MANGO'],
          what: 'The `title` or the `context` of a document',
          control: ['document-text', saysBothWords],
          works: 'repeats the same words from the text of a document',
          // The control has the words in its text, this one a sentence in their place, and a longer prompt.
          more: 10,
        }),
      ),
    },
  ],
};
