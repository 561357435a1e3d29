import { isObject } from '../../core/json.js';
import { acceptDespite, crashInstead, rewriteBody, rewritePrompt } from '../alterations/requests.js';
import type { DraftBlock } from '../model/draft.js';
import type { Alterations } from '../stages.js';
import type { MessageRequest } from '../wire.js';
import type { FaultFamily } from './fault.js';
import { because, EVERY_CHOICE } from './reasons.js';

/** Replaces the blocks that the model drafts; `request` is what it read. */
const rewriteDraft = (change: (blocks: DraftBlock[], request: MessageRequest) => DraftBlock[]): Alterations => ({
  draft: (draft, { prompt }) => (prompt ? { ...draft, blocks: change(draft.blocks, prompt) } : draft),
});

/** Adds a second call where the request disables parallel calls. */
function withParallelCalls(type: 'auto' | 'any', when: (request: MessageRequest) => boolean = () => true) {
  return rewriteDraft((all, request) => {
    const { tool_choice: choice } = request;
    const call = all.find((block) => block.type === 'tool_use');
    const disabled = choice && 'disable_parallel_tool_use' in choice && choice.disable_parallel_tool_use === true;
    return disabled && choice.type === type && call && when(request) ? [...all, { ...call }] : all;
  });
}

export const toolChoiceFaults: FaultFamily = {
  name: 'tool-choice',
  title: 'the choice among tools',
  faults: [
    {
      id: 'tools-never-called',
      title: 'The server accepts tools and never calls one.',
      level: 'MUST',
      mutant: 'TU-q',
      reports: ['TU-26', 'TU-27'],
      caughtBy: ['tc.any', 'tc.tool'],
      alsoFails: {
        ...because(
          'No tool reaches the model.',
          'arrives.tool.descriptions',
          'arrives.tool.schema',
          'arrives.tool.schema-keywords',
          'usage.input.whole',
        ),
      },
      alters: rewritePrompt((request) => ({ ...request, tools: undefined, tool_choice: undefined })),
    },
    {
      id: 'call-as-text',
      title: 'Tool calls arrive as text between `tool_call` tags.',
      level: 'MUST',
      caughtBy: ['tc.any', 'tc.tool'],
      alters: {
        draft: (draft) => ({
          ...draft,
          blocks: draft.blocks.map((block) =>
            block.type === 'tool_use'
              ? {
                  type: 'text',
                  text: `<tool_call>${JSON.stringify({ name: block.name, arguments: block.input })}</tool_call>`,
                }
              : block,
          ),
        }),
      },
    },
    {
      id: 'forced-choice-ignored',
      title: 'The server treats a `tool_choice` that forces a call as auto.',
      level: 'MUST',
      caughtBy: ['tc.tool', 'tc.any'],
      alsoFails: because(EVERY_CHOICE, 'tc.none', 'tc.forced.no-text-before', 'tc.disable-parallel.any'),
      alters: rewritePrompt((request) => ({
        ...request,
        ...(request.tool_choice && { tool_choice: { type: 'auto' } }),
      })),
    },
    {
      id: 'forced-tool-replaced',
      title: 'A forced call goes to the first tool of the list, whichever one the request names.',
      level: 'MUST',
      caughtBy: ['tc.tool'],
      alters: rewritePrompt((request) =>
        request.tool_choice?.type === 'tool' && request.tools
          ? { ...request, tool_choice: { ...request.tool_choice, name: request.tools[0]!.name } }
          : request,
      ),
    },
    {
      id: 'any-as-auto',
      title: 'The server treats `tool_choice` any as auto, and the model answers in text.',
      level: 'MUST',
      caughtBy: ['tc.any'],
      alters: rewriteDraft((all, { tool_choice: choice }) =>
        choice?.type === 'any' ? [{ type: 'text', text: 'I would rather not call anything.' }] : all,
      ),
    },
    {
      id: 'any-dropped',
      title: 'The server drops `tool_choice` any: the model calls tools only where the prompt asks for it.',
      level: 'MUST',
      caughtBy: ['tc.any'],
      alsoFails: because(EVERY_CHOICE, 'tc.forced.no-text-before', 'tc.disable-parallel.any'),
      alters: rewritePrompt((request) =>
        request.tool_choice?.type === 'any' ? { ...request, tool_choice: undefined } : request,
      ),
    },
    {
      id: 'any-dropped-in-streams',
      title: 'The server drops `tool_choice` any in streams only.',
      level: 'MUST',
      caughtBy: ['tc.any'],
      alsoFails: because(EVERY_CHOICE, 'tc.forced.no-text-before', 'tc.disable-parallel.any'),
      alters: rewritePrompt((request, { stream }) =>
        stream && request.tool_choice?.type === 'any' ? { ...request, tool_choice: undefined } : request,
      ),
    },
    {
      id: 'named-tool-dropped-in-streams',
      title: 'The server drops a `tool_choice` that names a tool in streams only.',
      level: 'MUST',
      caughtBy: ['tc.tool'],
      alters: rewritePrompt((request, { stream }) =>
        stream && request.tool_choice?.type === 'tool' ? { ...request, tool_choice: { type: 'any' } } : request,
      ),
    },
    {
      id: 'call-forced-in-streams',
      title: 'A proxy forces a tool call in every stream with tools.',
      level: 'MUST',
      caughtBy: ['tc.auto'],
      alters: rewritePrompt((request, { stream }) =>
        stream && request.tools?.length && ['auto', undefined].includes(request.tool_choice?.type)
          ? { ...request, tool_choice: { type: 'any' } }
          : request,
      ),
    },
    {
      id: 'auto-as-any',
      title: 'The server treats `tool_choice` auto as any.',
      level: 'MUST',
      caughtBy: ['tc.auto'],
      alters: rewritePrompt((request) =>
        request.tool_choice?.type === 'auto'
          ? { ...request, tool_choice: { ...request.tool_choice, type: 'any' } }
          : request,
      ),
    },
    {
      id: 'choice-none-ignored',
      title: 'The server ignores `tool_choice` none: the model calls tools.',
      level: 'MUST',
      caughtBy: ['tc.none'],
      alters: rewritePrompt((request) =>
        request.tool_choice?.type === 'none' ? { ...request, tool_choice: { type: 'any' } } : request,
      ),
    },
    {
      id: 'choice-none-ignored-in-streams',
      title: 'The server ignores `tool_choice` none in streams only.',
      level: 'MUST',
      caughtBy: ['tc.none'],
      alters: rewritePrompt((request, { stream }) =>
        stream && request.tool_choice?.type === 'none' ? { ...request, tool_choice: { type: 'any' } } : request,
      ),
    },
    {
      id: 'text-before-forced-call',
      title: 'The reply has text before a forced call.',
      level: 'SHOULD',
      caughtBy: ['tc.forced.no-text-before'],
      alters: rewriteDraft((all, { tool_choice: choice }) =>
        ['any', 'tool'].includes(choice?.type ?? '')
          ? [{ type: 'text', text: 'I will call the tool now.' }, ...all]
          : all,
      ),
    },
    {
      id: 'undeclared-choice-taken',
      title: 'The server accepts a `tool_choice` that names an undeclared tool.',
      level: 'SHOULD',
      caughtBy: ['tc.unknown-name'],
      alters: acceptDespite(/^tool_choice: Tool '.*' not found/),
    },
    {
      id: 'choice-any-type',
      title: 'The server accepts a `tool_choice` of any shape, as in chat completions.',
      level: 'SHOULD',
      caughtBy: ['tc.type-invalid'],
      alters: rewriteBody((body) => {
        const choice = body.tool_choice;
        if (choice === undefined) return body;
        const known = isObject(choice) && ['auto', 'any', 'tool', 'none'].includes(String(choice.type));
        return known ? body : { ...body, tool_choice: { type: 'auto' } };
      }),
    },
    {
      id: 'choice-without-tools-crash',
      title: 'A `tool_choice` without `tools` causes a 500.',
      level: 'MAY',
      caughtBy: ['tc.without-tools'],
      alters: crashInstead((rejection) => rejection.message.includes('only be specified while providing tools')),
    },
    {
      id: 'disable-parallel-ignored-auto',
      title: 'The server ignores `disable_parallel_tool_use` with `tool_choice` auto.',
      level: 'SHOULD',
      caughtBy: ['tc.disable-parallel.auto'],
      alters: withParallelCalls('auto'),
    },
    {
      id: 'disable-parallel-ignored-any',
      title: 'The server ignores `disable_parallel_tool_use` with `tool_choice` any.',
      level: 'SHOULD',
      caughtBy: ['tc.disable-parallel.any'],
      alters: withParallelCalls('any'),
    },
    {
      id: 'disable-parallel-ignored-in-streams',
      title: 'Of a request for a stream the server ignores `disable_parallel_tool_use` with `tool_choice` any.',
      level: 'SHOULD',
      caughtBy: ['tc.disable-parallel.any'],
      alters: withParallelCalls('any', ({ stream }) => stream === true),
    },
  ],
};
