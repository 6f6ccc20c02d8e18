import { z } from "zod";
import { colourings } from "./colours.ts";
import { initialTokens, type TokensState } from "./model.ts";

/** What a page that was hidden remembers: how it looked. What it showed, its session knows. */
const Saved = z.object({ colouring: z.enum(colourings), view: z.enum(["text", "table"]) });

export function fromSaved(saved: unknown): TokensState {
  const read = Saved.safeParse(saved);
  return read.success ? { ...initialTokens, ...read.data } : initialTokens;
}

export const toSaved = ({ colouring, view }: TokensState): z.infer<typeof Saved> => ({ colouring, view: view === "difference" ? "text" : view });
