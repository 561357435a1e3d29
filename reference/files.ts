import { readBytes } from './body.js';
import { invalid, isRejection, type Rejection, reject } from './errors.js';
import { newId } from './ids.js';
import type { Incoming } from './incoming.js';
import { readLimit } from './pages.js';
import type { Reply } from './reply.js';
import { errorResponse, jsonResponse } from './responses.js';
import type { Call } from './stages.js';
import type { FileEntry } from './state.js';

/** Largest upload of the API in bytes. Source: https://platform.claude.com/docs/en/build-with-claude/files */
const MAX_FILE_BYTES = 500_000_000;
const LIFETIME_SECONDS = { least: 3600, most: 7_776_000 };

/** Finds an uploaded file that has not expired. The bytes of an expired one are dropped. */
export function findFile(id: string, call: Call): FileEntry | Rejection {
  const file = call.state.files.get(id);
  if (!file) return reject('not_found_error', `File not found: ${id.slice(0, 120)}`);
  if (file.expiresAt !== null && file.expiresAt <= call.settings.now()) {
    if (file.bytes.length > 0) call.state.files.set(id, { ...file, bytes: new Uint8Array() });
    return reject('not_found_error', `File has expired: ${file.id}`, { error_code: 'file_expired' });
  }
  return file;
}

/** `POST /v1/files`: one multipart field `file`, and optionally its lifetime. */
export async function uploadFile(request: Incoming, call: Call): Promise<Reply> {
  const bytes = await readBytes(request, Math.min(MAX_FILE_BYTES, call.settings.limits.fileBytes));
  if (isRejection(bytes)) return errorResponse(bytes, call);
  const form = await formOf(bytes, request.headers.get('content-type') ?? '');
  if (isRejection(form)) return errorResponse(form, call);
  const upload = form.get('file');
  if (upload === null || typeof upload === 'string') return errorResponse(invalid('file: Field required'), call);
  const lifetime = lifetimeOf(form.get('expires_in_seconds'));
  if (isRejection(lifetime)) return errorResponse(lifetime, call);
  for (const id of [...call.state.files.keys()]) findFile(id, call);
  const now = call.settings.now();
  const file: FileEntry = {
    id: newId('file'),
    filename: upload.name.slice(0, 500),
    mimeType: upload.type.split(';')[0]!.trim() || 'application/octet-stream',
    bytes: new Uint8Array(await upload.arrayBuffer()),
    createdAt: now,
    expiresAt: lifetime === null ? null : now + lifetime * 1000,
  };
  call.state.files.set(file.id, file);
  return jsonResponse(metadata(file), call);
}

async function formOf(bytes: Uint8Array<ArrayBuffer>, contentType: string): Promise<FormData | Rejection> {
  try {
    return await new Response(bytes, { headers: { 'content-type': contentType } }).formData();
  } catch {
    return invalid('The body has to be multipart/form-data with a field "file".');
  }
}

function lifetimeOf(value: FormDataEntryValue | null): number | null | Rejection {
  if (value === null) return null;
  const seconds = Number(value);
  const { least, most } = LIFETIME_SECONDS;
  if (Number.isInteger(seconds) && seconds >= least && seconds <= most) return seconds;
  return invalid(`expires_in_seconds: Input should be an integer from ${least} to ${most}`);
}

function metadata(file: FileEntry) {
  return {
    id: file.id,
    type: 'file',
    filename: file.filename,
    mime_type: file.mimeType,
    size_bytes: file.bytes.length,
    created_at: new Date(file.createdAt).toISOString(),
    downloadable: false,
    expires_at: file.expiresAt === null ? null : new Date(file.expiresAt).toISOString(),
  };
}

/** `GET /v1/files`: newest first, in pages. */
export function listFiles(request: Incoming, call: Call): Reply {
  const query = new URL(request.url).searchParams;
  const limit = readLimit(query);
  if (isRejection(limit)) return errorResponse(limit, call);
  const ids = new Set(query.getAll('ids[]'));
  const files = [...call.state.files.values()]
    .reverse()
    .filter((file) => (ids.size === 0 || ids.has(file.id)) && !isRejection(findFile(file.id, call)));
  const token = query.get('page');
  const start = token === null ? 0 : files.findIndex((file) => `page_${file.id}` === token);
  if (start < 0) return errorResponse(invalid('page: not a page token of this list'), call);
  const next = files[start + limit];
  const data = files.slice(start, start + limit).map(metadata);
  return jsonResponse({ data, next_page: next ? `page_${next.id}` : null }, call);
}

/** `GET /v1/files/{id}`. */
export function getFile(_request: Incoming, call: Call, id: string): Reply {
  const file = findFile(id, call);
  return isRejection(file) ? errorResponse(file, call) : jsonResponse(metadata(file), call);
}

/** `GET /v1/files/{id}/content`: a client cannot download its own uploads. */
export function getFileContent(_request: Incoming, call: Call, id: string): Reply {
  const file = findFile(id, call);
  if (isRejection(file)) return errorResponse(file, call);
  const details = { error_code: 'file_not_downloadable' };
  return errorResponse(reject('invalid_request_error', `File ${file.id} is not downloadable.`, details), call);
}

/** `DELETE /v1/files/{id}`. */
export function deleteFile(_request: Incoming, call: Call, id: string): Reply {
  const file = findFile(id, call);
  if (isRejection(file)) return errorResponse(file, call);
  call.state.files.delete(file.id);
  return jsonResponse({ id: file.id, type: 'file_deleted' }, call);
}
