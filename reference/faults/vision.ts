import {
  acceptDespite,
  dropBlocks,
  dropUnvalidated,
  rejectBlocks,
  rewritePrompt,
  rewriteRejection,
} from '../alterations/requests.js';
import type { FaultFamily } from './fault.js';
import { because } from './reasons.js';

export const visionFaults: FaultFamily = {
  name: 'vision',
  title: 'pictures',
  faults: [
    {
      id: 'pictures-dropped',
      title: 'Pictures in user messages are dropped in silence.',
      level: 'MUST',
      mutant: 'RQ-u',
      reports: ['RQ-61', 'RQ-62'],
      caughtBy: ['vision.base64.png', 'vision.not-ignored'],
      alters: dropBlocks('image'),
    },
    {
      id: 'pictures-refused',
      title: 'Pictures are refused.',
      level: 'MUST',
      caughtBy: ['vision.base64.png', 'vision.formats', 'vision.multiple'],
      alsoFails: because('A picture that is refused is not counted either.', 'count.image'),
      alters: rejectBlocks('image', 'messages.0.content.0.type: image input is not supported'),
    },
    {
      id: 'png-alone',
      title: 'Pictures are taken as PNG alone.',
      level: 'MUST',
      caughtBy: ['vision.formats'],
      alters: rejectBlocks(
        'image',
        'image.source.media_type: only image/png is supported',
        ({ media_type: type }) => type !== 'image/png' && type !== undefined,
      ),
    },
    {
      id: 'pictures-reversed',
      title: 'Several pictures of one message arrive in reverse order.',
      level: 'SHOULD',
      caughtBy: ['vision.multiple'],
      alters: rewritePrompt((request) => ({
        ...request,
        messages: request.messages.map(({ role, content }) => {
          if (typeof content === 'string') return { role, content };
          const pictures = content.filter(({ type }) => type === 'image').reverse();
          return { role, content: content.map((block) => (block.type === 'image' ? pictures.shift()! : block)) };
        }),
      })),
    },
    {
      id: 'picture-url-crash',
      title: 'A picture whose address leads nowhere makes the server fail.',
      level: 'SHOULD',
      caughtBy: ['vision.url', 'err.client-fault-not-5xx'],
      alters: rewriteRejection((refusal) =>
        refusal.message.includes('Unable to download') ? { ...refusal, refusal: 'api_error' } : refusal,
      ),
    },
    {
      id: 'picture-url-dropped',
      title: 'A picture whose address leads nowhere is dropped in silence.',
      level: 'SHOULD',
      caughtBy: ['vision.url'],
      alters: dropUnvalidated('image', ({ type }) => type === 'url'),
    },
    {
      id: 'picture-types-unchecked',
      title: 'A picture of a media_type that does not exist is dropped in silence.',
      level: 'SHOULD',
      caughtBy: ['vision.media-type.invalid'],
      alters: dropUnvalidated('image', ({ media_type: type }) => type === 'image/bmp'),
    },
    {
      id: 'picture-mismatch-crash',
      title: 'A picture whose media_type contradicts its bytes makes the server fail.',
      level: 'MAY',
      caughtBy: ['vision.media-type.mismatch', 'err.client-fault-not-5xx'],
      alters: rewriteRejection((refusal) =>
        refusal.message.includes('appears to be') ? { ...refusal, refusal: 'api_error' } : refusal,
      ),
    },
    {
      id: 'broken-pictures-dropped',
      title: 'Data that is no picture is dropped in silence.',
      level: 'SHOULD',
      caughtBy: ['vision.base64.invalid'],
      alters: {
        ...acceptDespite(/invalid base64 data|Could not process image/),
        ...dropBlocks('image', ({ data }) => !/^(iVBOR|\/9j\/|R0lGOD|UklGR)/.test(String(data ?? 'iVBOR'))),
      },
    },
  ],
};
