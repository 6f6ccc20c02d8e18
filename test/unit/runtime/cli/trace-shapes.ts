import { z } from "zod";

/** What `inferno trace diff --json` prints, as far as tests look at it. */
export const TraceDifference = z.object({
  stages: z.array(z.object({ name: z.string(), differenceUs: z.number() })),
  facts: z.array(z.object({ fact: z.string(), before: z.unknown(), after: z.unknown() })),
});
