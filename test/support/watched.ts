/** Tells the process that runs the tests (test/global-setup.ts) which test is under way: one that never ends cannot tell itself. */
import { afterAll, beforeEach } from 'vitest';
import { CHANNEL, type Progress } from './progress.ts';

const channel = new BroadcastChannel(CHANNEL);
let file = '';
beforeEach(({ task }) => {
  file = task.file.name;
  channel.postMessage({ file, test: task.name } satisfies Progress);
});
afterAll(() => {
  channel.postMessage({ file, test: undefined } satisfies Progress);
  channel.close();
});
