import { expect, test } from "vitest";
import { project } from "@/db/schema/identity";
import { toDomainError } from "@/server/domain/errors";
import { testApp } from "../../helpers/testApp";

test("a write that finds the disk full is told as that", () => {
  const { db } = testApp();
  db.$client.pragma("max_page_count = 1");
  let caught: unknown;
  try {
    for (let i = 0; i < 1000; i++)
      db.insert(project)
        .values({ id: `p${i}`, name: "x".repeat(5000) })
        .run();
  } catch (error) {
    caught = error;
  }
  expect(toDomainError(caught)?.code).toBe("disk_full");
});
