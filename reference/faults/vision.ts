import { isObject } from '../../core/json.js';
import {
  acceptDespite,
  crashInstead,
  dropBlocks,
  dropUnvalidated,
  rejectBlocks,
  rewriteContents,
  rewritePromptBlocks,
} from '../alterations/requests.js';
import type { FaultFamily } from './fault.js';
import { because } from './reasons.js';

export const visionFaults: FaultFamily = {
  name: 'vision',
  title: 'pictures',
  faults: [
    {
      id: 'pictures-dropped',
      title: 'The server silently drops pictures in user messages.',
      level: 'MUST',
      mutant: 'RQ-u',
      reports: ['RQ-61', 'RQ-62'],
      caughtBy: ['vision.base64.png', 'vision.not-ignored'],
      alters: dropBlocks('image'),
    },
    {
      id: 'pictures-as-text',
      title: 'The model gets the base64 of a picture as text.',
      level: 'MUST',
      caughtBy: ['vision.base64.png', 'vision.not-ignored'],
      alters: rewritePromptBlocks((block) =>
        block.type === 'image' && isObject(block.source) && block.source.type === 'base64'
          ? { type: 'text', text: `data:${block.source.media_type};base64,${block.source.data}` }
          : block,
      ),
    },
    {
      id: 'pictures-refused',
      title: 'The server rejects pictures.',
      level: 'MUST',
      caughtBy: ['vision.base64.png', 'vision.formats', 'vision.multiple'],
      alsoFails: because('The server does not count a picture that it rejects.', 'count.image'),
      alters: rejectBlocks('image', 'messages.0.content.0.type: image input is not supported'),
    },
    {
      id: 'png-alone',
      title: 'The server accepts only PNG pictures.',
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
      title: 'Several pictures of one message reach the model in reverse order.',
      level: 'SHOULD',
      caughtBy: ['vision.multiple'],
      alters: rewriteContents((content) => {
        const pictures = content.filter(({ type }) => type === 'image').reverse();
        return content.map((block) => (block.type === 'image' ? pictures.shift()! : block));
      }),
    },
    {
      id: 'picture-url-crash',
      title: 'A picture URL that leads nowhere causes a 500.',
      level: 'SHOULD',
      caughtBy: ['vision.url', 'err.client-fault-not-5xx'],
      alters: crashInstead((rejection) => rejection.message.includes('Unable to download')),
    },
    {
      id: 'picture-url-dropped',
      title: 'The server silently drops a picture whose URL leads nowhere.',
      level: 'SHOULD',
      caughtBy: ['vision.url'],
      alters: dropUnvalidated('image', ({ type }) => type === 'url'),
    },
    {
      id: 'picture-types-unchecked',
      title: 'The server silently drops a picture with an unknown `media_type`.',
      level: 'SHOULD',
      caughtBy: ['vision.media-type.invalid'],
      alters: dropUnvalidated('image', ({ media_type: type }) => type === 'image/bmp'),
    },
    {
      id: 'picture-mismatch-crash',
      title: 'A picture whose `media_type` contradicts its bytes causes a 500.',
      level: 'MAY',
      caughtBy: ['vision.media-type.mismatch', 'err.client-fault-not-5xx'],
      alters: crashInstead((rejection) => rejection.message.includes('appears to be')),
    },
    {
      id: 'broken-pictures-dropped',
      title: 'The server silently drops data that is not a picture.',
      level: 'SHOULD',
      caughtBy: ['vision.base64.invalid'],
      alters: {
        ...acceptDespite(/invalid base64 data|Could not process image/),
        ...dropBlocks('image', ({ data }) => !/^(iVBOR|\/9j\/|R0lGOD|UklGR)/.test(String(data ?? 'iVBOR'))),
      },
    },
  ],
};
