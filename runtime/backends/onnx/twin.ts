import type { InferenceSession } from "onnxruntime-node";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../../base/clock.ts";
import type { Interval } from "../backend.ts";
import type { OperationRecord } from "../task-model.ts";
import { operationsOf } from "./profile.ts";
import type { RunNative } from "./session.ts";

type OpenProfiled = (options: InferenceSession.SessionOptions) => Promise<InferenceSession>;

/** A second session of the same graph, which writes down each operation: profiling is for a session's life, and the one that serves has none. */
export class ProfiledTwin {
  readonly #native: InferenceSession;
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #runs: Interval[] = [];
  #skipped = 0;

  private constructor(native: InferenceSession, folder: string, clock: Clock) {
    this.#native = native;
    this.#folder = folder;
    this.#clock = clock;
  }

  static async open(open: OpenProfiled, clock: Clock): Promise<ProfiledTwin> {
    const folder = await mkdtemp(join(tmpdir(), "inferno-profile-"));
    try {
      return new ProfiledTwin(await open({ enableProfiling: true, profileFilePrefix: join(folder, "run") }), folder, clock);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  readonly run: RunNative = async (feeds, wanted) => {
    const startUs = this.#clock.nowUs();
    const results = await this.#native.run(feeds, wanted);
    this.#runs.push({ startUs, endUs: this.#clock.nowUs() });
    return results;
  };

  /** What ran so far was to warm it up, and is not reported. */
  warm(): void {
    this.#skipped = this.#runs.length;
  }

  /** Ends it. The library says nothing of the file that it wrote: it is the only one in its folder. */
  async finish(): Promise<OperationRecord[]> {
    try {
      this.#native.endProfiling();
      const [name] = await readdir(this.#folder);
      return name === undefined ? [] : operationsOf(await readFile(join(this.#folder, name), "utf8"), this.#runs, this.#skipped);
    } finally {
      await this.#native.release();
      await rm(this.#folder, { recursive: true, force: true });
    }
  }
}
