import { type Lane, loadLanes } from '../../tap/lanes/lanes.js';
import { nearest, UsageError } from '../usage-error.js';

/**
 * The lanes that `--client` and `--require-client` name; without a list all but those that run only when they are named. Throws
 * `UsageError` for a client that does not exist.
 */
export function chooseLanes(named: readonly string[] | null, required: readonly string[]): Lane[] {
  const lanes = loadLanes();
  const known = lanes.map(({ id }) => id);
  for (const [option, names] of [
    ['--client', named ?? []],
    ['--require-client', required],
  ] as const) {
    for (const name of names)
      if (!known.includes(name))
        throw new UsageError(`${option} ${name}: there is no such client; ${nearest(name, known)}`);
  }
  return lanes.filter(
    ({ id, onlyNamed }) => required.includes(id) || (named === null ? onlyNamed !== true : named.includes(id)),
  );
}
