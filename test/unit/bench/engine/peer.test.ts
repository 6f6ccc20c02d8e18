import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fillCommand } from "../../../../bench/engine/peer.ts";
import { mappingBytes } from "../../../../bench/engine/memory.ts";
import { growth, readMetrics } from "../../../../bench/engine/metrics.ts";

const blanks = { model: "/models/a b.gguf", port: 4711, parallel: 8, context: 2048, threads: undefined };

describe("a peer's command", () => {
  test("has its blanks filled after it was cut into words, so a path may hold spaces", () => {
    assert.deepEqual(fillCommand("llama-server -m {model} --port {port} -np {parallel} -c {context}", blanks), [
      "llama-server", "-m", "/models/a b.gguf", "--port", "4711", "-np", "8", "-c", "2048",
    ]);
    assert.deepEqual(fillCommand(`"/opt/my server" --url=127.0.0.1:{port} ''`, blanks), ["/opt/my server", "--url=127.0.0.1:4711", ""]);
  });

  test("with an unknown blank, or one without a value, says so", () => {
    assert.throws(() => fillCommand("x {modell}", blanks), /no \{modell\}; there are \{model\} \{port\}/);
    assert.throws(() => fillCommand("x -t {threads}", blanks), /--threads/);
  });
});

test("memory leaves out one file's mappings, and no other file's", () => {
  const smaps = [
    "7f00-7f10 r--s 00000000 00:1d 42    /models/a b.gguf", "Size: 9000 kB", "Pss:                5000 kB",
    "7f10-7f20 rw-p 00000000 00:00 0 ", "Rss: 30 kB", "Pss:                  20 kB", "Pss_Dirty:            10 kB",
    "7f20-7f30 r-xp 00000000 08:01 7      /usr/bin/node", "Pss:                   3 kB",
  ].join("\n");
  assert.equal(mappingBytes(smaps, "/models/a b.gguf"), 23 * 1024);
});

test("a histogram's growth between two readings of the metrics", () => {
  const reading = (count: number, sum: number): string => [
    "# HELP steps Answers in a step.", `steps_bucket{le="1",model="bench"} ${count}`, `steps_sum{model="bench"} ${sum}`, `steps_count{model="bench"} ${count}`, "",
  ].join("\n");
  assert.deepEqual(growth(readMetrics(reading(3, 10)), readMetrics(reading(5, 26)), "steps", "bench"), { count: 2, sum: 16 });
  assert.deepEqual(growth(new Map(), readMetrics(reading(1, 8)), "steps", "bench"), { count: 1, sum: 8 });
});
