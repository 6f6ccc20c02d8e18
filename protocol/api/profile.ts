import { z } from "zod";

/** A field of requests to models whose requests are single runs. */
export const profile = z.enum(["ops"]).nullish().meta({
  description: "`ops`: every operation of this request's runs goes into its trace, by the runtime's own profile, as spans named `operation`. ONNX models only; a run takes more than twice as long.",
});
export type RunProfile = z.infer<typeof profile>;
