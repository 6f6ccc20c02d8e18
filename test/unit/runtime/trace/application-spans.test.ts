import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { joinedSpans } from "../../../../protocol/joined-spans.ts";
import type { Span } from "../../../../protocol/trace.ts";
import { KeptApplicationSpans } from "../../../../runtime/trace/application-spans.ts";

const nowMs = Date.parse("2030-01-01T12:00:00.000Z");
const traceId = "0af7651916cd43dd8448eb211c80319c";
const id = (number: number): string => (number + 1).toString(16).padStart(16, "0");
const ns = (ms: number): string => String(BigInt(nowMs + ms) * 1_000_000n);
const span = (number: number, more: object = {}): object => ({ traceId, spanId: id(number), name: `span ${number}`, startTimeUnixNano: ns(0), endTimeUnixNano: ns(10), ...more });
const call = (...spans: unknown[]) => ({ resourceSpans: [{ resource: { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] }, scopeSpans: [{ spans }] }] });
const request = { caller: { traceId, spanId: id(0) }, startedAt: new Date(nowMs + 2).toISOString(), durationUs: 5000, spans: [{ id: "0", parentId: null, name: "request", startUs: 0, durationUs: 5000, attributes: {} }] as Span[] };
const keep = (limits = { trace: 2000, call: 5000, bytes: 1e7 }) => new KeptApplicationSpans(limits, () => nowMs);

describe("spans of an application", () => {
  test("lie around the request that it sent, on its time", () => {
    const kept = keep();
    assert.deepEqual(kept.take(call(span(0, { parentSpanId: id(1), attributes: [{ key: "url", value: { stringValue: "/v1" } }, { key: "n", value: { intValue: "3" } }] }), span(1))), {});
    const application = kept.around(request);
    assert.deepEqual(application, {
      dropped: 0, outsideUs: 0,
      spans: [
        { id: id(0), parentId: id(1), name: "span 0", startUs: -2000, durationUs: 10_000, attributes: { url: "/v1", n: 3, "service.name": "shop" } },
        { id: id(1), parentId: null, name: "span 1", startUs: -2000, durationUs: 10_000, attributes: { "service.name": "shop" } },
      ],
    });
    assert.deepEqual(joinedSpans({ ...request, application }).map((each) => [each.id, each.parentId]), [["0", id(0)], [id(0), id(1)], [id(1), null]]);
  });

  test("say by how much the clocks must differ", () => {
    const kept = keep();
    kept.take(call(span(0, { startTimeUnixNano: ns(20), endTimeUnixNano: ns(30) })));
    assert.equal(kept.around(request)?.outsideUs, 18_000);
    kept.take(call(span(0, { startTimeUnixNano: ns(-20), endTimeUnixNano: ns(3) })));
    assert.equal(kept.around(request)?.outsideUs, 4000);
  });

  test("of other traces, and for requests without a caller, are none", () => {
    const kept = keep();
    kept.take(call(span(0, { traceId: traceId.replace("0", "1") })));
    assert.equal(kept.around(request), undefined);
    const { caller: _, ...alone } = request;
    assert.equal(kept.around(alone), undefined);
  });

  test("of the same id replace each other: an exporter tries again", () => {
    const kept = keep();
    for (let time = 0; time < 3; time++) kept.take(call(span(0), span(1)));
    assert.equal(kept.around(request)?.spans.length, 2);
    const { bytes } = kept;
    kept.take(call(span(1), span(0)));
    assert.equal(kept.bytes, bytes);
  });
});

describe("what is no span is not taken, and said", () => {
  const wrong: [what: string, value: unknown, message: RegExp][] = [
    ["a text", "span", /expected object/],
    ["null", null, /expected object/],
    ["a short trace id", span(0, { traceId: "abc" }), /traceId must be 32/],
    ["a trace id of zeros", span(0, { traceId: "0".repeat(32) }), /traceId must be 32/],
    ["a long span id", span(0, { spanId: `${id(0)}0` }), /spanId must be 16/],
    ["a parent that is no id", span(0, { parentSpanId: "<script>" }), /parentSpanId must be/],
    ["no start", span(0, { startTimeUnixNano: undefined }), /startTimeUnixNano/],
    ["a start of 0", span(0, { startTimeUnixNano: "0" }), /more than a day/],
    ["NaN", span(0, { startTimeUnixNano: Number.NaN }), /startTimeUnixNano/],
    ["a time in words", span(0, { endTimeUnixNano: "NaN" }), /endTimeUnixNano/],
    ["a negative time", span(0, { startTimeUnixNano: -1 }), /startTimeUnixNano/],
    ["a time of 10^20", span(0, { endTimeUnixNano: "99999999999999999999" }), /more than a day/],
    ["an infinite time", span(0, { endTimeUnixNano: Number.POSITIVE_INFINITY }), /endTimeUnixNano/],
    ["an end before the start", span(0, { endTimeUnixNano: ns(-1) }), /ends before it starts/],
    ["attributes that are a map", span(0, { attributes: { a: 1 } }), /attributes/],
  ];
  for (const [what, value, message] of wrong) {
    test(what, () => {
      const kept = keep();
      const { partialSuccess } = kept.take(call(value, span(7)));
      assert.equal(partialSuccess?.rejectedSpans, "1");
      assert.match(partialSuccess.errorMessage, message);
      assert.deepEqual(kept.around(request)?.spans.map(({ name }) => name), ["span 7"]);
    });
  }
});

