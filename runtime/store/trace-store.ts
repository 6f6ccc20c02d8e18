import { chmodSync, closeSync, openSync } from "node:fs";
import { promisify } from "node:util";
import { deflate, deflateSync, inflateSync } from "node:zlib";
import Database from "better-sqlite3";
import { z } from "zod";
import { InfernoError } from "../../protocol/errors.ts";
import { TraceSummary, type Trace } from "../../protocol/trace.ts";
import type { StoredRecording } from "../trace/recording.ts";
import { migrate } from "./migrations.ts";

export interface TraceStore {
  save(trace: Trace, recording: StoredRecording | null): Promise<void>;
  /** Newest first. Throws `store_failed`. */
  list(limit: number): TraceSummary[];
  /** Throws `store_failed`. */
  get(id: string): Trace | null;
  /** What was recorded of its tokens; null where nothing was. Throws `store_failed`. */
  recording(id: string): StoredRecording | null;
  close(): void;
}

export interface StoreOptions {
  /** A file, or `:memory:`. */
  readonly path: string;
  /** Traces to keep. */
  readonly keep: number;
}

/** What a list shows is in columns; the rest of a trace is one compressed JSON text: it is only ever read whole. */
const columns = {
  id: "id", model: "model", route: "route", startedAt: "started_at", status: "status", errorCode: "error_code", durationUs: "duration_us",
  promptTokens: "prompt_tokens", completionTokens: "completion_tokens", ttftUs: "ttft_us", tokensPerSecond: "tokens_per_second",
} as const satisfies Record<keyof TraceSummary, string>;

const summaryKeys = Object.keys(columns) as (keyof TraceSummary)[];
const selected = summaryKeys.map((key) => `${columns[key]} as ${key}`).join(", ");
type Detail = Omit<Trace, keyof TraceSummary | "application">;
type Newer = "reuse" | "speculation" | "template" | "recording";
const beforeThem: Pick<Detail, Newer> = { reuse: null, speculation: null, template: null, recording: "off" };
type StoredDetail = Omit<Detail, Newer> & Partial<Pick<Detail, Newer>>;
const Row = TraceSummary.extend({ detail: z.instanceof(Uint8Array) });
const RecordingRow = z.object({ recording: z.enum(["full", "numbers"]), complete: z.int(), startUs: z.number(), cached: z.int(), parts: z.instanceof(Uint8Array) });

/** Opens or creates the store. Throws `store_failed`. */
export function openTraceStore({ path, keep }: StoreOptions): TraceStore {
  return storing(path, () => {
    if (path !== ":memory:") makePrivate(path);
    const database = new Database(path);
    // WAL: the command line reads while the daemon writes. Another writer's lock is waited for this long and no longer: tokens wait too.
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = NORMAL");
    database.pragma("busy_timeout = 200");
    migrate(database);
    return sqliteStore(database, path, keep);
  });
}

/**
 * Prompts are nobody else's business, also where the folder was made by hand. Done before SQLite opens the file, for it gives
 * its log and index files (`-wal`, `-shm`), which hold the latest traces, the rights that this one has.
 */
function makePrivate(path: string): void {
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
}

function sqliteStore(database: Database.Database, path: string, keep: number): TraceStore {
  const insert = database.prepare(
    `insert into traces (${Object.values(columns).join(", ")}, detail) values (${summaryKeys.map((key) => `@${key}`).join(", ")}, @detail)`,
  );
  // Row ids count up without gaps, for only the oldest are ever removed: no need to count a million rows after each request.
  const prune = database.prepare("delete from traces where rowid <= (select max(rowid) from traces) - ?");
  const insertTokens = database.prepare("insert into trace_tokens (trace, level, complete, start_us, cached, parts) values (@trace, @recording, @complete, @startUs, @cached, @parts)");
  const pruneTokens = database.prepare("delete from trace_tokens where trace <= (select max(rowid) from traces) - ?");
  const tokensOf = database.prepare(
    "select level as recording, complete, start_us as startUs, cached, parts from trace_tokens where trace = (select rowid from traces where id = ?)",
  );
  const latest = database.prepare(`select ${selected} from traces order by rowid desc limit ?`);
  const one = database.prepare(`select ${selected}, detail from traces where id = ?`);
  const write = database.transaction((row: Record<string, unknown>, tokens: Record<string, unknown> | null) => {
    const { lastInsertRowid: trace } = insert.run(row);
    if (tokens !== null) insertTokens.run({ ...tokens, trace });
    prune.run(keep);
    pruneTokens.run(keep);
  });
  return {
    save: async (trace, recording) => {
      const { reuse, speculation, prompt, completion, parameters, engine, template, body, branch, caller, recording: level, spans } = trace;
      const whole = { reuse, speculation, prompt, completion, parameters, engine, template, body, branch, caller, recording: level, spans } satisfies Required<Detail>;
      const detail = await compressed(Buffer.from(JSON.stringify(whole)));
      const tokens = recording && { ...recording, complete: Number(recording.complete), parts: await compressed(recording.bytes) };
      const summary = Object.fromEntries(summaryKeys.map((key) => [key, trace[key]]));
      storing(path, () => write({ ...summary, detail }, tokens));
    },
    list: (limit) => storing(path, () => z.array(TraceSummary).parse(latest.all(limit))),
    get: (id) => storing(path, () => {
      const found = one.get(id);
      if (found === undefined) return null;
      const { detail, ...summary } = Row.parse(found);
      // `save` wrote it, an older Inferno's without what is newer. Checking a long answer's 30,000 spans took 300 ms, in which no token would go out.
      return { ...summary, ...beforeThem, ...(JSON.parse(inflateSync(detail).toString("utf8")) as StoredDetail) };
    }),
    recording: (id) => storing(path, () => {
      const found = tokensOf.get(id);
      if (found === undefined) return null;
      const { parts, complete, ...facts } = RecordingRow.parse(found);
      return { ...facts, complete: complete === 1, bytes: inflateSync(parts) };
    }),
    close: () => database.close(),
  };
}

/** Up to here the way to another thread and back costs this one more (120 µs) than to compress (30 µs for the trace of a short request). */
const soonCompressed = 16_384;

async function compressed(bytes: Uint8Array): Promise<Uint8Array> {
  return bytes.length <= soonCompressed ? deflateSync(bytes) : await promisify(deflate)(bytes);
}

/** Stands in for a store that could not be opened: requests are answered, and reading says what is wrong. */
export function brokenStore(error: InfernoError): TraceStore {
  const fail = (): never => {
    throw error;
  };
  return { save: async () => fail(), list: fail, get: fail, recording: fail, close: () => {} };
}

function storing<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InfernoError("store_failed", `The trace store ${path} failed: ${reason}.`, { cause });
  }
}
