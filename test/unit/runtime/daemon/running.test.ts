import assert from "node:assert/strict";
import { it } from "node:test";
import { pino } from "pino";
import { ModelRegistry } from "../../../../runtime/config/registry.ts";
import { RunningDaemon } from "../../../../runtime/daemon/running.ts";
import { openTraceStore } from "../../../../runtime/store/trace-store.ts";

it("ends, and says why, also when its record cannot be removed", async () => {
  const lines: string[] = [];
  const running = new RunningDaemon({
    version: "1", ownerGraceMs: null,
    registry: new ModelRegistry({ packageRoot: "/nowhere", allowFake: false }),
    store: openTraceStore({ path: ":memory:", keep: 1 }),
    log: pino({}, { write: (line: string) => void lines.push(line) }),
    retract: () => Promise.reject(new Error("EROFS: read-only file system")),
  });
  await running.close();
  await running.closed;
  assert.match(lines.join(""), /EROFS/);
});
