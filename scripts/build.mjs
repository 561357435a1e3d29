/**
 * Builds `dist/`: bundles the HTML page, compiles the TypeScript and the schemas, and bundles the command and the entries. Where nothing
 * has changed since the last build, which takes 8 s, it stands; `--force` builds all the same.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildInputs, isBuiltFrom, STAMP } from './build-inputs.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = `${root}reporters/html/page.generated.js`;

const from = buildInputs();
if (process.argv.includes('--force') || !existsSync(page) || !isBuiltFrom(from)) {
  rmSync(`${root}dist`, { recursive: true, force: true });
  const { buildReportPage } = await import('./build-report-page.mjs');
  await buildReportPage();
  execFileSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
  copyFileSync(page, `${root}dist/reporters/html/page.generated.js`);
  await import('./compile-schemas.mjs');
  await import('./prune-declarations.mjs');
  await import('./bundle.mjs');
  writeFileSync(STAMP, from);
}
