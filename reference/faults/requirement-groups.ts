/** Requirements that several faults break together, each list kept once. */

/** Their invalid request gets 400 from a conforming server; that status is all that they need to pass. */
const REJECTED_WITH_400 = [
  'http.body.not-json',
  'http.body.lone-surrogate',
  'http.body.not-object',
  'ver.missing',
  'ver.2026-10-21.sampling',
  'req.model.required',
  'req.messages.required',
  'req.messages.empty',
  'req.messages.role-required',
  'req.messages.role-unknown',
  'req.messages.content-required',
  'req.max-tokens.type',
  'req.max-tokens.over-limit',
  'req.system.non-text',
  'req.temperature.range',
  'req.temperature.type',
  'req.top-p.range',
  'req.top-k.type',
  'req.stop-sequences.type',
  'req.stop-sequences.whitespace',
  'req.stream.type',
  'req.unknown-field',
  'msg.first.assistant',
  'msg.empty.user',
  'msg.empty.text-block',
  'msg.empty.assistant-middle',
  'msg.block.unknown-type',
  'msg.role-system.first',
  'tool.schema.required',
  'tool.schema.type-object',
  'tool.name.pattern',
  'tool.name.duplicate',
  'tc.unknown-name',
  'tc.type-invalid',
  'tr.text-before',
  'tr.missing',
  'tr.unknown-id',
  'tr.wrong-role',
  'tr.duplicate-use-id',
  'vision.url',
  'vision.media-type.invalid',
  'vision.base64.invalid',
  'doc.pdf.invalid',
  'cite.all-or-none',
  'think.budget.minimum',
  'think.budget.below-max',
  'think.forced-tool',
  'think.replay.tampered',
  'cache.four-breakpoints',
  'so.schema.additional-properties',
  'so.schema.unsupported',
  'count.required',
  'batch.custom-id.unique',
];

/** Requirements that fail when rejections come with status 200. */
export const NEED_ERROR_STATUS = [
  ...REJECTED_WITH_400,
  'http.path.unknown',
  'auth.missing',
  'auth.invalid',
  'req.model.unknown',
  'files.list-get-delete',
  'models.retrieve.unknown',
  'batch.retrieve',
  'batch.results.early',
  'batch.delete',
];

/** Requirements that fail when invalid requests get 500: some of them allow a server to accept, but not to crash. */
export const NEED_CLIENT_ERROR = [
  ...REJECTED_WITH_400,
  'req.max-tokens.required',
  'req.provider-fields',
  'req.unknown-field.nested',
  'msg.prefill.trailing-space',
  'vision.media-type.mismatch',
  'ver.2026-10-21.assistant-document',
  'ver.2026-10-21.user-citations',
];

/** Requirements on the JSON answers of other endpoints than `/v1/messages`. */
export const OTHER_ENDPOINTS = [
  'files.upload',
  'count.basic',
  'models.list.shape',
  'batch.create',
  'batch.object.shape',
  'batch.list',
];

/** Requirements that need a list of models to begin with. */
export const NEED_MODEL_LIST = ['models.item.shape', 'models.retrieve', 'models.paging', 'models.consistent'];

/** Requirements that need a token count to compare with. */
export const NEED_TOKEN_COUNT = ['count.system-tools', 'count.matches-usage', 'count.image'];

/** Requirements whose request holds a document with citations, or an uploaded one. */
export const NEED_DOCUMENTS = ['cite.text.shape', 'cite.pdf.shape', 'cite.stream.delta', 'files.use'];

/** Requirements that name the stop reason which they expect. */
export const NAME_STOP_REASON = [
  'resp.stop-reason.enum',
  'tu.stop-reason',
  'stop.max-tokens',
  'stop.sequence.reason',
  'stream.tool.truncated',
  'so.truncation',
];

/** Requirements that read the stop reason among other things. */
export const READ_STOP_REASON = ['tr.loop', 'req.max-tokens.zero', 'batch.results.types'];
