/** `npm run oddities`: writes docs/oddities.md from the built oddities. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { oddityPage } from '../dist/reference/oddities/page.js';
import { source } from '../dist/suites/sources.js';

const page = fileURLToPath(new URL('../docs/oddities.md', import.meta.url));
writeFileSync(page, oddityPage(source));
console.log(`${page} is written.`);
