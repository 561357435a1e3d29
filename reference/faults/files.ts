import { isObject } from '../../core/json.js';
import { dropBlocks, rejectBlocks } from '../alterations/requests.js';
import { respondWith } from '../alterations/responses.js';
import type { FaultFamily } from './fault.js';

export const filesFaults: FaultFamily = {
  name: 'files',
  title: 'uploaded files',
  faults: [
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
      alters: rejectBlocks(
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
      alters: dropBlocks('document', ({ type }) => type === 'file'),
    },
    {
      id: 'deleted-files-stay',
      title: 'A deleted file is still there.',
      level: 'MUST',
      caughtBy: ['files.list-get-delete'],
      alters: respondWith(/^\/v1\/files\/./, (request, call) =>
        request.method === 'DELETE' ? Response.json({ id: call.path.split('/').at(-1), type: 'file_deleted' }) : null,
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
