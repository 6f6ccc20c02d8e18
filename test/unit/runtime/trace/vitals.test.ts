import assert from "node:assert/strict";
import { it } from "node:test";
import { VirtualClock } from "../../../../base/clock.ts";
import { toDisposable } from "../../../../base/disposable.ts";
import { decodeParts, decodeVitals } from "../../../../protocol/trace-recording.ts";
import { TraceRecorder } from "../../../../runtime/trace/recorder.ts";
import { Recording } from "../../../../runtime/trace/recording.ts";
import { eventLoopDelay, VitalsWatch } from "../../../../runtime/trace/vitals.ts";

const around = { rssBytes: 5, cells: 1, cellsInAll: 2, sequences: 3, threads: 4, othersBusy: null };

function watched() {
  const clock = new VirtualClock(0);
  const due: (() => void)[] = [];
  const loop = { running: false, longestUs: 0, start: () => void (loop.running = true), stop: () => void (loop.running = false), reset: () => void (loop.longestUs = 0) };
  const live = new Set<TraceRecorder>();
  const watch = new VitalsWatch({
    loop, live: () => live,
    timer: { after: (ms, callback) => {
      assert.equal(ms, 250);
      due.push(callback);
      return toDisposable(() => undefined);
    } },
  });
  const begin = (tokens = true): TraceRecorder => {
    const recorder = new TraceRecorder({ id: "t", model: "m", route: "/r", startedAt: "", startUs: 0, clock, text: true, tokens });
    recorder.surroundings = () => around;
    live.add(recorder);
    watch.wake();
    return recorder;
  };
  const tick = (): void => {
    clock.advance(250_000);
    for (const callback of due.splice(0)) callback();
  };
  return { clock, loop, live, watch, begin, tick, due };
}

const looks = (recorder: TraceRecorder) => recorder.toTokens(undefined).vitals;

it("looks at every request in work four times a second, notes the loop's worst since the look before, and stops when none is left", () => {
  const { loop, live, begin, tick, due } = watched();
  const first = begin();
  assert.equal(loop.running, true);
  loop.longestUs = 7000;
  tick();
  const second = begin();
  assert.equal(due.length, 1, "one timer, however many requests there are");
  loop.longestUs = 300;
  tick();
  assert.deepEqual([looks(first).timesUs, looks(first).loopDelayUs], [[250_000, 500_000], [7000, 300]]);
  assert.deepEqual([looks(second).timesUs, looks(second).threads, looks(second).othersBusy], [[500_000], [4], [null]]);
  live.clear();
  tick();
  assert.deepEqual([due.length, loop.running], [0, false]);
  begin();
  assert.deepEqual([due.length, loop.running], [1, true]);
});

it("sees one that ends between two looks once more, and leaves the loop's worst to the others", () => {
  const { loop, watch, clock, begin } = watched();
  const recorder = begin();
  loop.longestUs = 40;
  clock.advance(9);
  watch.lookAt(recorder);
  assert.deepEqual([looks(recorder).timesUs, looks(recorder).loopDelayUs, loop.longestUs], [[9], [40], 40]);
});

it("notes nothing where no model works on a request yet, and where nothing is to be recorded", () => {
  const { begin, tick } = watched();
  const early = begin();
  early.surroundings = null;
  const off = begin(false);
  tick();
  assert.deepEqual([looks(early).timesUs, looks(off).timesUs, off.toRecording(), early.toRecording()], [[], [], null, null]);
});

it("keeps no more than a thousand looks: of a long request they are further apart", () => {
  const recording = new Recording();
  for (let second = 0; second < 10_000; second += 1) recording.look({ timeUs: second, loopDelayUs: 0, ...around });
  const [part] = decodeParts(recording.toBytes());
  const times = decodeVitals(part?.[1] ?? new Uint8Array()).map(({ timeUs }) => timeUs);
  assert.ok(times.length > 500 && times.length < 1024, `${times.length}`);
  const gaps = new Set(times.slice(1).map((time, index) => time - (times[index] ?? 0)));
  assert.deepEqual([...gaps], [16]);
  assert.ok((times.at(-1) ?? 0) > 9_900);
});

it("stops recording where it would grow beyond its limit, says so, and keeps what it has", () => {
  const recording = new Recording(10);
  recording.add("tokens", new Uint8Array(6));
  recording.add("tokens", new Uint8Array(5));
  // One that would fit must not fill the gap: tokens in the middle would be missing.
  recording.add("tokens", new Uint8Array(1));
  assert.deepEqual([recording.complete, decodeParts(recording.toBytes()).map(([, bytes]) => bytes.length)], [false, [6]]);
});

it("measures a loop that was blocked, and none that was not asked to be", async () => {
  const loop = eventLoopDelay();
  assert.equal(loop.longestUs, 0);
  loop.start();
  const blockedMs = 60;
  await new Promise((resolve) => setTimeout(resolve, 30));
  const until = performance.now() + blockedMs;
  while (performance.now() < until);
  await new Promise((resolve) => setTimeout(resolve, 30));
  const { longestUs } = loop;
  loop.reset();
  loop.stop();
  assert.ok(longestUs >= (blockedMs - 20) * 1000, `${longestUs} µs`);
});
