// The dashboard's own signs, drawn on a grid of 20.
const kPaths = {
  overview: "M3 11l7-7 7 7M5 9.500V17h10V9.500",
  devices: "M6 2.500h8v15H6zM9 14.500h2",
  groups: "M3 3.500h6v6H3zM11 3.500h6v6h-6zM3 11.500h6v6H3zM11 11.500h6v6h-6z",
  releases: "M10 2.500l7 4v7l-7 4-7-4v-7zM3 6.500l7 4 7-4M10 10.500v7",
  alerts: "M10 3a5 5 0 0 1 5 5v4l1.500 2.500h-13L5 12V8a5 5 0 0 1 5-5zM8.500 17h3",
  accounts:
    "M10 9.500a3.250 3.250 0 1 0 0-6.500 3.250 3.250 0 0 0 0 6.500zM3.500 17c.6-3.200 3.300-5 6.500-5s5.900 1.800 6.500 5",
  tokens: "M12.500 3a4.500 4.500 0 1 0 0 9 4.500 4.500 0 0 0 0-9zM9 10.500L3 16.500M5 14.500l2 2",
  audit: "M5 2.500h10v15H5zM8 6.500h4M8 10h4M8 13.500h2",
  check: "M4.500 10.500l4 4 7-8.500",
  cross: "M5.500 5.500l9 9M14.500 5.500l-9 9",
  download: "M10 3v10M6 9.500l4 4 4-4M4 17h12",
  more: "M4 6h12M4 10h12M4 14h12",
} as const;

export type IconName = keyof typeof kPaths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg
      viewBox="0 0 20 20"
      width="20"
      height="20"
      fill="none"
      stroke="currentColor"
      stroke-width="1.6"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={kPaths[name]} />
    </svg>
  );
}

// A ferry on water: where there is nothing to show yet.
export function Ferry() {
  return (
    <svg
      viewBox="0 0 72 48"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      aria-hidden="true"
    >
      <path d="M14 26h44l-6 10H20zM24 26v-8h20v8M34 18v-8M34 10h8" stroke-linejoin="round" />
      <path d="M4 42c5-4 9-4 14 0s9 4 14 0 9-4 14 0 9 4 14 0 6-3 8-2" opacity="0.5" />
    </svg>
  );
}
