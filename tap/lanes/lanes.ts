/** The real clients that can be driven: their manifests. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFile } from '../../runner/package-files.js';

/** `clients/<id>/lane.json`. */
export interface Lane {
  id: string;
  title: string;
  /** Name in its registry. */
  package: string;
  /** The version that is installed; empty for what the machine has. */
  version: string;
  /** What runs the probes. */
  kind: 'node' | 'python' | 'go' | 'sh' | 'claude-code';
  /** What is installed, with versions. */
  install: readonly string[];
  /** File with the probes, beside the manifest; of Claude Code its sessions. */
  probe: string;
  /** What this client wants behind the base URL. */
  basePath: string;
  /** Its own words for stop reasons of the protocol; those that it passes on as they are do not stand here. */
  stopReasons: Readonly<Record<string, string>>;
  /** It runs only where it is named. */
  onlyNamed?: true;
}

export function loadLanes(): Lane[] {
  const folder = packageFile('clients');
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'lane.json')))
    .map((name) => JSON.parse(readFileSync(join(folder, name, 'lane.json'), 'utf8')) as Lane)
    .sort((a, b) => a.title.localeCompare(b.title));
}