describe("there is never more than there is room for", () => {
  test("the oldest spans of a trace go, and are counted", () => {
    const kept = keep({ trace: 10, call: 1000, bytes: 1e7 });
    kept.take(call(...Array.from({ length: 25 }, (_, number) => span(number))));
    const application = kept.around(request);
    assert.deepEqual([application?.dropped, application?.spans.map(({ name }) => name)], [15, Array.from({ length: 10 }, (_, number) => `span ${number + 15}`)]);
  });

  test("the trace that has waited longest goes", () => {
    const kept = keep({ trace: 10, call: 1000, bytes: 5000 });
    const traceOf = (number: number) => `${number}`.padStart(32, "a");
    for (let number = 0; number < 100; number++) kept.take(call(span(number, { traceId: traceOf(number) })));
    assert.ok(kept.bytes <= 5000);
    const found = Array.from({ length: 100 }, (_, number) => kept.around({ ...request, caller: { traceId: traceOf(number), spanId: id(number) } }) !== undefined);
    assert.equal(found[0], false);
    assert.equal(found[99], true);
  });

  test("one call brings only so many, and the rest is said", () => {
    assert.match(keep({ trace: 2000, call: 3, bytes: 1e7 }).take(call(...Array.from({ length: 5 }, (_, number) => span(number)))).partialSuccess?.errorMessage ?? "", /Span 4: one call brings at most 3/);
  });

  test("long names, keys and values are cut, and too many attributes left out", () => {
    const kept = keep();
    const attributes = Array.from({ length: 1000 }, (_, number) => ({ key: `${number}${"k".repeat(10_000)}`, value: { stringValue: "v".repeat(100_000) } }));
    kept.take(call(span(0, { name: `<script>alert(1)</script>${"n".repeat(1_000_000)}`, attributes }), span(1, { attributes: [{ key: "__proto__", value: { kvlistValue: { values: [] } } }] })));
    const [large, odd] = kept.around(request)?.spans ?? [];
    assert.ok(large !== undefined && odd !== undefined);
    assert.deepEqual([large.name.length, Object.keys(large.attributes).length, large.attributes["service.name"]], [256, 64, "shop"]);
    assert.ok(kept.bytes < 200_000);
    assert.deepEqual(Object.keys(odd.attributes), ["__proto__", "service.name"]);
  });
});

test("any set of spans becomes a finite tree in which each span is once", () => {
  const some = fc.nat(12);
  const spans = fc.array(fc.record({ own: some, parent: fc.option(some, { nil: null }), start: fc.integer({ min: -100, max: 100 }), length: fc.integer({ min: -5, max: 100 }) }), { maxLength: 60 });
  fc.assert(fc.property(spans, some, fc.integer({ min: 1, max: 20 }), (made, caller, most) => {
    const kept = keep({ trace: most, call: 1000, bytes: 1e7 });
    kept.take(call(...made.map(({ own, parent, start, length }) => span(own, { parentSpanId: parent === null ? "" : id(parent), startTimeUnixNano: ns(start), endTimeUnixNano: ns(start + length) }))));
    const called = { ...request, caller: { traceId, spanId: id(caller) } };
    const application = kept.around(called);
    const joined = joinedSpans({ ...called, ...(application && { application }) });
    assert.equal(joined.length, 1 + (application?.spans.length ?? 0));
    assert.ok((application?.spans.length ?? 0) <= most);
    const reached = new Set<string>();
    const walk = (parentId: string | null): void => {
      for (const each of joined.filter((child) => child.parentId === parentId)) {
        assert.ok(!reached.has(each.id));
        reached.add(each.id);
        walk(each.id);
      }
    };
    walk(null);
    assert.equal(reached.size, joined.length);
    assert.ok(joined.every(({ startUs, durationUs }) => Number.isFinite(startUs) && durationUs >= 0));
  }));
});
