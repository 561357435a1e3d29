import { isObject } from '../../core/json.js';
import { acceptDespite, rewriteBody, rewritePrompt } from '../alterations/requests.js';
import type { DraftBlock } from '../model/draft.js';
import type { MessageRequest } from '../wire.js';
import type { FaultFamily } from './fault.js';
import { because, CALLS_ALIKE, CHOICE_ALIKE } from './reasons.js';

/** Changes what the model wants to say; `request` is what it was asked. */
const drafts = (change: (blocks: DraftBlock[], request: MessageRequest) => DraftBlock[]) => ({
  prompt(request: MessageRequest, call: { requestId: string; state: { notes: Map<string, unknown> } }) {
    call.state.notes.set(call.requestId, request);
    return request;
  },
  draft(draft: { blocks: DraftBlock[] }, call: { requestId: string; state: { notes: Map<string, unknown> } }) {
    const request = call.state.notes.get(call.requestId) as MessageRequest | undefined;
    return request ? { ...draft, blocks: change(draft.blocks, request) } : draft;
  },
});

/** Adds a second call where parallel calls were switched off. */
function withParallelCalls(type: 'auto' | 'any') {
  return {
    ...drafts((all, { tool_choice: choice }) => {
      const call = all.find((block) => block.type === 'tool_use');
      const disabled = choice && 'disable_parallel_tool_use' in choice && choice.disable_parallel_tool_use === true;
      return disabled && choice.type === type && call ? [...all, { ...call }] : all;
    }),
  };
}

export const toolChoiceFaults: FaultFamily = {
  name: 'tool-choice',
  title: 'the choice among tools',
  faults: [
    {
      id: 'tools-never-called',
      title: 'Tools are taken, and none is ever called.',
      level: 'MUST',
      mutant: 'TU-q',
      reports: ['TU-26', 'TU-27'],
      caughtBy: ['tc.any', 'tc.tool', 'tool.client.builtin'],
      alsoFails: because(CALLS_ALIKE, 'so.strict-tool'),
      alters: rewritePrompt((request) => ({ ...request, tools: undefined, tool_choice: undefined })),
    },
    {
      id: 'call-as-text',
      title: 'Calls are written as text between tool_call tags.',
      level: 'MUST',
      caughtBy: ['tc.any', 'tc.tool', 'tool.client.builtin'],
      alsoFails: because(CALLS_ALIKE, 'so.strict-tool'),
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
      title: 'A tool_choice that forces a call is read as auto.',
      level: 'MUST',
      caughtBy: ['tc.tool', 'tool.client.builtin'],
      alsoFails: because(CHOICE_ALIKE, 'tc.none', 'tc.forced.no-text-before', 'tc.disable-parallel.any'),
      alters: rewritePrompt((request) => ({
        ...request,
        ...(request.tool_choice && { tool_choice: { type: 'auto' } }),
      })),
    },
    {
      id: 'forced-tool-replaced',
      title: 'A forced call goes to the first tool of the list, whichever was named.',
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
      title: 'tool_choice any is read as auto, and the model prefers words.',
      level: 'MUST',
      caughtBy: ['tc.any'],
      alters: drafts((all, { tool_choice: choice }) =>
        choice?.type === 'any' ? [{ type: 'text', text: 'I would rather not call anything.' }] : all,
      ),
    },
    {
      id: 'auto-as-any',
      title: 'tool_choice auto is read as any.',
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
      title: 'tool_choice none is ignored: tools are called.',
      level: 'MUST',
      caughtBy: ['tc.none'],
      alters: rewritePrompt((request) =>
        request.tool_choice?.type === 'none' ? { ...request, tool_choice: { type: 'any' } } : request,
      ),
    },
    {
      id: 'text-before-forced-call',
      title: 'Text stands before a forced call.',
      level: 'SHOULD',
      caughtBy: ['tc.forced.no-text-before'],
      alters: drafts((all, { tool_choice: choice }) =>
        ['any', 'tool'].includes(choice?.type ?? '')
          ? [{ type: 'text', text: 'I will call the tool now.' }, ...all]
          : all,
      ),
    },
    {
      id: 'undeclared-choice-taken',
      title: 'Forcing a tool that is not declared is taken.',
      level: 'SHOULD',
      caughtBy: ['tc.unknown-name'],
      alters: acceptDespite(/^tool_choice: Tool '.*' not found/),
    },
    {
      id: 'choice-any-type',
      title: 'A tool_choice of any shape is taken, as in chat completions.',
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
      title: 'A tool_choice without tools makes the server fail.',
      level: 'MAY',
      caughtBy: ['tc.without-tools'],
      alters: {
        refusal: (refusal) =>
          refusal.message.includes('only be specified while providing tools')
            ? { ...refusal, refusal: 'api_error' }
            : refusal,
      },
    },
    {
      id: 'disable-parallel-ignored-auto',
      title: 'disable_parallel_tool_use is ignored with tool_choice auto.',
      level: 'SHOULD',
      caughtBy: ['tc.disable-parallel.auto'],
      alters: withParallelCalls('auto'),
    },
    {
      id: 'disable-parallel-ignored-any',
      title: 'disable_parallel_tool_use is ignored with tool_choice any.',
      level: 'SHOULD',
      caughtBy: ['tc.disable-parallel.any'],
      alters: withParallelCalls('any'),
    },
  ],
};
