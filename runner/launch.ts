#!/usr/bin/env node
/** What the build makes of this is the command: on the Node lines that have one, the compile cache is on before anything is loaded. */

import module from 'node:module';

(module as { enableCompileCache?: () => unknown }).enableCompileCache?.();
await import('./cli.js');
