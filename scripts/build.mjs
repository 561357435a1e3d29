/** Builds `dist/`: bundles the HTML page, compiles the TypeScript and the schemas, and bundles the command and the entries. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildReportPage } from './build-report-page.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

rmSync(`${root}dist`, { recursive: true, force: true });
await buildReportPage();
execFileSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
copyFileSync(`${root}reporters/html/page.generated.js`, `${root}dist/reporters/html/page.generated.js`);
await import('./compile-schemas.mjs');
await import('./slim-build.mjs');
await import('./bundle.mjs');
