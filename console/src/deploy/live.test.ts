import { expect, it } from "vitest";

import { liveDespite, standing } from "./live";

it("states what is live beside how the latest deployment went", () => {
  expect(standing({ status: "cancelled", current: 5, latest: 6 })).toBe("Deployment 5 is live; 6 was cancelled");
  expect(standing({ status: "failed", current: 5, latest: 6 })).toBe("Deployment 5 is live; 6 failed");
  expect(standing({ status: "running", current: 5, latest: 6 })).toBe("Deployment 5 is live; 6 is running");
});

it("states how a live deployment did not end well", () => {
  expect(standing({ status: "failed", current: 5, latest: 5 })).toBe("Deployment 5 is live; its post-deployment jobs did not succeed");
  expect(standing({ status: "cancelled", current: 5, latest: 5 })).toBe("Deployment 5 is live; it was cancelled after its services were deployed");
  expect(liveDespite("failed")).toBe("Live; its post-deployment jobs did not succeed");
});

it("leaves the status alone where nothing else is live", () => {
  for (const status of ["failed", "cancelled", "running"] as const) expect(standing({ status, current: null, latest: 1 })).toBeNull();
  expect(standing({ status: "not_deployed", current: null, latest: null })).toBeNull();
  for (const status of ["deployed", "deployed_with_failures", "shutdown"] as const) expect(standing({ status, current: 5, latest: 5 })).toBeNull();
  expect(liveDespite("deployed")).toBeNull();
});
