/** Made by `scripts/build-report-page.mjs` from `reporters/html/page/`. */

import type { PagePart } from './document.js';

export declare const style: PagePart;
export declare const reportScript: PagePart;
export declare const matrixScript: PagePart;
export declare const compareScript: PagePart;
