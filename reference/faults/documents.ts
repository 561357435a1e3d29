import { isObject } from '../../core/json.js';
import {
  crashInstead,
  dropBlocks,
  dropUnvalidated,
  rejectBlocks,
  rewriteContents,
  rewritePromptBlocks,
} from '../alterations/requests.js';
import type { Block } from '../wire.js';
import type { FaultFamily } from './fault.js';
import { because, NO_DOCUMENTS } from './reasons.js';
import { NEED_DOCUMENTS } from './requirement-groups.js';

/** Keeps these documents of each message, and everything else. */
const oneDocument = (kept: (documents: readonly Block[]) => readonly Block[]) =>
  rewriteContents((content) => {
    const stays = kept(content.filter(({ type }) => type === 'document'));
    return content.filter((block) => block.type !== 'document' || stays.includes(block));
  });

export const documentsFaults: FaultFamily = {
  name: 'documents',
  title: 'documents in messages',
  faults: [
    {
      id: 'documents-refused',
      title: 'The server rejects documents.',
      level: 'MUST',
      mutant: 'RQ-g',
      reports: ['RQ-26'],
      caughtBy: ['doc.pdf.base64', 'doc.text', 'doc.content'],
      alsoFails: because(NO_DOCUMENTS, ...NEED_DOCUMENTS),
      alters: rejectBlocks('document', "messages.0.content.0.type: Input should be 'text' or 'image'"),
    },
    {
      id: 'documents-dropped',
      title: 'The server silently drops documents.',
      level: 'MUST',
      caughtBy: ['doc.pdf.base64', 'doc.text', 'doc.content'],
      alsoFails: {
        ...because(NO_DOCUMENTS, ...NEED_DOCUMENTS),
        'tr.document': 'It needs a document.',
        'arrives.document.beside-result': 'It needs a document.',
      },
      alters: dropBlocks('document'),
    },
    {
      id: 'first-document-dropped',
      title: 'Of several documents of a message only the last reaches the model.',
      level: 'MUST',
      caughtBy: ['doc.text'],
      alsoFails: { 'cite.text.shape': 'Citations name the only document that is left by the number of the first.' },
      alters: oneDocument((all) => all.slice(-1)),
    },
    {
      id: 'second-document-dropped',
      title: 'Of several documents of a message only the first reaches the model.',
      level: 'SHOULD',
      caughtBy: ['doc.content'],
      alters: oneDocument((all) => all.slice(0, 1)),
    },
    {
      id: 'pdf-dropped',
      title: 'The server accepts a PDF and does not read it.',
      level: 'MUST',
      caughtBy: ['doc.pdf.base64'],
      alsoFails: because(NO_DOCUMENTS, 'cite.pdf.shape'),
      alters: dropBlocks('document', ({ media_type }) => media_type === 'application/pdf'),
    },
    {
      id: 'content-documents-first-block',
      title: 'Only the first block of a document made of blocks reaches the model.',
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
      title: 'The server silently drops a document whose source is content.',
      level: 'SHOULD',
      caughtBy: ['doc.content'],
      alters: dropBlocks('document', ({ type }) => type === 'content'),
    },
    {
      id: 'broken-pdf-dropped',
      title: 'The server silently drops a document whose bytes are not a PDF.',
      level: 'SHOULD',
      caughtBy: ['doc.pdf.invalid'],
      alters: dropUnvalidated(
        'document',
        ({ media_type: type, data }) => type === 'application/pdf' && !String(data).startsWith('JVBERi'),
      ),
    },
    {
      id: 'assistant-documents-crash',
      title: 'A document in an assistant message causes a 500 under 2026-10-21.',
      level: 'MAY',
      caughtBy: ['ver.2026-10-21.assistant-document', 'err.client-fault-not-5xx'],
      alters: crashInstead(
        (rejection, call) => call.version === '2026-10-21' && /messages\.1\.content/.test(rejection.message),
      ),
    },
    {
      id: 'user-citations-crash',
      title: 'Citations on a user text cause a 500 under 2026-10-21.',
      level: 'MAY',
      caughtBy: ['ver.2026-10-21.user-citations', 'err.client-fault-not-5xx'],
      alters: crashInstead((rejection, call) => call.version === '2026-10-21' && /citations/.test(rejection.message)),
    },
  ],
};
