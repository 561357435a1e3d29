import { isObject } from '../../core/json.js';
import { dropBlocks, dropUnvalidated, rejectBlocks, rewritePromptBlocks } from '../alterations/requests.js';
import type { FaultFamily } from './fault.js';
import { because, NO_DOCUMENTS } from './reasons.js';
import { NEED_DOCUMENTS } from './requirement-groups.js';

export const documentsFaults: FaultFamily = {
  name: 'documents',
  title: 'documents in messages',
  faults: [
    {
      id: 'documents-refused',
      title: 'Documents are refused.',
      level: 'MUST',
      mutant: 'RQ-g',
      reports: ['RQ-26'],
      caughtBy: ['doc.pdf.base64', 'doc.text', 'doc.content'],
      alsoFails: because(NO_DOCUMENTS, ...NEED_DOCUMENTS),
      alters: rejectBlocks('document', "messages.0.content.0.type: Input should be 'text' or 'image'"),
    },
    {
      id: 'documents-dropped',
      title: 'Documents are dropped in silence.',
      level: 'MUST',
      caughtBy: ['doc.pdf.base64', 'doc.text', 'doc.content'],
      alsoFails: because(NO_DOCUMENTS, ...NEED_DOCUMENTS),
      alters: dropBlocks('document'),
    },
    {
      id: 'pdf-dropped',
      title: 'A PDF is taken and not read.',
      level: 'MUST',
      caughtBy: ['doc.pdf.base64'],
      alsoFails: because(NO_DOCUMENTS, 'cite.pdf.shape'),
      alters: dropBlocks('document', ({ media_type }) => media_type === 'application/pdf'),
    },
    {
      id: 'content-documents-first-block',
      title: 'Of a document made of blocks only the first is read.',
      level: 'SHOULD',
      caughtBy: ['doc.content'],
      alters: rewritePromptBlocks((block) => {
        const { source } = block;
        return block.type === 'document' && isObject(source) && Array.isArray(source.content)
          ? { ...block, source: { ...source, content: source.content.slice(0, 1) } }
          : block;
      }),
    },
    {
      id: 'content-documents-dropped',
      title: 'A document whose source is content is dropped in silence.',
      level: 'SHOULD',
      caughtBy: ['doc.content'],
      alters: dropBlocks('document', ({ type }) => type === 'content'),
    },
    {
      id: 'broken-pdf-dropped',
      title: 'A PDF whose bytes are none is dropped in silence.',
      level: 'SHOULD',
      caughtBy: ['doc.pdf.invalid'],
      alters: dropUnvalidated(
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
  ],
};
