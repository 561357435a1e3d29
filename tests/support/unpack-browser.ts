/** Unpacks the browser once, before files of tests start theirs at the same time. */
import { unpackBrowser } from './browser.js';

export async function setup(): Promise<void> {
  await unpackBrowser();
}
