import { isObject } from '../../core/json.js';
import type { Citation, JsonObject, MessageParam } from '../wire.js';
import {
  acceptDespite,
  blocks,
  contents,
  eventsOf,
  refusals,
  rejectWhen,
  respondWith,
  rewriteBody,
  rewritePrompt,
  without,
} from './alter.js';
import type { FaultFamily } from './fault.js';
import { because, NO_DOCUMENTS } from './reasons.js';

type Holder = { messages: readonly MessageParam[] };

function blocksOf({ messages }: Holder, type: string): JsonObject[] {
  return messages.flatMap(({ content }) =>
    typeof content === 'string' ? [] : (content as unknown as JsonObject[]).filter((block) => block.type === type),
  );
}

const sourceOf = (block: JsonObject): JsonObject => (isObject(block.source) ? block.source : {});

/** Refuses requests with a block like this. */
const refusesBlocks = (
  type: string,
  reason: string,
  bad: (source: JsonObject, block: JsonObject) => boolean = () => true,
) => rejectWhen((request) => blocksOf(request, type).some((block) => bad(sourceOf(block), block)) && reason);

/** Takes blocks out of the prompt. */
const dropsBlocks = (type: string, bad: (block: JsonObject) => boolean = () => true) =>
  contents((block) => (block.type === type && bad(block) ? [] : block));

/** Takes blocks out of the body before it is validated. */
const dropsUnchecked = (type: string, bad: (source: JsonObject, block: JsonObject) => boolean) =>
  rewriteBody((body) => ({
    ...body,
    ...(Array.isArray(body.messages) && {
      messages: body.messages.map((message) =>
        isObject(message) && Array.isArray(message.content)
          ? {
              ...message,
              content: message.content.filter(
                (block) => !(isObject(block) && block.type === type && bad(sourceOf(block), block)),
              ),
            }
          : message,
      ),
    }),
  }));

/** Changes citations, streamed or not. */
const citations = (change: (citation: Citation) => object) =>
  blocks((block) =>
    block.type === 'text' && block.citations ? { ...block, citations: block.citations.map(change) } : block,
  );

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
      alters: dropsBlocks('image'),
    },
    {
      id: 'pictures-refused',
      title: 'Pictures are refused.',
      level: 'MUST',
      caughtBy: ['vision.base64.png', 'vision.formats', 'vision.multiple'],
      alsoFails: because('A picture that is refused is not counted either.', 'count.image'),
      alters: refusesBlocks('image', 'messages.0.content.0.type: image input is not supported'),
    },
    {
      id: 'png-alone',
      title: 'Pictures are taken as PNG alone.',
      level: 'MUST',
      caughtBy: ['vision.formats'],
      alters: refusesBlocks(
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
      alters: refusals((refusal) =>
        refusal.message.includes('Unable to download') ? { ...refusal, refusal: 'api_error' } : refusal,
      ),
    },
    {
      id: 'picture-url-dropped',
      title: 'A picture whose address leads nowhere is dropped in silence.',
      level: 'SHOULD',
      caughtBy: ['vision.url'],
      alters: dropsUnchecked('image', ({ type }) => type === 'url'),
    },
    {
      id: 'picture-types-unchecked',
      title: 'A picture of a media_type that does not exist is dropped in silence.',
      level: 'SHOULD',
      caughtBy: ['vision.media-type.invalid'],
      alters: dropsUnchecked('image', ({ media_type: type }) => type === 'image/bmp'),
    },
    {
      id: 'picture-mismatch-crash',
      title: 'A picture whose media_type contradicts its bytes makes the server fail.',
      level: 'MAY',
      caughtBy: ['vision.media-type.mismatch', 'err.client-fault-not-5xx'],
      alters: refusals((refusal) =>
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
        ...dropsBlocks(
          'image',
          (block) => !/^(iVBOR|\/9j\/|R0lGOD|UklGR)/.test(String(sourceOf(block).data ?? 'iVBOR')),
        ),
      },
    },
  ],
};

