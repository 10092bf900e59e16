import { expect, test } from "vitest";
import { clientAddress } from "@/server/domain/clientAddress";

test("without a trusted proxy the header is not believed", () => {
  expect(clientAddress("203.0.113.9", "198.51.100.1", [])).toBe("203.0.113.9");
});

test("behind a trusted proxy the last address that is none counts, whatever the client put in front", () => {
  expect(clientAddress("::ffff:10.0.0.1", "1.2.3.4, 198.51.100.7", ["10.0.0.1"])).toBe("198.51.100.7");
  expect(clientAddress("10.0.0.1", "6.6.6.6, 198.51.100.7, 10.0.0.2", ["10.0.0.1", "10.0.0.2"])).toBe("198.51.100.7");
  expect(clientAddress("10.0.0.1", undefined, ["10.0.0.1"])).toBe("10.0.0.1");
});
