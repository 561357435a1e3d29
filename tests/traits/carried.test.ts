import { expect, it } from 'vitest';
import { carriedRequests } from './carried.js';
import { traitsOfAll } from './traits.js';

it('the requests of a run have traits of their own, whatever the key was', async () => {
  const traits = traitsOfAll(await carriedRequests({ contract: 'anthropic', profiles: ['models'] }));
  expect([...traits.keys()]).toEqual(
    expect.arrayContaining(['request GET /v1/models', 'credential x-api-key', 'header anthropic-version=2023-06-01']),
  );
});
