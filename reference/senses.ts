import { isRejection } from './errors.js';
import { colourWord, type Media } from './media/media.js';
import type { Senses } from './model/index.js';
import type { Weights } from './segments.js';
import { countText } from './tokens.js';

/** Pixels that cost one token. Source: https://platform.claude.com/docs/en/build-with-claude/vision */
const PIXELS_PER_TOKEN = 750;
const PAGE_TOKENS = 200;

/** How the model sees and reads what a request carries, and what that costs. What cannot be opened shows nothing. */
export function sensesOf(media: Media): Senses & Weights {
  const read: Senses['read'] = (block) => {
    const text = media.document(block);
    return isRejection(text) ? { parts: [], paged: false } : text;
  };
  const image: Weights['image'] = (block) => {
    const picture = media.picture(block);
    return isRejection(picture) ? 1 : Math.max(8, Math.ceil((picture.width * picture.height) / PIXELS_PER_TOKEN));
  };
  return {
    read,
    image,
    colour(block) {
      const picture = block.type === 'image' ? media.picture(block) : null;
      return picture && !isRejection(picture) ? colourWord(picture) : 'unclear';
    },
    document(block) {
      const { parts, paged } = read(block);
      const { source } = block;
      const inner = source.type === 'content' && typeof source.content !== 'string' ? source.content : [];
      const pictures = inner.reduce((sum, part) => sum + (part.type === 'image' ? image(part) : 0), 0);
      const texts = [...parts, block.title ?? '', block.context ?? ''];
      return texts.reduce((sum, text) => sum + countText(text), pictures + (paged ? parts.length * PAGE_TOKENS : 0));
    },
  };
}
