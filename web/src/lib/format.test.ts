import { describe, expect, it } from "vitest";
import * as format from "./format";

describe("format", () => {
  it("rates, without digits that change all the time", () => {
    expect(format.rate(0.9333333, "en")).toBe("0.933");
    expect(format.rate(12.44, "en")).toBe("12.4");
    expect(format.rate(20123.4, "en")).toBe("20,123");
  });
  it("bytes", () => {
    expect(format.bytes(0)).toBe("0 B");
    expect(format.bytes(1023)).toBe("1023 B");
    expect(format.bytes(1536)).toBe("1.50 KiB");
    expect(format.bytes(70000)).toBe("68.4 KiB");
    expect(format.bytes(5 * 1024 ** 4)).toBe("5120 GiB");
  });

  it("duration", () => {
    expect(format.duration(850)).toBe("850 ms");
    expect(format.duration(12_400)).toBe("12 s");
    expect(format.duration(59_900)).toBe("1 min");
    expect(format.duration(185_000)).toBe("3 min 5 s");
    expect(format.duration(7_800_000)).toBe("2 h 10 min");
  });

  it("ago", () => {
    expect(format.ago(1000, 1030, "en")).toBe("now");
    expect(format.ago(1000, 1000 + 180, "en")).toBe("3 minutes ago");
    expect(format.ago(0, 86400 * 2, "zh")).toBe("前天");
    expect(format.ago(2000, 2000 - 7200, "en")).toBe("in 2 hours");
  });

  it("percent and signed", () => {
    expect(format.percent(0.25, "en")).toBe("25%");
    expect(format.signed(1.2345, "en")).toBe("+1.23");
    expect(format.signed(0, "en")).toBe("0");
  });
});
