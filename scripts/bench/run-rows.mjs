/** Rows about whole runs of the command: against the floor, against `node -e 0`, against other suites. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cli, interleaved, once, scratch, script } from './processes.mjs';

const THREE = ['--profile', 'core,tools,errors'];
/** Asks for one request, and for no other one to compare with. */
const ONE = 'http.post.messages';

const folder = (name) => join(scratch, name);
const runOf = (name, selection = []) => [cli, 'run', '--quiet', '--out', folder(name), ...selection];
const reportOf = (name) => JSON.parse(readFileSync(join(folder(name), 'report.json'), 'utf8'));

/** Runs once and writes the requests of the run to a file, for the floor. */
function requestsOf(name, selection) {
  once(runOf(name, selection));
  const requests = reportOf(name).exchanges.flatMap(({ request: { method, url, headers, body } }) => {
    const { pathname, search } = new URL(url);
    const { 'content-length': _, 'transfer-encoding': __, connection: ___, ...sent } = headers;
    return method === null ? [] : [{ method, path: `${pathname}${search}`, headers: sent, body: body ?? undefined }];
  });
  const file = folder(`${name}.requests.json`);
  writeFileSync(file, JSON.stringify(requests));
  return file;
}

function againstFloor(id, selection, goal) {
  return {
    id,
    goal,
    measure({ runs }) {
      const { run, floor } = interleaved(
        { run: runOf(id, selection), floor: [script('floor.mjs'), requestsOf(id, selection)] },
        runs,
      );
      const { summary } = reportOf(id);
      return {
        ratio: run.cpu / floor.cpu,
        note: `${run.cpu.toFixed(0)} ms against ${floor.cpu.toFixed(0)} ms of CPU; ${summary.executed} executed with ${summary.requests} requests, ${run.seconds.toFixed(2)} s`,
      };
    },
  };
}

/** Arguments of the command, against `node -e 0`. */
function againstNothing(id, args, goal, figure = 'cpu') {
  return {
    id,
    goal,
    measure({ runs }) {
      const { command, nothing } = interleaved({ command: [cli, ...args()], nothing: ['-e', '0'] }, runs);
      const unit = figure === 'cpu' ? 'ms of CPU' : 'MiB';
      return {
        ratio: command[figure] / nothing[figure],
        note: `${command[figure].toFixed(0)} against ${nothing[figure].toFixed(0)} ${unit}`,
      };
    },
  };
}

const audits = {
  id: 'CPU of a check / of an audit of graphql-http',
  goal: 0.6,
  measure({ runs }) {
    const { run, audit } = interleaved({ run: runOf('audits'), audit: [script('audits.mjs')] }, runs);
    const check = run.cpu / reportOf('audits').summary.executed;
    const other = audit.cpu / Number(audit.output);
    return {
      ratio: check / other,
      note: `${check.toFixed(2)} against ${other.toFixed(2)} ms, the server in both; ${audit.output.trim()} audits`,
    };
  },
};

const judge = {
  id: 'judge of a full report / run',
  goal: 0.25,
  measure({ runs }) {
    once(runOf('to-judge'));
    const { run, again } = interleaved(
      { run: runOf('judge'), again: [cli, 'judge', join(folder('to-judge'), 'report.json'), '--quiet'] },
      runs,
    );
    return { ratio: again.cpu / run.cpu, note: `${again.cpu.toFixed(0)} against ${run.cpu.toFixed(0)} ms of CPU` };
  },
};

export const runRows = [
  againstFloor('run, three profiles / floor', THREE, 1.1),
  againstFloor('run, all profiles / floor', [], 1.25),
  againstNothing('peak memory of a run / node -e 0', () => runOf('memory').slice(1), 2.3, 'memory'),
  againstNothing('one requirement, one request / node -e 0', () => runOf('one', ['--only', ONE]).slice(1), 4),
  againstNothing('--help / node -e 0', () => ['--help'], 1.3),
  againstNothing('list / node -e 0', () => ['list'], 1.6),
  audits,
  judge,
];