export const documentFaults: FaultFamily = {
  name: 'documents',
  title: 'documents, citations and files',
  faults: [
    {
      id: 'documents-refused',
      title: 'Documents are refused.',
      level: 'MUST',
      mutant: 'RQ-g',
      reports: ['RQ-26'],
      caughtBy: ['doc.pdf.base64', 'doc.text', 'doc.content'],
      alsoFails: because(NO_DOCUMENTS, 'cite.text.shape', 'cite.pdf.shape', 'cite.stream.delta', 'files.use'),
      alters: refusesBlocks('document', "messages.0.content.0.type: Input should be 'text' or 'image'"),
    },
    {
      id: 'documents-dropped',
      title: 'Documents are dropped in silence.',
      level: 'MUST',
      caughtBy: ['doc.pdf.base64', 'doc.text', 'doc.content'],
      alsoFails: because(NO_DOCUMENTS, 'cite.text.shape', 'cite.pdf.shape', 'cite.stream.delta', 'files.use'),
      alters: dropsBlocks('document'),
    },
    {
      id: 'pdf-dropped',
      title: 'A PDF is taken and not read.',
      level: 'MUST',
      caughtBy: ['doc.pdf.base64'],
      alsoFails: because(NO_DOCUMENTS, 'cite.pdf.shape'),
      alters: dropsBlocks('document', (block) => sourceOf(block).media_type === 'application/pdf'),
    },
    {
      id: 'content-documents-first-block',
      title: 'Of a document made of blocks only the first is read.',
      level: 'SHOULD',
      caughtBy: ['doc.content'],
      alters: contents((block) => {
        const source = sourceOf(block);
        return block.type === 'document' && Array.isArray(source.content)
          ? { ...block, source: { ...source, content: source.content.slice(0, 1) } }
          : block;
      }),
    },
    {
      id: 'content-documents-dropped',
      title: 'A document whose source is content is dropped in silence.',
      level: 'SHOULD',
      caughtBy: ['doc.content'],
      alters: dropsBlocks('document', (block) => sourceOf(block).type === 'content'),
    },
    {
      id: 'broken-pdf-dropped',
      title: 'A PDF whose bytes are none is dropped in silence.',
      level: 'SHOULD',
      caughtBy: ['doc.pdf.invalid'],
      alters: dropsUnchecked(
        'document',
        ({ media_type: type, data }) => type === 'application/pdf' && !String(data).startsWith('JVBERi'),
      ),
    },
    {
      id: 'assistant-documents-crash',
      title: 'Under 2026-10-21 a document in an assistant message makes the server fail.',
      level: 'MAY',
      caughtBy: ['ver.2026-10-21.assistant-document', 'err.client-fault-not-5xx'],
      alters: {
        refusal: (refusal, call) =>
          call.version === '2026-10-21' && /messages\.1\.content/.test(refusal.message)
            ? { ...refusal, refusal: 'api_error' }
            : refusal,
      },
    },
    {
      id: 'user-citations-crash',
      title: 'Under 2026-10-21 citations on a text of the user make the server fail.',
      level: 'MAY',
      caughtBy: ['ver.2026-10-21.user-citations', 'err.client-fault-not-5xx'],
      alters: {
        refusal: (refusal, call) =>
          call.version === '2026-10-21' && /citations/.test(refusal.message)
            ? { ...refusal, refusal: 'api_error' }
            : refusal,
      },
    },
    {
      id: 'citations-shifted',
      title: 'Citations count characters from 1.',
      level: 'MUST',
      caughtBy: ['cite.text.shape'],
      alters: citations((citation) =>
        citation.type === 'char_location'
          ? {
              ...citation,
              start_char_index: citation.start_char_index + 1,
              end_char_index: citation.end_char_index + 1,
            }
          : citation,
      ),
    },
    {
      id: 'citations-of-another-kind',
      title: 'Answers from plain text are cited by page.',
      level: 'MUST',
      caughtBy: ['cite.text.shape'],
      alters: citations((citation) =>
        citation.type === 'char_location'
          ? {
              type: 'page_location',
              cited_text: citation.cited_text,
              document_index: citation.document_index,
              document_title: citation.document_title,
              start_page_number: 1,
              end_page_number: 2,
            }
          : citation,
      ),
    },
    {
      id: 'citations-missing',
      title: 'Citations are asked for, and none is given.',
      level: 'MAY',
      caughtBy: [],
      undetectable:
        'A model may answer without citing, which cannot be told apart from a server that ignores the field.',
      alters: blocks((block) => (block.type === 'text' ? without(block, 'citations') : block)),
    },
    {
      id: 'pages-from-zero',
      title: 'Citations count pages from 0.',
      level: 'SHOULD',
      caughtBy: ['cite.pdf.shape'],
      alters: citations((citation) =>
        citation.type === 'page_location'
          ? {
              ...citation,
              start_page_number: citation.start_page_number - 1,
              end_page_number: citation.end_page_number - 1,
            }
          : citation,
      ),
    },
    {
      id: 'citations-at-block-start',
      title: 'In a stream the citations stand in content_block_start, and no citations_delta comes.',
      level: 'MUST',
      caughtBy: ['cite.stream.delta'],
      alters: eventsOf('content_block_delta', (event) => (event.delta.type === 'citations_delta' ? [] : event)),
    },
    {
      id: 'partial-citations-taken',
      title: 'Citations on some documents of a request are taken.',
      level: 'SHOULD',
      caughtBy: ['cite.all-or-none'],
      alters: acceptDespite(/citations/),
    },
    {
      id: 'search-results-cited-as-documents',
      title: 'Answers from search results are cited by content block.',
      level: 'MAY',
      caughtBy: ['cite.search-result'],
      alters: citations((citation) =>
        citation.type === 'search_result_location'
          ? {
              type: 'content_block_location',
              cited_text: citation.cited_text,
              document_index: 0,
              document_title: citation.title,
              start_block_index: citation.start_block_index,
              end_block_index: citation.end_block_index,
            }
          : citation,
      ),
    },
    {
      id: 'search-results-refused',
      title: 'Blocks of the type search_result are refused.',
      level: 'MAY',
      mutant: 'RQ-i',
      reports: ['RQ-31'],
      caughtBy: [],
      undetectable: 'An optional block type that is refused with 400 is declined honestly.',
      alters: refusesBlocks('search_result', "messages.0.content.0.type: Input should be 'text' or 'image'"),
    },
    {
      id: 'upload-of-another-api',
      title: 'The metadata of an upload are those of another API: object, bytes, purpose.',
      level: 'MUST',
      caughtBy: ['files.upload', 'files.list-get-delete'],
      alters: {
        json: (body) =>
          isObject(body) && body.type === 'file'
            ? { id: body.id, object: 'file', bytes: body.size_bytes, filename: body.filename, purpose: 'user_data' }
            : body,
      },
    },
    {
      id: 'upload-size-zero',
      title: 'The size of an upload is 0.',
      level: 'MUST',
      caughtBy: ['files.upload', 'files.list-get-delete'],
      alters: { json: (body) => (isObject(body) && body.type === 'file' ? { ...body, size_bytes: 0 } : body) },
    },
    {
      id: 'uploads-refused-as-source',
      title: 'The id of an upload is not taken as a source.',
      level: 'MUST',
      caughtBy: ['files.use'],
      alters: refusesBlocks(
        'document',
        'messages.0.content.0.source.type: file is not supported',
        ({ type }) => type === 'file',
      ),
    },
    {
      id: 'uploads-not-read',
      title: 'A document whose source is an upload is dropped in silence.',
      level: 'MUST',
      caughtBy: ['files.use'],
      alters: dropsBlocks('document', (block) => sourceOf(block).type === 'file'),
    },
    {
      id: 'deleted-files-stay',
      title: 'A deleted file is still there.',
      level: 'MUST',
      caughtBy: ['files.list-get-delete'],
      alters: respondWith(/^\/v1\/files\/./, (request, call) =>
        request.method === 'DELETE'
          ? new Response(JSON.stringify({ id: call.path.split('/').at(-1), type: 'file_deleted' }), {
              headers: { 'content-type': 'application/json' },
            })
          : null,
      ),
    },
    {
      id: 'file-list-of-another-api',
      title: 'The list of files has the form {object: "list"} without next_page.',
      level: 'MUST',
      caughtBy: ['files.list-get-delete'],
      alters: {
        json: (body, call) =>
          call.path === '/v1/files' && isObject(body) && Array.isArray(body.data)
            ? { object: 'list', items: body.data }
            : body,
      },
    },
  ],
};
