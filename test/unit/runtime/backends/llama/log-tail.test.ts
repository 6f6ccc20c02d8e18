import assert from "node:assert/strict";
import { test } from "node:test";
import { ggml_log_level as level } from "../../../../../runtime/backends/llama/native/llama.generated.ts";
import { LogTail } from "../../../../../runtime/backends/llama/native/log-tail.ts";

test("warnings and errors are kept, with their continuations; the rest is not", () => {
  const log = new LogTail();
  log.add(level.GGML_LOG_LEVEL_INFO, "loading\n");
  log.add(level.GGML_LOG_LEVEL_CONT, " still loading\n");
  log.add(level.GGML_LOG_LEVEL_ERROR, "no room: ");
  log.add(level.GGML_LOG_LEVEL_CONT, "12 MiB\n");
  log.add(level.GGML_LOG_LEVEL_DEBUG, "detail\n");
  log.add(level.GGML_LOG_LEVEL_CONT, "of detail\n");
  log.add(level.GGML_LOG_LEVEL_WARN, "odd   shape\n");
  assert.equal(log.summary(), "no room: 12 MiB; odd shape");
  log.clear();
  assert.equal(log.summary(), "");
});

test("only the last lines are kept, and a repeated one is shown once", () => {
  const log = new LogTail(3);
  for (const line of ["a", "b", "c", "c", "d"]) log.add(level.GGML_LOG_LEVEL_ERROR, line);
  assert.equal(log.summary(), "c; d");
});
