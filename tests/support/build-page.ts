/** Builds what the HTML reports carry in them, once before all tests. */
export async function setup(): Promise<void> {
  const builder: string = '../../scripts/build-report-page.mjs';
  const { buildReportPage } = await import(builder);
  await buildReportPage();
}
