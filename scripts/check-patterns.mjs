/**
 * Checks that no regular expression is quadratic or worse: a target, a report file or a config could keep the command busy for hours.
 * Checks the sources, the fixtures and the schemas.
 *
 *     node scripts/check-patterns.mjs           check, as `npm run check` does
 *     node scripts/check-patterns.mjs --write   check, and save the safe patterns in scripts/patterns-checked.txt
 *
 * A pattern takes about a second, so saved patterns are not checked again. A new pattern does not need to be saved.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check } from 'recheck';
import ts from 'typescript-api';
import { EXCEPTIONS } from './pattern-exceptions.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['core', 'suites', 'runner', 'reporters', 'reference', 'tap', 'validation'];
const NOTED = join(root, 'scripts', 'patterns-checked.txt');
const TIMEOUT_MS = 60_000;

/** Every pattern with its places. `source` is `null` for patterns that are built at run time. */
const found = new Map();
for (const folder of FOLDERS.filter((name) => existsSync(join(root, name)))) inSources(join(root, folder));
for (const file of jsonFiles('fixtures')) inFixture(file);
for (const file of jsonFiles('schemas')) inSchema(file);

const noted = new Set(existsSync(NOTED) ? readFileSync(NOTED, 'utf8').split('\n') : []);
const safe = new Set();
const problems = [];
const used = new Set();
for (const { source, flags, places } of found.values()) {
  const text = source ?? places[0];
  const exception = EXCEPTIONS.find(({ file, pattern }) =>
    file === undefined
      ? pattern === source
      : places.every((place) => place.startsWith(`${file}:`)) && text.includes(pattern),
  );
  if (exception !== undefined) {
    used.add(exception);
    continue;
  }
  if (source === null) {
    problems.push(`${places[0]} is built at run time; check it, and list it with its bound`);
    continue;
  }
  const key = createHash('sha256').update(`${source}/${flags}`).digest('hex').slice(0, 16);
  if (!noted.has(key)) {
    const { status, complexity, attack } = await check(source, flags, { timeout: TIMEOUT_MS });
    if (status !== 'safe') {
      const why =
        status === 'unknown'
          ? 'could not be decided'
          : `is ${complexity?.summary}, as ${attack?.pattern ?? 'a long text'} shows`;
      problems.push(`${places.join(', ')}: /${source}/${flags} ${why}`);
      continue;
    }
  }
  safe.add(key);
}
for (const entry of EXCEPTIONS)
  if (!used.has(entry))
    problems.push(`scripts/pattern-exceptions.mjs lists ${entry.pattern}, which is nowhere any more`);

if (process.argv.includes('--write')) writeFileSync(NOTED, `${[...safe].sort().join('\n')}\n`);
for (const problem of problems) console.error(problem);
if (problems.length > 0) {
  console.error(
    '\nChange the pattern so that it is linear, or list it with the bound of its text in scripts/pattern-exceptions.mjs.',
  );
  process.exitCode = 1;
}

function add(source, flags, place) {
  const key = source === null ? place : `${source}/${flags}`;
  const entry = found.get(key) ?? { source, flags, places: [] };
  entry.places.push(place);
  found.set(key, entry);
}

function inSources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) inSources(path);
    else if (/\.tsx?$/.test(entry.name) && !entry.name.includes('.generated.')) inSource(path);
  }
}

function inSource(path) {
  const kind = path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true, kind);
  const place = (node) => `${relative(root, path)}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
  const visit = (node) => {
    if (node.kind === ts.SyntaxKind.RegularExpressionLiteral) {
      const end = node.text.lastIndexOf('/');
      add(node.text.slice(1, end), node.text.slice(end + 1), place(node));
    } else if ((ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === 'RegExp') {
      const [source, flags] = node.arguments ?? [];
      const isFixed =
        source !== undefined &&
        ts.isStringLiteralLike(source) &&
        (flags === undefined || ts.isStringLiteralLike(flags));
      if (isFixed) add(source.text, flags?.text ?? '', place(node));
      else add(null, '', `${place(node)} ${node.getText().replace(/\s+/g, ' ')}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
}

function jsonFiles(folder) {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(folder, name));
}

/** Patterns that a reply must match, split as the runner splits them: words in an order are searched for one by one. */
function inFixture(file) {
  const gap = '[\\s\\S]*';
  walk(JSON.parse(readFileSync(join(root, file), 'utf8')), (key, value) => {
    if (key !== 'cooperation' || typeof value?.text !== 'string') return;
    const parts = value.text.includes(gap) ? value.text.split('|').flatMap((order) => order.split(gap)) : [value.text];
    for (const part of parts) add(part, 'i', file);
  });
}

/** Ajv compiles patterns with the flag `u`. */
function inSchema(file) {
  walk(JSON.parse(readFileSync(join(root, file), 'utf8')), (key, value) => {
    if (key === 'pattern' && typeof value === 'string') add(value, 'u', file);
    if (key === 'patternProperties') for (const pattern of Object.keys(value)) add(pattern, 'u', file);
  });
}

function walk(value, visit) {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    visit(key, inner);
    walk(inner, visit);
  }
}
