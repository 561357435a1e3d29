import { isObject } from '../../core/json.js';
import {
  acceptDespite,
  blocksOf,
  firstBlockOnly,
  inStreams,
  rejectWhen,
  rewriteBodyContent,
  rewritePromptBlocks,
} from '../alterations/requests.js';
import type { Alterations } from '../stages.js';
import type { Json, JsonObject, MessageRequest } from '../wire.js';
import type { FaultFamily } from './fault.js';
import { because, PAIRS_UNCHECKED, PICTURE_IN_RESULT, REPLAY_REJECTED } from './reasons.js';

const hasResult = (request: { messages: MessageRequest['messages'] }): boolean =>
  request.messages.some(
    ({ content }) => Array.isArray(content) && content.some((block) => block.type === 'tool_result'),
  );

const isResult = (block: Json | undefined): block is JsonObject => isObject(block) && block.type === 'tool_result';

/** Replaces blocks of tool results that the model reads. */
const rewriteResultBlocks = (change: (block: JsonObject) => readonly JsonObject[] | JsonObject): Alterations =>
  rewritePromptBlocks((block) =>
    block.type === 'tool_result' && Array.isArray(block.content)
      ? { ...block, content: (block.content as JsonObject[]).flatMap((inner) => change(inner)) }
      : block,
  );

const onlyTextInResults = rewriteResultBlocks((block) =>
  ['document', 'image'].includes(String(block.type)) ? [] : block,
);

type Asked = Pick<MessageRequest, 'messages'>;

const someResult = (request: Asked, test: (block: JsonObject) => boolean): boolean =>
  blocksOf(request, 'tool_result').some(test);

const callIds = (request: Asked): string[] => blocksOf(request, 'tool_use').map(({ id }) => String(id));

const resultIds = (request: Asked): string[] =>
  blocksOf(request, 'tool_result').map(({ tool_use_id: id }) => String(id));

