/**
 * Records the names that the official clients for Python and Go publish in tests/drift/clients.json: `node scripts/client-words.mjs [PYTHON GO]`, with
 * versions such as `2.14.0 v2.15.0`. Downloads the clients by their package managers, reads their types and installs nothing.
 * `npm run drift` compares what is recorded with the installed client for TypeScript, without a network.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const sorted = (words) => [...new Set(words)].sort();
const RECORD = fileURLToPath(new URL('../tests/drift/clients.json', import.meta.url));
const recorded = JSON.parse(readFileSync(RECORD, 'utf8'));
const [python = recorded.clients.python.version, go = recorded.clients.go.version] = process.argv.slice(2);

const scratch = mkdtempSync(join(tmpdir(), 'client-words-'));
try {
  const clients = { python: pythonWords(python), go: goWords(go) };
  for (const [name, { version, ...words }] of Object.entries(clients))
    for (const [kind, values] of Object.entries(words))
      if (values.length === 0)
        throw new Error(`${name} ${version}: no ${kind} were found; its types have another form`);
  writeFileSync(RECORD, `${JSON.stringify({ ...recorded, clients }, null, 2)}\n`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function pythonWords(version) {
  const run = (program, args) => execFileSync(program, args, { cwd: scratch, stdio: ['ignore', 'ignore', 'inherit'] });
  run('python3', ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', 'wheel', `anthropic==${version}`]);
  const [wheel] = readdirSync(join(scratch, 'wheel'));
  run('python3', ['-m', 'zipfile', '-e', join('wheel', wheel), 'python']);
  const types = join(scratch, 'python', 'anthropic', 'types');
  const read = (file) => readFileSync(join(types, file), 'utf8');
  const quoted = (text) => [...text.matchAll(/"([^"]+)"/g)].map(([, word]) => word);
  const literal = (file, name) =>
    quoted(new RegExp(`^${name}: TypeAlias = [^]*?(Literal\\[[^]*?\\])`, 'm').exec(read(file))?.[1] ?? '');
  /** The `type` of every member of a union, each in a file of its own. */
  const members = (file) =>
    [...read(file).matchAll(/^from \.(\w+) import \w+$/gm)].flatMap(([, module]) =>
      existsSync(join(types, `${module}.py`))
        ? quoted(/^ {4}type: Literal\[([^\]]*)\]/m.exec(read(`${module}.py`))?.[1] ?? '')
        : [],
    );
  const all = readdirSync(types, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.py'))
    .map(read);
  return {
    version,
    betas: sorted(literal('anthropic_beta_param.py', 'AnthropicBetaParam')),
    errorCodes: sorted(
      all.flatMap((text) => [...text.matchAll(/error_code: Literal\["(\w+)"\]/g)].map(([, word]) => word)),
    ),
    errorTypes: sorted(literal('shared/error_type.py', 'ErrorType')),
    stopReasons: sorted(literal('stop_reason.py', 'StopReason')),
    contentBlocks: sorted(members('content_block.py')),
    events: sorted(members('raw_message_stream_event.py')),
  };
}

function goWords(version) {
  const module = `github.com/anthropics/anthropic-sdk-go/v${version.slice(1).split('.')[0]}`;
  const env = { ...process.env, GOFLAGS: '-mod=mod' };
  execFileSync('go', ['mod', 'init', 'words'], { cwd: scratch, env, stdio: 'ignore' });
  const { Dir } = JSON.parse(
    execFileSync('go', ['mod', 'download', '-json', `${module}@${version}`], { cwd: scratch, env, encoding: 'utf8' }),
  );
  const read = (file) => readFileSync(join(Dir, file), 'utf8');
  const constants = (file, type) =>
    [...read(file).matchAll(new RegExp(`^\\t\\w+ +${type} = "([^"]+)"`, 'gm'))].map(([, word]) => word);
  const cases = (type) => {
    const body = new RegExp(`^func \\(u ${type}\\) AsAny\\(\\)[^]*?^}`, 'm').exec(read('message.go'))?.[0] ?? '';
    return [...body.matchAll(/case "([^"]+)"/g)].map(([, word]) => word);
  };
  const all = readdirSync(Dir, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.go'))
    .map(read);
  const codes = all.flatMap((text) =>
    [...text.matchAll(/json:"error_code"[^`]* default:"([^"]+)"/g)].map(([, word]) => word),
  );
  return {
    version,
    betas: sorted(constants('beta.go', 'AnthropicBeta')),
    errorCodes: sorted(codes),
    errorTypes: sorted(constants('shared/shared.go', 'ErrorType')),
    stopReasons: sorted(constants('message.go', 'StopReason')),
    contentBlocks: sorted(cases('ContentBlockUnion')),
    events: sorted(cases('MessageStreamEventUnion')),
  };
}
