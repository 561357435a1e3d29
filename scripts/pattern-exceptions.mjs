/**
 * Regular expressions that are not linear or are built at run time, each with its bound.
 * With a `file`, `pattern` is a part of the pattern, or of the code that makes it.
 */
const ASK = 'the ask or an instruction, of which model/prompt.ts keeps 6,001 characters: at most 70 ms';
const MADE =
  'tests/reference/patterns.test.ts checks what it becomes; names from requests are letters, digits and dots';
const REPLY = 'the JSON or the frames of the endpoint itself, whose replies are bounded';

/** What a fault of the gateway passes on: the suite's own upstream wrote it. */
const UPSTREAM = 'a piece that the upstream of the suite itself sends';

export const EXCEPTIONS = [
  {
    pattern: '"(?:[^"\\\\]|\\\\.){20,}("|$)',
    bound: 'reporters/compare.ts asks oneLine for its text first: at most 424 characters',
  },
  { file: 'core/visible.ts', pattern: 'INVISIBLE.source', bound: 'the pattern of the line above, which is checked' },
  {
    file: 'core/spellings.ts',
    pattern: 'new RegExp(',
    bound: 'tests/secrets/redact.test.ts checks what it becomes',
  },
  { file: 'suites/vision.ts', pattern: 'color', bound: 'a word from a list in the same file' },
  {
    file: 'runner/run/cooperation.ts',
    pattern: 'RegExp(part',
    bound: 'a pattern of a fixture, all of which are checked here',
  },
  { file: 'reference/check-request.ts', pattern: "':id'", bound: 'a path from the list of the endpoint' },
  { file: 'reference/faults/stream-framing.ts', pattern: 'content_block_delta', bound: REPLY },
  { file: 'reference/variants/spelling.ts', pattern: '"(?:[^"', bound: REPLY },
  { file: 'reference/media/pdf.ts', pattern: '\\d{1,10}', bound: 'looks 60 characters ahead, in at most 32 MB' },
  { file: 'reference/model/answer.ts', pattern: '${word}', bound: MADE },
  { file: 'reference/model/answer.ts', pattern: 'complete|continue', bound: ASK },
  { file: 'reference/model/arguments.ts', pattern: '${name}', bound: MADE },
  { file: 'reference/model/instructions.ts', pattern: 'RegExp(source,', bound: MADE },
  { file: 'reference/model/instructions.ts', pattern: '${sign}', bound: MADE },
  { file: 'reference/model/instructions.ts', pattern: 'words\\b', bound: ASK },
  {
    file: 'reference/model/instructions.ts',
    pattern: '(?:\\.|$)',
    bound: 'looks 300 characters ahead; a prompt has 1.8 MB',
  },
  { file: 'reference/model/instructions.ts', pattern: 'with|only|just|the|word', bound: ASK },
  {
    file: 'reference/model/instructions.ts',
    pattern: 'repeat|echo',
    bound: 'looks 80 characters ahead; a prompt has 1.8 MB',
  },
  { file: 'reference/model/instructions.ts', pattern: 'end your turn', bound: ASK },
  { file: 'reference/model/instructions.ts', pattern: 'integers?', bound: ASK },
  { file: 'reference/model/instructions.ts', pattern: 'letters?', bound: ASK },
  {
    file: 'reference/model/instructions.ts',
    pattern: "PLACES.join('|')",
    bound: 'words of a list in the same file, and looks on only from one of them',
  },
  { file: 'reference/model/recall.ts', pattern: '${', bound: MADE },
  { file: 'reference/model/recall.ts', pattern: 'call (\\w+)', bound: ASK },
  { file: 'reference/model/recall.ts', pattern: 'succeed', bound: ASK },
  { file: 'reference/model/recall.ts', pattern: 'NONE|JSON', bound: 'looks 100 characters ahead; a prompt has 1.8 MB' },
  { file: 'reference/model/recall.ts', pattern: 'codes?|words?', bound: ASK },
  { file: 'reference/model/recall.ts', pattern: 'which|what', bound: ASK },
  { file: 'reference/model/tools.ts', pattern: '${name.replace', bound: MADE },
  { file: 'reference/model/tools.ts', pattern: 'tools?|both', bound: ASK },
  {
    file: 'core/answers.ts',
    pattern: 'failed to parse (input at',
    bound: 'looks 40 characters ahead, from each place once',
  },
  { file: 'core/answers.ts', pattern: 'prompt is too long', bound: 'looks 40 characters ahead, from each place once' },
  { file: 'suites/judging/arrival.ts', pattern: '${city}', bound: 'looks 40 characters ahead, from each place once' },
  { file: 'suites/tool-results.ts', pattern: 'TextBlock', bound: 'looks 40 characters ahead, from each place once' },
  { file: 'suites/tool-results.ts', pattern: "type.replace('_'", bound: 'a block type from a list in the same file' },
  { file: 'reference/gateway/faults/answers.ts', pattern: 'x{16384}', bound: UPSTREAM },
  { file: 'reference/gateway/faults/streams.ts', pattern: 'data:[^', bound: UPSTREAM },
  {
    file: 'tap/files/curl-transcript.ts',
    pattern: '^HTTP',
    bound: 'starts only where a line starts, and reads that line once',
  },
];
