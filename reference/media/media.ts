import { toBlocks } from '../conversation.js';
import { invalid, isRejection, type Rejection, reject } from '../errors.js';
import type { FileEntry } from '../state.js';
import type { Block, DocumentBlock, ImageBlock, PromptRequest } from '../wire.js';
import { decodeBase64 } from './base64.js';
import { readPdf } from './pdf.js';
import { colourName, type Picture, readPicture, sniff } from './picture.js';

/** Longest side of a picture in pixels. Source: https://platform.claude.com/docs/en/build-with-claude/vision */
const MAX_SIDE = 8000;

/** A document as the model reads it. */
interface DocumentText {
  /** Pages of a PDF, blocks of a content source, else one part. */
  parts: readonly string[];
  paged: boolean;
}

/** Pictures and documents of one request, decoded once. */
export interface Media {
  picture(block: ImageBlock): Picture | Rejection;
  document(block: DocumentBlock): DocumentText | Rejection;
}

/** Opens what a request carries. Files come from the endpoint's own memory; nothing is ever fetched. */
export function openMedia(files: (id: string) => FileEntry | Rejection): Media {
  const pictures = new Map<object, Picture | Rejection>();
  const documents = new Map<object, DocumentText | Rejection>();
  return {
    picture: (block) => memo(pictures, block.source, () => openPicture(block, files)),
    document: (block) => memo(documents, block.source, () => openDocument(block, files)),
  };
}

function memo<Value>(known: Map<object, Value>, key: object, make: () => Value): Value {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}

const UNREACHABLE =
  'Unable to download the file. This endpoint fetches nothing: send the content as base64 or as a file.';

function openPicture({ source }: ImageBlock, files: (id: string) => FileEntry | Rejection): Picture | Rejection {
  if (source.type === 'url') return invalid(UNREACHABLE);
  if (source.type === 'file') {
    const file = files(source.file_id);
    if (isRejection(file)) return file;
    return readPicture(file.bytes) ?? invalid(`Could not process image: the file ${source.file_id} is no picture.`);
  }
  const bytes = decodeBase64(source.data);
  if (!bytes) return invalid('image.source.base64.data: invalid base64 data');
  const found = sniff(bytes);
  if (found !== null && found !== source.media_type) {
    return invalid(
      `image.source.base64: the image was specified using the ${source.media_type} media type, but the image appears to be ${found}`,
    );
  }
  const picture = readPicture(bytes);
  if (!picture) return invalid('Could not process image: the bytes are no whole PNG, JPEG, GIF or WebP picture.');
  if (Math.max(picture.width, picture.height) > MAX_SIDE) {
    return {
      ...invalid(`image.source.base64.data: image dimensions exceed max allowed size: ${MAX_SIDE} pixels`),
      details: { error_code: 'image_dimensions_too_large' },
    };
  }
  return picture;
}

function openDocument(
  { source }: DocumentBlock,
  files: (id: string) => FileEntry | Rejection,
): DocumentText | Rejection {
  switch (source.type) {
    case 'url':
      return invalid(UNREACHABLE);
    case 'text':
      return { parts: [source.data], paged: false };
    case 'content':
      if (typeof source.content === 'string') return { parts: [source.content], paged: false };
      return { parts: source.content.map((part) => (part.type === 'text' ? part.text : '')), paged: false };
    case 'file': {
      const file = files(source.file_id);
      if (isRejection(file)) return file;
      if (/^text\//.test(file.mimeType)) return { parts: [new TextDecoder().decode(file.bytes)], paged: false };
      return pages(file.bytes);
    }
    case 'base64': {
      const bytes = decodeBase64(source.data);
      return bytes ? pages(bytes) : invalid('document.source.base64.data: invalid base64 data');
    }
  }
}

function pages(bytes: Uint8Array): DocumentText | Rejection {
  const found = readPdf(bytes);
  return found ? { parts: found, paged: true } : invalid('The PDF specified was not valid.');
}

/** What the model says of a picture's colour. */
export function colourWord(picture: Picture): string {
  return picture.colour ? colourName(picture.colour) : 'unclear';
}

/** Every block of a request with its path, inner ones after those that hold them. */
export function* eachBlock(request: PromptRequest): Iterable<{ block: Block; at: string }> {
  for (const [index, message] of request.messages.entries()) {
    if (typeof message.content !== 'string') yield* within(message.content, `messages.${index}.content`);
  }
  if (Array.isArray(request.system)) yield* within(request.system, 'system');
}

function* within(blocks: readonly Block[], at: string): Iterable<{ block: Block; at: string }> {
  for (const [index, block] of blocks.entries()) {
    const path = `${at}.${index}`;
    yield { block, at: path };
    if (block.type === 'tool_result' && typeof block.content !== 'string') {
      yield* within(toBlocks(block.content), `${path}.content`);
    }
    if (block.type === 'document' && block.source.type === 'content' && typeof block.source.content !== 'string') {
      yield* within(block.source.content, `${path}.source.content`);
    }
    if (block.type === 'search_result') yield* within(block.content, `${path}.content`);
  }
}

/** Reasons against pictures and documents, and against citations that only some of them allow. */
export function* mediaReasons(
  request: PromptRequest,
  media: Media,
  supported: { vision: boolean; documents: boolean },
): Iterable<Rejection> {
  const citable: boolean[] = [];
  for (const { block, at } of eachBlock(request)) {
    if (block.type === 'image') {
      if (!supported.vision) yield invalid(`${at}.type: this endpoint does not support images`);
      yield* located(media.picture(block), at);
    }
    if (block.type === 'document') {
      if (!supported.documents) yield invalid(`${at}.type: this endpoint does not support documents`);
      yield* located(media.document(block), at);
      citable.push(block.citations?.enabled === true);
    }
    if (block.type === 'search_result') {
      if (!supported.documents) yield invalid(`${at}.type: this endpoint does not support search results`);
      citable.push(block.citations?.enabled === true);
    }
    if (block.type === 'container_upload') {
      yield invalid(`${at}.type: container_upload can only be used with the code execution tool`);
    }
  }
  if (citable.includes(true)) {
    if (citable.includes(false)) {
      yield invalid('messages: citations must be enabled on all documents and search results or on none of them');
    }
    if (request.output_config?.format ?? request.output_format) {
      yield invalid('output_config.format: citations cannot be combined with structured outputs');
    }
  }
}

function* located(value: object, at: string): Iterable<Rejection> {
  if (isRejection(value)) yield reject(value.errorType, `${at}: ${value.message}`, value.details);
}