export const toolResultsFaults: FaultFamily = {
  name: 'tool-results',
  title: 'tool results: whether they are validated, and whether they reach the model',
  faults: [
    {
      id: 'results-ignored',
      title: 'The content of a `tool_result` does not reach the model.',
      level: 'MUST',
      caughtBy: ['tr.string'],
      alsoFails: {
        ...because(PICTURE_IN_RESULT, 'tr.image'),
        'tr.document': 'It stands in a result.',
        'tr.search-result': 'It stands in a result.',
        'arrives.result.blocks': 'They are the content of a result.',
      },
      alters: rewritePromptBlocks((block) => (block.type === 'tool_result' ? { ...block, content: 'ok' } : block)),
    },
    {
      id: 'result-arrays-as-text',
      title: 'The server converts a `tool_result` array to the string "[object Object]".',
      level: 'MUST',
      mutant: 'TU-s',
      reports: ['TU-30'],
      caughtBy: ['tr.blocks'],
      alsoFails: {
        'tr.document': 'It stands in a content array of a result.',
        'tr.search-result': 'It stands in a content array of a result.',
        'arrives.result.blocks': 'They stand in a content array of a result.',
      },
      alters: rewritePromptBlocks((block) =>
        block.type === 'tool_result' && Array.isArray(block.content) ? { ...block, content: '[object Object]' } : block,
      ),
    },
    {
      id: 'results-as-json',
      title: 'The model gets each tool result as the JSON of its block.',
      level: 'MUST',
      caughtBy: ['tr.string', 'tr.blocks'],
      alters: rewritePromptBlocks((block) =>
        block.type === 'tool_result' && block.content !== undefined
          ? { ...block, content: JSON.stringify(block) }
          : block,
      ),
    },
    {
      id: 'result-arrays-refused',
      title: 'The server rejects a `tool_result` whose content is an array.',
      level: 'MUST',
      mutant: 'TU-s',
      reports: ['TU-30'],
      caughtBy: ['tr.blocks'],
      alsoFails: {
        ...because(PICTURE_IN_RESULT, 'tr.image'),
        'tr.document': 'It stands in a content array of a result.',
        'tr.search-result': 'It stands in a content array of a result.',
      },
      alters: rejectWhen(
        (request) =>
          someResult(request, (block) => Array.isArray(block.content)) &&
          'messages.2.content.0.content: Input should be a valid string',
      ),
    },
    {
      id: 'empty-results-refused',
      title: 'The server rejects a `tool_result` without content.',
      level: 'MUST',
      caughtBy: ['tr.empty'],
      alters: rejectWhen(
        (request) =>
          someResult(request, (block) => block.content === undefined) && 'messages.2.content.0.content: Field required',
      ),
    },
    {
      id: 'error-results-refused',
      title: 'The server rejects a `tool_result` with `is_error`.',
      level: 'MUST',
      caughtBy: ['tr.is-error'],
      alters: rejectWhen(
        (request) =>
          someResult(request, (block) => block.is_error === true) &&
          'messages.2.content.0.is_error: Extra inputs are not permitted',
      ),
    },
    {
      id: 'result-pictures-ignored',
      title: 'The server drops a picture inside a `tool_result`.',
      level: 'SHOULD',
      caughtBy: ['tr.image'],
      alters: rewritePromptBlocks((block) =>
        block.type === 'tool_result' && Array.isArray(block.content)
          ? { ...block, content: block.content.filter((one) => isObject(one) && one.type !== 'image') }
          : block,
      ),
    },
    {
      id: 'result-pictures-refused',
      title: 'The server rejects a picture inside a `tool_result`.',
      level: 'SHOULD',
      mutant: 'RQ-e',
      reports: ['RQ-21', 'RQ-22', 'RQ-23'],
      caughtBy: ['tr.image'],
      alters: rejectWhen(
        (request) =>
          someResult(
            request,
            (block) =>
              Array.isArray(block.content) && block.content.some((one) => isObject(one) && one.type === 'image'),
          ) && 'messages.2.content.0.content.0: Input should be a text block',
      ),
    },
    {
      id: 'first-result-only',
      title: 'Only the first of several results in one message reaches the model.',
      level: 'MUST',
      caughtBy: ['tr.parallel-all'],
      alters: firstBlockOnly('tool_result'),
    },
    {
      id: 'results-in-order-only',
      title: 'The server rejects results in another order than their calls.',
      level: 'MUST',
      caughtBy: ['tr.parallel-all'],
      alters: rejectWhen(
        (request) =>
          resultIds(request).some(
            (id, index, all) => index > 0 && callIds(request).indexOf(id) < callIds(request).indexOf(all[index - 1]!),
          ) && 'messages.2: tool results have to come in the order of their calls',
      ),
    },
    {
      id: 'results-doubled',
      title:
        'An adapter sends each result twice, and the server rejects the history: each tool_use must have a single result.',
      level: 'MUST',
      mutant: 'TU-y',
      reports: ['TU-37'],
      caughtBy: ['tr.string', 'tr.loop'],
      alsoFails: {
        ...because(
          REPLAY_REJECTED,
          'think.replay',
          'cache.accepted.everywhere',
          'agent.tool-loop.stream',
          'sdk.replay-history',
        ),
        'sdk.replay-server-tools': 'The server rejects a second result for one call.',
      },
      alters: rejectWhen(
        (request) => hasResult(request as MessageRequest) && 'messages.2: each tool_use must have a single result',
      ),
    },
    {
      id: 'text-after-results-refused',
      title: 'The server rejects text after the results of a message.',
      level: 'MUST',
      caughtBy: ['tr.text-after'],
      alters: rejectWhen(
        (request) =>
          request.messages.some(
            ({ content }) =>
              Array.isArray(content) &&
              content[0]?.type === 'tool_result' &&
              content.some(({ type }) => type === 'text'),
          ) && 'messages.2.content.1: only tool results are allowed here',
      ),
    },
    {
      id: 'text-before-results-taken',
      title: 'The server accepts text before the results of a message.',
      level: 'SHOULD',
      caughtBy: ['tr.text-before'],
      alters: rewriteBodyContent((content) => [...content].sort((a, b) => Number(!isResult(a)) - Number(!isResult(b)))),
    },
    {
      id: 'missing-results-taken',
      title: 'The server accepts a call without a result.',
      level: 'SHOULD',
      caughtBy: ['tr.missing'],
      alsoFails: because(PAIRS_UNCHECKED, 'tr.text-before'),
      alters: acceptDespite(/ids were found without `tool_result` blocks/),
    },
    {
      id: 'stray-results-taken',
      title: 'The server accepts a result that belongs to no call.',
      level: 'SHOULD',
      caughtBy: ['tr.unknown-id'],
      alsoFails: because(PAIRS_UNCHECKED, 'tr.text-before', 'tr.missing'),
      alters: {
        ...rewriteBodyContent((content) =>
          content.map((block) => (isResult(block) ? { tool_use_id: 'toolu_none', ...block } : block)),
        ),
        ...acceptDespite(/unexpected `tool_use_id` found|ids were found without/),
      },
    },
    {
      id: 'results-from-anybody',
      title: 'The server accepts calls in user messages and results in assistant messages.',
      level: 'SHOULD',
      caughtBy: ['tr.wrong-role'],
      alsoFails: because(PAIRS_UNCHECKED, 'tr.text-before', 'tr.missing', 'tr.unknown-id'),
      alters: acceptDespite(/blocks can only be in|ids were found without|unexpected `tool_use_id`/),
    },
    {
      id: 'call-ids-twice-taken',
      title: 'The server accepts two calls with one id.',
      level: 'SHOULD',
      caughtBy: ['tr.duplicate-use-id'],
      alters: acceptDespite(/ids must be unique|several/),
    },
    {
      id: 'foreign-call-ids-refused',
      title: 'The server rejects call ids that do not begin with `toolu_`.',
      level: 'MUST',
      caughtBy: ['tr.foreign-ids'],
      alters: rejectWhen(
        (request) =>
          callIds(request).some((id) => !id.startsWith('toolu_')) &&
          "messages.1.content.0.id: String should match pattern '^toolu_'",
      ),
    },
    {
      id: 'words-after-results-as-tool-use',
      title: 'A text reply to a tool result ends with `tool_use`, so that agents never finish.',
      level: 'MUST',
      reports: ['SR-18'],
      caughtBy: ['tr.loop', 'stop.end-turn'],
      alters: {
        message: (message, call) =>
          call.prompt && hasResult(call.prompt) && message.stop_reason === 'end_turn'
            ? { ...message, stop_reason: 'tool_use' }
            : message,
      },
    },
    {
      id: 'result-document-dropped',
      title: 'A `document` in a tool result does not reach the model.',
      level: 'SHOULD',
      caughtBy: ['tr.document'],
      alters: rewriteResultBlocks((block) => (block.type === 'document' ? [] : block)),
    },
    {
      id: 'result-search-dropped',
      title: 'A `search_result` in a tool result does not reach the model.',
      level: 'SHOULD',
      caughtBy: ['tr.search-result'],
      alters: rewriteResultBlocks((block) => (block.type === 'search_result' ? [] : block)),
    },
    {
      id: 'streamed-result-sources-dropped',
      title: 'A gateway drops documents and images of tool results from requests for a stream.',
      level: 'SHOULD',
      caughtBy: ['tr.image', 'tr.document'],
      alters: inStreams(onlyTextInResults),
    },
    {
      id: 'result-document-refused-vaguely',
      title: 'The server rejects a `document` in a tool result without naming it.',
      level: 'SHOULD',
      caughtBy: ['tr.document'],
      alters: rejectWhen(
        (request) =>
          someResult(
            request,
            ({ content }) => Array.isArray(content) && content.some((one) => isObject(one) && one.type === 'document'),
          ) && 'Invalid request',
      ),
    },
  ],
};
