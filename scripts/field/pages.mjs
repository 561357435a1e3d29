/** Writes docs/results from the data of measurements: `npm run results`. A test compares the pages with what this writes. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SERVERS } from './index.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'docs', 'results');

const MODES = { run: 'as a deployment', gateway: 'as a translating gateway' };
const UPSTREAMS = {
  serve: 'the reference endpoint of this project, `messages-conformance serve`, with a key',
  script: "the suite's own upstream, which plays chat completions of OpenAI",
  none: 'none: it answers itself',
};
const SIGNS = { pass: '✓', fail: '✗', warn: '!', declined: '–', inconclusive: '?', skipped: '·', error: 'E' };

/** Every page by its file name. */
export function pages() {
  const measured = SERVERS.flatMap((server) => {
    const measurements = Object.keys(server.measurements).flatMap((mode) => read(`${server.id}.${mode}.json`) ?? []);
    const readings = read(`${server.id}.readings.json`) ?? {};
    return measurements.length === 0 ? [] : [{ server, measurements, readings }];
  });
  return {
    'README.md': overview(measured),
    'matrix.md': matrix(measured),
    ...Object.fromEntries(measured.map((one) => [`${one.server.id}.md`, page(one)])),
  };
}

const read = (name) => {
  const file = join(folder, 'data', name);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
};

const cell = (text) =>
  text
    .replaceAll('|', '\\|')
    .replaceAll('\n', ' ')
    .replace(/[<>]/g, (sign) => (sign === '<' ? '&lt;' : '&gt;'));
const code = (text) => {
  const fence = '`'.repeat(1 + Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length)));
  return `${fence} ${text.replaceAll('|', '\\|').replaceAll('\n', ' ')} ${fence}`;
};
const names = { run: '`run`', gateway: '`gateway`' };

function overview(measured) {
  const rows = measured.flatMap(({ server, measurements }) =>
    measurements.map(
      ({ version, mode, measured: day, counts: { pass, fail, warn, silent } }) =>
        `| [${server.name}](${server.id}.md) | ${version} | ${names[mode]} | ${day} | ${pass} | ${fail} | ${silent} | ${warn} |`,
    ),
  );
  return `# Results of real servers

Servers that install and start without a model or a key, judged on the loopback address of one machine. [matrix.md](matrix.md) puts all
verdicts side by side. The pages are written by \`npm run results\` from the data in [\`data/\`](data/), and \`npm run field\` measures again:
each server is a small module in \`scripts/field/servers/\`.

| server | version | judged | measured | passed | failed | silent | warnings |
|---|---|---|---|---|---|---|---|
${rows.join('\n')}

\`run\` judges the server as a deployment; where it needs an upstream, that is the reference endpoint, so whatever is lost was lost on the way.
\`gateway\` judges it from both sides, as its client and as its upstream. The contract is \`default\`: it claims the profiles core, tools, errors and
agent, and the others are judged where they are offered.

## What "fail" means

- A MUST of the protocol is violated: an official client throws, loses or corrupts something, in this version, with this configuration, on
  this day. Another configuration may behave otherwise; each page says how the server was started.
- It is no judgement of the project. A mock may be lenient on purpose, a router may be made for one client, a gateway may document what it leaves out.
- The numbers of different servers are not comparable: a server that offers more is asked more.
- **silent** failures and warnings: the client gets HTTP 200 and cannot see what was lost.
- Every failure was read by hand against the protocol, with what the server received and sent; the page says what was found. A failure that turned out
  to be a fault of the suite was repaired in the suite, and the server was measured again: [field-notes.md](../field-notes.md).

## How to object

You maintain one of these servers and a verdict is wrong, or a newer version behaves otherwise: open an issue in this repository with the id of the
requirement, such as \`gw.stop.filter\`. \`messages-conformance run --url … --only ID\` (or \`gateway\`) repeats one verdict, and
\`messages-conformance report export ID\` writes its conversations to attach. A wrong verdict is removed from the page at once, before the suite is
repaired. A server is taken off the list when its maintainers ask for it.
`;
}

function page({ server, measurements, readings }) {
  const sections = measurements.map((data) => section(server, data, readings[data.mode] ?? {}));
  const { name, version, registry } = server.package;
  return `# ${server.name} ${measurements[0].version}

[${server.home.replace('https://', '')}](${server.home}), installed from ${registry}: \`${name}\` ${version}. What the verdicts mean and how to object is in
[README.md](README.md).

${server.notes.map((note) => `- ${note}`).join('\n')}

${sections.join('\n')}`;
}

