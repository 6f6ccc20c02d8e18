import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Poller } from "../../../extension/daemon/poller.ts";
import { Client } from "../../../protocol/client/index.ts";
import { ManualTimer, settled } from "./manual-timer.ts";

const setup = () => {
  const timer = new ManualTimer();
  const daemon = { client: new Client({ url: "http://127.0.0.1:1", token: "t" }) as Client | null, value: [1], asked: 0, error: null as Error | null };
  const errors: unknown[] = [];
  const poller = new Poller<readonly number[]>({
    timer,
    client: () => daemon.client,
    fetch: async () => {
      daemon.asked += 1;
      if (daemon.error !== null) throw daemon.error;
      return [...daemon.value];
    },
    pauseMs: (value) => (value?.includes(9) === true ? 100 : 1000),
    onError: (error) => errors.push(error),
  });
  const seen: unknown[] = [];
  poller.onChange.on((value) => seen.push(value));
  return { timer, daemon, errors, poller, seen };
};

suite("poller", () => {
  test("asks while watched, and not otherwise", async () => {
    const { timer, daemon, poller } = setup();
    await timer.pass(5000);
    assert.equal(daemon.asked, 0);
    const first = poller.watch();
    const second = poller.watch();
    await timer.pass(2500);
    assert.equal(daemon.asked, 3);
    first.dispose();
    first.dispose();
    await timer.pass(1000);
    assert.equal(daemon.asked, 4);
    second.dispose();
    await timer.pass(5000);
    assert.equal(daemon.asked, 4);
    assert.equal(timer.pending, 0);
  });

  test("tells of changes only", async () => {
    const { timer, daemon, poller, seen } = setup();
    poller.watch();
    await timer.pass(3000);
    daemon.value = [1, 2];
    await timer.pass(3000);
    daemon.client = null;
    await timer.pass(3000);
    assert.deepEqual(seen, [[1], [1, 2], null]);
    assert.equal(poller.value, null);
  });

  test("looks more often while something is going on", async () => {
    const { timer, daemon, poller } = setup();
    daemon.value = [9];
    poller.watch();
    await timer.pass(1000);
    assert.equal(daemon.asked, 11);
  });

  test("a failure empties the list, is reported, and ends nothing", async () => {
    const { timer, daemon, poller, errors, seen } = setup();
    poller.watch();
    await settled();
    daemon.error = new Error("gone");
    await timer.pass(1000);
    assert.deepEqual(errors, [daemon.error]);
    daemon.error = null;
    await timer.pass(1000);
    assert.deepEqual(seen, [[1], null, [1]]);
  });

  test("refreshes at once, and a question that is under way is not repeated", async () => {
    const { daemon, poller } = setup();
    await Promise.all([poller.refresh(), poller.refresh()]);
    assert.equal(daemon.asked, 1);
    assert.deepEqual(poller.value, [1]);
  });
});
