import { SUITES } from '../../suites/index.js';
import { type Entry, entriesOf } from './entries.js';

/** The catalogue of `run`. The bundled command has the entries themselves in place of this file: `list` loads no judges. */
export const CATALOGUE: readonly Entry[] = entriesOf(SUITES);