function section(server, data, readings) {
  const { counts, mode, results, causes } = data;
  const told = Object.entries(results).filter(([, result]) => typeof result === 'object');
  const failures = told.filter(([, { verdict }]) => verdict === 'fail');
  const warnings = told.filter(([, { verdict }]) => verdict === 'warn');
  const counted = Object.entries(counts)
    .filter(([name, count]) => count > 0 && name !== 'silent')
    .map(
      ([name, count]) =>
        `${count} ${name === 'pass' ? 'passed' : name === 'fail' ? 'failed' : name === 'warn' ? 'warnings' : name}`,
    )
    .join(', ');
  return `## Judged ${MODES[mode]} (${names[mode]})

Measured on ${data.measured} with messages-conformance ${data.suite}, contract \`${data.contract}\`, ${data.runtime}. Upstream: ${UPSTREAMS[data.upstream]}.
${data.requests} requests; ${counted}.

${started(server, mode)}
${causes.length === 0 ? '' : `### Causes\n\n${causes.map(({ title, requirements }) => `- ${cell(title)} Explains ${requirements.map((id) => `\`${id}\``).join(', ')}.`).join('\n')}\n\n`}### Failures

${failures.length === 0 ? 'None.' : failures.map(([id, result]) => failure(id, result, readings[id])).join('\n\n')}

### Warnings

${
  warnings.length === 0
    ? 'None.'
    : `| requirement | what is wrong |\n|---|---|\n${warnings
        .map(
          ([
            id,
            {
              findings: [first],
            },
          ]) => `| \`${id}\` | ${cell(first.message)} |`,
        )
        .join('\n')}`
}
`;
}

/** How it was started, with words for what is of one machine: folders and ports. */
function started({ measurements }, mode) {
  const measurement = measurements[mode];
  const place = {
    folder: 'CACHE',
    work: 'WORK',
    port: 'PORT',
    upstream: 'http://127.0.0.1:UPSTREAM',
    upstreamKey: '$UPSTREAM_KEY',
  };
  const { command, env = {}, files = {} } = measurement.start(place);
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const headers = Object.entries(measurement.headers?.(place) ?? {}).map(
    ([name, value]) => ` \\\n  --header '${name}: ${value}'`,
  );
  const upstream = mode === 'gateway' ? ' --upstream-port UPSTREAM' : '';
  const requests = (measurement.requests?.(place) ?? []).map(
    ({ path, body }) =>
      `curl -sS http://127.0.0.1:PORT${path} -H 'content-type: application/json' \\\n  -d '${JSON.stringify(body)}'\n`,
  );
  const written = Object.entries(files).map(([name, text]) => `\`WORK/${name}\`:\n\n\`\`\`\n${text.trim()}\n\`\`\`\n`);
  return `\`\`\`sh
${[...variables, ...command].join(' ')}
${requests.join('')}messages-conformance ${mode} --url http://127.0.0.1:PORT --model ${measurement.model ?? 'reference-1'}${upstream}${headers.join('')}
\`\`\`

${written.join('\n')}`;
}

function failure(id, { level, silent, statement, findings: [first], further = 0 }, reading) {
  return `**\`${id}\`** ${level}${silent ? ', silent' : ''}. ${statement}

- ${cell(first.message)} Expected ${code(first.expected)}, got ${code(first.actual)}${first.where === '' ? '' : ` (${first.where})`}${further > 0 ? `, and ${further} more` : ''}.
- Read: ${reading ?? 'not yet.'}`;
}

function matrix(measured) {
  const columns = measured.flatMap(({ server, measurements }) => measurements.map((data) => ({ server, data })));
  const table = (mode) => {
    const shown = columns.filter(({ data }) => data.mode === mode);
    const ids = [...new Set(shown.flatMap(({ data }) => Object.keys(data.results)))].filter((id) =>
      shown.some(({ data }) => !['skipped', undefined].includes(verdictOf(data.results[id]))),
    );
    const head = shown.map(({ server, data }) => `[${server.name}](${server.id}.md) ${data.version}`);
    return `| requirement | ${head.join(' | ')} |
|---|${shown.map(() => ':-:|').join('')}
${ids.map((id) => `| \`${id}\` | ${shown.map(({ data }) => sign(data.results[id])).join(' | ')} |`).join('\n')}`;
  };
  return `# Matrix of results

✓ passed, ✗ failed, ! warning, – not offered and said so, ? the model or a control request did not allow a verdict, · nothing to look at. **✗s** and **!s**: silent, the client
gets HTTP 200. What each verdict means, and when it was measured: [README.md](README.md). \`messages-conformance list\` prints the statements.

## Judged as deployments

${table('run')}

## Judged as translating gateways

${table('gateway')}
`;
}

const verdictOf = (result) => (typeof result === 'object' ? result.verdict : result);

function sign(result) {
  if (result === undefined) return '';
  const mark = SIGNS[verdictOf(result)];
  return typeof result === 'object' && result.silent
    ? `**${mark}s**`
    : verdictOf(result) === 'fail'
      ? `**${mark}**`
      : mark;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const written = pages();
  for (const [name, text] of Object.entries(written)) writeFileSync(join(folder, name), text);
  const others = readdirSync(folder).filter((name) => name.endsWith('.md') && written[name] === undefined);
  if (others.length > 0) console.log(`not written by this script: ${others.join(', ')}`);
}
