/** Why a fault breaks requirements besides those that have to catch it: reasons that several faults share. */

/** Requirements that fail too, all for the same reason. */
export const because = (reason: string, ...requirements: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(requirements.map((requirement) => [requirement, reason]));

export const REJECTED_WITH_200 = 'The server rejects invalid requests with status 200.';
export const REJECTED_WITH_500 = 'The server answers the invalid request with 500, which does not blame the client.';
export const AGENTS_SEND_THIS = 'Coding agents send such requests.';
export const USUAL_VERSION = 'Its requests use the usual version.';
export const NO_MODEL_LIST = 'It needs a model of the list.';
export const WRONG_PAGES = 'Paging needs correct cursors and items.';
export const UNREADABLE_BODIES = 'No body can be read.';
export const NO_MESSAGE = 'The answer is not a message.';
export const ALL_REJECTED = 'The server rejects all usual requests.';
export const TRUNCATED_TOO = 'Truncated replies have the same fault.';
export const TRUNCATION_HIDDEN = 'No stop reason reports that the call was truncated, so its input has to be complete.';
export const READS_STOP_REASON = 'It reads the stop reason.';
export const BATCHES_TOO = 'Batch results hold the same messages.';
export const TRUNCATED_STREAMS_TOO = 'The stream of a truncated call ends in the same way.';
export const PARALLEL_STREAMS_TOO = 'Parallel streams break in the same way.';
export const CALL_TWICE = 'The accumulated events hold the same call twice.';
export const WRONG_REPLAY = 'The client sends back the accumulated events, which are not what the model wrote.';
export const REPLAY_REJECTED = 'The server rejects its own reply when the client sends it back.';
export const LOOKS_COMPLETE = 'An incomplete answer looks complete, whatever the request.';
export const STRUCTURED_TOO = 'Structured answers are text and have the same fault.';
export const FORCED_CALLS_TOO = 'Forced and strict calls have the same fault.';
export const NO_BLOCKS = 'It reads content blocks, and there are none.';
export const EVERY_CHOICE = 'The server ignores every choice but auto.';
export const NEEDS_ARRAYS = 'Its request needs a content array.';
export const NO_DOCUMENTS = 'It cites or uploads a document.';
export const USUAL_ACCEPT = 'It asks for a stream with the usual accept header.';
export const NO_COUNT = 'It needs a token count.';
export const CONSTANT_COUNT = 'The count is the same for every prompt.';
export const WRONG_USAGE = 'It compares with usage, which is wrong.';
export const TOO_FEW_OUTPUT_TOKENS = 'It compares with output_tokens, which is too small.';
export const NEGATIVE_INPUT = 'A negative count is neither positive nor larger for a longer prompt.';
export const UNREAD_UNCACHED = 'The server does not cache what the model does not read.';
export const WRONG_CACHE_COUNTS = 'The cache counts are missing or wrong.';
export const USAGE_EVERYWHERE = 'Replies without content report input tokens too.';
export const MARKED_SYSTEM = 'Its cache mark stands in a system array.';
export const PICTURE_IN_RESULT = 'Its picture is part of a tool result.';
export const PAIRS_UNCHECKED = 'One check of calls and results rejects all of these requests.';
export const NEEDS_STOP_SEQUENCE = 'It needs a stop sequence that works.';
export const STREAM_FIELD_UNREAD = 'The server does not read the field stream.';
export const NAMES_NOTHING = 'An error that names nothing does not name the field either.';
export const NO_ENVELOPE = 'Clients do not recognise an error without its envelope as the end of a stream.';
export const EVENTS_LOST = 'Events that are lost or misplaced are missing where they belong.';
export const NEEDS_THINKING = 'Its request asks for thinking.';
export const WRONG_INPUT = 'The fragments do not add up to the input of the call.';
export const INDEX_EVERYWHERE = 'It reads block indices.';
