import { isObject } from '../../core/json.js';
import { toBlocks } from '../conversation.js';
import { invalid, isRejection, type Rejection, reject } from '../errors.js';
import { findFile } from '../files.js';
import type { Call } from '../stages.js';
import type { FileEntry } from '../state.js';
import type { Block, DocumentBlock, ImageBlock, Json, PromptRequest } from '../wire.js';
import { decodeBase64 } from './base64.js';
import { Budget } from './budget.js';
import { loadJpeg } from './jpeg.js';
import { readPdf } from './pdf.js';
import { type Picture, pictureReader, sniff } from './picture.js';

/** Longest side of a picture in pixels. Source: https://platform.claude.com/docs/en/build-with-claude/vision */
const MAX_SIDE = 8000;
/** Bytes that the pictures and documents of one request may unpack to: three screenshots of 4K. */
const MAX_UNPACKED = 128_000_000;

/** A document as the model reads it. */
interface DocumentText {
  /** Pages of a PDF, blocks of a content source, else one part. */
  parts: readonly string[];
  paged: boolean;
}

/** Pictures and documents of one request, each decoded once. */
export interface Media {
  picture(block: ImageBlock): Picture | Rejection;
  document(block: DocumentBlock): DocumentText | Rejection;
}

type FindFile = (id: string) => FileEntry | Rejection;

/** Opens the media of a request. Files are uploads to this endpoint; it never fetches anything. */
export async function openMedia(body: Json, call: Call): Promise<Media> {
  const files: FindFile = (id) => findFile(id, call);
  const budget = new Budget(MAX_UNPACKED);
  const read = pictureReader(budget, holdsJpeg(body, files) ? await loadJpeg() : null);
  const pictures = new Map<unknown, Picture | Rejection>();
  const documents = new Map<unknown, DocumentText | Rejection>();
  return {
    picture: ({ source }) => once(pictures, keyOf(source), () => openPicture(source, files, read)),
    document: ({ source }) => once(documents, keyOf(source), () => openDocument(source, files, budget)),
  };
}

/** A file is decoded once, however often the request names it. */
const keyOf = (source: ImageBlock['source'] | DocumentBlock['source']): unknown =>
  source.type === 'file' ? source.file_id : source;

function once<Value>(known: Map<unknown, Value>, key: unknown, open: () => Value): Value {
  const value = known.get(key) ?? open();
  known.set(key, value);
  return value;
}

/** Whether any source in a body is a JPEG; only then the decoder is loaded. The body need not be valid. */
function holdsJpeg(body: Json, files: FindFile): boolean {
  const open: unknown[] = [body];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (Array.isArray(value)) for (const item of value) open.push(item ?? null);
    if (!isObject(value)) continue;
    const { data, file_id: id } = value;
    if (typeof data === 'string' && data.startsWith('/9j/')) return true;
    const file = typeof id === 'string' ? files(id) : null;
    if (file && !isRejection(file) && sniff(file.bytes) === 'image/jpeg') return true;
    for (const member of Object.values(value)) if (typeof member === 'object' && member !== null) open.push(member);
  }
  return false;
}

const UNREACHABLE =
  'Unable to download the file. This endpoint fetches nothing: send the content as base64 or as a file.';

function openPicture(
  source: ImageBlock['source'],
  files: FindFile,
  read: (bytes: Uint8Array) => Picture | null,
): Picture | Rejection {
  if (source.type === 'url') return invalid(UNREACHABLE);
  if (source.type === 'file') {
    const file = files(source.file_id);
    if (isRejection(file)) return file;
    return read(file.bytes) ?? invalid(`Could not process image: the file ${source.file_id} is not a picture.`);
  }
  const bytes = decodeBase64(source.data);
  if (!bytes) return invalid('image.source.base64.data: invalid base64 data');
  const found = sniff(bytes);
  if (found !== null && found !== source.media_type) {
    return invalid(
      `image.source.base64: the image was specified using the ${source.media_type} media type, but the image appears to be ${found}`,
    );
  }
  const picture = read(bytes);
  if (!picture) return invalid('Could not process image: the bytes are not a complete PNG, JPEG, GIF or WebP picture.');
  if (Math.max(picture.width, picture.height) > MAX_SIDE) {
    return {
      ...invalid(`image.source.base64.data: image dimensions exceed max allowed size: ${MAX_SIDE} pixels`),
      details: { error_code: 'image_dimensions_too_large' },
    };
  }
  return picture;
}

function openDocument(source: DocumentBlock['source'], files: FindFile, budget: Budget): DocumentText | Rejection {
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
      return pages(file.bytes, budget);
    }
    case 'base64': {
      const bytes = decodeBase64(source.data);
      return bytes ? pages(bytes, budget) : invalid('document.source.base64.data: invalid base64 data');
    }
  }
}

function pages(bytes: Uint8Array, budget: Budget): DocumentText | Rejection {
  const found = readPdf(bytes, budget);
  return found ? { parts: found, paged: true } : invalid('The PDF specified was not valid.');
}

/** Every block of a request with its path, outer blocks before inner ones. */
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

/** Reasons against pictures and documents, and against citations that not all of them enable. */
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
