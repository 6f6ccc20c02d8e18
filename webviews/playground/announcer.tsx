import { useEffect, useRef, useState } from "preact/hooks";
import { formatPlural } from "../shared/format.ts";
import type { Parts } from "./app.tsx";
import { nextAnnouncement } from "./announce.ts";
import type { Exchange } from "./model.ts";
import { strings } from "./strings.ts";

/** Between announcements, in milliseconds: a screen reader that is interrupted by every token reads nothing. */
const pause = 1500;

/** Tells screen readers what is being answered, sentence by sentence. */
export function Announcer({ store }: Pick<Parts, "store">) {
  const [text, setText] = useState("");
  // What is there when the page opens is read by whoever looks for it.
  const told = useRef({ id: store.state.exchanges.at(-1)?.id ?? 0, spoken: 0, ended: true });
  useEffect(() => {
    const timer = setInterval(() => {
      const last = store.state.exchanges.at(-1);
      if (last === undefined || (last.id === told.current.id && told.current.ended)) return;
      const isNew = last.id !== told.current.id;
      const ended = last.outcome.type !== "streaming";
      const next = nextAnnouncement(last.answer, isNew ? 0 : told.current.spoken, ended);
      told.current = { id: last.id, spoken: next.spoken, ended };
      const said = [isNew ? strings.answering(last.model) : "", next.text, ended ? ending(last) : ""].filter((part) => part !== "").join(" ");
      if (said !== "") setText(said);
    }, pause);
    return () => clearInterval(timer);
  }, [store]);
  return <p class="spoken" aria-live="polite">{text}</p>;
}

function ending({ outcome }: Exchange): string {
  switch (outcome.type) {
    case "finished":
      return strings.finished(formatPlural(outcome.usage.completion_tokens, "token"));
    case "failed":
      return strings.failed(outcome.error.message);
    case "stopped":
      return strings.stopped;
    case "streaming":
      return "";
  }
}
