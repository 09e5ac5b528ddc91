/** Stroke icons on a 24 grid, drawn for this app. */
const shapes = {
  mic: 'M12 3.5a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0v-5a3 3 0 0 1 3-3ZM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3',
  'mic-off':
    'M9 9.5v2a3 3 0 0 0 5 2.2M15 10.5v-4a3 3 0 0 0-5.8-1M5.5 11.5a6.5 6.5 0 0 0 10.6 5M18.5 11.5a6.5 6.5 0 0 1-.6 2.7M12 18v3M4 3l16 18',
  camera: 'M3.5 8.5a2 2 0 0 1 2-2h8a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-8a2 2 0 0 1-2-2ZM15.5 11l5-3v8l-5-3',
  'camera-off':
    'M10.5 6.5h3a2 2 0 0 1 2 2v3M15.5 16a2 2 0 0 1-2 1.5h-8a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2M15.5 11l5-3v8l-3-1.8M4 3l16 18',
  screen: 'M3.5 5h17v11h-17ZM8.5 20h7M12 16v4M9 10.8l3-3 3 3M12 8v5',
  'screen-off': 'M3.5 5h17v11h-17ZM8.5 20h7M12 16v4M9.5 8l5 5M14.5 8l-5 5',
  link: 'M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1-1',
  lock: 'M6 11h12v9H6ZM8.5 11V8a3.5 3.5 0 0 1 7 0v3M12 14.5v2',
  unlock: 'M6 11h12v9H6ZM8.5 11V7.5a3.5 3.5 0 0 1 6.7-1.4M12 14.5v2',
  leave:
    'M3.5 14.5c0-6 17-6 17 0v1.5a1 1 0 0 1-1 1l-3-.5a1 1 0 0 1-.9-1v-2.2a13 13 0 0 0-7.2 0v2.2a1 1 0 0 1-.9 1l-3 .5a1 1 0 0 1-1-1Z',
  end: 'M12 3.5v8M7 6.2a8 8 0 1 0 10 0',
  sliders: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 4.8v4.4M9 14.8v4.4',
  help: 'M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM9.7 9.6a2.4 2.4 0 1 1 3.4 2.2c-.7.4-1.1.9-1.1 1.7M12 16.6v.2',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M18.4 5.6 17 7M7 17l-1.4 1.4',
  moon: 'M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10Z',
  auto: 'M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM12 3.5v17M12 8h4.5M12 12h6.5M12 16h4.5',
  timeline: 'M3 7h7.5M3 12h4M3 17h8.5M14.5 3.5v17M12.5 3.5h4M18 9.5h3M18 14.5h3',
  copy: 'M8.5 8.5h11v11h-11ZM5.5 15.5h-1v-11h11v1',
  check: 'M4.5 12.5l5 5 10-11',
  close: 'M6 6l12 12M18 6 6 18',
  sound: 'M4 9.5h3.5l5-4.5v14l-5-4.5H4ZM16 9a4 4 0 0 1 0 6M18.5 6.5a7.5 7.5 0 0 1 0 11',
  people:
    'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 20c0-4 2.5-6.5 6.5-6.5s6.5 2.5 6.5 6.5M16 4.5a3.5 3.5 0 0 1 0 6.3M17.5 13.8c2.6.7 4 2.9 4 6.2',
  hand: 'M8 12.5V6.2a1.4 1.4 0 0 1 2.8 0V11M10.8 11V4.7a1.4 1.4 0 0 1 2.8 0V11M13.6 11V6a1.4 1.4 0 0 1 2.8 0v7.5c0 4.2-2.2 7-5.6 7-2.6 0-4.2-1.3-5.4-3.6l-2-3.9a1.4 1.4 0 0 1 2.4-1.4L8 14',
  grid: 'M4 4.5h7v6.5H4ZM13 4.5h7v6.5h-7ZM4 13h7v6.5H4ZM13 13h7v6.5h-7Z',
  speaker: 'M3.5 5h12v14h-12ZM18 5h2.5v3.7H18ZM18 10.2h2.5v3.7H18ZM18 15.3h2.5V19H18Z',
  pin: 'M9 3.5h6l-.8 6.5 3.3 3.5h-11L9.8 10ZM12 13.5v7',
  unpin: 'M9 3.5h6l-.8 6.5 3.3 3.5h-11L9.8 10ZM12 13.5v7M4 3l16 18',
  more: 'M4.5 12a1 1 0 1 0 2 0 1 1 0 1 0-2 0ZM11 12a1 1 0 1 0 2 0 1 1 0 1 0-2 0ZM17.5 12a1 1 0 1 0 2 0 1 1 0 1 0-2 0Z',
  previous: 'M14.5 5.5 8 12l6.5 6.5',
  next: 'M9.5 5.5 16 12l-6.5 6.5',
  expand: 'M4 9.5V4h5.5M20 9.5V4h-5.5M4 14.5V20h5.5M20 14.5V20h-5.5',
  remove:
    'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 20c0-4 2.5-6.5 6.5-6.5s6.5 2.5 6.5 6.5M16 8l5 5M21 8l-5 5',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  alert: 'M12 4 2.8 19.5h18.4ZM12 10v4.5M12 17v.2',
} as const;

export type IconName = keyof typeof shapes;

export function Icon({ name, size = 22 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.8"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={shapes[name]} />
    </svg>
  );
}
