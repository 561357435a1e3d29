import { conformance } from '../../../runner/vitest/index.js';

conformance({
  app: () => new Response('<html>down</html>', { status: 503 }),
  model: 'm',
  title: 'down',
  only: ['resp'],
});
conformance({
  app: (_request, response) => void response.socket?.destroy(),
  model: 'm',
  title: 'hangs up',
  only: ['resp'],
});
