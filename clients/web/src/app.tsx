import { useEffect } from 'preact/hooks';
import { CallPage } from './call/call-page.tsx';
import { HomePage } from './home/home-page.tsx';
import { route } from './router.ts';
import { TimelinePage } from './timeline/timeline-page.tsx';
import { Announcer } from './ui/announcer.tsx';
import { NotFoundPage } from './ui/message-page.tsx';

const titles = {
  home: 'Ringback',
  call: 'Call · Ringback',
  timeline: 'Timeline · Ringback',
  unknown: 'Not found · Ringback',
} as const;

export function App() {
  const { page } = route.value;
  useEffect(() => void (document.title = titles[page]), [page]);
  return (
    <>
      <Page />
      <Announcer />
    </>
  );
}

function Page() {
  const current = route.value;
  switch (current.page) {
    case 'home':
      return <HomePage />;
    case 'call':
      return <CallPage key={current.callId} callId={current.callId} />;
    case 'timeline':
      return <TimelinePage key={current.callId} callId={current.callId} />;
    case 'unknown':
      return <NotFoundPage />;
  }
}
