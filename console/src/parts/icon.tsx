// The few icons, as strokes of one weight on a grid of 24.
const SHAPES = {
  home: "M4 11 12 4l8 7v8a1 1 0 0 1-1 1h-4v-6H9v6H5a1 1 0 0 1-1-1z",
  blocks: "M4 4h7v7H4zM4 14h7v6H4zM14 14h6v6h-6zM14 4h6v7h-6z",
  projects: "M3 7a2 2 0 0 1 2-2h4l2 2h8a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z",
  audit: "M8 4h8a2 2 0 0 1 2 2v14H6V6a2 2 0 0 1 2-2zM9 9h6M9 13h6M9 17h3",
  key: "M14 10a4 4 0 1 0-3.5 3.97L12 16h2v2h2v2h4v-4l-6.2-4.2A4 4 0 0 0 14 10zM9 9h.01",
  lock: "M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3",
  gear: "M12 5.500a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13zM12 10a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM12 2.500v3M12 18.500v3M2.500 12h3M18.500 12h3M5.300 5.300l2.100 2.100M16.600 16.600l2.100 2.100M18.700 5.300l-2.100 2.100M7.400 16.600l-2.100 2.100",
  play: "M7 4.500v15l12-7.500z",
  stop: "M6 6h12v12H6z",
  pause: "M8 5v14M16 5v14",
  rocket: "M5 15c-1.500 1-2 5-2 5s4-.5 5-2M9 15l-2-3c1-4 4-8 12-9-1 8-5 11-9 12zM14.500 9.500h.01M9 15l3 2c1 0 3-2 3-2",
  back: "M15 5l-7 7 7 7",
  next: "M9 5l7 7-7 7",
  up: "M5 15l7-7 7 7",
  down: "M5 9l7 7 7-7",
  end: "M6 5l6 6 6-6M6 13l6 6 6-6",
  wrap: "M4 6h16M4 12h13a3 3 0 0 1 0 6h-4M15 15l-2.500 3 2.500 3M4 18h5",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
  check: "M4.500 12.500l5 5 10-11",
  cross: "M7 7l10 10M17 7L7 17",
  warning: "M12 4 2.500 20h19zM12 10v4M12 17h.01",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3.500 2",
  skip: "M5 5l8 7-8 7zM17 5v14",
  history: "M4 5v5h5M4.500 10a8 8 0 1 1-.5 4M12 8v4l3 2",
  undo: "M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
  search: "M10.500 4a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13zM15.500 15.500 21 21",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.500 11v5M13.500 11v5",
  out: "M14 4H5v16h9M11 12h10M17 8l4 4-4 4",
  power: "M12 3v9M6.500 7a8 8 0 1 0 11 0",
  dots: "M5 12h.01M12 12h.01M19 12h.01",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  menu: "M4 7h16M4 12h16M4 17h16",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.500 1.500M17.500 17.500 19 19M19 5l-1.500 1.500M6.500 17.500 5 19",
} as const;

export type IconName = keyof typeof SHAPES;

/** Always decoration: the words beside it, or the button's label, say what it means. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={SHAPES[name]} />
    </svg>
  );
}
