/** One browser for all tests of a run: started before the first of them, ended after the last. */

import type { TestProject } from 'vitest/node';
import { serveBrowser } from './browser.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address at which tests connect to the browser; only in the project of pages. */
    browser: string | undefined;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await serveBrowser();
  project.provide('browser', server.wsEndpoint());
  return () => server.close();
}
