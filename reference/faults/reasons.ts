/** Why a fault breaks more than it is about, in the words of the page: reasons that several faults share, and how to give one. */

/** Requirements that turn red besides, all for the same reason. */
export const because = (reason: string, ...requirements: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(requirements.map((requirement) => [requirement, reason]));

export const UNREFUSED =
  'What is refused comes with status 200, and none of the invalid requests is refused in the documented way.';
export const SERVER_ERROR = 'The invalid request is answered with 500, which is no refusal as a fault of the client.';
export const AGENT_ASKS_SO = 'Coding agents ask in this way.';
export const USUAL_VERSION = 'It is asked for under the usual version.';
export const NO_LIST = 'Without the list there is no model to ask for.';
export const NO_CURSORS = 'Without right cursors and counts the pages do not end as they should.';
export const UNREADABLE = 'No body can be read.';
export const NO_MESSAGE = 'What comes is no message.';
export const ALL_REFUSED = 'Requests that are sent as usual are refused.';
export const CUT_ALIKE = 'Cut replies have the same fault.';
export const CUT_UNTOLD = 'Nothing says that the call was cut, so its input has to be whole.';
export const EVERY_REASON = 'Every requirement on the ends of replies looks at the stop reason.';
export const BATCHES_ALIKE = 'Results of batches hold the same messages.';
export const CUT_STREAMS_ALIKE = 'The stream of a cut call ends like any other.';
export const PARALLEL_ALIKE = 'Streams beside others break off like any other.';
export const CALL_TWICE = 'What the events add up to holds the same call twice.';
export const SENT_BACK = 'What the events add up to is not what the model said, and goes back so.';
export const SENT_BACK_REFUSED = 'The endpoint refuses what it has sent itself when it comes back.';
export const CUT_ANYWHERE = 'Half an answer looks like a whole one, whatever was asked.';
export const ANSWER_ALIKE = 'A structured answer is a text like any other.';
export const CALLS_ALIKE = 'Forced and strict calls have the same fault.';
export const NO_BLOCKS = 'Without blocks there is nothing of what the reply should hold.';
export const CHOICE_ALIKE = 'Every choice but auto is lost.';
export const HOLDS_ARRAYS = 'Its request needs content that is an array.';
export const DOCUMENTS_IN_ARRAYS = 'Documents stand in such arrays.';
export const NO_DOCUMENTS = 'What is cited or uploaded is a document.';
export const USUAL_ACCEPT = 'It asks for a stream with the usual accept header.';
export const NO_COUNT = 'Nothing is counted.';
export const COUNT_WRONG = 'Another prompt does not change the count.';
export const BILL_WRONG = 'The other side of the comparison is wrong.';
export const COUNTS_TOO_SMALL = 'Everything that is compared with the output tokens finds them too few.';
export const NEGATIVE_INPUT = 'A negative number is neither positive nor larger for a longer prompt.';
export const NOT_READ_NOT_CACHED = 'What the model does not read is not cached.';
export const CACHE_UNTOLD = 'Nothing, or nothing true, is told about what was cached.';
export const USAGE_EVERYWHERE = 'Replies without content have no input tokens either.';
export const MARKED_SYSTEM = 'The mark stands in a system prompt that is an array.';
export const PICTURE_IN_RESULT = 'The picture is part of a tool result.';
export const PAIRS_UNCHECKED = 'One check of calls and results refuses all of these.';
export const EVERY_SEQUENCE = 'Every requirement on stop sequences needs one that works.';
export const STREAM_UNREAD = 'The field stream is not read.';
export const NAMES_NOTHING = 'A refusal that names nothing does not name the field either.';
export const STRUCK = 'This is the request that the trouble strikes.';
export const NO_ENVELOPE = 'An error without its envelope is no end of a stream that clients know.';
export const FRAMES_LOST = 'Events that are lost or in the wrong place are missing where they belong.';
export const THINKING_NEEDED = 'Its request asks for thinking.';
export const INPUT_LOST = 'The input of such a call does not come together.';
export const INDEX_ALIKE = 'Wherever indices are looked at, they are wrong.';
