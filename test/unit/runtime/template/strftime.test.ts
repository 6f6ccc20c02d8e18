import assert from "node:assert/strict";
import { test } from "node:test";
import { strftime } from "../../../../runtime/template/strftime.ts";

const afternoon = new Date(2026, 2, 5, 14, 7, 9);

test("every directive, as Python writes it in the C locale", () => {
  assert.equal(
    strftime(afternoon, "%Y|%y|%m|%B|%b|%d|%e|%A|%a|%H|%I|%M|%S|%p|%%"),
    "2026|26|03|March|Mar|05| 5|Thursday|Thu|14|02|07|09|PM|%",
  );
});

test("a minus drops the padding", () => {
  assert.equal(strftime(afternoon, "%-d %-m %-I %-H %-e"), "5 3 2 14 5");
  assert.equal(strftime(new Date(2026, 0, 1, 0, 0, 0), "%-H:%-M %I %p"), "0:0 12 AM");
});

test("what is not known stays as written", () => {
  assert.equal(strftime(afternoon, "%Q %"), "%Q %");
});
