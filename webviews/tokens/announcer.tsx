import { useEffect, useRef, useState } from "preact/hooks";
import { formatPlural } from "../shared/format.ts";
import type { Context } from "./context.ts";
import type { TokensState } from "./model.ts";
import { strings } from "./strings.ts";

/** Tells screen readers what has come of what they asked for; the selected token the list says itself. */
export function Announcer({ context: { store } }: { readonly context: Context }) {
  const [text, setText] = useState("");
  const before = useRef(store.state);
  useEffect(() => {
    const subscription = store.subscribe((state) => {
      const said = changeOf(before.current, state);
      before.current = state;
      if (said !== null) setText(said);
    });
    return () => subscription.dispose();
  }, [store]);
  return <p class="spoken" aria-live="polite">{text}</p>;
}

function changeOf(before: TokensState, now: TokensState): string | null {
  if (now.refused !== null && now.refused !== before.refused) return `${strings.refused}: ${now.refused.message}`;
  if (before.recorded?.live === true && now.recorded?.live === false && now.trace?.id === before.trace?.id) return strings.said.over;
  if (now.closer !== null && now.closer !== before.closer) return strings.said.looked(formatPlural(now.closer.stages?.length ?? 0, "stage"));
  if (before.debug?.attached === true && now.debug === null) return strings.said.resumed;
  if (before.debug === null && now.debug?.attached === true) return strings.said.paused;
  if (before.work === "fork" && now.work === null) return strings.said.forked(formatPlural(now.conversation.tokens.length - now.conversation.prompt, "token"));
  return null;
}
