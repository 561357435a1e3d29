import { rewriteBlocks, rewriteMessages, rewriteUsage } from '../alterations/messages.js';
import type { FaultFamily } from './fault.js';

export const beyondCoreFaults: FaultFamily = {
  name: 'beyond-core',
  title: 'blocks and values that the core of the protocol does not define',
  faults: [
    {
      id: 'block-of-another-edition',
      title: 'A reply begins with a server tool block that lacks its fields.',
      level: 'SHOULD',
      caughtBy: ['resp.content.other-blocks'],
      alsoFails: {
        'agent.thread.refusal-code': 'The error body has no code.',
      },
      alters: rewriteMessages((message) => ({
        ...message,
        content: message.content.some(({ type }) => type === 'text')
          ? [{ type: 'container_upload' }, ...message.content]
          : message.content,
      })),
    },
    {
      id: 'search-result-of-another-call',
      title: 'The result of a search names a call that the reply does not have.',
      level: 'SHOULD',
      caughtBy: ['resp.content.other-blocks'],
      alters: rewriteBlocks((block) =>
        block.type === 'web_search_tool_result' ? { ...block, tool_use_id: 'srvtoolu_01Another' } : block,
      ),
    },
    {
      id: 'service-tier-foreign',
      title: '`usage.service_tier` is a number.',
      level: 'SHOULD',
      caughtBy: ['usage.optional.null-or-valid'],
      alters: rewriteUsage((usage) => ({ ...usage, service_tier: 1 })),
    },
  ],
};
