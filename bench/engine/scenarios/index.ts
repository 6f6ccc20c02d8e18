import type { Scenario } from "../scenario.ts";
import { contention } from "./contention.ts";
import { followUp } from "./follow-up.ts";
import { longPrompt } from "./long-prompt.ts";
import { memory } from "./memory.ts";
import { oneStream } from "./one-stream.ts";
import { sharedPrefix } from "./shared-prefix.ts";
import { speculation } from "./speculation.ts";
import { start } from "./start.ts";
import { steps } from "./steps.ts";
import { manyStreams } from "./streams.ts";

export const scenarios: readonly Scenario[] = [oneStream, ...manyStreams, sharedPrefix, followUp, longPrompt, speculation, steps, contention, start, memory];
