import { isRejection } from './errors.js';
import type { Media } from './media/media.js';
import { colourWord } from './media/picture.js';
import type { Senses } from './model/index.js';
import type { Weights } from './segments.js';
import { countText } from './tokens.js';

/** Pixels that cost one token. Source: https://platform.claude.com/docs/en/build-with-claude/vision */
const PIXELS_PER_TOKEN = 750;
const PAGE_TOKENS = 200;

/** How the model sees pictures and reads documents, and how many tokens they cost. What cannot be opened is empty. */
export function sensesOf(media: Media): Senses & Weights {
  /** Tokens of documents that were counted before: many blocks may name one file. */
  const counted = new Map<readonly string[], number>();
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
      const text = counted.get(parts) ?? parts.reduce((sum, part) => sum + countText(part), 0);
      counted.set(parts, text);
      const names = countText(block.title ?? '') + countText(block.context ?? '');
      return text + names + pictures + (paged ? parts.length * PAGE_TOKENS : 0);
    },
  };
}
