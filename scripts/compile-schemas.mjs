/**
 * Writes the validators of all schemas as plain code beside `dist/validation/validators.js`, which loads them instead of
 * compiling. Run by the build, after TypeScript.
 */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createContext, runInContext } from 'node:vm';
import { brotliCompressSync } from 'node:zlib';
import standalone from 'ajv/dist/standalone/index.js';
import { transformSync } from 'esbuild';

const dist = new URL('../dist/validation/', import.meta.url);
const { LARGE_GROUP, SCHEMA_GROUPS, SCHEMA_NAMES, schemaAddress, schemaGroup } = await import(
  new URL('names.js', dist)
);
const { compile, createAjv } = await import(new URL('compile.js', dist));

const HELPERS = `const added = (all, error) => (all === null ? [error] : (all.push(error), all));
const failed = (all, instancePath, keyword, params) => added(all, { instancePath, keyword, params });
const joined = (all, errors) => (all === null ? errors : all.concat(errors));
const has = Object.prototype.hasOwnProperty;
const holds = (data, key, value) =>
  typeof data == "object" && data && !Array.isArray(data) && has.call(data, key) && data[key] === value;
const merged = (props, more) =>
  props === true || more === undefined ? props : more === true ? true : Object.assign(props || {}, more);
`;

for (const group of SCHEMA_GROUPS)
  write(
    group,
    SCHEMA_NAMES.filter((name) => schemaGroup(name) === group),
    'all',
  );
// Reports are large and read again and again: their first violation is enough, and compiling them then would take longer.
write(LARGE_GROUP, ['report'], 'first');

function write(group, names, thoroughness) {
  const ajv = createAjv(thoroughness);
  for (const name of names) compile(ajv, name);
  const source = standalone.default(ajv, Object.fromEntries(names.map((name) => [name, schemaAddress(name)])));
  const options = { minify: true, treeShaking: true, platform: 'node', format: 'cjs', target: 'node20' };
  const { code } = transformSync(slimmed(withoutSchemas(source)), options);
  // Two megabytes of code, a tenth of that when compressed; unpacking one takes some milliseconds.
  writeFileSync(new URL(`${group}.generated.cjs.br`, dist), brotliCompressSync(code));
}

/**
 * Ajv's code with the values that it takes out of schemas in their place. Then nothing uses the schemas, which were a quarter of the code
 * that every run reads, and esbuild leaves them out.
 */
function withoutSchemas(source) {
  const context = createContext({ exports: {}, module: { exports: {} }, require: createRequire(import.meta.url) });
  runInContext(source, context);
  return source.replace(/\bschema\d+(?:\.[A-Za-z_$][\w$]*|\["[^"]*"\]|\[\d+\])+/g, (path) => {
    const value = runInContext(`JSON.stringify(${path})`, context);
    if (value === undefined) throw new Error(`Ajv reads ${path}, which is no JSON value: adapt this function`);
    return value;
  });
}

/**
 * Ajv's code without what nobody here asks for, a quarter of it, which every run reads: the place of a keyword in its schema, and
 * arguments for `$data`, `$dynamicRef` and keywords of one's own, which the schemas do not use. Errors are added by a function.
 */
function slimmed(source) {
  const replaced = [
    [
      /if\(vErrors === null\)\{\s*vErrors = \[(\w+)\];\s*\}\s*else \{\s*vErrors\.push\(\1\);\s*\}\s*errors\+\+;/g,
      'vErrors = added(vErrors, $1);errors++;',
    ],
    [
      /vErrors = vErrors === null \? (\w+)\.errors : vErrors\.concat\(\1\.errors\);/g,
      'vErrors = joined(vErrors, $1.errors);',
    ],
    // A condition of the kind "type is text", of which a content block has forty: without errors that are taken back at once. Validating all
    // bodies of a run, loading included, takes 55 -> 48 ms of CPU.
    [
      new RegExp(
        [
          'const (_errs\\d+) = errors;let (valid\\d+) = true;const (_errs\\d+) = errors;if\\(errors === \\3\\)\\{',
          'if\\((data\\d*) && typeof \\4 == "object" && !Array\\.isArray\\(\\4\\)\\)\\{let (missing\\d+);',
          'if\\(\\(\\(\\4\\.(\\w+) === undefined\\) \\|\\| \\(!\\(func0\\.call\\(\\4, "\\6"\\)\\)\\)\\) && \\(\\5 = "\\6"\\)\\)\\{FAULT\\}',
          'else \\{if\\(\\4\\.\\6 !== undefined && func0\\.call\\(\\4, "\\6"\\)\\)\\{if\\(("[\\w-]+") !== \\4\\.\\6\\)\\{FAULT\\}\\}\\}\\}',
          'else \\{FAULT\\}\\}var (_valid\\d+) = \\3 === errors;errors = \\1;',
          'if\\(vErrors !== null\\)\\{if\\(\\1\\)\\{vErrors\\.length = \\1;\\}else \\{vErrors = null;\\}\\}',
        ]
          .join('')
          .replaceAll('FAULT', 'const err\\d+ = \\{\\};vErrors = added\\(vErrors, err\\d+\\);errors\\+\\+;'),
        'g',
      ),
      'let $2 = true;var $8 = holds($4, "$6", $7);',
    ],
    [
      /if\((props\d+) !== true && (props\d+) !== undefined\)\{if\(\2 === true\)\{\1 = true;\}else \{\1 = \1 \|\| \{\};Object\.assign\(\1, \2\);\}\}/g,
      '$1 = merged($1, $2);',
    ],
    [/schemaPath:"(?:[^"\\]|\\.)*",/g, ''],
    [
      /\{instancePath:([^{}]+?),parentData:[^,{}]+,parentDataProperty:(?:"(?:[^"\\]|\\.)*"|[^,{}"]+),rootData,dynamicAnchors\}/g,
      '$1',
    ],
    [/\{instancePath,parentData,parentDataProperty,rootData,dynamicAnchors\}/g, 'instancePath'],
    [
      /\{instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors=\{\}\}=\{\}/g,
      'instancePath = ""',
    ],
    [
      /const (err\d+) = \{instancePath(:[^{}]+?)?,keyword:("[\w ]+"),params:(\{(?:[^{}"]|"(?:[^"\\]|\\.)*")*\})\};\s*vErrors = added\(vErrors, \1\);/g,
      (_line, _name, place = ':instancePath', keyword, params) =>
        `vErrors = failed(vErrors, ${place.slice(1)}, ${keyword}, ${params});`,
    ],
  ].reduce((text, [pattern, by]) => text.replace(pattern, by), source);
  const left = /.{80}(?:schemaPath|parentData|rootData|dynamicAnchors).{80}/.exec(replaced);
  if (left !== null) throw new Error(`Ajv writes its code in another way than expected: ${left[0]}`);
  return `${HELPERS}${replaced}`;
}
