/** `npm run variants`: writes docs/conformant-variants.md from the built variants. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { variantPage } from '../dist/mutation/variants/page.js';
import { source } from '../dist/suites/catalogue/sources.js';

const page = fileURLToPath(new URL('../docs/conformant-variants.md', import.meta.url));
writeFileSync(page, variantPage(source));
console.log(`${page} is written.`);
