import { isObject } from '../../core/json.js';
import { rewriteJson } from '../alterations/messages.js';
import { dropBlocks, rejectBlocks } from '../alterations/requests.js';
import { respondWith } from '../alterations/responses.js';
import type { FaultFamily } from './fault.js';

export const filesFaults: FaultFamily = {
  name: 'files',
  title: 'uploaded files',
  faults: [
    {
      id: 'upload-of-another-api',
      title: 'The metadata of an upload has the fields of another API: object, bytes, purpose.',
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
      title: 'The server rejects the id of an upload as a source.',
      level: 'MUST',
      caughtBy: ['files.use'],
      alters: rejectBlocks(
        'document',
        'messages.0.content.0.source.type: file is not supported',
        ({ type }) => type === 'file',
      ),
    },
    {
      id: 'uploads-not-read',
      title: 'The server silently drops a document whose source is an upload.',
      level: 'MUST',
      caughtBy: ['files.use'],
      alters: dropBlocks('document', ({ type }) => type === 'file'),
    },
    {
      id: 'deleted-files-stay',
      title: 'A deleted file still exists.',
      level: 'MUST',
      caughtBy: ['files.list-get-delete'],
      alters: respondWith(/^\/v1\/files\/./, (request, call) =>
        request.method === 'DELETE' ? Response.json({ id: call.path.split('/').at(-1), type: 'file_deleted' }) : null,
      ),
    },
    {
      id: 'files-listed-twice',
      title: 'The list of files has each file twice.',
      level: 'MUST',
      caughtBy: ['files.list-get-delete'],
      alters: rewriteJson(/^\/v1\/files$/, (body) =>
        Array.isArray(body.data) ? { ...body, data: body.data.flatMap((file) => [file, file]) } : body,
      ),
    },
    {
      id: 'file-list-of-another-api',
      title: 'The list of files is {object: "list"} without `next_page`.',
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
