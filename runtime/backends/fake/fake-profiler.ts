import { assert } from "../../../base/assert.ts";
import type { OperationProfiler, ProfilerFacts } from "../backend.ts";

export class FakeProfiler implements OperationProfiler {
  isReady = false;

  begin(): ProfilerFacts {
    assert(!this.isReady, "recording begins twice");
    this.isReady = true;
    return { movedBytes: 0, limits: null };
  }

  end(): void {
    assert(this.isReady, "recording ends that did not begin");
    this.isReady = false;
  }
}
